package io.amends.api;

/**
 * Tells a function which run of an event this is.
 *
 * @param number the attempt, from 1; a result without the current attempt's number is refused
 * @param immediate the immediate re-run within the attempt, 0 for the first
 * @param retries scheduled retries so far, at most {@code maxRetries}
 * @param maxRetries scheduled retries that the policy allows
 */
public record Attempt(int number, int immediate, int retries, int maxRetries) {

    /** Whether the event was tried before, in this attempt or an earlier one. */
    public boolean isRetry() {
        return number > 1 || immediate > 0;
    }
}
