package io.amends.testkit.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that stands still until it is advanced. Thread-safe.
 */
public final class VirtualClock implements InstantSource {
    /** Where a clock stands that nobody has set: the first moment of 2026, UTC. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Instant now;
    private long nanos;

    /** Starts at {@link #START}. */
    public VirtualClock() {
        this(START);
    }

    /** Starts at this time. */
    public VirtualClock(Instant start) {
        now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    /** The nanoseconds that have passed since it was created. */
    public synchronized long nanos() {
        return nanos;
    }

    /**
     * Lets time pass.
     *
     * @throws IllegalArgumentException if the duration is negative: this clock never goes back
     */
    public synchronized void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("advance: " + duration + " (expected: 0s or more)");
        }
        now = now.plus(duration);
        nanos = Math.addExact(nanos, duration.toNanos());
    }

    /** Lets time pass up to this moment; does nothing if it is already past. */
    public synchronized void advanceTo(Instant moment) {
        if (moment.isAfter(now)) {
            advance(Duration.between(now, moment));
        }
    }
}
