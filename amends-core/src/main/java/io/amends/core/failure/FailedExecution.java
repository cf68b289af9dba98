package io.amends.core.failure;

import io.amends.api.EventEnvelope;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The durable record of an event whose function failed, the seed of compensation. Immutable; {@link Compensation} makes
 * the next one.
 *
 * @param id identifies it
 * @param event the event with its payload; the payload is null in lists
 * @param position the event's place in the inbox, and so in its lane
 * @param processor the processor
 * @param slot the slot of the event's key
 * @param laneKey the lane that it holds, null if it steps aside and holds nothing
 * @param stopsSlot whether its whole slot stands still behind it
 * @param function the function's name; empty if no build had one for the event's type
 * @param reason why it is here
 * @param error the last error; {@link ErrorDetails#NONE} for a run that stepped aside and has not failed
 * @param fingerprint groups records of one cause
 * @param firstFailedAt when it was recorded
 * @param executedAt when its last attempt ended
 * @param policy the retry policy in force
 * @param retry where it stands
 * @param status its state
 * @param recoverability whether a retry is worth it
 * @param recoverabilityBy the person who set it, null if the machine did; a person's mark survives later failures
 * @param tenant the tenant, or null
 * @param build the build that ran the last attempt
 */
public record FailedExecution(
        FailureId id,
        EventEnvelope event,
        long position,
        String processor,
        int slot,
        @Nullable String laneKey,
        boolean stopsSlot,
        String function,
        FailureReason reason,
        ErrorDetails error,
        String fingerprint,
        Instant firstFailedAt,
        Instant executedAt,
        RetryPolicy policy,
        RetryState retry,
        Status status,
        Recoverability recoverability,
        @Nullable String recoverabilityBy,
        @Nullable String tenant,
        String build) {

    /**
     * When the scheduler may prepare it: at its next retry time if it is FAILED and its policy allows one more or a
     * person asked, at its timeout if it is PREPARED; null if never by itself.
     */
    public @Nullable Instant dueAt() {
        return switch (status) {
            case FAILED -> retry.requested() || retriesLeft() ? retry.nextRetryAt() : null;
            case PREPARED -> retry.timeoutAt();
            case SUCCEEDED, SKIPPED -> null;
        };
    }

    /** Whether its policy lets the scheduler try again. */
    public boolean retriesLeft() {
        return policy.enabled()
                && retry.retries() < policy.maxRetries()
                && recoverability != Recoverability.UNRECOVERABLE;
    }

    /** The same record in this state, with this retry state. */
    public FailedExecution with(Status newStatus, RetryState newRetry) {
        return new FailedExecution(
                id,
                event,
                position,
                processor,
                slot,
                laneKey,
                stopsSlot,
                function,
                reason,
                error,
                fingerprint,
                firstFailedAt,
                executedAt,
                policy,
                newRetry,
                newStatus,
                recoverability,
                recoverabilityBy,
                tenant,
                build);
    }

    /** The same record after an attempt that ended at this time. */
    public FailedExecution withOutcome(
            Instant endedAt, FailureReason newReason, ErrorDetails newError, String newFingerprint, String newBuild) {
        return new FailedExecution(
                id,
                event,
                position,
                processor,
                slot,
                laneKey,
                stopsSlot,
                function,
                newReason,
                newError,
                newFingerprint,
                firstFailedAt,
                endedAt,
                policy,
                retry,
                status,
                recoverability,
                recoverabilityBy,
                tenant,
                newBuild);
    }

    /** The same record with this recoverability, set by a person or (null) by the machine. */
    public FailedExecution withRecoverability(Recoverability value, @Nullable String by) {
        return new FailedExecution(
                id,
                event,
                position,
                processor,
                slot,
                laneKey,
                stopsSlot,
                function,
                reason,
                error,
                fingerprint,
                firstFailedAt,
                executedAt,
                policy,
                retry,
                status,
                value,
                by,
                tenant,
                build);
    }

    /** The same record in the same lane of another processor; it stops no slot there. */
    public FailedExecution movedTo(String newProcessor, int newSlot, String newFingerprint) {
        return new FailedExecution(
                id,
                event,
                position,
                newProcessor,
                newSlot,
                laneKey,
                false,
                function,
                reason,
                error,
                newFingerprint,
                firstFailedAt,
                executedAt,
                policy,
                retry,
                status,
                recoverability,
                recoverabilityBy,
                tenant,
                build);
    }

    /** The same record for this function and policy. */
    public FailedExecution withTarget(String newFunction, RetryPolicy newPolicy) {
        return new FailedExecution(
                id,
                event,
                position,
                processor,
                slot,
                laneKey,
                stopsSlot,
                newFunction,
                reason,
                error,
                fingerprint,
                firstFailedAt,
                executedAt,
                newPolicy,
                retry,
                status,
                recoverability,
                recoverabilityBy,
                tenant,
                build);
    }
}
