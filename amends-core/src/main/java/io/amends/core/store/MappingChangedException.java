package io.amends.core.store;

import java.io.Serial;

/** Thrown at start-up when a processor's order, key, hash or slots are not those that the database has; nothing changed. */
public final class MappingChangedException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it with all differing processors, their registered and their new mapping. */
    public MappingChangedException(String message) {
        super(message);
    }
}
