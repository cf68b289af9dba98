package io.amends.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Sets how a failed execution is retried, on a function or on its processor class.
 *
 * <p>A value that is not set ({@link #UNSET}, the default of each number) falls back to the next wider setting: function,
 * class, application ({@code amends.retry.*}), and last the product's default that each attribute names.
 * The n-th scheduled retry comes {@code min(maxBackoff, minBackoff · 2^(n-1))} seconds after the last attempt began, plus jitter.
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Retry {

    /** Marks a number as not set here. */
    int UNSET = -1;

    /** Whether failures are compensated: false records the failure, and only a person starts a retry. */
    boolean enabled() default true;

    /** Scheduled retries, 0 to 1,000; product default 10. */
    int maxRetries() default UNSET;

    /** Seconds before the first retry, 0 to 604,800; product default 180. */
    int minBackoff() default UNSET;

    /** Seconds that one attempt may take before it is interrupted and rolled back, 1 to 86,400; product default 120. */
    int executionTimeout() default UNSET;

    /** Upper limit of the backoff in seconds, 0 (no limit) to 2,592,000; product default 0. */
    int maxBackoff() default UNSET;

    /** Share of the backoff that is added at random, 0 to 1; product default 0. */
    double jitter() default UNSET;

    /** Exceptions that are worth a retry. */
    Class<? extends Throwable>[] recoverable() default {};

    /** Exceptions that no retry can cure; the nearest class of both lists decides. */
    Class<? extends Throwable>[] unrecoverable() default {};

    /**
     * Exceptions that say that the event is too early: instead of failing, it waits for whatever comes next for its key,
     * see {@link Wait#forNext()}. Subclasses count, also as causes.
     */
    Class<? extends Throwable>[] waitOn() default {};
}
