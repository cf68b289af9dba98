package io.amends.core.define;

import io.amends.api.RetryPolicy;
import io.amends.core.failure.RetryPolicyChange;
import java.util.Objects;

/**
 * Where each value of a retry policy comes from.
 *
 * @param enabled of whether the scheduler retries by itself
 * @param maxRetries of the scheduled retries
 * @param minBackoff of the wait before the first retry
 * @param executionTimeout of how long an attempt may take
 * @param maxBackoff of the longest wait
 * @param jitter of the share of the wait that is added at random
 */
public record PolicySources(
        Source enabled,
        Source maxRetries,
        Source minBackoff,
        Source executionTimeout,
        Source maxBackoff,
        Source jitter) {

    /** Where a value comes from; each goes before those that stand above it. */
    public enum Source {
        /** Nobody said anything. */
        DEFAULT,
        /** The application's configuration for all processors. */
        APPLICATION,
        /** An annotation, or the specification that stands for one. */
        CODE,
        /** The configuration of the processor or the function. */
        CONFIGURATION,
        /** A person or a program, while the application runs. */
        OVERRIDE
    }

    /** Everything by default. */
    public static final PolicySources DEFAULT = new PolicySources(
            Source.DEFAULT, Source.DEFAULT, Source.DEFAULT, Source.DEFAULT, Source.DEFAULT, Source.DEFAULT);

    /** The sources of the application's policy: what is not as by default was configured. */
    public static PolicySources ofApplication(RetryPolicy policy) {
        RetryPolicy usual = RetryPolicy.DEFAULT;
        return new PolicySources(
                application(policy.enabled(), usual.enabled()),
                application(policy.maxRetries(), usual.maxRetries()),
                application(policy.minBackoff(), usual.minBackoff()),
                application(policy.executionTimeout(), usual.executionTimeout()),
                application(policy.maxBackoff(), usual.maxBackoff()),
                application(policy.jitter(), usual.jitter()));
    }

    private static Source application(Object value, Object usual) {
        return Objects.equals(value, usual) ? Source.DEFAULT : Source.APPLICATION;
    }

    /** The sources when this source sets these values. */
    public PolicySources over(Source source, RetryPolicyChange change) {
        return new PolicySources(
                change.enabled() != null ? source : enabled,
                change.maxRetries() != null ? source : maxRetries,
                change.minBackoff() != null ? source : minBackoff,
                change.executionTimeout() != null ? source : executionTimeout,
                change.maxBackoff() != null ? source : maxBackoff,
                change.jitter() != null ? source : jitter);
    }
}
