package io.amends.core.failure;

import io.amends.api.EventEnvelope;
import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A failed execution to record, before the database has said what time it is.
 *
 * @param id its id
 * @param event the event with its payload
 * @param position the event's place in the inbox
 * @param processor the processor
 * @param slot the slot
 * @param laneKey the lane to hold, null to hold nothing
 * @param stopsSlot whether the whole slot stands still behind it
 * @param function the function's name, empty if there is none
 * @param reason why
 * @param error the error
 * @param fingerprint groups records of one cause
 * @param policy the retry policy
 * @param prepared whether it begins PREPARED: its run goes on, or begins, apart from its slot
 * @param ranFor how long the failed run took: its attempt began that long ago
 * @param backoff the wait before the first retry, jitter included, counted from the attempt's begin
 * @param recoverability whether a retry is worth it
 * @param tenant the tenant, or null
 * @param node the node
 * @param build the build
 * @param fence the claim's fence
 */
public record NewFailure(
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
        RetryPolicy policy,
        boolean prepared,
        Duration ranFor,
        Duration backoff,
        Recoverability recoverability,
        @Nullable String tenant,
        String node,
        String build,
        long fence) {

    /** The record as it begins at this time. */
    public FailedExecution at(Instant now) {
        Instant began = now.minus(ranFor);
        RetryState retry = new RetryState(
                1,
                0,
                0,
                false,
                began,
                prepared ? began.plus(Compensation.lostAfter(policy)) : null,
                reason.isWait() ? null : began.plus(backoff),
                node,
                prepared ? fence : 0);
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
                now,
                now,
                policy,
                retry,
                prepared ? Status.PREPARED : Status.FAILED,
                recoverability,
                null,
                tenant,
                build);
    }

    /**
     * The first line of its history.
     *
     * @param now the time
     * @param waitEnded what was to happen to the event since its wait had lasted too long, null if it ran for another reason
     */
    public HistoryEntry entryAt(Instant now, @Nullable OnTimeout waitEnded) {
        TreeMap<String, String> details = new TreeMap<>(Map.of("reason", reason.name(), "error", error.code()));
        if (waitEnded != null) {
            details.put(HistoryEntry.WAIT_ENDED, waitEnded.name());
        }
        return new HistoryEntry(HistoryEntry.Type.CREATED, now, 1, node, null, details);
    }

    /** The same with the least that can be written: no texts that came from outside. */
    public NewFailure minimal(String errorClass) {
        return new NewFailure(
                id,
                event,
                position,
                processor,
                slot,
                laneKey,
                stopsSlot,
                function,
                reason,
                new ErrorDetails(errorClass, "", List.of(), List.of(), ""),
                Fingerprint.ofReason(reason, processor, event.type()).value(),
                policy,
                prepared,
                ranFor,
                backoff,
                recoverability,
                null,
                node,
                build,
                fence);
    }
}
