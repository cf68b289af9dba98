package io.amends.core.operate;

import io.amends.api.Recoverability;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureReason;

/** Why nothing happens to a failed execution by itself. */
public enum StopReason {
    /** Its retries are spent. */
    EXHAUSTED,
    /** It is marked unrecoverable. */
    UNRECOVERABLE,
    /** Its policy has retries switched off. */
    SWITCHED_OFF,
    /** What it waits for was not done in time; it still goes on when that is done. */
    TIMED_OUT;

    /** Whether this is the reason of a record in {@link FailureQueue#NEEDS_OPERATOR}. */
    public boolean stops(FailedExecution failure) {
        boolean unrecoverable = failure.recoverability() == Recoverability.UNRECOVERABLE;
        return switch (this) {
            case EXHAUSTED ->
                !unrecoverable
                        && failure.policy().enabled()
                        && failure.retry().retries() >= failure.policy().maxRetries();
            case UNRECOVERABLE -> unrecoverable;
            case SWITCHED_OFF -> !unrecoverable && !failure.policy().enabled();
            case TIMED_OUT -> failure.retriesLeft() && failure.reason() == FailureReason.WAIT_TIMEOUT;
        };
    }
}
