package io.amends.jdbc;

import io.amends.core.store.StoreUnavailableException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What SQLSTATEs say about what happened. */
final class SqlStates {
    private static final Set<String> SERIALIZATION = Set.of("40001", "40P01");
    /** Too many connections; ended while idle in a transaction. */
    private static final Set<String> AWAY = Set.of("53300", "25P03");

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String DEADLOCK = "40P01";
    /** Data exceptions, constraint violations, and rows or values that are too large. */
    private static final Set<String> BAD_DATA_CLASSES = Set.of("22", "23", "54");
    /** A chain of causes that is longer has a cycle. */
    private static final int LONGEST_CHAIN = 64;

    private SqlStates() {}

    /** Whether the database is away or the connection was lost. */
    static boolean isUnavailable(Throwable error) {
        return anyCause(
                error,
                cause -> cause instanceof StoreUnavailableException
                        || cause instanceof SQLTransientConnectionException
                        || hasState(
                                cause,
                                state -> state.startsWith("08") || state.startsWith("57P") || AWAY.contains(state)));
    }

    /** Whether the same transaction may succeed when it is run again at once. */
    static boolean isSerialization(Throwable error) {
        return anyCause(error, cause -> hasState(cause, SERIALIZATION::contains));
    }

    static boolean isLockTimeout(Throwable error) {
        return anyCause(error, cause -> hasState(cause, LOCK_NOT_AVAILABLE::equals));
    }

    /** Whether it was ended because transactions waited for each other; it may be tried again. */
    static boolean isDeadlock(Throwable error) {
        return anyCause(error, cause -> hasState(cause, DEADLOCK::equals));
    }

    /** Whether what was to be written is at fault, and not the database. */
    static boolean isBadRow(SQLException error) {
        String state = error.getSQLState();
        return state != null && state.length() >= 2 && BAD_DATA_CLASSES.contains(state.substring(0, 2));
    }

    private static boolean hasState(Throwable error, Predicate<String> test) {
        return error instanceof SQLException sql && sql.getSQLState() != null && test.test(sql.getSQLState());
    }

    private static boolean anyCause(@Nullable Throwable error, Predicate<Throwable> test) {
        Throwable cause = error;
        for (int depth = 0; cause != null && depth < LONGEST_CHAIN; depth++) {
            if (test.test(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
