package io.amends.jdbc;

import io.amends.core.store.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and checks the schema of Amends' tables by versioned migrations, apart from the application's own.
 *
 * <p>A schema of version N works with the code of version N − 1, so that instances can be replaced one after the other; a
 * newer schema than the code's is no error.
 */
public final class Schema {
    private static final Logger log = LoggerFactory.getLogger(Schema.class);

    /** The migrations, oldest first. */
    static final List<String> MIGRATIONS = List.of(
            "V001__initial.sql",
            "V002__progress.sql",
            "V003__operator_api.sql",
            "V004__waits.sql",
            "V005__waiting_failures.sql",
            "V006__tangles.sql",
            "V007__reach.sql",
            "V008__lane_pause.sql",
            "V009__retention.sql",
            "V010__policy_override.sql",
            "V011__sweep.sql",
            "V012__flow.sql",
            "V013__speed.sql",
            "V014__wake_up.sql",
            "V015__plans.sql",
            "V016__ready.sql",
            "V017__retries.sql",
            "V018__requested.sql",
            "V019__woken_lanes.sql",
            "V020__lanes_of_a_key.sql",
            "V021__why_in_a_group.sql",
            "V022__said_by_a_person.sql",
            "V023__since_when_a_type.sql");

    private static final List<String> TABLES = List.of(
            "head",
            "outbox",
            "inbox",
            "rejected",
            "dedupe",
            "processor",
            "processor_function",
            "node",
            "cursor",
            "failed_execution",
            "execution_history",
            "lane",
            "lane_event",
            "progress",
            "wait",
            "audit",
            "failure_group",
            "failure_group_change",
            "failure_group_hour",
            "failure_group_build",
            "failure_group_note",
            "failure_group_why",
            "failure_text",
            "failure_hour",
            "batch",
            "batch_part",
            "batch_item",
            "policy_override");

    private static final Pattern FILE_NAME = Pattern.compile("V(\\d+)__(\\w+)\\.sql");
    private static final String HISTORY = """
            create table if not exists ${schema}.schema_history (
                version int primary key,
                name text not null,
                checksum text not null,
                applied_at timestamptz not null default now()
            );
            """;
    private static final String LOCK = "select pg_advisory_xact_lock(hashtext('amends.schema'), hashtext(?))";
    /** Who waits for a table's lock lets nobody pass, and so stops the service; longer than this no migration does. */
    private static final String SHORT_WAITS = "set local lock_timeout = '2s'";
    /** How often a migration tries to get its locks, with pauses that grow to {@link #LONGEST_PAUSE}: for about 2 min. */
    private static final int TRIES = 30;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private final DataSource dataSource;
    private final SchemaName name;

    /** What to do with the schema at start-up. */
    public enum Mode {
        /** Create it, or bring it up to date. */
        MIGRATE,
        /** Check that it is up to date. */
        VALIDATE,
        /** Only say what would be run. */
        PRINT
    }

    /** Creates it over a pool whose user may do what is asked: MIGRATE creates the schema and tables, and analyses. */
    public Schema(DataSource dataSource, SchemaName name) {
        this.dataSource = dataSource;
        this.name = name;
    }

    /**
     * Runs in this mode.
     *
     * @return the SQL that was run, or for PRINT that would make a new schema; empty for VALIDATE
     * @throws IllegalStateException if the schema is not what the code needs; lists everything that is missing or different
     * @throws io.amends.core.store.StoreUnavailableException if the database can not be reached, or if others hold the tables
     *     for some minutes; nothing was changed
     */
    public String run(Mode mode) {
        return switch (mode) {
            case MIGRATE -> migrate();
            case VALIDATE -> {
                validate();
                yield "";
            }
            case PRINT -> print();
        };
    }

    /** A migration of this build. */
    private record Migration(int version, String name, String sql, String checksum) {
        static Migration read(String fileName) {
            Matcher matcher = FILE_NAME.matcher(fileName);
            if (!matcher.matches()) {
                throw new IllegalStateException("migration: " + fileName + " (expected: " + FILE_NAME + ")");
            }
            String sql;
            try (InputStream in = Schema.class.getResourceAsStream("schema/" + fileName)) {
                if (in == null) {
                    throw new IllegalStateException("migration: no resource " + fileName);
                }
                sql = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
            } catch (IOException e) {
                throw new IllegalStateException("migration: " + fileName, e);
            }
            return new Migration(Integer.parseInt(matcher.group(1)), matcher.group(2), sql, checksum(sql));
        }

        private static String checksum(String sql) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(sql.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }
    }

    private static List<Migration> migrations() {
        return MIGRATIONS.stream().map(Migration::read).toList();
    }

    /** A migration that the database has. */
    private record Applied(String name, String checksum) {}

