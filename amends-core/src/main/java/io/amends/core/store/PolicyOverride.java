package io.amends.core.store;

import io.amends.core.failure.RetryPolicyChange;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Values that a person or a program put over the retry policy of a function while the application runs.
 *
 * @param function the function
 * @param change the values
 * @param by who
 * @param reason why
 * @param since since when
 * @param until when it ends, null if by no time
 * @param build the only build for which it holds, null for any
 */
public record PolicyOverride(
        String function,
        RetryPolicyChange change,
        String by,
        String reason,
        Instant since,
        @Nullable Instant until,
        @Nullable String build) {

    /** Whether it holds for nodes of this build. */
    public boolean holdsFor(String thisBuild) {
        return build == null || build.equals(thisBuild);
    }

    /**
     * An override that is to be made.
     *
     * @param processor the processor
     * @param function the function; whether it exists is not checked, since only builds know
     * @param change the values
     * @param actor who
     * @param reason why
     * @param validFor how long, null for no end by time
     * @param build the only build for which it holds, null for any
     * @param audited whether whoever makes it has a line in the audit for it; else the store writes one
     */
    public record Draft(
            String processor,
            String function,
            RetryPolicyChange change,
            String actor,
            String reason,
            @Nullable Duration validFor,
            @Nullable String build,
            boolean audited) {

        /** One that the store writes a line of audit for. */
        public Draft(
                String processor,
                String function,
                RetryPolicyChange change,
                String actor,
                String reason,
                @Nullable Duration validFor,
                @Nullable String build) {
            this(processor, function, change, actor, reason, validFor, build, false);
        }

        /** The same of somebody who has a line in the audit for it, or has none. */
        public Draft withAudited(boolean has) {
            return new Draft(processor, function, change, actor, reason, validFor, build, has);
        }
    }
}
