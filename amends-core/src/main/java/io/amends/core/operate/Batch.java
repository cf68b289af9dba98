package io.amends.core.operate;

import io.amends.core.failure.FailureId;
import java.time.Instant;
import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One command on a set of failed executions that was frozen when the batch was planned. It is run by one node at a time,
 * whichever lives, and goes on where it was when that one dies.
 *
 * @param id identifies it
 * @param state its state
 * @param command what is done to each
 * @param filter what was asked for, by name, for people
 * @param reason the given reason, or null
 * @param createdBy who planned it
 * @param createdAt when it was planned, and its set frozen
 * @param startedAt when it was started, or null
 * @param endedAt when it ended, or null
 * @param stopped who paused or cancelled it last, null if it was not or goes on
 * @param pace how fast it runs
 * @param canaryFrom outcomes before the canary that runs or ran last
 * @param canaryPassed whether a canary has passed, or was not asked for
 * @param numbers its items by state
 */
public record Batch(
        String id,
        State state,
        FailureCommand command,
        SortedMap<String, String> filter,
        @Nullable String reason,
        String createdBy,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Stop stopped,
        Pace pace,
        long canaryFrom,
        boolean canaryPassed,
        Numbers numbers) {

    /** Copies the filter. */
    public Batch {
        filter = Collections.unmodifiableSortedMap(new TreeMap<>(filter));
    }

    /** The state of a batch. */
    public enum State {
        /** Its set is frozen, and nothing was done. */
        PLANNED,
        /** A few items run first. */
        CANARY,
        /** It runs. */
        RUNNING,
        /** No more items begin; those that run end. */
        PAUSED,
        /** No more items will ever begin. */
        CANCELLED,
        /** Every item has its outcome. */
        DONE
    }

    /** The state of an item. */
    public enum ItemState {
        /** Not begun. */
        WAITING,
        /** Begun, and without an outcome. */
        RUNNING,
        /** What was commanded is done: for a retry, its attempt succeeded. */
        HANDLED,
        /** Its attempt failed. */
        FAILED_AGAIN,
        /** Nothing was done; the code says why. */
        SKIPPED
    }

    /**
     * How fast a batch runs.
     *
     * @param canary items that run first, 0 for none
     * @param canaryPercent of the canary's outcomes so many must be handled, in percent, or the batch pauses
     * @param perSecond the most items that begin in a second, 1 to 10,000
     * @param inFlight the most items that run at a time, 1 to 1,000
     * @param pausePercent of the last 50 outcomes more than so many have failed: the batch pauses; 100 for never
     */
    public record Pace(int canary, int canaryPercent, int perSecond, int inFlight, int pausePercent) {
        /** What is asked for if nothing is. */
        public static final Pace DEFAULT = new Pace(5, 95, 50, 20, 20);

        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException naming each value out of its range
         */
        public Pace {
            StringBuilder mistakes = new StringBuilder();
            check(mistakes, "canary", canary, 0, 1000);
            check(mistakes, "canaryPercent", canaryPercent, 0, 100);
            check(mistakes, "perSecond", perSecond, 1, 10_000);
            check(mistakes, "inFlight", inFlight, 1, 1000);
            check(mistakes, "pausePercent", pausePercent, 0, 100);
            if (!mistakes.isEmpty()) {
                throw new IllegalArgumentException(mistakes.substring(2));
            }
        }

        private static void check(StringBuilder mistakes, String name, int value, int least, int most) {
            if (value < least || value > most) {
                mistakes.append("; ").append(name).append(": ").append(value);
                mistakes.append(" (expected: ")
                        .append(least)
                        .append("..")
                        .append(most)
                        .append(')');
            }
        }
    }

    /**
     * Items by state; they always sum to the total.
     *
     * @param total all
     * @param waiting not begun
     * @param running begun, and without an outcome
     * @param handled done
     * @param failedAgain their attempt failed
     * @param skipped nothing was done
     */
    public record Numbers(int total, int waiting, int running, int handled, int failedAgain, int skipped) {
        /** Checks the sum. */
        public Numbers {
            if (waiting + running + handled + failedAgain + skipped != total) {
                throw new IllegalStateException("batch: " + waiting + " + " + running + " + " + handled + " + "
                        + failedAgain + " + " + skipped + " (expected: " + total + ")");
            }
        }

        /** Items that have begun or ended. */
        public int begun() {
            return total - waiting;
        }
    }

    /**
     * Who stopped a batch, and why.
     *
     * @param by the person, or {@link #RULE}
     * @param code why
     * @param reason what the person said, or null
     * @param failed for a rule, how many have failed
     * @param of for a rule, of how many
     */
    public record Stop(String by, StopCode code, @Nullable String reason, int failed, int of) {
        /** The batch's own rule. */
        public static final String RULE = "rule";

        /** A person stopped it. */
        public static Stop byPerson(String person, @Nullable String reason) {
            return new Stop(person, StopCode.PERSON, reason, 0, 0);
        }

        static Stop byRule(StopCode code, long failed, long of) {
            return new Stop(RULE, code, null, Math.toIntExact(failed), Math.toIntExact(of));
        }
    }

    /** Why a batch stopped. */
    public enum StopCode {
        /** A person paused or cancelled it. */
        PERSON,
        /** Fewer of the canary than its pace asks for were handled. */
        CANARY_FAILED,
        /** More of the last outcomes than its pace allows have failed. */
        TOO_MANY_FAILED;

        /** The code outside the process, for instance {@code canary-failed}. */
        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * An item.
     *
     * @param n its place in the batch, from 1
     * @param failure the failed execution
     * @param state its state
     * @param code the {@link BatchSkip}'s code, or that of the error with which it failed again, or null
     */
    public record Item(
            int n,
            FailureId failure,
            ItemState state,
            @Nullable String code) {}

    /**
     * An item that has begun.
     *
     * @param n its place in the batch, from 1
     * @param failure the failed execution
     * @param attempt the attempt that its record had when it began
     */
    public record Begun(int n, FailureId failure, int attempt) {}

    /** The same batch in this state. */
    Batch in(State newState, @Nullable Stop stop) {
        return with(newState, stop, pace, canaryFrom, canaryPassed);
    }

    Batch with(State newState, @Nullable Stop stop, Pace newPace, long newCanaryFrom, boolean passed) {
        return new Batch(
                id,
                newState,
                command,
                filter,
                reason,
                createdBy,
                createdAt,
                startedAt,
                endedAt,
                stop,
                newPace,
                newCanaryFrom,
                passed,
                numbers);
    }
}
