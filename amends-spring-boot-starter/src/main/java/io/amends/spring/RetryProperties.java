package io.amends.spring;

import io.amends.api.RetryPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a retry policy; what is not set falls back to the next wider setting.
 *
 * @param enabled Whether the scheduler retries failed executions; false records them, and only a person starts a retry.
 * @param maxRetries Scheduled retries, 0 to 1,000.
 * @param minBackoff Wait before the first retry, at most 7 days; it doubles with each retry.
 * @param executionTimeout Time that one attempt may take before it is interrupted and rolled back, 1 s to 1 day.
 * @param maxBackoff Upper limit of the wait, 0 for none, at most 30 days.
 * @param jitter Share of the wait that is added at random, 0 to 1.
 */
public record RetryProperties(
        @Nullable Boolean enabled,
        @Nullable Integer maxRetries,
        @Nullable Duration minBackoff,
        @Nullable Duration executionTimeout,
        @Nullable Duration maxBackoff,
        @Nullable Double jitter) {

    /** Nothing is set. */
    static final RetryProperties UNSET = new RetryProperties(null, null, null, null, null, null);

    /**
     * The policy with what is set here in place of its own values.
     *
     * @throws IllegalArgumentException naming each value out of its range and the range
     */
    public RetryPolicy over(RetryPolicy policy) {
        return new RetryPolicy(
                enabled != null ? enabled : policy.enabled(),
                maxRetries != null ? maxRetries : policy.maxRetries(),
                minBackoff != null ? minBackoff : policy.minBackoff(),
                executionTimeout != null ? executionTimeout : policy.executionTimeout(),
                maxBackoff != null ? maxBackoff : policy.maxBackoff(),
                jitter != null ? jitter : policy.jitter());
    }
}
