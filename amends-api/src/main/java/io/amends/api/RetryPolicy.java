package io.amends.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How often and when a failed execution is retried: the values that hold for one function after all fallbacks.
 *
 * @param enabled whether the scheduler retries at all
 * @param maxRetries scheduled retries, 0 to 1,000
 * @param minBackoff the wait before the first retry, 0 to 7 days
 * @param executionTimeout the time one attempt may take, 1 s to 1 day
 * @param maxBackoff the upper limit of the backoff, zero for none, at most 30 days
 * @param jitter the share of the backoff added at random, 0 to 1
 */
public record RetryPolicy(
        boolean enabled,
        int maxRetries,
        Duration minBackoff,
        Duration executionTimeout,
        Duration maxBackoff,
        double jitter) {

    /** The product's defaults: 10 retries, 180 s doubling without a limit, 120 s an attempt, no jitter. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(true, 10, Duration.ofSeconds(180), Duration.ofSeconds(120), Duration.ZERO, 0);

    private static final Duration FOREVER = Duration.ofDays(3650);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException naming each value out of its range and the range
     */
    public RetryPolicy {
        List<String> mistakes = new ArrayList<>();
        if (maxRetries < 0 || maxRetries > 1000) {
            mistakes.add("maxRetries: " + maxRetries + " (expected: 0..1000)");
        }
        within(mistakes, "minBackoff", minBackoff, Duration.ZERO, Duration.ofDays(7));
        within(mistakes, "executionTimeout", executionTimeout, Duration.ofSeconds(1), Duration.ofDays(1));
        within(mistakes, "maxBackoff", maxBackoff, Duration.ZERO, Duration.ofDays(30));
        if (!(jitter >= 0 && jitter <= 1)) {
            mistakes.add("jitter: " + jitter + " (expected: 0..1)");
        }
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", mistakes));
        }
    }

    /**
     * The wait between the begin of the last attempt and the next scheduled retry: {@code min(maxBackoff, minBackoff ·
     * 2^retries)} plus jitter, at most ten years.
     *
     * @param retries scheduled retries so far, from 0
     * @param random a number from 0 (inclusive) to 1 (exclusive) that jitter is taken from
     */
    public Duration backoff(int retries, double random) {
        Duration limit = maxBackoff.isZero() ? FOREVER : maxBackoff;
        Duration backoff = minBackoff;
        for (int i = 0; i < retries && backoff.compareTo(limit) < 0; i++) {
            backoff = backoff.multipliedBy(2);
            if (backoff.isZero()) {
                break;
            }
        }
        if (backoff.compareTo(limit) > 0) {
            backoff = limit;
        }
        return backoff.plusMillis((long) (backoff.toMillis() * jitter * random));
    }

    /** The policy as text, for instance {@code 10 retries from 180s, timeout 120s}. */
    @Override
    public String toString() {
        return (enabled ? "" : "off, ") + maxRetries + " retries from " + minBackoff.toSeconds() + "s"
                + (maxBackoff.isZero() ? "" : " up to " + maxBackoff.toSeconds() + "s")
                + (jitter == 0 ? "" : " +" + Math.round(jitter * 100) + "%") + ", timeout "
                + executionTimeout.toSeconds() + "s";
    }

    private static void within(List<String> mistakes, String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            mistakes.add(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }
}
