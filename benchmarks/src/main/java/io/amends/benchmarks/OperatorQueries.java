package io.amends.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.core.failure.FailureId;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.GroupSearch;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresOperatorStore;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import io.amends.jdbc.SchemaName;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.HdrHistogram.Histogram;

/** Measures what operators ask beside a million failed executions in 40 groups, with 1,000 blocked lanes. */
final class OperatorQueries implements AutoCloseable {
    private static final int RUNS = 200;
    private static final int WARM_UP = 20;
    /** The text has a million records; other numbers are put in. */
    private static final String SEED = """
            insert into amends.processor (name, mapping, mapping_from, slots, registered_position)
                values ('points', 'order=KEY', 0, 128, 0);
            insert into amends.cursor (processor, slot, position) select 'points', s, 0 from generate_series(0, 127) s;
            insert into amends.failed_execution (failure_id, processor, slot, lane_key, stops_slot, position, id, source,
                type, data, function, reason, error_code, error_message, error_causes, error_bindings, error_stack,
                fingerprint, first_failed_at, executed_at, retry_enabled, max_retries, min_backoff_ms,
                execution_timeout_ms, max_backoff_ms, jitter, attempt, retries, lost_attempts, requested, retry_at,
                next_retry_at, node, fence, status, recoverability, tenant, build, due_at, done_at)
            select lpad(n::text, 12, '0'), 'points', n % 128, case when n % 1000 = 0 then 'user-' || n end, false, n,
                'event-' || n, '/shop', 'order.' || n % 7, convert_to('{"order":' || n || '}', 'UTF8'), 'on(OrderPaid)',
                'HANDLER_FAILED', 'ERROR_' || n % 40, 'the account of user ' || n || ' is closed since yesterday', '[]',
                '[]', repeat('at com.example.Points.on(Points.java:12)' || chr(10), 20),
                'v1:' || lpad((n % 40)::text, 12, '0'), now() - (1000000 - n) * interval '1 second',
                now() - (1000000 - n) * interval '1 second', true, 10, 180000, 120000, 0, 0, 1, 1, 0, false, now(), now(),
                'node-1', 0,
                case when n % 1000 = 0 then 'FAILED' when n % 20 < 11 then 'SUCCEEDED' when n % 20 = 11 then 'SKIPPED'
                    else 'FAILED' end,
                case when n % 20 = 12 then 'UNRECOVERABLE' else 'UNKNOWN' end, 'tenant-' || n % 100, '1.' || n % 9,
                case when n % 1000 = 0 or n % 20 in (12, 13) then null when n % 20 = 15 then now()
                    when n % 20 = 14 or n % 20 > 15 then now() + n % 86400 * interval '1 second' end,
                case when n % 1000 <> 0 and n % 20 < 12 then now() end
            from generate_series(1, 1000000) n;
            insert into amends.execution_history (failure_id, type, at, attempt, actor, details)
                select lpad((1 + i / 10)::text, 12, '0'), 'execution_failed_created', now(), 1, 'node-1', '{}'
                from generate_series(0, 9999999) i;
            insert into amends.lane (processor, lane_key, slot, head_position, released, stops_slot)
                select 'points', 'user-' || n, n % 128, n, false, false from generate_series(1000, 1000000, 1000) n;
            insert into amends.lane_event (processor, lane_key, position, origin, kind, failure_id, id, source, type)
                select 'points', 'user-' || n, n, 'local', 'FAILED', lpad(n::text, 12, '0'), 'event-' || n, '/shop', 'order.1'
                from generate_series(1000, 1000000, 1000) n
                union all
                select 'points', 'user-' || n, n + f, 'local', 'PARKED', null, 'event-' || n || '-' || f, '/shop', 'order.1'
                from generate_series(1000, 1000000, 1000) n, generate_series(1, 10) f;
            """;

    private final Report report;
    private final int records;
    private final HikariDataSource pool;
    private final OperatorStore operators;
    private final PostgresStore store;

