package io.amends.core.operate;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of a command.
 *
 * @param result what became of it
 * @param code why it was refused, or null
 * @param before values before, by name
 * @param after values after, by name
 * @param answer what was answered; kept only for commands with a key of their own
 */
public record AuditOutcome(
        Result result,
        @Nullable String code,
        SortedMap<String, String> before,
        SortedMap<String, String> after,
        @Nullable Answer answer) {

    /** What became of a command. */
    public enum Result {
        /** It began, and nobody wrote its end: it may be done or not. */
        UNKNOWN,
        /** It is done. */
        DONE,
        /** It changed nothing. */
        REFUSED
    }

    /**
     * An answer to a command, to be given again when the command comes again.
     *
     * @param status the HTTP status
     * @param body the body
     */
    public record Answer(int status, String body) {}

    /** Copies the maps. */
    public AuditOutcome {
        before = Collections.unmodifiableSortedMap(new TreeMap<>(before));
        after = Collections.unmodifiableSortedMap(new TreeMap<>(after));
    }
}
