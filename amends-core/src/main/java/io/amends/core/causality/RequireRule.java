package io.amends.core.causality;

import io.amends.api.OnTimeout;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param causes for {@link Kind#CAUSES}: the types of the causes that are waited for
 * @param timeout how long to wait
 * @param onTimeout what happens then
 * @param history what is known of the time before anything was tracked
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
        List<String> causes,
        Duration timeout,
        OnTimeout onTimeout,
        History history) {

    /** {@link #first} is whatever version comes first. */
    public static final long FIRST_SEEN = Long.MIN_VALUE;

    /** What is needed. */
    public enum Kind {
        /** The event that a tracked key names. */
        EVENT,
        /** At least the version that the payload names. */
        AT_LEAST,
        /** The version before the event's own. */
        PREVIOUS,
        /** The events by which this one came about. */
        CAUSES
    }

    /**
     * What is known of the time before anything was tracked.
     *
     * @param assumeHandledBefore what happened before this moment was done, null if nothing is assumed
     * @param timePath the payload path to when it happened; empty for the event's own time
     * @param probe who knows, null if nobody does
     */
    public record History(
            @Nullable Instant assumeHandledBefore,
            String timePath,
            @Nullable Probe probe) {
        /** Nothing is known. */
        public static final History UNKNOWN = new History(null, "", null);
    }

    /** Copies the lists. */
    public RequireRule {
        keyPaths = List.copyOf(keyPaths);
        causes = List.copyOf(causes);
    }
}
