package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Status;
import java.time.Instant;
import java.util.Locale;

/**
 * A queue of failed executions, as a person looks at them.
 *
 * <p>SCHEDULED, DUE, RUNNING, WAITING and NEEDS_OPERATOR are the parts of ACTIVE, and have no record in common. FAILED, PREPARED and
 * SUCCEEDED are the states of records as they are stored.
 */
public enum FailureQueue {
    /** Not done. */
    ACTIVE,
    /** Retried by itself at a time that is still to come. */
    SCHEDULED,
    /** To be retried now: its time has come, a person asked, or its attempt is lost. */
    DUE,
    /** An attempt runs, the owner of its slot alive and its time not over. */
    RUNNING,
    /** Its attempt was too early: it is tried again when what it waits for is done. */
    WAITING,
    /** Nothing happens by itself, or what it waits for has taken too long. */
    NEEDS_OPERATOR,
    /** An attempt succeeded. */
    HANDLED,
    /** A person declared it dealt with. */
    SKIPPED,
    /** In state FAILED. */
    FAILED,
    /** In state PREPARED. */
    PREPARED,
    /** In state SUCCEEDED. */
    SUCCEEDED,
    /** Everything. */
    ALL;

    /**
     * Whether a record is in the queue.
     *
     * @param now the store's time
     * @param ownerAlive whether the record's fence is its slot's, and the slot's owner alive
     */
    public boolean contains(FailedExecution failure, Instant now, boolean ownerAlive) {
        Status status = failure.status();
        Instant timeout = failure.retry().timeoutAt();
        Instant due = failure.dueAt();
        boolean running = status == Status.PREPARED && ownerAlive && timeout != null && timeout.isAfter(now);
        return switch (this) {
            case ACTIVE -> !status.isDone();
            case SCHEDULED -> status == Status.FAILED && due != null && due.isAfter(now);
            case DUE ->
                status == Status.PREPARED ? !running : status == Status.FAILED && due != null && !due.isAfter(now);
            case RUNNING -> running;
            case WAITING -> isWaiting(failure);
            case NEEDS_OPERATOR -> status == Status.FAILED && due == null && !isWaiting(failure);
            case HANDLED, SUCCEEDED -> status == Status.SUCCEEDED;
            case SKIPPED -> status == Status.SKIPPED;
            case FAILED -> status == Status.FAILED;
            case PREPARED -> status == Status.PREPARED;
            case ALL -> true;
        };
    }

    private static boolean isWaiting(FailedExecution failure) {
        return failure.status() == Status.FAILED
                && failure.dueAt() == null
                && failure.reason() == FailureReason.TOO_EARLY
                && failure.retriesLeft();
    }

    /** The name outside the process, for instance {@code needs-operator}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
