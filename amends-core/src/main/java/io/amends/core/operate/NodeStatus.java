package io.amends.core.operate;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A node of the cluster.
 *
 * @param id its id, unique for each start
 * @param host its name
 * @param build its build
 * @param startedAt when it joined
 * @param expiresAt when its lease ends
 * @param alive whether its lease holds
 * @param slots slots that it owns, by processor
 */
public record NodeStatus(
        String id,
        String host,
        String build,
        Instant startedAt,
        Instant expiresAt,
        boolean alive,
        SortedMap<String, Integer> slots) {

    /** Copies the map. */
    public NodeStatus {
        slots = Collections.unmodifiableSortedMap(new TreeMap<>(slots));
    }
}
