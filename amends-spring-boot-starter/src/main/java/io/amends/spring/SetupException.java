package io.amends.spring;

import java.io.Serial;

/** Thrown at start-up when the application lacks something that Amends needs; says what to do. */
final class SetupException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String action;

    SetupException(String description, String action) {
        super(description);
        this.action = action;
    }

    String action() {
        return action;
    }
}
