package io.amends.testkit.disorder;

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
 * @param stuck events that never succeeded
 * @param late events that were not done at their delivery: they waited, stood behind others or were retried
 * @param unended what those of them wait for that wait
 * @param initial the state before the first delivery, as text; empty if nobody asked for a trace
 * @param trace the deliveries; empty if nobody asked for them
 */
record Outcome(
        @Nullable Object state,
        boolean thrown,
        @Nullable Throwable error,
        List<Integer> stuck,
        Set<Integer> late,
        List<Unended> unended,
        String initial,
        List<Delivered> trace) {

    /** Whether it ended as this one did. */
    boolean isAs(Outcome other) {
        return stuck.isEmpty() && Objects.deepEquals(state, other.state);
    }
}
