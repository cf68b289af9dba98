package io.amends.core.handle;

import java.io.Serial;
import java.time.Duration;

/** The error of a run that took longer than its {@code executionTimeout}; its transaction was rolled back. */
public final class HandlerTimeoutException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it. */
    public HandlerTimeoutException(Duration executionTimeout) {
        super("the run took longer than its executionTimeout of " + executionTimeout.toMillis()
                + " ms; it was interrupted and rolled back");
    }
}
