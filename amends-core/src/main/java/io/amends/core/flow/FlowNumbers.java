package io.amends.core.flow;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What flowed through a stage in some time.
 *
 * @param counts how many; what is not named is 0
 * @param times how long events spent in the stage
 * @param waiting the most events that were seen waiting at once
 * @param oldest the greatest age that the oldest waiting event was seen with, null if none was seen waiting
 */
public record FlowNumbers(
        SortedMap<FlowCount, Long> counts,
        FlowTimes times,
        long waiting,
        @Nullable Duration oldest) {

    /** Nothing. */
    public static final FlowNumbers NONE = new FlowNumbers(Collections.emptySortedMap(), FlowTimes.NONE, 0, null);

    /** Copies the counts; zeros are left out. */
    public FlowNumbers {
        TreeMap<FlowCount, Long> copied = new TreeMap<>(counts);
        copied.values().removeIf(count -> count == 0);
        counts = Collections.unmodifiableSortedMap(copied);
    }

    /** One count. */
    public static FlowNumbers of(FlowCount count, long number) {
        return new FlowNumbers(new TreeMap<>(Map.of(count, number)), FlowTimes.NONE, 0, null);
    }

    /** How many. */
    public long count(FlowCount count) {
        return counts.getOrDefault(count, 0L);
    }

    /** Both together: counts and times add up, of the rest the greater one counts. */
    public FlowNumbers plus(FlowNumbers other) {
        TreeMap<FlowCount, Long> both = new TreeMap<>(counts);
        other.counts.forEach((count, number) -> both.merge(count, number, Long::sum));
        return new FlowNumbers(
                both, times.plus(other.times), Math.max(waiting, other.waiting), greater(oldest, other.oldest));
    }

    private static @Nullable Duration greater(@Nullable Duration a, @Nullable Duration b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.compareTo(b) < 0 ? b : a;
    }
}
