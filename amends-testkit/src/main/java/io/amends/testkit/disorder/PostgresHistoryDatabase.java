package io.amends.testkit.disorder;

import io.amends.api.EventPublisher;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The application's PostgreSQL in a test, emptied before each history: the tables that are named here, and the events that
 * handlers have published.
 *
 * <p>Because it empties tables it refuses every database that is not known to be a test's. Known is one whose name has
 * {@code test} in it; one on this machine whose server started after this JVM, as embedded servers and containers of a test
 * do; and one that is named in {@link #trust}. It refuses as well while an engine runs on it, whose relay and handlers would
 * come between: close the engine first.
 */
public final class PostgresHistoryDatabase implements HistoryDatabase {
    private final DataSource dataSource;
    private final Consumer<Runnable> transactions;
    private final EventPublisher publisher;
    private List<String> tables = List.of();
    private Runnable more = () -> {};
    private String schema = "amends";
    private @Nullable String trusted;

    private PostgresHistoryDatabase(DataSource dataSource, Consumer<Runnable> transactions, EventPublisher publisher) {
        this.dataSource = dataSource;
        this.transactions = transactions;
        this.publisher = publisher;
    }

    /**
     * The application's database.
     *
     * @param transactions runs its argument in a transaction of the application, and rolls back if it throws; with Spring
     *     {@code work -> template.executeWithoutResult(status -> work.run())}
     * @param publisher the application's
     */
    public static PostgresHistoryDatabase of(
            DataSource dataSource, Consumer<Runnable> transactions, EventPublisher publisher) {
        return new PostgresHistoryDatabase(dataSource, transactions, publisher);
    }

    /** Names the tables that handlers write; they are truncated together, and their sequences begin anew. */
    public PostgresHistoryDatabase emptying(String... names) {
        tables = List.of(names);
        return this;
    }

    /** Sets what else makes the state from before the first event, after the tables are empty. */
    public PostgresHistoryDatabase resetting(Runnable work) {
        more = work;
        return this;
    }

    /** Sets the schema of Amends' tables; default {@code amends}. */
    public PostgresHistoryDatabase schema(String name) {
        schema = name;
        return this;
    }

    /** Says that what is in the database of this name may be lost. */
    public PostgresHistoryDatabase trust(String databaseName) {
        trusted = databaseName;
        return this;
    }

    @Override
    public void check() {
        run(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select current_database(),"
                            + " (extract(epoch from pg_postmaster_start_time()) * 1000)::bigint")) {
                row.next();
                refuseUnknown(
                        row.getString(1),
                        row.getLong(2),
                        connection.getMetaData().getURL());
            }
            try (PreparedStatement statement = connection.prepareStatement(
                            "select string_agg(host, ', ') from " + quoted(schema) + ".node where expires_at > now()");
                    ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getString(1) != null) {
                    throw new IllegalStateException("an engine runs on this database: " + row.getString(1)
                            + " (expected: none, its relay and handlers would come between); close it before the test,"
                            + " AmendsEngine.close()");
                }
            }
        });
    }

    private void refuseUnknown(String name, long serverStart, String url) {
        boolean isOwn = serverStart >= ManagementFactory.getRuntimeMXBean().getStartTime()
                && url.matches("jdbc:[^/]*//(localhost|127\\.0\\.0\\.1|\\[::1])[:/].*");
        if (!isOwn && !name.toLowerCase(Locale.ROOT).contains("test") && !name.equals(trusted)) {
            throw new IllegalStateException("database " + name + " at " + url.replaceFirst("\\?.*", "")
                    + " is not known to be a test's (expected: test in its name, or a server on this machine that"
                    + " started after this JVM); its tables would be emptied. If they may: trust(\"" + name + "\")");
        }
    }

    @Override
    public void reset() {
        run(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("delete from " + quoted(schema) + ".outbox");
                if (!tables.isEmpty()) {
                    statement.execute("truncate " + String.join(", ", tables) + " restart identity");
                }
            }
        });
        more.run();
    }

    @Override
    public void inTransaction(Runnable work) {
        transactions.accept(work);
    }

    @Override
    public EventPublisher publisher() {
        return publisher;
    }

    private interface Work {
        void on(Connection connection) throws SQLException;
    }

    private void run(Work work) {
        try (Connection connection = dataSource.getConnection()) {
            work.on(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("the database of the test: " + e.getMessage(), e);
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
