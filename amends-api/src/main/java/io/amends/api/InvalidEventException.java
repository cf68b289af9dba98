package io.amends.api;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when an event can not be published because of what it is: not encodable, or over a limit; nothing was published. */
public final class InvalidEventException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it with a message that names the value and what was expected. */
    public InvalidEventException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
