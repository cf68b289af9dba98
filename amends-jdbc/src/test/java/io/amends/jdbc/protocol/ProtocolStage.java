package io.amends.jdbc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.NewFailure;
import io.amends.core.store.AppendResult;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import io.amends.jdbc.Schema;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** One PostgreSQL for all tests of the package, and what each test says: the right code holds, a variant breaks. */
abstract class ProtocolStage {
    static final int ALL = 3000;
    static final int SAMPLE = Integer.getInteger("amends.interleavings", 400);
    static final long SEED = Long.getLong("amends.seed", 20261125L);
    static final Duration LEASE = Duration.ofMinutes(10);
    static final UnaryOperator<String> AS_WRITTEN = sql -> sql;

    static EmbeddedPostgres server;
    static HikariDataSource pool;
    static int scenes;

    @BeforeAll
    static void startServer() throws Exception {
        server = EmbeddedPostgres.builder()
                .setServerConfig("deadlock_timeout", "50ms")
                .setServerConfig("max_connections", "60")
                .start();
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.getPostgresDatabase());
        config.setMaximumPoolSize(16);
        pool = new HikariDataSource(config);
        new Schema(
                        pool,
                        PostgresStoreSettings.of(new PlainJdbcTransactions(pool), pool)
                                .schema())
                .run(Schema.Mode.MIGRATE);
        execute("create table effects (event text, by_whom text)", "create table entities (id text, version bigint)");
    }

    @AfterAll
    static void stopServer() throws Exception {
        pool.close();
        server.close();
    }

    static void holds(Interleavings.Case test) throws Exception {
        Interleavings interleavings = new Interleavings(pool, AS_WRITTEN);
        Interleavings.Broken broken = interleavings.explore(test, ALL);
        if (broken != null) {
            throw new AssertionError(
                    "broken by the order\n  " + String.join("\n  ", broken.statements()), broken.error());
        }
        assertThat(interleavings.runs())
                .as("more than one order")
                .isGreaterThan(1)
                .isLessThan(ALL);
    }

    /** For races with more orders than end in a minute. */
    static void holdsInSample(Interleavings.Case test) throws Exception {
        holdsInSample(test, SAMPLE);
    }

    static void holdsInSample(Interleavings.Case test, int count) throws Exception {
        Interleavings.Broken broken = new Interleavings(pool, AS_WRITTEN).sample(test, count, SEED);
        if (broken != null) {
            throw new AssertionError(
                    "broken by the order\n  " + String.join("\n  ", broken.statements()), broken.error());
        }
    }

    static void breaksInSample(Interleavings.Case wrong, UnaryOperator<String> rewrite) throws Exception {
        assertThat(new Interleavings(pool, rewrite).sample(wrong, SAMPLE, SEED))
                .as("an order that breaks the variant without the rule")
                .isNotNull();
    }

    static void breaks(Interleavings.Case wrong, UnaryOperator<String> rewrite) throws Exception {
        assertThat(new Interleavings(pool, rewrite).explore(wrong, ALL))
                .as("an order that breaks the variant without the rule")
                .isNotNull();
    }

    static PostgresStore store(DataSource dataSource) {
        return store(dataSource, new PlainJdbcTransactions(dataSource));
    }

    static PostgresStore store(DataSource dataSource, PlainJdbcTransactions transactions) {
        return new PostgresStore(
                PostgresStoreSettings.of(transactions, dataSource).withListen(false));
    }

    interface Finish {
        FinishResult with(io.amends.core.store.HandlerTransaction transaction);
    }

    static void handle(DataSource stepped, String event, String who, Finish finish) {
        PlainJdbcTransactions transactions = new PlainJdbcTransactions(stepped);
        TransactionResult<FinishResult> result = store(stepped, transactions)
                .inTransaction(Duration.ofMinutes(1), tx -> {
                    try (PreparedStatement insert =
                            transactions.connection().prepareStatement("insert into effects values (?, ?)")) {
                        insert.setString(1, event);
                        insert.setString(2, who);
                        insert.executeUpdate();
                    }
                    FinishResult finished = finish.with(tx);
                    return new Verdict<>(finished != FinishResult.REFUSED, finished);
                });
        assertThat(result).isInstanceOfAny(TransactionResult.Committed.class, TransactionResult.RolledBack.class);
    }

    static EventEnvelope event(String type, String id, String key) {
        return new EventEnvelope(
                id,
                "/test",
                type,
                null,
                null,
                "application/json",
                new byte[] {'1'},
                key,
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);
    }

    static long effects(String event) throws SQLException {
        return number("select count(*) from effects where event = '" + event + "'");
    }

    static long number(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    static void execute(String... statements) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A processor of one slot, owned by node n1, all with names of their own. */
    static final class Scene {
        final int number = scenes++;
        final String processor = "p" + number;
        final Claim claim;
        long position;

        Scene(String... types) throws SQLException {
            execute("delete from amends.node");
            PostgresStore store = store(pool);
            store.join(node("n1", types), LEASE);
            TakenSlot taken =
                    store.takeOver(name("n1"), processor, Set.of(types), 1).get(0);
            claim = taken.claim();
            position = taken.position();
        }

        String name(String name) {
            return name + "-" + number;
        }

        NodeRegistration node(String name, String... types) {
            return new NodeRegistration(name(name), "b", "h", List.of(registration(processor, StartFrom.NOW, types)));
        }

        ProcessorRegistration registration(String name, StartFrom startFrom, String... types) {
            TreeMap<String, String> functions = new TreeMap<>();
            for (String type : types) {
                functions.put(type, "f");
            }
            return new ProcessorRegistration(name, "order=KEY", 1, functions, List.of(), List.of(), startFrom);
        }

        long append(String type, String key) {
            assertThat(store(pool).append(List.of(event(type, name("e" + scenes++), key)), "http"))
                    .containsExactly(AppendResult.APPENDED);
            try {
                return number("select position from amends.head");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** An event that failed, or runs apart from its slot; the scene's position is behind it then. */
        FailureId fail(String key, boolean prepared) {
            long at = append("a", key);
            EventEnvelope event = store(pool).read(at - 1, 1).events().get(0).event();
            FailureId id = new FailureId(name("failure"));
            boolean recorded = store(pool)
                    .recordFailure(
                            new RunOrigin.FromSlot(new CursorMove(claim, position, at)),
                            new NewFailure(
                                    id,
                                    event,
                                    at,
                                    processor,
                                    0,
                                    key,
                                    false,
                                    "f",
                                    FailureReason.HANDLER_FAILED,
                                    prepared ? ErrorDetails.NONE : new ErrorDetails("E", "m", List.of(), List.of(), ""),
                                    "",
                                    RetryPolicy.DEFAULT,
                                    prepared,
                                    Duration.ZERO,
                                    Duration.ofSeconds(180),
                                    Recoverability.UNKNOWN,
                                    null,
                                    "n1",
                                    "b",
                                    claim.fence()));
            assertThat(recorded).isTrue();
            position = at;
            return id;
        }
    }
}