    private String migrate() {
        Duration pause = FIRST_PAUSE;
        for (int tries = 1; ; tries++) {
            try {
                return migrateOnce();
            } catch (SQLException e) {
                if (!SqlStates.isLockTimeout(e) && !SqlStates.isDeadlock(e)) {
                    throw StoreSqlException.of("migrate schema " + name, e);
                }
                if (tries == TRIES) {
                    throw new StoreUnavailableException(
                            "migrate schema " + name + ": others have held its tables for too long, nothing was changed"
                                    + " (expected: no transaction of minutes while the schema changes; pg_stat_activity and"
                                    + " pg_locks name it): " + e.getMessage(),
                            e);
                }
                log.info("schema {}: its tables are in use, next try in {}: {}", name, pause, e.getMessage());
                sleep(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            }
        }
    }

    private void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("migrate schema " + name + ": interrupted, nothing was changed", e);
        }
    }

    private String migrateOnce() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                String run = migrate(connection);
                connection.commit();
                if (!run.isEmpty()) {
                    analyse(connection);
                }
                return run;
            } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
            }
        }
    }

    private String migrate(Connection connection) throws SQLException {
        Session session = Session.on(connection);
        session.query(LOCK, statement -> statement.setString(1, name.value()), row -> true);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SHORT_WAITS);
        }
        StringBuilder run = new StringBuilder();
        if (!exists(session)) {
            execute(connection, name.in("create schema if not exists ${schema};\n" + HISTORY), run);
        }
        Map<Integer, Applied> applied = applied(session);
        requireNone(differences(applied));
        for (Migration migration : migrations()) {
            if (!applied.containsKey(migration.version())) {
                execute(connection, name.in(migration.sql()), run);
                record(session, migration);
                log.info("schema {}: applied {} {}", name, migration.version(), migration.name());
            }
        }
        requireNone(defects(session));
        return run.toString();
    }

    private static void execute(Connection connection, String sql, StringBuilder run) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        run.append(sql);
    }

    private void record(Session session, Migration migration) throws SQLException {
        session.update(
                name.in("insert into ${schema}.schema_history (version, name, checksum) values (?, ?, ?)"),
                statement -> {
                    statement.setInt(1, migration.version());
                    statement.setString(2, migration.name());
                    statement.setString(3, migration.checksum());
                });
    }

    /** Tables without statistics get plans that are good by luck only. */
    private void analyse(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute(name.in("analyze ${schema}." + table));
            }
        }
        connection.commit();
    }

    private void validate() {
        List<String> mistakes = new ArrayList<>();
        try (Connection connection = dataSource.getConnection()) {
            Session session = Session.on(connection);
            if (!exists(session)) {
                mistakes.add("no table " + name + ".schema_history (expected: made by MIGRATE or by the printed SQL)");
            } else {
                Map<Integer, Applied> applied = applied(session);
                mistakes.addAll(differences(applied));
                for (Migration migration : migrations()) {
                    if (!applied.containsKey(migration.version())) {
                        mistakes.add("migration " + migration.version() + " " + migration.name() + " is missing");
                    }
                }
                mistakes.addAll(defects(session));
            }
        } catch (SQLException e) {
            throw StoreSqlException.of("validate schema " + name, e);
        }
        requireNone(mistakes);
    }

    private void requireNone(List<String> mistakes) {
        if (!mistakes.isEmpty()) {
            throw new IllegalStateException("schema " + name + ": " + String.join("; ", mistakes));
        }
    }

    private boolean exists(Session session) throws SQLException {
        return session.one(
                "select to_regclass(?) is not null",
                statement -> statement.setString(1, name.in("${schema}.schema_history")),
                row -> row.getBoolean(1));
    }

    private Map<Integer, Applied> applied(Session session) throws SQLException {
        Map<Integer, Applied> applied = new HashMap<>();
        session.each(
                name.in("select version, name, checksum from ${schema}.schema_history"),
                Session.Binder.NONE,
                row -> applied.put(row.getInt(1), new Applied(row.getString(2), row.getString(3))));
        return applied;
    }

    private static List<String> differences(Map<Integer, Applied> applied) {
        List<String> mistakes = new ArrayList<>();
        for (Migration migration : migrations()) {
            Applied found = applied.get(migration.version());
            if (found != null && !found.checksum().equals(migration.checksum())) {
                mistakes.add("migration " + migration.version() + " " + migration.name() + " was applied as "
                        + found.name() + " with another content");
            }
        }
        return mistakes;
    }

    /** What is missing although history says otherwise, and the one setting that correctness hangs on. */
    private List<String> defects(Session session) throws SQLException {
        List<String> mistakes = new ArrayList<>();
        session.each(
                "select t.name from unnest(?::text[]) as t(name) where to_regclass(? || t.name) is null order by 1",
                statement -> {
                    Session.setTexts(statement, 1, TABLES);
                    statement.setString(2, name.in("${schema}."));
                },
                row -> mistakes.add("table " + row.getString(1) + " is missing"));
        Optional<Long> cache = session.first(
                "select cache_size from pg_sequences where schemaname = ? and sequencename = 'outbox_seq_seq'",
                statement -> statement.setString(1, name.value()),
                row -> row.getLong(1));
        if (cache.isEmpty()) {
            mistakes.add("sequence outbox_seq_seq is missing");
        } else if (cache.get() != 1) {
            mistakes.add("sequence outbox_seq_seq: cache " + cache.get()
                    + " (expected: 1, or events of one key get out of order)");
        }
        return mistakes;
    }

    private String print() {
        StringBuilder sql = new StringBuilder(name.in("create schema if not exists ${schema};\n" + HISTORY));
        for (Migration migration : migrations()) {
            sql.append('\n').append(name.in(migration.sql()));
            sql.append(name.in("insert into ${schema}.schema_history (version, name, checksum) values ("
                    + migration.version() + ", '" + migration.name() + "', '" + migration.checksum() + "');\n"));
        }
        return sql.toString();
    }
}
