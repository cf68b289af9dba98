package io.amends.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the store's own verbs, each in a short READ COMMITTED transaction on a connection of the engine's pool. */
final class ShortTransactions {
    private static final Logger log = LoggerFactory.getLogger(ShortTransactions.class);

    /**
     * Others wait for the locks of these transactions: a client that is paused between two statements loses them, and
     * one that waits for a lock too long says so.
     */
    private static final List<String> LIMITS =
            List.of("set local lock_timeout = 5000", "set local idle_in_transaction_session_timeout = 5000");

    private static final List<String> LIMITS_AND_KEPT_PLANS = Stream.concat(
                    LIMITS.stream(), Stream.of("set local plan_cache_mode = force_generic_plan"))
            .toList();

    /** How often a deadlock is answered by running again. */
    private static final int MOST_RUNS = 4;

    private final DataSource dataSource;
    private final PhysicalConnections physical = new PhysicalConnections();

    ShortTransactions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Runs and commits; rolls back what throws. Runs again after a deadlock, so the work must not remember. */
    <T> T run(String verb, Work<T> work) {
        return run(verb, LIMITS, work);
    }

    /**
     * The same for statements that take arrays, each of which keeps its plan. The database would make it anew at each call:
     * for an array that it knows it expects the array's length, for one that it does not know ten elements, so that the
     * general plan always seems to be the dearer one.
     */
    <T> T runWithKeptPlans(String verb, Work<T> work) {
        return run(verb, LIMITS_AND_KEPT_PLANS, work);
    }

    private <T> T run(String verb, List<String> settings, Work<T> work) {
        for (int run = 1; ; run++) {
            try {
                return runOnce(settings, work);
            } catch (SQLException e) {
                if (run == MOST_RUNS || !SqlStates.isSerialization(e)) {
                    throw StoreSqlException.of(verb, e);
                }
                log.debug("{} runs again after {}", verb, e.getMessage());
            }
        }
    }

    /** Runs one statement, which is its own transaction: there is no moment in which a paused client holds locks. */
    <T> T single(String verb, Work<T> work) {
        try {
            return singleOrThrow(work);
        } catch (SQLException e) {
            throw StoreSqlException.of(verb, e);
        }
    }

    /** The same for callers that look at the error. */
    <T> T singleOrThrow(Work<T> work) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            if (!autoCommit) {
                connection.setAutoCommit(true);
            }
            physical.requireReadCommitted(connection);
            T result = work.run(Session.on(connection));
            if (!autoCommit) {
                connection.setAutoCommit(false);
            }
            return result;
        }
    }

    private <T> T runOnce(List<String> settings, Work<T> work) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            physical.requireReadCommitted(connection);
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            T result;
            try {
                result = work.run(Session.withSettings(connection, settings));
                connection.commit();
            } catch (Throwable e) {
                rollback(connection, e);
                throw e;
            } finally {
                restore(connection, autoCommit);
            }
            return result;
        }
    }

    private static void rollback(Connection connection, Throwable error) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            error.addSuppressed(e);
        }
    }

    private static void restore(Connection connection, boolean autoCommit) {
        try {
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            // a broken connection: the pool drops it
            log.debug("connection could not be restored: {}", e.getMessage());
        }
    }

    /** What runs in a transaction. */
    @FunctionalInterface
    interface Work<T> {
        T run(Session session) throws SQLException;
    }

    /** Thrown to roll back on purpose; carries the answer out. */
    static class RolledBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RolledBack() {
            super("rolled back", null, false, false);
        }
    }
}
