package io.amends.spring.lifecycle;

import java.io.Serial;
import java.time.Duration;

/** Thrown when the database could not be reached within {@code amends.start-timeout}; nothing was started. */
public final class DatabaseAwayException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    DatabaseAwayException(Duration timeout, Throwable cause) {
        super("the database was away for " + timeout.toSeconds() + " s: " + cause.getMessage(), cause);
    }
}
