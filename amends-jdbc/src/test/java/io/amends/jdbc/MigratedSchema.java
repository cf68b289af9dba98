package io.amends.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.sql.DataSource;

/**
 * A schema as a migration leaves it, with an application's tables next to it; for one test at a time.
 *
 * <p>Making one takes longer than most tests. So a schema that a test is through with is emptied and given to the next one:
 * the tests of a JVM share about as many schemas as they use at once, and the plans that their connections know.
 */
final class MigratedSchema implements AutoCloseable {
    private static final DataSource POOL = TestServer.pool(2);
    private static final ConcurrentLinkedDeque<MigratedSchema> FREE = new ConcurrentLinkedDeque<>();

    /** Uses after which the files are replaced: what was deleted in between slows down whoever looks for rows. */
    private static final int USES_OF_FILES = 25;

    final SchemaName name = TestServer.newSchema();
    private final String empty;
    private final String replaceFiles;
    private int uses;

    private MigratedSchema() {
        new Schema(POOL, name).run(Schema.Mode.MIGRATE);
        TestServer.execute(
                POOL,
                name.in("create table ${schema}.effect (name text);"
                        + " create table ${schema}.late (id int unique deferrable initially deferred)"));
        List<String> tables = names("select tablename from pg_tables where schemaname = ? and tablename not in"
                + " ('schema_history', 'head', 'flow_sample') order by tablename = 'failure_group_change', tablename");
        String head = name.in("update ${schema}.head set position = 0, log_start = 1;"
                + " update ${schema}.flow_sample set at = null, head = 0, builds = '{}', overdue = null;");
        StringBuilder deletes = new StringBuilder("set lock_timeout = 5000;" + head);
        for (String table : tables) {
            requireEmpty(table);
            deletes.append(name.in("delete from ${schema}." + table + ";"));
        }
        for (String sequence : names("select sequencename from pg_sequences where schemaname = ?")) {
            deletes.append(name.in("select setval('${schema}." + sequence + "', 1, false);"));
        }
        empty = deletes.append("set lock_timeout = 0").toString();
        replaceFiles = name.in("truncate "
                + String.join(
                        ", ", tables.stream().map(table -> "${schema}." + table).toList())
                + " restart identity");
    }

    /** One that no other test uses. */
    static MigratedSchema take() {
        MigratedSchema free = FREE.poll();
        return free == null ? new MigratedSchema() : free;
    }

    /** Gives it back, empty. */
    @Override
    public void close() {
        TestServer.execute(POOL, empty);
        if (++uses % USES_OF_FILES == 0) {
            TestServer.execute(POOL, replaceFiles);
        }
        FREE.push(this);
    }

    /** Whoever adds a migration that fills a table says here how to fill it again. */
    private void requireEmpty(String table) {
        long rows = TestServer.number(POOL, name.in("select count(*) from ${schema}." + table));
        if (rows != 0) {
            throw new AssertionError("table " + table + ": " + rows + " rows after the migration (expected: none)");
        }
    }

    private List<String> names(String sql) {
        try (Connection connection = POOL.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name.value());
            List<String> names = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
            return names;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
