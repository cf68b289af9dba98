package io.amends.core.failure;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A line of a failed execution's history; never changed.
 *
 * @param type what happened
 * @param at when, by the database's clock
 * @param attempt the attempt it belongs to
 * @param actor the person or program, or the node for what the scheduler did
 * @param reason the given reason, or null
 * @param details values before and after, by name
 */
public record HistoryEntry(
        Type type,
        Instant at,
        int attempt,
        String actor,
        @Nullable String reason,
        SortedMap<String, String> details) {
    /** Of a first line: what the event was to do since its wait had lasted too long, an {@code OnTimeout}. */
    public static final String WAIT_ENDED = "waitEnded";

    /** Copies the details. */
    public HistoryEntry {
        details = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(details));
    }

    /** What happened, with the name that history, notifications and API use. */
    public enum Type {
        /** The record began. */
        CREATED("execution_failed_created"),
        /** A person made it due. */
        REQUESTED("compensation_requested"),
        /** An attempt began. */
        PREPARED("compensation_prepared"),
        /** An attempt failed, or was given up as lost. */
        FAILED("execution_failed_applied"),
        /** An attempt succeeded. */
        SUCCEEDED("execution_success_applied"),
        /** The retry policy was changed. */
        RETRY_SPEC("retry_spec_applied"),
        /** Another function takes it. */
        FUNCTION("function_changed"),
        /** It was marked recoverable or not. */
        RECOVERABLE("recoverable_marked"),
        /** A person declared it dealt with. */
        SKIPPED("execution_skipped");

        private final String wireName;

        Type(String wireName) {
            this.wireName = wireName;
        }

        /** The name outside the process. */
        public String wireName() {
            return wireName;
        }
    }
}
