package io.amends.spring.transaction;

import io.amends.api.NoTransactionException;
import io.amends.jdbc.JdbcTransaction;
import io.amends.jdbc.JdbcTransactions;
import io.amends.jdbc.TransactionAttachment;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionSynchronizationUtils;

/**
 * Spring's transactions, as the store needs them: publishing joins the caller's {@code @Transactional}, and handlers run
 * in transactions of the application's own transaction manager, so that their repositories take part.
 *
 * <p>Joins transactions of every transaction manager bean on the same DataSource. One that was made by hand is not seen:
 * publishing in its transactions is refused, since nothing would write the events before its commit.
 */
public final class SpringJdbcTransactions implements JdbcTransactions {
    private final PlatformTransactionManager manager;
    private final DataSource dataSource;
    private final PersistenceContexts persistenceContexts;
    private volatile @Nullable TransactionDefinition definition;

    /**
     * Creates it.
     *
     * @throws IllegalArgumentException if the manager has no DataSource: it is neither for JDBC nor for JPA on JDBC
     */
    public SpringJdbcTransactions(PlatformTransactionManager manager, PersistenceContexts persistenceContexts) {
        this.manager = manager;
        this.persistenceContexts = persistenceContexts;
        DataSource found = TransactionManagers.dataSourceOf(manager);
        if (found == null) {
            throw new IllegalArgumentException(
                    "transaction manager: " + manager.getClass().getName()
                            + " (expected: a DataSourceTransactionManager, or a JpaTransactionManager with a DataSource)");
        }
        this.dataSource = found;
        TransactionWatcher.watch(manager);
    }

    /** The DataSource whose connections the transactions run on. */
    public DataSource dataSource() {
        return dataSource;
    }

    @Override
    public Optional<JdbcTransaction> current() {
        ConnectionHolder holder = holder();
        WatchedTransaction watched = holder == null ? null : TransactionWatcher.current(this::isOnSameDatabase);
        return holder == null || watched == null ? Optional.empty() : Optional.of(new Joined(holder, watched));
    }

    private boolean isOnSameDatabase(PlatformTransactionManager other) {
        return manager.equals(other) || dataSource.equals(TransactionManagers.dataSourceOf(other));
    }

    private @Nullable ConnectionHolder holder() {
        return TransactionSynchronizationManager.getResource(dataSource) instanceof ConnectionHolder holder
                ? holder
                : null;
    }

    @Override
    public void inNew(Body body) throws Throwable {
        TransactionStatus status = manager.getTransaction(definition());
        boolean commit;
        try {
            commit = body.run(current()
                    .orElseThrow(
                            () -> new IllegalStateException("no connection of " + dataSource + " in a transaction of "
                                    + manager + " (expected: the transaction manager binds one to the thread)")));
        } catch (Throwable thrown) {
            rollBack(status, thrown);
            throw thrown;
        }
        try {
            if (commit) {
                manager.commit(status);
            } else {
                manager.rollback(status);
            }
        } catch (RuntimeException failed) {
            throw withSqlState(failed);
        }
    }

    private void rollBack(TransactionStatus status, Throwable thrown) throws SQLException {
        try {
            manager.rollback(status);
        } catch (RuntimeException failed) {
            failed.addSuppressed(thrown);
            throw withSqlState(failed);
        }
    }

    /**
     * Gives the end of a transaction on a lost connection its SQLSTATE back. The driver names it at the first statement
     * that fails; the pool then closes the connection and says so without a state, and Spring lets a failed rollback
     * take the place of the failed commit before it.
     */
    private static RuntimeException withSqlState(RuntimeException failed) throws SQLException {
        boolean stateless = false;
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                if (sql.getSQLState() != null) {
                    return failed;
                }
                stateless = true;
            }
        }
        if (stateless) {
            throw new SQLNonTransientConnectionException(
                    "the connection was lost before the end of the transaction: " + failed.getMessage(),
                    "08003",
                    failed);
        }
        return failed;
    }

    /**
     * READ COMMITTED for the engine's transactions. Naming it costs a round trip in each of them, so it is only named
     * where the connections of this DataSource do not come with it.
     */
    private TransactionDefinition definition() throws SQLException {
        TransactionDefinition known = definition;
        if (known == null) {
            DefaultTransactionDefinition made =
                    new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
            made.setName("amends");
            try (Connection connection = dataSource.getConnection()) {
                if (connection.getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED) {
                    made.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
                }
            }
            known = made;
            definition = made;
        }
        return known;
    }

    /** The calling thread's transaction. */
    private final class Joined implements JdbcTransaction {
        private final ConnectionHolder holder;
        private final WatchedTransaction watched;

        Joined(ConnectionHolder holder, WatchedTransaction watched) {
            this.holder = holder;
            this.watched = watched;
        }

        @Override
        public Connection connection() {
            return Objects.requireNonNull(holder.getConnection(), "connection");
        }

        @Override
        public void flush() {
            if (!watched.isCommitting()) {
                TransactionSynchronizationUtils.triggerFlush();
                persistenceContexts.flush();
            }
        }

        @Override
        public @Nullable TransactionAttachment attachment() {
            return watched.attachment();
        }

        @Override
        public void attach(TransactionAttachment attachment) {
            if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
                throw new NoTransactionException(
                        "the transaction is read-only (expected: one that may write); publish in"
                                + " @Transactional(readOnly = false), or call publishNow outside of it");
            }
            watched.attach(attachment);
        }
    }
}
