package io.amends.api;

import java.io.Serial;

/** Thrown when an event is published outside a transaction; nothing was published. */
public final class NoTransactionException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it with a message that says how to publish instead. */
    public NoTransactionException(String message) {
        super(message);
    }
}
