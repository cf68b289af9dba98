package io.amends.core.store;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown by a verb when the database can not be reached or the connection was lost; whether it was done is unknown. */
public final class StoreUnavailableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it. */
    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
