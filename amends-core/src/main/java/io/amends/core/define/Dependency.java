package io.amends.core.define;

import io.amends.api.OnTimeout;
import io.amends.core.causality.Probe;
import io.amends.core.causality.RequireRule;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was said that has to be done before a function's events.
 *
 * @param processor who has to have done it; empty for the function's own
 * @param eventType the other event's type, for {@link RequireRule.Kind#EVENT}
 * @param stream the stream, for versions
 * @param key payload paths to the other event's key, or the entity
 * @param eventKey paths into the other event's payload; empty for the same as {@code key}
 * @param first the version that nothing has to come before
 * @param timeout as it was written
 * @param assumeHandledBefore as it was written; empty for nothing
 * @param time the payload path to when it happened; empty for the event's own time
 * @param probe who knows of what was done untracked
 */
record Dependency(
        RequireRule.Kind kind,
        String processor,
        String eventType,
        String stream,
        List<String> key,
        List<String> eventKey,
        String versionPath,
        String epochPath,
        String when,
        long first,
        String timeout,
        OnTimeout onTimeout,
        String assumeHandledBefore,
        String time,
        @Nullable Probe probe) {

    Dependency {
        key = List.copyOf(key);
        eventKey = List.copyOf(eventKey);
    }

    /** The paths that identify the other event in its own payload. */
    List<String> trackedBy() {
        return eventKey.isEmpty() ? key : eventKey;
    }

    String processorOr(String own) {
        return processor.isEmpty() ? own : processor;
    }

    /** What it says of itself in messages. */
    String name() {
        return switch (kind) {
            case EVENT -> "runAfter " + eventType;
            case CAUSES -> "runAfter causes";
            case AT_LEAST -> "requireVersion of " + stream;
            case PREVIOUS -> "sequenced " + stream;
        };
    }

    /** The timeout, null if it is none. */
    @Nullable Duration parsedTimeout() {
        try {
            Duration parsed = Duration.parse(timeout);
            return parsed.compareTo(Duration.ofMillis(1)) < 0 || parsed.compareTo(Duration.ofDays(365)) > 0
                    ? null
                    : parsed;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** The moment before which everything is taken as done, null if there is none. */
    @Nullable Instant parsedMoment() {
        try {
            return assumeHandledBefore.isEmpty()
                    ? null
                    : OffsetDateTime.parse(assumeHandledBefore).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
