package io.amends.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * The one PostgreSQL of a test JVM: the embedded one, or the one that the system property {@code amends.test.jdbcUrl} names.
 * Each test has a schema of its own.
 */
final class TestServer {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static final String URL = start();

    private TestServer() {}

    private static String start() {
        String given = System.getProperty("amends.test.jdbcUrl", "");
        if (!given.isEmpty()) {
            return given;
        }
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setServerConfig("max_connections", "300")
                    .setServerConfig("fsync", "off")
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    server.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
            return server.getJdbcUrl("postgres", "postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A pool of its own. */
    static HikariDataSource pool(int size) {
        return pool(size, null);
    }

    /** A pool of its own, whose connections begin with this statement. */
    static HikariDataSource pool(int size, String first) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(URL);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(5_000);
        config.setConnectionInitSql(first);
        return new HikariDataSource(config);
    }

    /** A pool of another database of the same server, as another user. */
    static HikariDataSource poolOf(String database, String user) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(URL.replaceFirst("/[^/?]*\\?.*|/[^/?]*$", "/" + database + "?user=" + user));
        config.setMaximumPoolSize(2);
        config.setMinimumIdle(0);
        return new HikariDataSource(config);
    }

    /** The name of a schema that no other test has. */
    static SchemaName newSchema() {
        return new SchemaName("t" + ProcessHandle.current().pid() + "_" + SCHEMAS.incrementAndGet());
    }

    /** Runs statements. */
    static void execute(DataSource dataSource, String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** The number that a query answers with. */
    static long number(DataSource dataSource, String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }
}
