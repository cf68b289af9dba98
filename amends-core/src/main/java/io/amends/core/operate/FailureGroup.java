package io.amends.core.operate;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Failed executions of one cause.
 *
 * @param fingerprint the cause
 * @param processor the processor
 * @param errorCode the code of the newest failure
 * @param message the message of the newest failure, at most 300 characters
 * @param sample the newest failed execution, which may be gone
 * @param firstSeen when an attempt first failed so
 * @param lastSeen when an attempt last failed so
 * @param numbers how many records are in which state
 * @param hours failed attempts in each of the last {@link #HOURS} hours by UTC, the current one last
 * @param remarks what persons said
 */
public record FailureGroup(
        String fingerprint,
        String processor,
        String errorCode,
        String message,
        String sample,
        Instant firstSeen,
        Instant lastSeen,
        Numbers numbers,
        List<Long> hours,
        Remarks remarks) {

    /** The hours of a trend. */
    public static final int HOURS = 24;

    /** The longest message in characters. */
    public static final int MESSAGE = 300;

    /** Copies the list. */
    public FailureGroup {
        hours = List.copyOf(hours);
    }

    /**
     * How many records are in which state.
     *
     * @param scheduled FAILED, to be retried by itself, by request, or when what it waits for is done
     * @param stopped FAILED, and needs an operator
     * @param running PREPARED
     * @param handled SUCCEEDED and kept
     * @param skipped SKIPPED and kept
     * @param failures attempts that ever failed so
     */
    public record Numbers(long scheduled, long stopped, long running, long handled, long skipped, long failures) {
        /** Records that are not done. */
        public long active() {
            return scheduled + stopped + running;
        }
    }

    /**
     * What persons said of a group.
     *
     * @param note a note, or null
     * @param notedBy who noted it, or null
     * @param notedAt when, or null
     * @param acknowledgement who takes care of it, null if nobody or no longer
     */
    public record Remarks(
            @Nullable String note,
            @Nullable String notedBy,
            @Nullable Instant notedAt,
            @Nullable Acknowledgement acknowledgement) {

        /** Nothing was said. */
        public static final Remarks NONE = new Remarks(null, null, null, null);
    }

    /**
     * Somebody takes care of a group.
     *
     * @param by who
     * @param at since when
     * @param until it ends at this time, or null
     * @param above it ends when more attempts than this have failed, or null
     */
    public record Acknowledgement(
            String by,
            Instant at,
            @Nullable Instant until,
            @Nullable Long above) {
        /** Whether it still holds. */
        public boolean holds(Instant now, long failures) {
            return (until == null || until.isAfter(now)) && (above == null || failures <= above);
        }
    }

    /**
     * A build in which a cause was seen.
     *
     * @param build the build
     * @param firstSeen when an attempt first failed so
     * @param lastSeen when an attempt last failed so
     * @param failures attempts that failed so
     */
    public record SeenIn(String build, Instant firstSeen, Instant lastSeen, long failures) {}
}
