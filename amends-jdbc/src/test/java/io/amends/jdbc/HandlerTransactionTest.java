package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.StartFrom;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Progress;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.TransactionResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a handler's transaction costs, and how its end is told. */
class HandlerTransactionTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final MigratedSchema migrated = MigratedSchema.take();
    private final SchemaName schema = migrated.name;
    private final HikariDataSource pool = TestServer.pool(5);
    private final CountingDataSource counting = new CountingDataSource(pool);
    private final PlainJdbcTransactions transactions = new PlainJdbcTransactions(counting.dataSource());
    private final PostgresStore store = new PostgresStore(
            PostgresStoreSettings.of(transactions, pool).withSchema(schema).withListen(false));
    private Claim claim;
    private long position;

    @BeforeEach
    void own() {
        store.join(
                new NodeRegistration(
                        "node",
                        "build",
                        "host",
                        List.of(new ProcessorRegistration(
                                "points",
                                "order=KEY",
                                1,
                                new TreeMap<>(Map.of("paid", "onPaid")),
                                List.of(),
                                List.of(),
                                StartFrom.EARLIEST))),
                Duration.ofMinutes(1));
        claim = store.takeOver("node", "points", Set.of("paid"), 1).get(0).claim();
    }

    @AfterEach
    void close() {
        store.close();
        migrated.close();
        pool.close();
    }

    // ---- cost

    @Test
    void aHandledEventCostsTheHandlersStatementsOneUpdateAndTheCommit() {
        handle(HandlerTransactionTest.this::writeEffect);
        counting.take();

        assertThat(handle(this::writeEffect)).isEqualTo(new TransactionResult.Committed<>(FinishResult.DONE));

        List<String> seen = counting.take();
        assertThat(seen).hasSize(3);
        assertThat(seen.get(0)).contains(".effect");
        assertThat(seen.get(1)).startsWith("update").contains(".cursor");
        assertThat(seen.get(2)).isEqualTo("COMMIT");
    }

    @Test
    void anEventThatMovesAStreamCostsOneStatementMore() {
        handleUser(1);
        counting.take();

        assertThat(handleUser(2)).isEqualTo(new TransactionResult.Committed<>(FinishResult.DONE));

        List<String> seen = counting.take();
        assertThat(seen).hasSize(4);
        assertThat(seen.get(0)).startsWith("select").contains(".progress");
        assertThat(seen.get(1)).contains(".effect");
        assertThat(seen.get(2)).contains(".progress").contains(".cursor");
        assertThat(seen.get(3)).isEqualTo("COMMIT");
    }

    private TransactionResult<FinishResult> handleUser(long version) {
        List<Advance> advances = List.of(new Advance(
                new StreamKey("user", "u"), new StreamVersion(0, version), false, Advance.Rule.SKIP_OLDER_AND_EQUAL));
        TransactionResult<FinishResult> result = store.inTransaction(TIMEOUT, transaction -> {
            Progress progress = new Progress(transaction.progress("points", Progress.asks(advances)));
            writeEffect();
            progress.done(advances);
            FinishResult finish = transaction.finish(new CursorMove(claim, position, position + 1), progress.writes());
            return new Verdict<>(finish == FinishResult.DONE, finish);
        });
        position++;
        return result;
    }

    @Test
    void theEventsThatAHandlerPublishesCostOneStatement() {
        handle(HandlerTransactionTest.this::writeEffect);
        counting.take();

        handle(() -> {
            store.caller().publish(event("e1"), false);
            store.caller().publish(event("e2"), false);
            writeEffect();
        });

        List<String> seen = counting.take();
        assertThat(seen).hasSize(4);
        assertThat(seen.get(1)).startsWith("insert").contains(".outbox");
        assertThat(seen.get(2)).startsWith("update").contains(".cursor");
        assertThat(store.relay(10).moved()).isEqualTo(2);
    }

    @Test
    void theSettingsOfAConnectionAreMadeOncePerConnection() {
        handle(HandlerTransactionTest.this::writeEffect);

        assertThat(counting.take())
                .hasSize(5)
                .contains("getTransactionIsolation")
                .anyMatch(sql -> sql.startsWith("set idle_in_transaction_session_timeout"));
        store.inTransaction(TIMEOUT.minusMinutes(1), work(this::writeEffect));
        assertThat(counting.take()).as("a shorter timeout").hasSize(3);
        store.inTransaction(TIMEOUT.plusMinutes(1), work(this::writeEffect));
        assertThat(counting.take()).as("a longer timeout").hasSize(4);
    }

    @Test
    void theDatabaseEndsATransactionThatIsIdleForLongerThanItsRunMayTake() {
        handle(() -> assertThat(show("idle_in_transaction_session_timeout")).isEqualTo("135s"));
        store.inTransaction(TIMEOUT, transaction -> {
            throw new IllegalStateException("rolled back");
        });
        handle(() -> assertThat(show("idle_in_transaction_session_timeout")).isEqualTo("135s"));
    }

    @Test
    void aSettingThatWasRolledBackIsMadeAgain() {
        store.inTransaction(TIMEOUT, transaction -> {
            throw new IllegalStateException("rolled back");
        });
        handle(() -> assertThat(show("idle_in_transaction_session_timeout")).isEqualTo("135s"));
    }

    @Test
    void handlersRunAtReadCommittedWhateverTheDefaultIs() {
        try (HikariDataSource strict = TestServer.pool(2, "set default_transaction_isolation = 'serializable'")) {
            PlainJdbcTransactions strictTransactions = new PlainJdbcTransactions(strict);
            try (PostgresStore strictStore = new PostgresStore(PostgresStoreSettings.of(strictTransactions, strict)
                    .withSchema(schema)
                    .withListen(false))) {
                AtomicReference<String> isolation = new AtomicReference<>();
                strictStore.inTransaction(TIMEOUT, transaction -> {
                    isolation.set(text(strictTransactions.connection(), "show transaction_isolation"));
                    return new Verdict<>(false, "looked");
                });
                assertThat(isolation).hasValue("read committed");
                assertThat(strictStore.relay(10).moved()).isZero();
                assertThat(strictStore.heartbeat("node", Duration.ofMinutes(1)).member())
                        .isTrue();
            }
        }
    }

    // ---- ends

    @Test
    void aLostConnectionIsTold() {
        assertThat(handle(() -> {
                    writeEffect();
                    killOwnConnection();
                }))
                .isInstanceOf(TransactionResult.ConnectionLost.class);
        assertThat(effects()).isZero();
    }

    @Test
    void aLostConnectionIsToldAlsoWhenTheHandlerHidIt() {
        assertThat(handle(() -> {
                    killOwnConnection();
                    try {
                        writeEffect();
                    } catch (RuntimeException hidden) {
                        throw new IllegalArgumentException("something else");
                    }
                }))
                .isInstanceOf(TransactionResult.ConnectionLost.class);
    }

    @Test
    void theLostConnectionOfAnotherDatabaseIsAFailureOfTheHandler() {
        assertThat(handle(() -> {
                    writeEffect();
                    throw new IllegalStateException(new SQLException("the other database is away", "08006"));
                }))
                .isInstanceOf(TransactionResult.Threw.class);
    }

    @Test
    void anErrorThatTheHandlerSwallowedIsFoundAtItsEnd() {
        assertThat(handle(() -> {
                    try {
                        text(transactions.connection(), "select 1 / 0");
                    } catch (RuntimeException swallowed) {
                        assertThat(swallowed).hasMessageContaining("zero");
                    }
                }))
                .isInstanceOf(TransactionResult.Threw.class);
    }

    @Test
    void anAbortedTransactionCanOnlyRollBack() {
        AtomicReference<HandlerTransaction> running = new AtomicReference<>();
        TransactionResult<FinishResult> result = store.inTransaction(TIMEOUT, transaction -> {
            running.set(transaction);
            writeEffect();
            Thread breaker = new Thread(transaction::abort);
            breaker.start();
            breaker.join();
            FinishResult finish = transaction.finish(new CursorMove(claim, position, position + 1));
            return new Verdict<>(true, finish);
        });

        assertThat(result).isInstanceOf(TransactionResult.ConnectionLost.class);
        assertThat(effects()).isZero();
        running.get().abort();
        assertThat(handle(this::writeEffect))
                .as("after an abort that was late")
                .isInstanceOf(TransactionResult.Committed.class);
    }

    @Test
    void anExhaustedPoolIsALostConnection() throws SQLException {
        try (HikariDataSource one = TestServer.pool(1)) {
            one.setConnectionTimeout(250);
            try (Connection taken = one.getConnection();
                    PostgresStore poor =
                            new PostgresStore(PostgresStoreSettings.of(new PlainJdbcTransactions(one), pool)
                                    .withSchema(schema))) {
                assertThat(taken.isValid(1)).isTrue();
                assertThat(poor.inTransaction(TIMEOUT, transaction -> new Verdict<>(false, "ran")))
                        .isInstanceOf(TransactionResult.ConnectionLost.class);
            }
        }
    }

    // ---- the handler

    private TransactionResult<FinishResult> handle(Runnable handler) {
        TransactionResult<FinishResult> result = store.inTransaction(TIMEOUT, work(handler));
        if (result instanceof TransactionResult.Committed) {
            position++;
        }
        return result;
    }

    private HandlerWork<FinishResult> work(Runnable handler) {
        return transaction -> {
            handler.run();
            FinishResult finish = transaction.finish(new CursorMove(claim, position, position + 1));
            return new Verdict<>(finish != FinishResult.REFUSED, finish);
        };
    }

    private void writeEffect() {
        try (PreparedStatement insert =
                transactions.connection().prepareStatement(schema.in("insert into ${schema}.effect values ('x')"))) {
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private long effects() {
        return TestServer.number(pool, schema.in("select count(*) from ${schema}.effect"));
    }

    private void killOwnConnection() {
        String pid = text(transactions.connection(), "select pg_backend_pid()");
        TestServer.number(pool, "select pg_terminate_backend(" + pid + ", 5000)::int");
    }

    private String show(String setting) {
        return text(transactions.connection(), "show " + setting);
    }

    private static String text(Connection connection, String sql) {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static EventEnvelope event(String id) {
        return new EventEnvelope(
                id, "/s", "paid", null, null, null, null, null, null, null, null, null, null, Headers.NONE);
    }
}
