package io.amends.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import io.amends.api.RetryPolicy;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.RetryState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a failed execution except its payload. Its components are the API's names.
 *
 * @param summary what the list shows as well, on the same level
 * @param followers events parked behind it in its lane
 * @param payloadBytes the payload's length; the payload itself is not shown
 */
public record FailureDetail(
        @JsonUnwrapped FailureSummary summary,
        NextStep next,
        long followers,

        @Described("The events that wait for it, counted up to 1,001, which means that many or more: who skips it says"
                + " what becomes of them.")
        int dependents,

        Event event,
        int payloadBytes,
        int slot,
        boolean stopsSlot,
        ErrorDetails error,
        Retry retry,
        Policy policy,
        @Nullable String recoverabilityBy,
        String build,

        @Described(
                value =
                        "Where its function's effects go: in the database of its transaction they happen once, outside of it"
                                + " they may happen more than once; null if the build of the node that answers has no such function.",
                oneOf = {"DATABASE", "OUTSIDE"})
        @Nullable String effects,

        @Described("The attempts, the newest first.") List<AttemptView> attempts,
        List<Line> history,

        @Described("Why it is in its group: what its fingerprint was made of, line by line. Empty if it is not known.")
        List<String> why) {

    /** The event's attributes; key, id, source and type are in the summary. */
    public record Event(
            @Nullable String subject,
            @Nullable Instant time,
            @Nullable String dataContentType,
            @Nullable Long version,
            @Nullable Long epoch,
            @Nullable String correlationId,
            @Nullable String causationId,
            @Nullable String traceParent,
            @Described("The headers, with secrets hidden.") Map<String, String> headers) {}

    /** Where it stands in its retries. */
    public record Retry(
            int lostAttempts,
            boolean requested,
            Instant retryAt,
            @Nullable Instant timeoutAt,
            @Nullable Instant nextRetryAt,
            String node) {}

    /** Its retry policy; durations are ISO 8601. */
    public record Policy(
            boolean enabled,
            int maxRetries,
            Duration minBackoff,
            Duration executionTimeout,
            Duration maxBackoff,
            double jitter) {
        static Policy of(RetryPolicy policy) {
            return new Policy(
                    policy.enabled(),
                    policy.maxRetries(),
                    policy.minBackoff(),
                    policy.executionTimeout(),
                    policy.maxBackoff(),
                    policy.jitter());
        }
    }

    /** A line of its history. */
    public record Line(
            String type,
            Instant at,
            int attempt,
            String actor,
            @Nullable String reason,
            Map<String, String> details) {

        static Line of(HistoryEntry entry) {
            return new Line(
                    entry.type().wireName(),
                    entry.at(),
                    entry.attempt(),
                    entry.actor(),
                    entry.reason(),
                    entry.details());
        }
    }

    static FailureDetail of(
            FailedExecution failure,
            long followers,
            int dependents,
            List<HistoryEntry> history,
            List<String> why,
            Masking masking,
            boolean compensationEnabled,
            @Nullable Effects effects) {
        EventEnvelope event = failure.event();
        RetryState retry = failure.retry();
        RetryPolicy policy = failure.policy();
        byte[] data = event.data();
        return new FailureDetail(
                FailureSummary.of(failure),
                NextStep.of(failure, compensationEnabled),
                followers,
                dependents,
                new Event(
                        event.subject(),
                        event.time(),
                        event.dataContentType(),
                        event.version(),
                        event.epoch(),
                        event.correlationId(),
                        event.causationId(),
                        event.traceParent(),
                        masking.headers(event.headers(), false)),
                data == null ? 0 : data.length,
                failure.slot(),
                failure.stopsSlot(),
                failure.error(),
                new Retry(
                        retry.lostAttempts(),
                        retry.requested(),
                        retry.retryAt(),
                        retry.timeoutAt(),
                        retry.nextRetryAt(),
                        retry.node()),
                Policy.of(policy),
                failure.recoverabilityBy(),
                failure.build(),
                effects == null ? null : effects.name(),
                AttemptView.of(failure, history),
                history.stream().map(Line::of).toList(),
                why);
    }
}
