package io.amends.core.flow;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long events spent in a stage: a sum, the longest, and how many were at most as long as each of {@link #BOUNDS}. Those
 * of different nodes and minutes add up.
 *
 * @param sum of all times
 * @param longest the longest, zero if there is none
 * @param buckets how many were longer than the bound before and at most as long as this one; one more than there are bounds,
 *     for those that were longer than all
 */
public record FlowTimes(Duration sum, Duration longest, List<Long> buckets) {

    /** What times are sorted into. */
    public static final List<Duration> BOUNDS = List.of(
            Duration.ofMillis(1),
            Duration.ofMillis(2),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(200),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5));

    /** No times. */
    public static final FlowTimes NONE =
            new FlowTimes(Duration.ZERO, Duration.ZERO, Collections.nCopies(BOUNDS.size() + 1, 0L));

    /**
     * Copies the buckets.
     *
     * @throws IllegalArgumentException if there is not one bucket for each bound and one more
     */
    public FlowTimes {
        buckets = List.copyOf(buckets);
        if (buckets.size() != BOUNDS.size() + 1) {
            throw new IllegalArgumentException(
                    "buckets: " + buckets.size() + " (expected: " + (BOUNDS.size() + 1) + ")");
        }
    }

    /** The bucket of a time. */
    public static int bucketOf(Duration time) {
        int bucket = 0;
        while (bucket < BOUNDS.size() && time.compareTo(BOUNDS.get(bucket)) > 0) {
            bucket++;
        }
        return bucket;
    }

    /** One time. */
    public static FlowTimes of(Duration time) {
        List<Long> buckets = new ArrayList<>(NONE.buckets);
        buckets.set(bucketOf(time), 1L);
        return new FlowTimes(time, time, buckets);
    }

    /** How many times. */
    public long count() {
        return buckets.stream().mapToLong(Long::longValue).sum();
    }

    /** The mean, null if there are none. */
    public @Nullable Duration mean() {
        long count = count();
        return count == 0 ? null : sum.dividedBy(count);
    }

    /**
     * How long at most this share of them was, by the bound of the bucket in which the share ends: never less than the true
     * value, never more than the longest. Null if there are none.
     *
     * @param share more than 0, at most 1
     */
    public @Nullable Duration within(double share) {
        long count = count();
        if (count == 0) {
            return null;
        }
        long needed = (long) Math.ceil(count * share);
        long reached = 0;
        for (int bucket = 0; bucket < BOUNDS.size(); bucket++) {
            reached += buckets.get(bucket);
            if (reached >= needed) {
                Duration bound = BOUNDS.get(bucket);
                return bound.compareTo(longest) < 0 ? bound : longest;
            }
        }
        return longest;
    }

    /** Both together. */
    public FlowTimes plus(FlowTimes other) {
        List<Long> both = new ArrayList<>();
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            both.add(buckets.get(bucket) + other.buckets.get(bucket));
        }
        return new FlowTimes(sum.plus(other.sum), longest.compareTo(other.longest) < 0 ? other.longest : longest, both);
    }
}
