package io.amends.testkit.memory;

import io.amends.core.store.StoreUnavailableException;
import io.amends.core.store.TransactionResult;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an error says about the transaction it ended. */
final class SqlStates {
    private static final Set<String> SERIALIZATION = Set.of("40001", "40P01");
    /** A chain of causes that is longer has a cycle. */
    private static final int LONGEST_CHAIN = 64;

    private SqlStates() {}

    static <T> TransactionResult<T> resultOf(Throwable error, boolean broken) {
        if (broken || isUnavailable(error)) {
            return new TransactionResult.ConnectionLost<>(error);
        }
        return new TransactionResult.Threw<>(error, isSerialization(error));
    }

    static boolean isUnavailable(Throwable error) {
        int depth = 0;
        for (Throwable cause = error; cause != null && depth < LONGEST_CHAIN; cause = cause.getCause(), depth++) {
            String state = stateOf(cause);
            if (cause instanceof StoreUnavailableException
                    || (state != null && (state.startsWith("08") || state.startsWith("57P")))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSerialization(Throwable error) {
        int depth = 0;
        for (Throwable cause = error; cause != null && depth < LONGEST_CHAIN; cause = cause.getCause(), depth++) {
            String state = stateOf(cause);
            if (state != null && SERIALIZATION.contains(state)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String stateOf(Throwable error) {
        return error instanceof SQLException sql ? sql.getSQLState() : null;
    }
}
