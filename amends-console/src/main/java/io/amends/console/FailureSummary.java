package io.amends.console;

import io.amends.core.failure.FailedExecution;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureVersion;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A failed execution in a list. Its components are the API's names.
 *
 * @param message the error's message, at most 300 characters
 * @param dueAt when it is retried by itself, or counts as lost while it runs; null if never
 */
public record FailureSummary(
        String id,
        String state,
        String processor,
        String function,
        String eventId,
        String source,
        String eventType,
        @Nullable String key,
        @Nullable String lane,
        long position,
        String reason,
        String errorCode,
        String message,
        String fingerprint,
        Instant firstFailedAt,
        Instant executedAt,
        int attempt,
        int retries,
        int maxRetries,
        @Nullable Instant dueAt,

        @Described("Whether it is in the queue waiting: tried again when what it waits for is done.")
        boolean waiting,

        String recoverability,
        @Nullable String tenant,
        @Described("Its version, for If-Match.") String version) {

    private static final int MESSAGE = 300;

    static FailureSummary of(FailedExecution failure) {
        String message = failure.error().message();
        return new FailureSummary(
                failure.id().value(),
                failure.status().name(),
                failure.processor(),
                failure.function(),
                failure.event().id(),
                failure.event().source(),
                failure.event().type(),
                failure.event().key(),
                failure.laneKey(),
                failure.position(),
                failure.reason().name(),
                failure.error().code(),
                message.length() > MESSAGE ? message.substring(0, MESSAGE) : message,
                failure.fingerprint(),
                failure.firstFailedAt(),
                failure.executedAt(),
                failure.retry().attempt(),
                failure.retry().retries(),
                failure.policy().maxRetries(),
                failure.dueAt(),
                isWaiting(failure),
                failure.recoverability().name(),
                failure.tenant(),
                FailureVersion.of(failure));
    }

    /** Whether what it waits for brings it on; no time decides that. */
    static boolean isWaiting(FailedExecution failure) {
        return FailureQueue.WAITING.contains(failure, failure.executedAt(), false);
    }
}
