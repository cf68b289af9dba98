package io.amends.console;

import io.amends.api.Recoverability;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Status;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happens next to a failed execution if nobody does anything.
 *
 * @param code {@code retry}, {@code requested}, {@code running}, {@code waiting}, {@code nothing} or {@code done}
 * @param at when, or null
 * @param text in words
 */
public record NextStep(String code, @Nullable Instant at, String text) {

    static NextStep of(FailedExecution failure, boolean compensationEnabled) {
        Instant due = failure.dueAt();
        return switch (failure.status()) {
            case SUCCEEDED -> new NextStep("done", null, "Done: an attempt succeeded.");
            case SKIPPED -> new NextStep("done", null, "Done: a person declared it dealt with.");
            case PREPARED ->
                new NextStep(
                        "running",
                        due,
                        "Attempt " + failure.retry().attempt() + " is running on "
                                + failure.retry().node()
                                + (due == null ? "." : "; it counts as lost at " + due + "."));
            case FAILED -> failed(failure, due, compensationEnabled);
        };
    }

    private static NextStep failed(FailedExecution failure, @Nullable Instant due, boolean compensationEnabled) {
        if (failure.retry().requested()) {
            return new NextStep("requested", due, "A person asked for a retry; the node that owns its slot begins it.");
        }
        if (FailureSummary.isWaiting(failure)) {
            return new NextStep("waiting", null, "It is tried again when what it waits for is done.");
        }
        if (due == null) {
            return new NextStep("nothing", null, whyNothing(failure));
        }
        if (!compensationEnabled) {
            return new NextStep("nothing", null, "Nothing by itself: retries are switched off for the application.");
        }
        return new NextStep(
                "retry",
                due,
                "Retry " + (failure.retry().retries() + 1) + " of "
                        + failure.policy().maxRetries() + " is due at " + due
                        + (failure.laneKey() == null ? "." : ", if no earlier event of its key is open."));
    }

    private static String whyNothing(FailedExecution failure) {
        assert failure.status() == Status.FAILED;
        if (failure.recoverability() == Recoverability.UNRECOVERABLE) {
            return "Nothing by itself: it is marked unrecoverable. Correct the cause and force a retry, or skip it.";
        }
        if (!failure.policy().enabled()) {
            return "Nothing by itself: its policy has retries switched off. Retry it, or skip it.";
        }
        if (failure.retry().retries() >= failure.policy().maxRetries()) {
            return "Nothing by itself: its " + failure.policy().maxRetries()
                    + " retries are spent. Correct the cause and force a retry, allow more, or skip it.";
        }
        if (failure.reason() == FailureReason.WAIT_TIMEOUT) {
            return "What it waits for was not done in time. It goes on when that is done; or retry it, or skip it.";
        }
        return "Nothing by itself: it has no retry time. Retry it, or skip it.";
    }
}
