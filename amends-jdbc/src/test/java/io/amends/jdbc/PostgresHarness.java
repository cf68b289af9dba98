package io.amends.jdbc;

import io.amends.core.operate.OperatorStore;
import io.amends.core.store.Store;
import io.amends.testkit.store.StoreHarness;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A store over an empty schema, with an application's tables next to it. */
final class PostgresHarness implements StoreHarness {
    private static final DataSource APPLICATION = TestServer.pool(20);
    private static final DataSource ENGINE = TestServer.pool(20);
    private static final DataSource OTHER_APPLICATION = TestServer.pool(20);
    private static final DataSource OTHER_ENGINE = TestServer.pool(20);

    private final MigratedSchema migrated;
    final SchemaName schema;
    final PlainJdbcTransactions transactions = new PlainJdbcTransactions(APPLICATION);
    private final PlainJdbcTransactions otherTransactions = new PlainJdbcTransactions(OTHER_APPLICATION);
    private final PostgresStore store;
    private final PostgresStore otherNode;

    private @Nullable String aged;

    PostgresHarness() {
        migrated = MigratedSchema.take();
        schema = migrated.name;
        store = new PostgresStore(PostgresStoreSettings.of(transactions, ENGINE).withSchema(schema));
        otherNode = new PostgresStore(
                PostgresStoreSettings.of(otherTransactions, OTHER_ENGINE).withSchema(schema));
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public OperatorStore operatorStore() {
        return new PostgresOperatorStore(ENGINE, schema);
    }

    @Override
    public Store otherNode() {
        return otherNode;
    }

    DataSource dataSource() {
        return ENGINE;
    }

    @Override
    public void advance(Duration duration) {
        if (aged == null) {
            aged = aging();
        }
        TestServer.execute(ENGINE, aged.replace("${micros}", Long.toString(InboxReader.micros(duration))));
    }

    private String aging() {
        StringBuilder sql = new StringBuilder();
        try (Connection connection = ENGINE.getConnection();
                PreparedStatement columns = connection.prepareStatement("select table_name, column_name, data_type"
                        + " from information_schema.columns where table_schema = ? and column_name <> 'time'"
                        + " and data_type in ('timestamp with time zone', 'date')")) {
            columns.setString(1, schema.value());
            try (var row = columns.executeQuery()) {
                while (row.next()) {
                    String column = row.getString(2);
                    String older = row.getString(3).equals("date")
                            ? "(" + column + " - interval '${micros} microseconds')::date"
                            : column + " - interval '${micros} microseconds'";
                    sql.append(
                            schema.in("update ${schema}." + row.getString(1) + " set " + column + " = " + older + ";"));
                }
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return sql.toString();
    }

    @Override
    public void forgetWakeUps() {
        TestServer.execute(ENGINE, schema.in("update ${schema}.wait set due_at = null where kind = 'VERSION'"));
    }

    @Override
    public void writeEffect(String name) {
        update("insert into ${schema}.effect values (?)", name);
    }

    @Override
    public void failAtCommit() {
        update("insert into ${schema}.late select 1 from generate_series(1, 2) where ? <> ''", "twice");
    }

    private void update(String sql, String value) {
        PlainJdbcTransactions bound = transactions.current().isPresent() ? transactions : otherTransactions;
        try (PreparedStatement statement = bound.connection().prepareStatement(schema.in(sql))) {
            statement.setString(1, value);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public List<String> effects() {
        try (Connection connection = APPLICATION.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        schema.in("select name from ${schema}.effect order by name collate \"C\""))) {
            List<String> names = new ArrayList<>();
            while (row.next()) {
                names.add(row.getString(1));
            }
            return names;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void inCallerTransaction(Runnable work) {
        transactions.inTransaction(() -> {
            work.run();
            return true;
        });
    }

    @Override
    public void rolledBackToSavepoint(Runnable work) {
        try {
            Connection connection = transactions.connection();
            Savepoint savepoint = connection.setSavepoint();
            work.run();
            connection.rollback(savepoint);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void whileHeadIsHeld(Runnable work) {
        try (Connection connection = OTHER_ENGINE.getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(schema.in("select 1 from ${schema}.head for update"));
            work.run();
            connection.rollback();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public long rejected() {
        return TestServer.number(ENGINE, schema.in("select count(*) from ${schema}.rejected"));
    }

    @Override
    public void close() {
        store.close();
        otherNode.close();
        migrated.close();
    }

    /** The same for a test that changes tables: no other one gets the schema. */
    void closeAndDrop() {
        store.close();
        otherNode.close();
        TestServer.execute(ENGINE, schema.in("drop schema ${schema} cascade"));
    }
}
