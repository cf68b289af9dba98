package io.amends.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.postgresql.PGConnection;

/**
 * Remembers what the sessions behind a pool are set to, so that a setting costs a round trip once per connection and not
 * once per transaction. Thread-safe.
 */
final class PhysicalConnections {
    /** What an idle transaction has beyond the timeout of its run, in which the engine interrupts and aborts it. */
    private static final Duration MARGIN = Duration.ofSeconds(15);

    /** Sessions whose default is READ COMMITTED, as it is unless someone has changed it. */
    private final Map<Object, Boolean> readCommitted = Collections.synchronizedMap(new WeakHashMap<>());

    private final Map<Object, Long> idleTimeouts = Collections.synchronizedMap(new WeakHashMap<>());

    /** Makes the connection's next transactions READ COMMITTED, whatever the database's or the pool's default is. */
    void requireReadCommitted(Connection connection) throws SQLException {
        Object physical = physical(connection);
        if (readCommitted.containsKey(physical)) {
            return;
        }
        if (connection.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED) {
            readCommitted.put(physical, true);
        } else {
            // not remembered: the pool sets its own back when it gets the connection
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        }
    }

    /**
     * Lets the database end the session's transactions that are idle for longer than a run may take; never shortens, so
     * that functions with different timeouts that share a pool do not set it again and again.
     *
     * @return what to call once the transaction has committed: before that, the setting can be rolled back
     */
    Runnable limitIdle(Connection connection, Duration timeout) throws SQLException {
        long wanted = timeout.plus(MARGIN).toMillis();
        Object physical = physical(connection);
        Long current = idleTimeouts.get(physical);
        if (current != null && current >= wanted) {
            return () -> {};
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("set idle_in_transaction_session_timeout = " + wanted);
        }
        return () -> idleTimeouts.put(physical, wanted);
    }

    private static Object physical(Connection connection) throws SQLException {
        return connection.isWrapperFor(PGConnection.class) ? connection.unwrap(PGConnection.class) : connection;
    }
}
