package io.amends.core.failure;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the decisions about failed executions: pure functions from a record and its situation to what is written.
 *
 * <p>Two rules guard everything. A result names its attempt, so a late one of an older attempt is refused. An attempt
 * counts as lost only when its slot has another fence or its time is over, so nobody starts a second attempt beside one
 * that may still commit under its own name; and if the lost one commits after all, the attempt's number refuses it.
 */
public final class Compensation {
    /** Lost attempts in a row before the record is left FAILED with that reason. */
    public static final int MAX_LOST_ATTEMPTS = 3;

    /**
     * How long after its timeout an attempt still belongs to its own node, which interrupts it, breaks its transaction and
     * records its failure, in that order and a second apart. Without it a second attempt begins just then, and a handler
     * that hangs ends as lost instead of timed out.
     */
    public static final Duration TIMEOUT_GRACE = Duration.ofSeconds(5);

    private Compensation() {}

    /** Prepares a due record for this node: the scheduler's decision. */
    public static Decision prepare(String node, DoubleSupplier random) {
        return (record, situation) -> {
            if (record.status().isDone()) {
                return new Change.Refuse(Refusal.ALREADY_DONE);
            }
            if (situation.paused()) {
                return new Change.Refuse(Refusal.LANE_PAUSED);
            }
            if (!situation.mayRun()) {
                return new Change.Refuse(Refusal.NOT_FIRST_IN_LANE);
            }
            if (record.status() == Status.PREPARED) {
                if (!isLost(record, situation)) {
                    return new Change.Refuse(Refusal.RUNNING);
                }
                return prepareAgain(record, situation, node, random);
            }
            boolean woken = situation.woken() && record.retriesLeft();
            Instant due = record.dueAt();
            if (!woken && (due == null || due.isAfter(situation.now()))) {
                return new Change.Refuse(Refusal.NOT_DUE);
            }
            return begin(record, situation, node, woken || record.retry().requested() ? 0 : 1, 0, random);
        };
    }

    /** Ends an attempt that failed. */
    public static Decision failed(
            int attempt,
            FailureReason reason,
            ErrorDetails error,
            String fingerprint,
            Recoverability recoverability,
            String build) {
        return (record, situation) -> {
            Refusal refusal = checkAttempt(record, attempt);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            RetryState was = record.retry();
            RetryState retry = new RetryState(
                    was.attempt(), was.retries(), 0, false, was.retryAt(), null, was.nextRetryAt(), was.node(), 0);
            FailedExecution after =
                    record.with(Status.FAILED, retry).withOutcome(situation.now(), reason, error, fingerprint, build);
            if (record.recoverabilityBy() == null) {
                after = after.withRecoverability(recoverability, null);
            }
            return write(
                    after,
                    HistoryEntry.Type.FAILED,
                    situation,
                    was.node(),
                    null,
                    Map.of("reason", reason.name(), "error", error.code()));
        };
    }

    /** Ends an attempt that was too early: it is tried again when what it waits for is done. */
    public static Decision tooEarly(int attempt, String what, String build) {
        return (record, situation) -> {
            Refusal refusal = checkAttempt(record, attempt);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            RetryState was = record.retry();
            RetryState retry =
                    new RetryState(was.attempt(), was.retries(), 0, false, was.retryAt(), null, null, was.node(), 0);
            ErrorDetails error = new ErrorDetails(
                    FailureReason.TOO_EARLY.name(), "waits for " + what, java.util.List.of(), java.util.List.of(), "");
            return write(
                    record.with(Status.FAILED, retry)
                            .withOutcome(
                                    situation.now(),
                                    FailureReason.TOO_EARLY,
                                    error,
                                    fingerprintOf(FailureReason.TOO_EARLY, record),
                                    build),
                    HistoryEntry.Type.FAILED,
                    situation,
                    was.node(),
                    null,
                    Map.of("reason", FailureReason.TOO_EARLY.name(), "waits for", what));
        };
    }

