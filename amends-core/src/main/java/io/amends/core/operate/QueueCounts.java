package io.amends.core.operate;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much is in the queues at one time.
 *
 * @param asOf the store's time
 * @param failures by queue, each at most {@link #CAP}
 * @param needsOperator the records that need an operator by reason, each at most {@link #CAP}
 * @param blockedLanes lanes whose first event may not run, at most {@link #CAP}
 * @param failedLanes those of them that a failed execution blocks, at most {@link #CAP}: not paused, and not at an event
 *     that only waits
 */
public record QueueCounts(
        Instant asOf,
        SortedMap<FailureQueue, Long> failures,
        SortedMap<StopReason, Long> needsOperator,
        long blockedLanes,
        long failedLanes) {

    /** Counting ends here: it means that there are this many or more. */
    public static final long CAP = 10_001;

    /** The queues that are counted. */
    public static final List<FailureQueue> QUEUES = List.of(
            FailureQueue.ACTIVE,
            FailureQueue.SCHEDULED,
            FailureQueue.DUE,
            FailureQueue.RUNNING,
            FailureQueue.WAITING,
            FailureQueue.NEEDS_OPERATOR,
            FailureQueue.HANDLED,
            FailureQueue.SKIPPED);

    /** Copies the maps. */
    public QueueCounts {
        failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
        needsOperator = Collections.unmodifiableSortedMap(new TreeMap<>(needsOperator));
    }
}
