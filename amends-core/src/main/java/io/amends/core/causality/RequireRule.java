package io.amends.core.causality;

import io.amends.api.OnTimeout;
import java.time.Duration;
import java.util.List;

/**
 * A declaration that a function's events need something that was done before them.
 *
 * @param kind what is needed
 * @param processor who has to have done it
 * @param stream the stream
 * @param keyPaths payload paths to the entity; empty for the event's own key
 * @param versionPath the payload path to the version; empty for the event's own
 * @param epochPath the payload path to the epoch; empty for the event's own
 * @param when the payload path that says whether something is needed at all; empty for always
 * @param first for {@link Kind#PREVIOUS}: the version that nothing has to come before, or {@link #FIRST_SEEN}
 * @param timeout how long to wait
 * @param onTimeout what happens then
 */
public record RequireRule(
        Kind kind,
        String processor,
        String stream,
        List<String> keyPaths,
        String versionPath,
        String epochPath,
        String when,
        long first,
        Duration timeout,
        OnTimeout onTimeout) {

    /** {@link #first} is whatever version comes first. */
    public static final long FIRST_SEEN = Long.MIN_VALUE;

    /** What is needed. */
    public enum Kind {
        /** The event that a tracked key names. */
        EVENT,
        /** At least the version that the payload names. */
        AT_LEAST,
        /** The version before the event's own. */
        PREVIOUS
    }

    /** Copies the list. */
    public RequireRule {
        keyPaths = List.copyOf(keyPaths);
    }
}
