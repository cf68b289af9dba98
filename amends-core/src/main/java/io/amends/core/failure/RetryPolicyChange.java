package io.amends.core.failure;

import io.amends.api.RetryPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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

    /** The values as texts by their names, for tables and the audit. */
    public SortedMap<String, String> texts() {
        SortedMap<String, String> texts = new TreeMap<>();
        put(texts, "enabled", enabled);
        put(texts, "maxRetries", maxRetries);
        put(texts, "minBackoff", minBackoff);
        put(texts, "executionTimeout", executionTimeout);
        put(texts, "maxBackoff", maxBackoff);
        put(texts, "jitter", jitter);
        return texts;
    }

    private static void put(SortedMap<String, String> texts, String name, @Nullable Object value) {
        if (value != null) {
            texts.put(name, value.toString());
        }
    }

    /** The change of these texts. */
    public static RetryPolicyChange of(Map<String, String> texts) {
        return new RetryPolicyChange(
                texts.containsKey("enabled") ? Boolean.valueOf(texts.get("enabled")) : null,
                texts.containsKey("maxRetries") ? Integer.valueOf(texts.get("maxRetries")) : null,
                duration(texts.get("minBackoff")),
                duration(texts.get("executionTimeout")),
                duration(texts.get("maxBackoff")),
                texts.containsKey("jitter") ? Double.valueOf(texts.get("jitter")) : null);
    }

    private static @Nullable Duration duration(@Nullable String text) {
        return text == null ? null : Duration.parse(text);
    }
}
