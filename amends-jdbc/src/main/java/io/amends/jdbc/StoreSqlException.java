package io.amends.jdbc;

import io.amends.core.store.StoreUnavailableException;
import java.io.Serial;
import java.sql.SQLException;

/** Thrown when a statement of the store fails for another reason than an unreachable database; nothing was written. */
public final class StoreSqlException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Creates it with what was attempted. */
    public StoreSqlException(String message, SQLException cause) {
        super(message, cause);
    }

    /** The unchecked exception that stands for this one: unavailable where trying later is right. */
    static RuntimeException of(String attempted, SQLException cause) {
        String message = attempted + ": " + cause.getMessage();
        return SqlStates.isUnavailable(cause) || SqlStates.isLockTimeout(cause)
                ? new StoreUnavailableException(message, cause)
                : new StoreSqlException(message, cause);
    }
}
