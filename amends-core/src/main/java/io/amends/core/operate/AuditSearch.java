package io.amends.core.operate;

import io.amends.core.failure.FailureId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of the audit are looked for; all that is given must hold, null means any.
 *
 * @param actor who
 * @param action the command
 * @param processor about this processor
 * @param failure about this failed execution
 * @param target about this group or batch
 * @param from at this time or later
 * @param to before this time
 * @param scope about these processors; what is about none belongs to every processor
 */
public record AuditSearch(
        @Nullable String actor,
        @Nullable String action,
        @Nullable String processor,
        @Nullable FailureId failure,
        @Nullable String target,
        @Nullable Instant from,
        @Nullable Instant to,
        ProcessorScope scope) {
    /** About any processor, or none. */
    public AuditSearch(
            @Nullable String actor,
            @Nullable String action,
            @Nullable String processor,
            @Nullable FailureId failure,
            @Nullable String target,
            @Nullable Instant from,
            @Nullable Instant to) {
        this(actor, action, processor, failure, target, from, to, ProcessorScope.ALL);
    }

    /** Everything. */
    public static final AuditSearch ALL = new AuditSearch(null, null, null, null, null, null, null);
}