    /** Ends an attempt that succeeded. A run that stepped aside and never failed leaves no record. */
    public static Decision succeeded(int attempt) {
        return succeeded(attempt, false);
    }

    /** The same; {@code stale} if the event was not handled, being older than what was done already. */
    public static Decision succeeded(int attempt, boolean stale) {
        return (record, situation) -> {
            Refusal refusal = checkAttempt(record, attempt);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            if (attempt == 1 && record.error().equals(ErrorDetails.NONE)) {
                return new Change.Remove();
            }
            RetryState was = record.retry();
            RetryState retry =
                    new RetryState(was.attempt(), was.retries(), 0, false, was.retryAt(), null, null, was.node(), 0);
            FailedExecution after = record.with(Status.SUCCEEDED, retry)
                    .withOutcome(
                            situation.now(), record.reason(), record.error(), record.fingerprint(), record.build());
            return write(
                    after,
                    HistoryEntry.Type.SUCCEEDED,
                    situation,
                    was.node(),
                    null,
                    stale ? Map.of("outcome", "STALE") : Map.of());
        };
    }

    /**
     * Makes a record due now for a person; {@code force} also past its limit and against its mark. Refused if somebody has
     * done so already: what is requested begins whatever its limit and its mark, so that force has nothing to add.
     */
    public static Decision request(boolean force, String actor, @Nullable String reason) {
        return (record, situation) -> {
            Refusal refusal = checkEditable(record, situation);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            if (situation.paused()) {
                return new Change.Refuse(Refusal.LANE_PAUSED);
            }
            if (!situation.mayRun()) {
                return new Change.Refuse(Refusal.NOT_FIRST_IN_LANE);
            }
            // what waits runs without its declarations only if it is forced
            boolean saysMore = force && record.reason().isWait();
            if (record.status() == Status.FAILED && record.retry().requested() && !saysMore) {
                return new Change.Refuse(Refusal.ALREADY_REQUESTED);
            }
            if (!force && record.recoverability() == Recoverability.UNRECOVERABLE) {
                return new Change.Refuse(Refusal.UNRECOVERABLE);
            }
            if (!force && record.retry().retries() >= record.policy().maxRetries()) {
                return new Change.Refuse(Refusal.RETRIES_SPENT);
            }
            RetryState was = record.retry();
            RetryState retry = new RetryState(
                    was.attempt(),
                    was.retries(),
                    was.lostAttempts(),
                    true,
                    was.retryAt(),
                    null,
                    situation.now(),
                    was.node(),
                    0);
            return write(
                    record.with(Status.FAILED, retry),
                    HistoryEntry.Type.REQUESTED,
                    situation,
                    actor,
                    reason,
                    Map.of("force", Boolean.toString(force)));
        };
    }

    /** Changes the retry policy, and with it the next retry time. */
    public static Decision applyRetrySpec(
            RetryPolicy policy, String actor, @Nullable String reason, DoubleSupplier random) {
        return (record, situation) -> {
            Refusal refusal = checkEditable(record, situation);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            RetryState was = record.retry();
            RetryState retry = was.requested()
                    ? was
                    : new RetryState(
                            was.attempt(),
                            was.retries(),
                            was.lostAttempts(),
                            false,
                            was.retryAt(),
                            was.timeoutAt(),
                            record.reason().isWait()
                                    ? null
                                    : was.retryAt().plus(policy.backoff(was.retries(), random.getAsDouble())),
                            was.node(),
                            was.fence());
            FailedExecution after = record.with(record.status(), retry).withTarget(record.function(), policy);
            return write(
                    after,
                    HistoryEntry.Type.RETRY_SPEC,
                    situation,
                    actor,
                    reason,
                    Map.of("before", record.policy().toString(), "after", policy.toString()));
        };
    }

