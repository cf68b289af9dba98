package io.amends.core.operate;

import io.amends.api.RetryPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Values that take the place of a retry policy's own; null leaves the policy's.
 *
 * @param enabled whether the scheduler retries by itself
 * @param maxRetries scheduled retries
 * @param minBackoff the wait before the first retry
 * @param executionTimeout how long an attempt may take
 * @param maxBackoff the longest wait, 0 for none
 * @param jitter the share of the wait that is added at random
 */
public record RetryPolicyChange(
        @Nullable Boolean enabled,
        @Nullable Integer maxRetries,
        @Nullable Duration minBackoff,
        @Nullable Duration executionTimeout,
        @Nullable Duration maxBackoff,
        @Nullable Double jitter) {

    /** Changes nothing. */
    public static final RetryPolicyChange NONE = new RetryPolicyChange(null, null, null, null, null, null);

    /**
     * The policy with these values in place of its own.
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
