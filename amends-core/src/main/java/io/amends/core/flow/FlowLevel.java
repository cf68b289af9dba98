package io.amends.core.flow;

import java.time.Duration;
import java.time.Instant;

/** How finely numbers are kept, and for how long. Each level has all numbers, whenever they come. */
public enum FlowLevel {
    /** By the minute, for 3 days. */
    MINUTE(Duration.ofMinutes(1), Duration.ofDays(3)),
    /** By ten minutes, for 30 days. */
    TEN_MINUTES(Duration.ofMinutes(10), Duration.ofDays(30)),
    /** By the hour, for a year. */
    HOUR(Duration.ofHours(1), Duration.ofDays(365));

    private final Duration length;
    private final Duration kept;

    FlowLevel(Duration length, Duration kept) {
        this.length = length;
        this.kept = kept;
    }

    /** The length of a piece. */
    public Duration length() {
        return length;
    }

    /** How long pieces are kept. */
    public Duration kept() {
        return kept;
    }

    /** The beginning of the piece of this length in which a moment is; pieces are counted from 1970 in UTC. */
    public static Instant beginning(Instant moment, Duration length) {
        long seconds = length.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(moment.getEpochSecond(), seconds) * seconds);
    }
}
