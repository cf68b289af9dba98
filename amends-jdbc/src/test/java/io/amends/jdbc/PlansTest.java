package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.OnTimeout;
import io.amends.api.RetryPolicy;
import io.amends.api.Wait;
import io.amends.core.define.Delivery;
import io.amends.core.define.DependencySpec;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.define.StreamSpec;
import io.amends.core.event.EventCodec;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * PostgreSQL plans what runs for every event once on a connection, and not at each call, as decision 015 says: by the sixth
 * call it compares what its plans for known parameters cost with the plan for any, and keeps that one or never does.
 */
class PlansTest {
    private static final int ROUNDS = 30;
    /** The plans for known parameters that it always makes first. */
    private static final int FIRST_PLANS = 5;

    private static final List<String> TYPES = List.of("early", "cancelled", "paid", "noted");

    private final MigratedSchema migrated = MigratedSchema.take();
    private final SchemaName schema = migrated.name;
    private final HikariDataSource others = TestServer.pool(1);
    private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    private final Set<String> noted = ConcurrentHashMap.newKeySet();

    record OrderEvent(String order, long version) {}

    @AfterEach
    void close() {
        forTables("alter table %s reset (autovacuum_enabled)");
        migrated.close();
        others.close();
    }

    @Test
    void whatRunsForEveryEventIsPlannedOnce() throws Exception {
        // new statistics would have it compare again, at any moment
        forTables("alter table %s set (autovacuum_enabled = false)");
        plansAfter(0);
        forTables("analyze %s");

        List<Plans> plans = plansAfter(ROUNDS);

        assertThat(plans.stream().filter(statement -> statement.kept() > 0).map(Plans::statement))
                .as("what the rounds go through")
                .anyMatch(sql -> sql.contains(".outbox"))
                .anyMatch(sql -> sql.contains(".relay("))
                .anyMatch(sql -> sql.contains(".inbox"))
                .anyMatch(sql -> sql.contains("set position"))
                .anyMatch(sql -> sql.contains("into " + schema.in("${schema}.failed_execution")))
                .anyMatch(sql -> sql.contains("cross join lateral (select f.failure_id, f.due_at"))
                .anyMatch(sql -> sql.contains("into " + schema.in("${schema}.lane_event")))
                .anyMatch(sql -> sql.contains("into " + schema.in("${schema}.wait")))
                .anyMatch(sql -> sql.contains(".woken_lanes("))
                .anyMatch(sql -> sql.contains(".wake_next_waits("))
                .anyMatch(sql -> sql.contains(".end_waits("));
        assertThat(plans)
                .as("planned at each call; see docs/decisions/015-plans-are-made-once.md")
                .filteredOn(statement -> statement.made() > FIRST_PLANS)
                .isEmpty();
    }

    /** What {@code pg_prepared_statements} says: how often it was planned for its parameters, and how often its plan was kept. */
    private record Plans(String statement, long made, long kept) {}

    /** The plans on the connections of an engine that begins anew, one of the application and one of its own. */
    private List<Plans> plansAfter(int first) throws Exception {
        try (HikariDataSource application = TestServer.pool(1);
                HikariDataSource own = TestServer.pool(1)) {
            PlainJdbcTransactions transactions = new PlainJdbcTransactions(application);
            try (PostgresStore store = new PostgresStore(PostgresStoreSettings.of(transactions, own)
                            .withSchema(schema)
                            .withListen(false));
                    AmendsEngine engine = engine(store, new PostgresOperatorStore(own, schema))) {
                engine.start();
                for (int round = first; round < first + ROUNDS; round++) {
                    play(store, transactions, round);
                }
            }
            List<Plans> plans = new ArrayList<>(plansOf(application));
            plans.addAll(plansOf(own));
            return plans;
        }
    }

