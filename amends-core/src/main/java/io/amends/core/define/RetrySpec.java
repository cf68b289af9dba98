package io.amends.core.define;

import io.amends.api.Retry;
import io.amends.api.RetryPolicy;
import io.amends.core.failure.RetryPolicyChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one level (function, class, or their programmatic equivalents) says about retries; null falls back to the next
 * wider level, value by value.
 *
 * @param enabled false switches the scheduler off, whatever a wider or nearer level says
 * @param maxRetries scheduled retries
 * @param minBackoff the wait before the first retry
 * @param executionTimeout the time one attempt may take
 * @param maxBackoff the upper limit of the backoff, zero for none
 * @param jitter the share of the backoff added at random
 * @param recoverable exceptions that are worth a retry
 * @param unrecoverable exceptions that no retry can cure
 * @param waitOn exceptions that say that an event is too early
 */
public record RetrySpec(
        boolean enabled,
        @Nullable Integer maxRetries,
        @Nullable Duration minBackoff,
        @Nullable Duration executionTimeout,
        @Nullable Duration maxBackoff,
        @Nullable Double jitter,
        List<Class<? extends Throwable>> recoverable,
        List<Class<? extends Throwable>> unrecoverable,
        List<Class<? extends Throwable>> waitOn) {
    /** Says nothing: every value falls back. */
    public static final RetrySpec UNSET =
            new RetrySpec(true, null, null, null, null, null, List.of(), List.of(), List.of());

    /** Copies the lists. */
    public RetrySpec {
        recoverable = List.copyOf(recoverable);
        unrecoverable = List.copyOf(unrecoverable);
        waitOn = List.copyOf(waitOn);
    }

    /** What the annotation says, {@link #UNSET} if there is none. */
    public static RetrySpec of(@Nullable Retry retry) {
        return retry == null
                ? UNSET
                : new RetrySpec(
                        retry.enabled(),
                        retry.maxRetries() == Retry.UNSET ? null : Integer.valueOf(retry.maxRetries()),
                        seconds(retry.minBackoff()),
                        seconds(retry.executionTimeout()),
                        seconds(retry.maxBackoff()),
                        retry.jitter() == Retry.UNSET ? null : Double.valueOf(retry.jitter()),
                        List.of(retry.recoverable()),
                        List.of(retry.unrecoverable()),
                        List.of(retry.waitOn()));
    }

    /** The same without scheduled retries: failures are recorded, and only a person starts one. */
    public RetrySpec withoutRetries() {
        return new RetrySpec(
                false,
                maxRetries,
                minBackoff,
                executionTimeout,
                maxBackoff,
                jitter,
                recoverable,
                unrecoverable,
                waitOn);
    }

    /** The same with this many scheduled retries, 0 to 1,000. */
    public RetrySpec withMaxRetries(int value) {
        return new RetrySpec(
                enabled, value, minBackoff, executionTimeout, maxBackoff, jitter, recoverable, unrecoverable, waitOn);
    }

    /** The same with this wait before the first retry, 0 to 7 days. */
    public RetrySpec withMinBackoff(Duration value) {
        return new RetrySpec(
                enabled, maxRetries, value, executionTimeout, maxBackoff, jitter, recoverable, unrecoverable, waitOn);
    }

    /** The same with this time for one attempt, 1 s to 1 day. */
    public RetrySpec withExecutionTimeout(Duration value) {
        return new RetrySpec(
                enabled, maxRetries, minBackoff, value, maxBackoff, jitter, recoverable, unrecoverable, waitOn);
    }

    /** The same with this upper limit of the backoff, zero for none, at most 30 days. */
    public RetrySpec withMaxBackoff(Duration value) {
        return new RetrySpec(
                enabled, maxRetries, minBackoff, executionTimeout, value, jitter, recoverable, unrecoverable, waitOn);
    }

    /** The same with this share of the backoff added at random, 0 to 1. */
    public RetrySpec withJitter(double value) {
        return new RetrySpec(
                enabled,
                maxRetries,
                minBackoff,
                executionTimeout,
                maxBackoff,
                value,
                recoverable,
                unrecoverable,
                waitOn);
    }

    /** The same with these exceptions that are worth a retry. */
    public RetrySpec withRecoverable(List<Class<? extends Throwable>> errors) {
        return new RetrySpec(
                enabled, maxRetries, minBackoff, executionTimeout, maxBackoff, jitter, errors, unrecoverable, waitOn);
    }

    /** The same with these exceptions that no retry can cure; the nearest class of both lists decides. */
    public RetrySpec withUnrecoverable(List<Class<? extends Throwable>> errors) {
        return new RetrySpec(
                enabled, maxRetries, minBackoff, executionTimeout, maxBackoff, jitter, recoverable, errors, waitOn);
    }

    /** The same with these exceptions that say that an event is too early. */
    public RetrySpec withWaitOn(List<Class<? extends Throwable>> errors) {
        return new RetrySpec(
                enabled,
                maxRetries,
                minBackoff,
                executionTimeout,
                maxBackoff,
                jitter,
                recoverable,
                unrecoverable,
                errors);
    }

    /**
     * The policy of this level over a wider one.
     *
     * @throws IllegalArgumentException naming each value out of its range
     */
    RetryPolicy over(RetryPolicy wider) {
        return new RetryPolicy(
                enabled && wider.enabled(),
                maxRetries != null ? maxRetries : wider.maxRetries(),
                minBackoff != null ? minBackoff : wider.minBackoff(),
                executionTimeout != null ? executionTimeout : wider.executionTimeout(),
                maxBackoff != null ? maxBackoff : wider.maxBackoff(),
                jitter != null ? jitter : wider.jitter());
    }

    /** The values that it sets. */
    RetryPolicyChange change() {
        return new RetryPolicyChange(
                enabled ? null : Boolean.FALSE, maxRetries, minBackoff, executionTimeout, maxBackoff, jitter);
    }

    /** The exceptions of this level over those of a wider one: a class that is named here is not looked up there. */
    ErrorRules over(ErrorRules wider) {
        return new ErrorRules(
                merge(recoverable, wider.recoverable(), unrecoverable),
                merge(unrecoverable, wider.unrecoverable(), recoverable),
                merge(waitOn, wider.waitOn(), List.of()));
    }

    private static List<Class<? extends Throwable>> merge(
            List<Class<? extends Throwable>> own,
            List<Class<? extends Throwable>> wider,
            List<Class<? extends Throwable>> overridden) {
        List<Class<? extends Throwable>> merged = new ArrayList<>(own);
        for (Class<? extends Throwable> error : wider) {
            if (!overridden.contains(error) && !merged.contains(error)) {
                merged.add(error);
            }
        }
        return merged;
    }

    private static @Nullable Duration seconds(int value) {
        return value == Retry.UNSET ? null : Duration.ofSeconds(value);
    }
}
