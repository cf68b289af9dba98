package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.NoTransactionException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions without a framework. */
class PlainJdbcTransactionsTest {
    private static final DataSource POOL = TestServer.pool(5);

    private final SchemaName schema = TestServer.newSchema();
    private final PlainJdbcTransactions transactions = new PlainJdbcTransactions(POOL);

    @BeforeEach
    void create() {
        execute("create schema ${schema}");
        execute("create table ${schema}.t (id int unique deferrable initially deferred)");
    }

    @AfterEach
    void drop() {
        execute("drop schema ${schema} cascade");
    }

    @Test
    void workCommits() throws SQLException {
        String answer = transactions.inTransaction(() -> {
            insert(1);
            return "done";
        });

        assertThat(answer).isEqualTo("done");
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void workThatThrowsRollsBackAndThrowsTheSame() {
        IOException thrown = new IOException("no");
        assertThatThrownBy(() -> transactions.inTransaction(() -> {
                    insert(1);
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(rows()).isZero();
    }

    @Test
    void anSqlExceptionOfTheWorkComesOutAsItIs() {
        assertThatThrownBy(() -> transactions.inTransaction(() -> {
                    transactions.connection().createStatement().execute("select 1 / 0");
                    return null;
                }))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("zero");
    }

    @Test
    void aCommitThatFailsWritesNothing() {
        assertThatThrownBy(() -> transactions.inTransaction(() -> {
                    insert(1);
                    insert(1);
                    return null;
                }))
                .isInstanceOf(StoreSqlException.class);
        assertThat(rows()).isZero();
    }

    @Test
    void aTransactionInsideAnotherJoinsIt() {
        assertThatThrownBy(() -> transactions.inTransaction(() -> {
                    transactions.inTransaction(() -> {
                        insert(1);
                        return null;
                    });
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(rows()).isZero();
    }

    @Test
    void theConnectionLeavesItsEndToTheTransaction() throws SQLException {
        transactions.inTransaction(() -> {
            Connection connection = transactions.connection();
            insert(1);
            assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            assertThatThrownBy(connection::rollback).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> connection.setAutoCommit(true)).isInstanceOf(SQLException.class);
            connection.close();
            insert(2);
            return null;
        });
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void outsideATransactionThereIsNoConnection() {
        assertThat(transactions.current()).isEmpty();
        assertThatThrownBy(transactions::connection).isInstanceOf(NoTransactionException.class);
    }

    @Test
    void anUnknownSavepointIsOlderThanTheBuffer() throws SQLException {
        StringBuilder told = new StringBuilder();
        transactions.inTransaction(() -> {
            Connection connection = transactions.connection();
            var before = connection.setSavepoint();
            transactions.current().orElseThrow().attach(new TransactionAttachment() {
                @Override
                public void beforeCommit() {
                    told.append("before ");
                }

                @Override
                public void savepointMade(Object savepoint) {
                    told.append("made ");
                }

                @Override
                public void rolledBackTo(Object savepoint) {
                    told.append(savepoint.equals(before) ? "unknown " : "known ");
                }

                @Override
                public void completed(boolean committed) {
                    told.append("completed ").append(committed);
                }
            });
            connection.rollback(connection.setSavepoint());
            connection.rollback(before);
            return null;
        });
        assertThat(told).hasToString("made known unknown before completed true");
    }

    private void insert(int id) throws SQLException {
        try (var insert = transactions.connection().prepareStatement(schema.in("insert into ${schema}.t values (?)"))) {
            insert.setInt(1, id);
            insert.executeUpdate();
        }
    }

    private long rows() {
        return TestServer.number(POOL, schema.in("select count(*) from ${schema}.t"));
    }

    private void execute(String sql) {
        TestServer.execute(POOL, schema.in(sql));
    }
}
