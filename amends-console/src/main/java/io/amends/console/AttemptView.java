package io.amends.console;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of the function on the event, as the history tells it. */
public record AttemptView(
        @Described("Its number, from 1.") int number,

        @Described(
                value = "What began it.",
                oneOf = {"event", "schedule", "person", "lost"})
        String trigger,

        @Described("The person who asked for it.") @Nullable String by,
        @Described("The node that ran it.") String node,

        @Described("When it began; unknown for the first.") @Nullable Instant startedAt,

        @Described("When it ended.") @Nullable Instant endedAt,

        @Described(
                value = "How it ended.",
                oneOf = {"running", "failed", "succeeded", "stale", "lost"})
        String result,

        @Described("Why it failed, for instance HANDLER_FAILED.") @Nullable String reason,

        @Described("The error's code.") @Nullable String errorCode) {

    /** The attempts of a record, the newest first. */
    static List<AttemptView> of(FailedExecution failure, List<HistoryEntry> history) {
        List<AttemptView> attempts = new ArrayList<>();
        String asked = null;
        for (HistoryEntry entry : history) {
            switch (entry.type()) {
                case CREATED -> attempts.add(first(failure, entry));
                case REQUESTED -> asked = entry.actor();
                case PREPARED -> {
                    boolean lost = !"0".equals(entry.details().getOrDefault("lost", "0"));
                    endLost(attempts, entry.at());
                    attempts.add(new AttemptView(
                            entry.attempt(),
                            lost ? "lost" : asked == null ? "schedule" : "person",
                            lost ? null : asked,
                            entry.actor(),
                            entry.at(),
                            null,
                            "running",
                            null,
                            null));
                    asked = null;
                }
                case FAILED -> {
                    boolean lost = "LOST_ATTEMPTS".equals(entry.details().get("reason"));
                    end(
                            attempts,
                            entry.at(),
                            lost ? "lost" : "failed",
                            entry.details().get("reason"),
                            entry.details().get("error"));
                }
                case SUCCEEDED ->
                    end(
                            attempts,
                            entry.at(),
                            "STALE".equals(entry.details().get("outcome")) ? "stale" : "succeeded",
                            null,
                            null);
                case SKIPPED -> endLost(attempts, entry.at());
                case RETRY_SPEC, FUNCTION, RECOVERABLE -> {}
            }
        }
        Collections.reverse(attempts);
        return attempts;
    }

    private static AttemptView first(FailedExecution failure, HistoryEntry entry) {
        boolean runs = failure.status() == Status.PREPARED && failure.retry().attempt() == 1;
        boolean failed = !runs && !"".equals(entry.details().getOrDefault("error", ""));
        return new AttemptView(
                entry.attempt(),
                "event",
                null,
                entry.actor(),
                null,
                failed ? entry.at() : null,
                failed ? "failed" : "running",
                failed ? entry.details().get("reason") : null,
                failed ? entry.details().get("error") : null);
    }

    private static void endLost(List<AttemptView> attempts, Instant at) {
        if (!attempts.isEmpty() && attempts.getLast().result().equals("running")) {
            end(attempts, at, "lost", null, null);
        }
    }

    private static void end(
            List<AttemptView> attempts, Instant at, String result, @Nullable String reason, @Nullable String error) {
        if (attempts.isEmpty()) {
            return;
        }
        AttemptView last = attempts.removeLast();
        attempts.add(new AttemptView(
                last.number(), last.trigger(), last.by(), last.node(), last.startedAt(), at, result, reason, error));
    }
}
