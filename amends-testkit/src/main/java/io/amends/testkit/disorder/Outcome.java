package io.amends.testkit.disorder;

import io.amends.testkit.disorder.HeldLanes.Reason;
import io.amends.testkit.disorder.HeldLanes.Row;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a history ended.
 *
 * @param state what the test reads at the end
 * @param thrown whether a handler threw
 * @param error what it threw first, or null
 * @param left what is not done
 * @param late events that were not done at their delivery: they waited, stood behind others or were retried
 * @param unended what those of them wait for that wait
 * @param initial the state before the first delivery, as text; empty if nobody asked for a trace
 * @param trace the deliveries; empty if nobody asked for them
 */
record Outcome(
        @Nullable Object state,
        boolean thrown,
        @Nullable Throwable error,
        List<Left> left,
        Set<Integer> late,
        List<Unended> unended,
        String initial,
        List<Delivered> trace) {

    /**
     * An event that a processor has not done.
     *
     * @param processor the processor
     * @param event the event
     * @param why what keeps it: a wait, also one that a failed execution waits for; a failure; or what is before it
     */
    record Left(String processor, int event, Reason why) {
        static Left of(Row row, int event) {
            return new Left(row.place.side().name(), event, row.request != null ? Reason.WAITING : row.reason);
        }
    }

    /** The events that never succeeded, each once. */
    List<Integer> stuck() {
        return left.stream().map(Left::event).distinct().toList();
    }

    /** Whether it ended as this one did. */
    boolean isAs(Outcome other) {
        return left.isEmpty() && Objects.deepEquals(state, other.state);
    }
}
