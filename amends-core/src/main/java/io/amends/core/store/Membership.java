package io.amends.core.store;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * What a heartbeat answers.
 *
 * @param member whether the node was still registered; if not, its slots may have gone to others and it must join again
 * @param nodes the live nodes, sorted by id, the caller among them
 * @param processors state of every registered processor by name
 * @param claims the slots whose cursors name this node as their owner, with the fences they have now; empty if it is no
 *     member. A node learns by them what it has lost without a write to notice, and what it took without hearing the
 *     reply.
 */
public record Membership(
        boolean member, List<LiveNode> nodes, SortedMap<String, ProcessorState> processors, List<Claim> claims) {

    /**
     * A node whose lease has not expired.
     *
     * @param id its id
     * @param build its build
     * @param host its host
     * @param expiresIn what is left of its lease
     * @param types event types by processor that its build has functions for
     */
    public record LiveNode(
            String id, String build, String host, Duration expiresIn, Map<String, SortedSet<String>> types) {}

    /**
     * A registered processor.
     *
     * @param paused whether a person has paused it
     * @param types event types that some build has registered and none has dropped
     * @param pausedLanes keys of the lanes that a person has paused
     * @param overrides what is put over the retry policies of its functions
     */
    public record ProcessorState(
            boolean paused, SortedSet<String> types, SortedSet<String> pausedLanes, List<PolicyOverride> overrides) {}
}
