package io.amends.core.handle;

import java.time.Duration;
import java.util.List;

/**
 * Settings of runs.
 *
 * @param nodeId the node's unique id
 * @param build its build
 * @param patience how long a slot waits for one run
 * @param immediateBackoffs waits before immediate re-runs
 * @param slotQueue events that one slot holds in memory
 * @param stuckThreads abandoned runs before their processor stops on this node
 * @param compensationEnabled whether new records are retried by schedule
 */
public record HandlerSettings(
        String nodeId,
        String build,
        Duration patience,
        List<Duration> immediateBackoffs,
        int slotQueue,
        int stuckThreads,
        boolean compensationEnabled) {}