    /** Marks a record recoverable or not; allowed while an attempt runs, and kept when that attempt fails. */
    public static Decision markRecoverable(Recoverability mark, String actor, @Nullable String reason) {
        return (record, situation) -> record.status().isDone()
                ? new Change.Refuse(Refusal.ALREADY_DONE)
                : write(
                        record.withRecoverability(mark, actor),
                        HistoryEntry.Type.RECOVERABLE,
                        situation,
                        actor,
                        reason,
                        Map.of("before", record.recoverability().name(), "after", mark.name()));
    }

    /** Lets another function of the same processor take a record. */
    public static Decision redirect(String function, RetryPolicy policy, String actor, @Nullable String reason) {
        return (record, situation) -> {
            Refusal refusal = checkEditable(record, situation);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            return write(
                    record.withTarget(function, policy),
                    HistoryEntry.Type.FUNCTION,
                    situation,
                    actor,
                    reason,
                    Map.of("before", record.function(), "after", function));
        };
    }

    /**
     * Where the records of a lane go.
     *
     * @param processor the other processor
     * @param slot the slot of the lane's key there
     * @param functions its functions by event type
     * @param named the record that a person has named
     * @param function the function for that one
     */
    public record Destination(
            String processor, int slot, SortedMap<String, Target> functions, FailureId named, Target function) {
        /** Copies the functions. */
        public Destination {
            functions = Collections.unmodifiableSortedMap(new TreeMap<>(functions));
        }
    }

    /** A function of a processor, with its policy. */
    public record Target(String function, RetryPolicy policy) {}

    /**
     * Gives a record of a lane that moves to another processor to a function there. What waited, or whose attempt was lost, is
     * tried at once: what it waits for there is that processor's to say. The result of a lost attempt is refused.
     */
    public static Decision move(Destination to, String actor, @Nullable String reason) {
        return (record, situation) -> {
            Refusal refusal = checkEditable(record, situation);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            if (situation.paused()) {
                return new Change.Refuse(Refusal.LANE_PAUSED);
            }
            Target target = record.id().equals(to.named())
                    ? to.function()
                    : to.functions().get(record.event().type());
            if (target == null) {
                return new Change.Refuse(
                        Refusal.UNKNOWN_FOLLOWER, record.event().type());
            }
            RetryState was = record.retry();
            boolean atOnce = record.reason().isWait() || record.status() == Status.PREPARED;
            RetryState retry = new RetryState(
                    was.attempt(),
                    was.retries(),
                    was.lostAttempts(),
                    atOnce || was.requested(),
                    was.retryAt(),
                    null,
                    atOnce ? situation.now() : was.nextRetryAt(),
                    was.node(),
                    0);
            String fingerprint = record.fingerprint().isEmpty()
                    ? ""
                    : Fingerprint.moved(record.fingerprint(), to.processor()).value();
            return write(
                    record.with(Status.FAILED, retry)
                            .movedTo(to.processor(), to.slot(), fingerprint)
                            .withTarget(target.function(), target.policy()),
                    HistoryEntry.Type.FUNCTION,
                    situation,
                    actor,
                    reason,
                    Map.of(
                            "before",
                            record.function(),
                            "after",
                            target.function(),
                            "processor before",
                            record.processor(),
                            "processor after",
                            to.processor()));
        };
    }

    /** Declares a record dealt with; its lane goes on, and what waits for it runs. */
    public static Decision skip(String actor, String reason) {
        return skip(actor, reason, OnTimeout.PROCEED);
    }

    /** The same, saying what becomes of the events that wait for it. */
    public static Decision skip(String actor, String reason, OnTimeout dependents) {
        return (record, situation) -> {
            Refusal refusal = checkEditable(record, situation);
            if (refusal != null) {
                return new Change.Refuse(refusal);
            }
            RetryState was = record.retry();
            RetryState retry = new RetryState(
                    was.attempt(), was.retries(), was.lostAttempts(), false, was.retryAt(), null, null, was.node(), 0);
            return write(
                    record.with(Status.SKIPPED, retry),
                    HistoryEntry.Type.SKIPPED,
                    situation,
                    actor,
                    reason,
                    dependents == OnTimeout.PROCEED ? Map.of() : Map.of("dependents", dependents.name()));
        };
    }