    /** Makes the data set, unless a run before has left it. */
    OperatorQueries(Database database, Report report, int records) throws SQLException {
        this.report = report;
        this.records = records;
        String dataSet = "operate " + records;
        boolean kept = database.has(dataSet);
        if (kept) {
            database.migrate();
        } else {
            database.reset();
            database.execute(
                    SEED.replace("generate_series(0, 9999999)", "generate_series(0, " + (10L * records - 1) + ")")
                            .replace("1000000", String.valueOf(records)));
        }
        pool = database.pool(4);
        operators = new PostgresOperatorStore(pool, SchemaName.DEFAULT);
        store = new PostgresStore(PostgresStoreSettings.of(new PlainJdbcTransactions(pool), pool));
        if (!kept) {
            while (operators.foldGroups(5000) > 0) {
                // until nothing is left
            }
            database.execute("vacuum analyze");
            database.execute("checkpoint");
            database.remember(dataSet);
        }
        database.execute("delete from amends.batch; delete from amends.batch_item; delete from amends.batch_part");
    }

    void measure() throws SQLException {
        Report.Table table = report.table(
                "What operators ask, beside %,d failed executions".formatted(records),
                "question",
                "p50 ms",
                "p95 ms",
                "max ms",
                "aim p95 ms");
        for (FailureQueue queue : List.of(
                FailureQueue.ALL,
                FailureQueue.ACTIVE,
                FailureQueue.DUE,
                FailureQueue.NEEDS_OPERATOR,
                FailureQueue.RUNNING)) {
            line(
                    table,
                    "list page of 60, " + queue.wireName(),
                    "20",
                    i -> operators.search(FailureSearch.in(queue), FailureSort.NEWEST, null, 60));
        }
        line(
                table,
                "list page of 60, what is due next",
                "20",
                i -> operators.search(FailureSearch.in(FailureQueue.ACTIVE), FailureSort.NEXT, null, 60));
        line(
                table,
                "list page of 60 of a group that needs an operator",
                "20",
                i -> operators.search(
                        search(FailureQueue.NEEDS_OPERATOR, Map.of(FailureField.FINGERPRINT, fingerprint(i))),
                        FailureSort.NEWEST,
                        null,
                        60));
        line(
                table,
                "list page of 60 of a tenant",
                "20",
                i -> operators.search(
                        search(FailureQueue.ACTIVE, Map.of(FailureField.TENANT, "tenant-" + i % 100)),
                        FailureSort.NEWEST,
                        null,
                        60));
        line(
                table,
                "list page of 60 of a type",
                "20",
                i -> operators.search(
                        search(FailureQueue.ACTIVE, Map.of(FailureField.EVENT_TYPE, "order." + i % 7)),
                        FailureSort.OLDEST,
                        null,
                        60));
        line(
                table,
                "list page of 60 of an error code",
                "20",
                i -> operators.search(
                        search(FailureQueue.ACTIVE, Map.of(FailureField.ERROR, "ERROR_" + i % 40)),
                        FailureSort.NEWEST,
                        null,
                        60));
        line(
                table,
                "list page of 60 of an hour long ago",
                "20",
                i -> operators.search(
                        hourFrom(Instant.now().minusSeconds(records / 10 * 9L - i)), FailureSort.NEWEST, null, 60));
        line(
                table,
                "one event's id",
                "20",
                i -> operators.search(
                        search(FailureQueue.ALL, Map.of(FailureField.EVENT_ID, "event-" + (i + 1))),
                        FailureSort.NEWEST,
                        null,
                        60));
        line(table, "a filtered count", "20", i -> operators.count(FailureSearch.in(FailureQueue.ACTIVE)));
        line(
                table,
                "a text that many have",
                "50",
                i -> operators.search(
                        text("of user " + String.valueOf(records - 1).substring(0, 2)), FailureSort.NEWEST, null, 60));
        line(
                table,
                "a text that one in a hundred has",
                "50",
                i -> operators.search(text("%02d is closed".formatted(i % 100)), FailureSort.NEWEST, null, 60));
        line(
                table,
                "a text that none has, not found",
                "50",
                i -> operators.search(text("no such text " + i), FailureSort.NEWEST, null, 60));
        line(
                table,
                "a text that a few of the active have",
                "50",
                i -> operators.search(
                        new FailureSearch(
                                Set.of(FailureQueue.ACTIVE),
                                null,
                                null,
                                new TreeMap<>(),
                                null,
                                null,
                                "user " + (records - 10_000 + i)),
                        FailureSort.NEWEST,
                        null,
                        60));
        line(
                table,
                "groups",
                "30",
                i -> operators.groups(new GroupSearch(null, true, true, GroupSearch.Sort.COUNT), 60));
        line(table, "one group", "30", i -> operators.group(fingerprint(i)));
        line(table, "counts of all queues", "5", i -> operators.counts());
        line(table, "one failed execution with history and followers", "15", i -> {
            var id = new FailureId("%012d".formatted(1000 * (1 + i % (records / 1000))));
            if (store.failure(id).isEmpty()) {
                throw new IllegalStateException("no " + id);
            }
            store.history(id);
            store.followers(id);
        });
        line(table, "blocked lanes, page of 60", "30", i -> operators.blockedLanes(null, ProcessorScope.ALL, null, 60));
        line(
                table,
                "a lane and its events",
                "30",
                i -> operators.laneEvents("points", "user-" + 1000 * (1 + i % (records / 1000)), 0, 60));
        plans(table);
        table.end();
    }

