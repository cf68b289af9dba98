package io.amends.testkit.model;

import io.amends.api.EventEnvelope;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.NewFailure;
import io.amends.core.store.Claim;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A failure to record, of the event that the side has at its position. */
record Failure(
        String id,
        int claim,
        @Nullable String lane,
        long position,
        boolean stops,
        boolean prepared,
        boolean unresolved,
        boolean tooLong,
        RetryPolicy policy,
        Duration backoff) {
    NewFailure on(Side side) {
        EventEnvelope event = Choices.at(side, position).event();
        Claim on = side.claim(claim);
        return new NewFailure(
                new FailureId(id),
                event,
                position,
                on.slot().processor(),
                on.slot().number(),
                lane,
                stops,
                unresolved ? "" : "on-" + event.type(),
                tooLong ? FailureReason.WAIT_TIMEOUT : prepared ? FailureReason.SLOW : FailureReason.HANDLER_FAILED,
                prepared ? ErrorDetails.NONE : new ErrorDetails("E", "failed", List.of(), List.of(), "at X"),
                "cause",
                policy,
                prepared,
                Duration.ZERO,
                backoff,
                Recoverability.UNKNOWN,
                null,
                "n1",
                "b1",
                on.fence());
    }
}