    /** One order: an event that waits for whatever comes next, one that waits for another, that one, which fails once, and a later one. */
    private void play(PostgresStore store, PlainJdbcTransactions transactions, int order) throws Exception {
        Set<String> missing = new TreeSet<>();
        for (String type : TYPES) {
            EventEnvelope event = event(type, Integer.toString(order));
            missing.add(event.id());
            transactions.inTransaction(() -> {
                store.caller().publish(event, false);
                return true;
            });
        }
        while (!missing.isEmpty()) {
            String one = handled.poll(30, TimeUnit.SECONDS);
            assertThat(one).as("handled next of " + missing).isNotNull();
            missing.remove(one);
        }
    }

    private static List<Plans> plansOf(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select statement, custom_plans, generic_plans from pg_prepared_statements order by prepare_time")) {
            List<Plans> plans = new ArrayList<>();
            while (row.next()) {
                plans.add(new Plans(row.getString(1), row.getLong(2), row.getLong(3)));
            }
            return plans;
        }
    }

    /** Runs a command for each table; {@code %s} stands for its name. */
    private void forTables(String command) {
        TestServer.execute(
                others,
                schema.in("do $$ declare t regclass; begin for t in select c.oid from pg_class c where c.relkind = 'r'"
                        + " and c.relnamespace = '${schema}'::regnamespace loop execute format('" + command
                        + "', t); end loop; end $$"));
    }

    private AmendsEngine engine(PostgresStore store, PostgresOperatorStore operatorStore) {
        Texts codec = new Texts();
        RetryPolicy atOnce = new RetryPolicy(true, 10, Duration.ZERO, Duration.ofSeconds(60), Duration.ZERO, 0);
        return AmendsEngine.builder(store)
                .operatorStore(operatorStore)
                .settings(settings())
                .codec(codec)
                .processors(new ProcessorBinder(codec, atOnce)
                        .add(ProcessorSpec.named("orders")
                                .slots(8)
                                .function(function("early", this::waitForNoted))
                                .function(function("cancelled", this::handle)
                                        .requires(DependencySpec.after("paid")
                                                .key("order")
                                                .timeout(Duration.ofHours(1), OnTimeout.FAIL)))
                                .function(function("paid", this::failOnce))
                                .function(function("noted", this::handle)
                                        .skipStale(StreamSpec.of("order")
                                                .key("order")
                                                .version("version"))))
                        .bind())
                .build();
    }

    private static FunctionSpec function(String type, FunctionSpec.Handler<OrderEvent> handler) {
        return FunctionSpec.of(OrderEvent.class, handler).named("on-" + type).types(type);
    }

    private void handle(OrderEvent event, Delivery delivery) {
        if (delivery.envelope().type().equals("noted")) {
            noted.add(event.order());
        }
        handled.add(delivery.envelope().id());
    }

    private void waitForNoted(OrderEvent event, Delivery delivery) {
        if (!noted.contains(event.order())) {
            throw Wait.forNext();
        }
        handle(event, delivery);
    }

    private void failOnce(OrderEvent event, Delivery delivery) {
        if (!delivery.attempt().isRetry()) {
            throw new IllegalStateException("once");
        }
        handle(event, delivery);
    }

    /** Without immediate re-runs, so that what fails once is recorded; nothing signals, so it looks often. */
    private static EngineSettings settings() {
        return EngineSettings.defaults("/shop")
                .with(it -> it.immediateBackoffs(List.of()).idlePoll(Duration.ofMillis(20)));
    }

    private static EventEnvelope event(String type, String order) {
        byte[] data = ("order=" + order + ";version=1").getBytes(StandardCharsets.UTF_8);
        return new EventEnvelope(
                type + "-" + order,
                "/shop",
                type,
                null,
                null,
                "text/plain",
                data,
                order,
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);
    }

    private static final class Texts implements EventCodec {
        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public byte[] encode(Object payload) {
            return payload.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object decode(byte[] data, Type type) {
            return new OrderEvent(
                    text(data, "order").orElseThrow(),
                    Long.parseLong(text(data, "version").orElseThrow()));
        }

        @Override
        public Optional<String> text(byte[] data, String path) {
            for (String pair : new String(data, StandardCharsets.UTF_8).split(";")) {
                if (pair.startsWith(path + "=")) {
                    return Optional.of(pair.substring(path.length() + 1));
                }
            }
            return Optional.empty();
        }
    }
}