    /** How long after its begin an attempt counts as lost. */
    public static Duration lostAfter(RetryPolicy policy) {
        return policy.executionTimeout().plus(TIMEOUT_GRACE);
    }

    /** Whether the running attempt can no longer end under this fence or in its time. */
    public static boolean isLost(FailedExecution record, Situation situation) {
        Instant timeout = record.retry().timeoutAt();
        return record.retry().fence() != situation.fence() || timeout == null || !timeout.isAfter(situation.now());
    }

    private static Change prepareAgain(
            FailedExecution record, Situation situation, String node, DoubleSupplier random) {
        RetryState was = record.retry();
        int lost = was.lostAttempts() + 1;
        if (lost < MAX_LOST_ATTEMPTS) {
            return begin(record, situation, node, 0, lost, random);
        }
        // Counts as a retry, so that a record that kills its node each time ends at its limit and not never.
        Duration backoff = record.policy().backoff(was.retries(), random.getAsDouble());
        RetryState retry = new RetryState(
                was.attempt(),
                was.retries() + 1,
                0,
                false,
                was.retryAt(),
                null,
                situation.now().plus(backoff),
                was.node(),
                0);
        FailedExecution after = record.with(Status.FAILED, retry)
                .withOutcome(
                        situation.now(),
                        FailureReason.LOST_ATTEMPTS,
                        new ErrorDetails(
                                "LOST_ATTEMPTS",
                                MAX_LOST_ATTEMPTS + " attempts in a row died with their node",
                                java.util.List.of(),
                                java.util.List.of(),
                                ""),
                        fingerprintOf(FailureReason.LOST_ATTEMPTS, record),
                        record.build());
        return write(
                after,
                HistoryEntry.Type.FAILED,
                situation,
                node,
                null,
                Map.of("reason", FailureReason.LOST_ATTEMPTS.name()));
    }

    private static Change begin(
            FailedExecution record,
            Situation situation,
            String node,
            int countedRetries,
            int lost,
            DoubleSupplier random) {
        RetryState was = record.retry();
        int retries = was.retries() + countedRetries;
        Instant now = situation.now();
        RetryState retry = new RetryState(
                was.attempt() + 1,
                retries,
                lost,
                false,
                now,
                now.plus(lostAfter(record.policy())),
                now.plus(record.policy().backoff(retries, random.getAsDouble())),
                node,
                situation.fence());
        return write(
                record.with(Status.PREPARED, retry),
                HistoryEntry.Type.PREPARED,
                situation,
                node,
                null,
                Map.of("retries", Integer.toString(retries), "lost", Integer.toString(lost)));
    }

    private static String fingerprintOf(FailureReason reason, FailedExecution record) {
        return Fingerprint.ofReason(reason, record.processor(), record.event().type())
                .value();
    }

    private static @Nullable Refusal checkAttempt(FailedExecution record, int attempt) {
        if (record.status().isDone()) {
            return Refusal.ALREADY_DONE;
        }
        if (record.retry().attempt() != attempt) {
            return Refusal.OTHER_ATTEMPT;
        }
        return record.status() == Status.PREPARED ? null : Refusal.NOT_RUNNING;
    }

    private static @Nullable Refusal checkEditable(FailedExecution record, Situation situation) {
        if (record.status().isDone()) {
            return Refusal.ALREADY_DONE;
        }
        return record.status() == Status.PREPARED && !isLost(record, situation) ? Refusal.RUNNING : null;
    }

    private static Change write(
            FailedExecution after,
            HistoryEntry.Type type,
            Situation situation,
            String actor,
            @Nullable String reason,
            Map<String, String> details) {
        return new Change.Write(
                after,
                new HistoryEntry(
                        type, situation.now(), after.retry().attempt(), actor, reason, new TreeMap<>(details)));
    }
}
