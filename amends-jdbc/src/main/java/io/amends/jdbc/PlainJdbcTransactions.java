package io.amends.jdbc;

import io.amends.api.NoTransactionException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions for applications without a framework: bound to the thread, on connections of this pool.
 *
 * <pre>{@code
 * transactions.inTransaction(() -> {
 *     try (var insert = transactions.connection().prepareStatement("insert into orders …")) { … }
 *     publisher.publish(new OrderPaid(…));
 *     return null;
 * });
 * }</pre>
 *
 * <p>Handlers run inside such a transaction and reach its connection by {@link #connection()}. Thread-safe.
 */
public final class PlainJdbcTransactions implements JdbcTransactions {
    private static final Logger log = LoggerFactory.getLogger(PlainJdbcTransactions.class);

    private final DataSource dataSource;
    private final PhysicalConnections physical = new PhysicalConnections();
    /** Of the instance: each stands for a pool of its own. */
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable Deque<PlainTransaction>> open = new ThreadLocal<>();

    /** Creates it over the application's pool. */
    public PlainJdbcTransactions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * Runs work in the calling thread's transaction, or in a new READ COMMITTED one, which commits at its end and rolls
     * back what throws.
     *
     * @throws X what the work throws; rolled back
     * @throws io.amends.core.store.StoreUnavailableException if the connection could not be had or was lost; after a
     *     commit that got no answer it is unknown whether it was done
     * @throws StoreSqlException if the commit failed; nothing was written
     */
    public <T extends @Nullable Object, X extends Exception> T inTransaction(Work<T, X> work) throws X {
        if (current().isPresent()) {
            return work.run();
        }
        AtomicReference<T> result = new AtomicReference<>();
        AtomicBoolean ofWork = new AtomicBoolean();
        try {
            inNew(transaction -> {
                ofWork.set(true);
                result.set(work.run());
                ofWork.set(false);
                return true;
            });
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            if (ofWork.get()) {
                @SuppressWarnings("unchecked") // what the work throws and is unchecked was rethrown above
                X thrown = (X) e;
                throw thrown;
            }
            throw StoreSqlException.of("transaction", e instanceof SQLException sql ? sql : new SQLException(e));
        }
        return result.get();
    }

    /**
     * The connection of the calling thread's transaction. It can not be committed, rolled back (except to a savepoint)
     * or closed.
     *
     * @throws NoTransactionException if there is none
     */
    public Connection connection() {
        return current()
                .orElseThrow(() -> new NoTransactionException(
                        "connection: the thread has no transaction (expected: inside inTransaction, or a handler)"))
                .connection();
    }

    @Override
    public Optional<JdbcTransaction> current() {
        Deque<PlainTransaction> stack = open.get();
        return Optional.ofNullable(stack == null ? null : stack.peek());
    }

    @Override
    public void inNew(Body body) throws Throwable {
        try (Connection connection = begin()) {
            PlainTransaction transaction = new PlainTransaction(connection);
            push(transaction);
            boolean committed = false;
            try {
                if (body.run(transaction)) {
                    transaction.beforeCommit();
                    connection.commit();
                    committed = true;
                } else {
                    connection.rollback();
                }
            } catch (Throwable e) {
                rollback(connection, e);
                throw e;
            } finally {
                pop();
                restore(connection);
                transaction.completed(committed);
            }
        }
    }

    private Connection begin() throws SQLException {
        Connection connection = dataSource.getConnection();
        try {
            physical.requireReadCommitted(connection);
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void rollback(Connection connection, Throwable error) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            error.addSuppressed(e);
        }
    }

    private static void restore(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            // a broken connection: the pool drops it
            log.debug("connection could not be restored: {}", e.getMessage());
        }
    }

    private void push(PlainTransaction transaction) {
        Deque<PlainTransaction> stack = open.get();
        if (stack == null) {
            stack = new ArrayDeque<>();
            open.set(stack);
        }
        stack.push(transaction);
    }

    private void pop() {
        Deque<PlainTransaction> stack = open.get();
        if (stack != null) {
            stack.pop();
            if (stack.isEmpty()) {
                open.remove();
            }
        }
    }

    /**
     * What runs in a transaction.
     *
     * @param <T> what it returns
     * @param <X> what it throws
     */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object, X extends Exception> {
        /** Runs. */
        T run() throws X;
    }
}
