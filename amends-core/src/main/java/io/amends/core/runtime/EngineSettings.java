package io.amends.core.runtime;

import io.amends.core.event.EventLimits;
import io.amends.core.operate.OperatorRetention;
import java.time.Duration;
import java.util.List;

/**
 * The engine's settings; {@link #defaults} holds without configuration.
 *
 * @param source the CloudEvents source of published events, a URI reference
 * @param nodeName where this process runs, for people; made unique for each start
 * @param build the build's version, for people
 * @param limits limits of events
 * @param lease how long a silent node keeps its slots, 2 s to 5 min, default 10 s
 * @param heartbeat how often it says it is alive, at most a third of the lease, default 2 s
 * @param patience how long a slot waits for one run before the run steps aside, default 2 s
 * @param immediateBackoffs waits before immediate re-runs, default 50 ms and 250 ms
 * @param relayBatch events per relay transaction, default 500
 * @param readBatch events per read, default 1,000
 * @param slotQueue events that one slot holds in memory, default 200
 * @param idlePoll the longest time between two looks when nothing signals, default 1 s
 * @param keepPassed how long the log keeps events that every processor has passed, default 1 day
 * @param keepDone how long records that are done are kept, default 30 days
 * @param keepTombstones how long the versions of deleted entities are kept, default 90 days
 * @param operatorRetention how long is kept what operators leave
 * @param stuckThreads runs that ignore their interrupt before their processor stops on this node, default 3
 * @param shutdownPatience how long {@code close} lets runs finish, default 20 s
 * @param compensationEnabled whether due records are retried; failures are recorded and followers parked all the same
 * @param handlingEnabled whether this node handles events at all; false for one that only publishes
 */
public record EngineSettings(
        String source,
        String nodeName,
        String build,
        EventLimits limits,
        Duration lease,
        Duration heartbeat,
        Duration patience,
        List<Duration> immediateBackoffs,
        int relayBatch,
        int readBatch,
        int slotQueue,
        Duration idlePoll,
        Duration keepPassed,
        Duration keepDone,
        Duration keepTombstones,
        OperatorRetention operatorRetention,
        int stuckThreads,
        Duration shutdownPatience,
        boolean compensationEnabled,
        boolean handlingEnabled) {

    /** The settings that hold without configuration, for this source. */
    public static EngineSettings defaults(String source) {
        return new EngineSettings(
                source,
                "node",
                "unknown",
                EventLimits.DEFAULT,
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                List.of(Duration.ofMillis(50), Duration.ofMillis(250)),
                500,
                1000,
                200,
                Duration.ofSeconds(1),
                Duration.ofDays(1),
                Duration.ofDays(30),
                Duration.ofDays(90),
                OperatorRetention.DEFAULT,
                3,
                Duration.ofSeconds(20),
                true,
                true);
    }
}
