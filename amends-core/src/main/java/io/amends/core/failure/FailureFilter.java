package io.amends.core.failure;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which failed executions a list shows; null and empty mean any. Sorted by id, newest first.
 *
 * @param statuses the states
 * @param processor the processor's name
 * @param key the lane's key
 * @param eventType the event's type
 * @param fingerprint the cause
 */
public record FailureFilter(
        Set<Status> statuses,
        @Nullable String processor,
        @Nullable String key,
        @Nullable String eventType,
        @Nullable String fingerprint) {

    /** Everything. */
    public static final FailureFilter ALL = new FailureFilter(Set.of(), null, null, null, null);

    /** Copies the set. */
    public FailureFilter {
        statuses = Set.copyOf(statuses);
    }
}