    private void plans(Report.Table table) {
        Histogram times = new Histogram(3);
        int items = 0;
        for (int i = 0; i < 5; i++) {
            String id = "b-" + (i + 1);
            long begin = System.nanoTime();
            BatchPlan plan = operators.planBatch(new BatchPlan.Draft(
                    id,
                    new FailureCommand.Prepare(false),
                    search(FailureQueue.NEEDS_OPERATOR, Map.of()),
                    new TreeMap<>(),
                    "bench",
                    null));
            times.recordValue((System.nanoTime() - begin) / 1000);
            items = plan.batch().numbers().total();
            if (items < records / 10) {
                throw new IllegalStateException("plan: " + plan);
            }
        }
        print(table, "plan of %,d items (5 runs)".formatted(items), "500", times);
        operators.changeBatch("b-1", BatchDecision.start(new Batch.Pace(0, 0, 10_000, 1000, 100)));
        long begin = System.nanoTime();
        operators.changeBatch("b-1", BatchDecision.cancel(Batch.Stop.byPerson("bench", null)));
        table.row(
                "cancel of a batch of %,d, once".formatted(items), (System.nanoTime() - begin) / 1e6, "", "", "2,000");
    }

    private static String fingerprint(int i) {
        return "v1:%012d".formatted(i % 40);
    }

    private static FailureSearch search(FailureQueue queue, Map<FailureField, String> exact) {
        return new FailureSearch(Set.of(queue), null, null, new TreeMap<>(exact), null, null, null);
    }

    private static FailureSearch hourFrom(Instant from) {
        return new FailureSearch(Set.of(), null, null, new TreeMap<>(), from, from.plusSeconds(3600), null);
    }

    private static FailureSearch text(String text) {
        return new FailureSearch(Set.of(), null, null, new TreeMap<>(), null, null, text);
    }

    private static void line(Report.Table table, String question, String aim, IntConsumer ask) {
        Histogram times = new Histogram(3);
        int runs = question.contains("not found") ? RUNS / 4 : RUNS;
        for (int i = -WARM_UP; i < runs; i++) {
            long begin = System.nanoTime();
            ask.accept(Math.abs(i));
            if (i >= 0) {
                times.recordValue((System.nanoTime() - begin) / 1000);
            }
        }
        print(table, question, aim, times);
    }

    private static void print(Report.Table table, String question, String aim, Histogram times) {
        table.row(
                question,
                times.getValueAtPercentile(50) / 1e3,
                times.getValueAtPercentile(95) / 1e3,
                times.getMaxValue() / 1e3,
                aim);
    }

    @Override
    public void close() {
        store.close();
        pool.close();
    }
}
