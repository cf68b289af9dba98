package io.amends.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.amends.jdbc.Schema;
import io.amends.jdbc.SchemaName;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The PostgreSQL that is measured on: a real one on this machine, with its defaults except for what is named here. */
final class Database implements AutoCloseable {
    private static final Map<String, String> CONFIGURATION = new TreeMap<>(Map.of(
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "shared_buffers", "1GB",
            "max_wal_size", "8GB",
            "max_connections", "200",
            "shared_preload_libraries", "pg_stat_statements",
            "pg_stat_statements.track", "top"));
    private static final String TABLES = """
            drop schema if exists bench cascade;
            create schema bench;
            create table bench.business (
                id bigint generated always as identity primary key, key text not null, note text not null);
            create table bench.effect (
                id bigint generated always as identity primary key, n bigint not null, key text not null);
            """;

    private final EmbeddedPostgres postgres;

    /** Starts it on data of its own, or on what a run before has kept in this directory. */
    Database(@Nullable Path kept) throws IOException {
        Path directory = kept == null ? Files.createTempDirectory("amends-benchmarks") : kept.toAbsolutePath();
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("data"))
                .setCleanDataDirectory(kept == null)
                .setPGStartupWait(Duration.ofSeconds(60));
        CONFIGURATION.forEach(builder::setServerConfig);
        postgres = builder.start();
    }

    /** What it was configured with, and its version. */
    String description() throws SQLException {
        return "PostgreSQL " + text("show server_version") + ", " + CONFIGURATION;
    }

    String url() {
        return "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres?user=postgres";
    }

    /** Empty tables, as on the first day. */
    void reset() throws SQLException {
        execute("drop schema if exists amends cascade");
        execute(TABLES);
        migrate();
        execute("vacuum analyze");
        execute("checkpoint");
    }

    /** Brings the tables to this build's schema, and keeps what is in them. */
    void migrate() throws SQLException {
        new Schema(postgres.getPostgresDatabase(), SchemaName.DEFAULT).run(Schema.Mode.MIGRATE);
        execute("create extension if not exists pg_stat_statements");
    }

    /** Whether a run before has made this data set. */
    boolean has(String dataSet) throws SQLException {
        return number("select count(*) from pg_namespace where nspname = 'amends' and obj_description(oid,"
                        + " 'pg_namespace') = '"
                        + dataSet + "'")
                == 1;
    }

    /** Remembers that this data set is there, until the next reset. */
    void remember(String dataSet) throws SQLException {
        execute("comment on schema amends is '" + dataSet + "'");
    }

    HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(size);
        config.setAutoCommit(false);
        return new HikariDataSource(config);
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    private String text(String sql) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new IllegalStateException("no row (expected: one) from " + sql);
            }
            return rows.getString(1);
        }
    }

    /** What the server has done so far. */
    Work work() throws SQLException {
        return new Work(
                number("select coalesce(sum(calls), 0)::bigint from pg_stat_statements where toplevel"),
                number("select sum(xact_commit)::bigint from pg_stat_database"),
                number("select (pg_current_wal_lsn() - '0/0')::bigint"));
    }

    /**
     * What the server has done.
     *
     * @param statements statements that clients sent, BEGIN and COMMIT among them
     * @param commits committed transactions
     * @param walBytes bytes of write-ahead log
     */
    record Work(long statements, long commits, long walBytes) {
        Work since(Work before) {
            return new Work(statements - before.statements, commits - before.commits, walBytes - before.walBytes);
        }
    }

    /** Forgets the statements so far. */
    void forgetStatements() throws SQLException {
        execute("select pg_stat_statements_reset()");
    }

    /** The statements that took the server's time, the most expensive first. */
    List<String> expensiveStatements(int most) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select round(100 * total_exec_time / sum(total_exec_time) over ()) as share, calls,"
                                + " round((total_exec_time * 1000 / calls)::numeric, 1) as micros,"
                                + " (shared_blks_hit + shared_blks_read) / calls as pages,"
                                + " regexp_replace(left(query, 150), '\\s+', ' ', 'g') as query"
                                + " from pg_stat_statements where toplevel order by total_exec_time desc limit "
                                + most)) {
            while (rows.next()) {
                lines.add("%3s %% %9s calls %8s µs %6s pages  %s"
                        .formatted(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getString(3),
                                rows.getString(4),
                                rows.getString(5)));
            }
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
