package io.amends.core.runtime;

import io.amends.core.store.Membership.LiveNode;
import java.util.List;

/**
 * What an operator sees of a node, without a look at the database.
 *
 * @param nodeId the node
 * @param running whether it was started and not closed
 * @param leaseHolds whether its lease was renewed in time
 * @param nodes the live nodes at its last heartbeat
 * @param processors its processors
 */
public record EngineReport(
        String nodeId, boolean running, boolean leaseHolds, List<LiveNode> nodes, List<ProcessorReport> processors) {

    /**
     * A processor on this node.
     *
     * @param name its name
     * @param slots slots it owns
     * @param stoppedSlots slots that stand still behind a failed execution
     * @param halted whether it begins no run at the moment
     * @param stuck whether it stopped here because too many runs ignore their interrupt
     */
    public record ProcessorReport(String name, int slots, int stoppedSlots, boolean halted, boolean stuck) {}
}
