package io.amends.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.OperatorStore;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresOperatorStore;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import io.amends.jdbc.SchemaName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Lets every event fail once, makes all records due, at the same time or by a batch, and waits until they are done. */
final class RetryDrain implements AutoCloseable {
    private final Database database;
    private final int records;
    private final Duration limit;
    private final HikariDataSource pool;
    private final HikariDataSource enginePool;
    private final PostgresStore store;
    private final OperatorStore operators;
    private final AmendsEngine engine;
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicLong lastBegun = new AtomicLong();
    private volatile boolean failing = true;

    /**
     * Starts nothing yet.
     *
     * @param share how many events may share a transaction
     */
    RetryDrain(Database database, int records, int share, Duration limit) {
        this.database = database;
        this.records = records;
        this.limit = limit;
        pool = database.pool(EngineMode.POOL);
        enginePool = database.pool(EngineMode.ENGINE_POOL);
        PlainJdbcTransactions transactions = new PlainJdbcTransactions(pool);
        FunctionSpec function = FunctionSpec.of(Line.class, (line, delivery) -> {
                    lastBegun.accumulateAndGet(System.nanoTime(), Math::max);
                    Statements.insertEffect(transactions.connection(), line.n(), line.key());
                    runs.incrementAndGet();
                    if (failing) {
                        throw new IllegalStateException("as planned");
                    }
                })
                .types(Line.TYPE)
                .named("on");
        RetryPolicy policy = new RetryPolicy(true, 10, Duration.ofDays(1), Duration.ofMinutes(1), Duration.ZERO, 0);
        store = new PostgresStore(PostgresStoreSettings.of(transactions, enginePool));
        operators = new PostgresOperatorStore(enginePool, SchemaName.DEFAULT);
        engine = AmendsEngine.builder(store)
                .operatorStore(operators)
                .settings(settings())
                .codec(new Line.Codec())
                .processors(new ProcessorBinder(new Line.Codec(), policy)
                        .add(ProcessorSpec.named(EngineMode.PROCESSOR)
                                .startFrom(StartFrom.EARLIEST)
                                .batch(share)
                                .function(function))
                        .bind())
                .build();
    }

    /** Without immediate re-runs: only the records count here. */
    private static EngineSettings settings() {
        return EngineSettings.defaults("/bench").with(it -> it.immediateBackoffs(List.of()));
    }

    /** Records failed a second. */
    double failAll() throws SQLException {
        long begin = System.nanoTime();
        engine.start();
        awaitStatus("FAILED");
        return records / ((System.nanoTime() - begin) / 1e9);
    }

    /** Records succeeded by retry a second, from when they all are due. */
    double retryAll() throws SQLException {
        database.execute("update amends.failed_execution set due_at = now(), next_retry_at = now()");
        long begin = System.nanoTime();
        awaitStatus("SUCCEEDED");
        return records / ((System.nanoTime() - begin) / 1e9);
    }

    /** Items of one batch of all records handled a second, at the greatest pace there is. */
    double runBatch() throws SQLException {
        planAll();
        long begin = System.nanoTime();
        startBatch();
        await("handled", () -> operators.batch("b-1").orElseThrow().numbers().handled());
        return records / ((System.nanoTime() - begin) / 1e9);
    }

    /**
     * What a cancel of a running batch did.
     *
     * @param handledBefore items whose handler had begun when it was commanded
     * @param answeredMillis from the command to its answer
     * @param lastBegunMillis from the command to the begin of the last handler, 0 if none began after it
     * @param handledAfter items whose handler began after the command
     */
    record Cancelled(int handledBefore, double answeredMillis, double lastBegunMillis, int handledAfter) {}

    /** Cancels a batch of all records, at the greatest pace there is, when a third of its items have run. */
    Cancelled cancelBatch() throws SQLException {
        planAll();
        startBatch();
        long end = System.nanoTime() + limit.toNanos();
        while (runs.get() < records / 3) {
            requireTime(end, "a third of the items has not run");
            LockSupport.parkNanos(1_000_000);
        }
        int before = runs.get();
        long told = System.nanoTime();
        operators.changeBatch("b-1", BatchDecision.cancel(Batch.Stop.byPerson("bench", null)));
        long answered = System.nanoTime();
        // what was made due before it still runs
        while (operators.batch("b-1").orElseThrow().numbers().running() > 0
                || database.number("select count(*) from amends.failed_execution where status = 'PREPARED'"
                                + " or (status = 'FAILED' and requested)")
                        > 0) {
            requireTime(end, "items of the cancelled batch are still running");
            LockSupport.parkNanos(20_000_000);
        }
        int after = runs.get();
        if (after == records) {
            throw new IllegalStateException("the batch had ended before it was cancelled (expected: more --records)");
        }
        return new Cancelled(
                before, (answered - told) / 1e6, Math.max(0, lastBegun.get() - told) / 1e6, after - before);
    }

    private void requireTime(long end, String what) {
        if (System.nanoTime() - end > 0) {
            throw new IllegalStateException(what + " after " + limit);
        }
    }

    private void startBatch() {
        operators.changeBatch("b-1", BatchDecision.start(new Batch.Pace(0, 0, 10_000, 1000, 100)));
    }

    private void planAll() {
        BatchPlan plan = operators.planBatch(new BatchPlan.Draft(
                "b-1",
                new FailureCommand.Prepare(false),
                FailureSearch.in(FailureQueue.ACTIVE),
                new TreeMap<>(),
                "bench",
                null));
        if (plan.batch().numbers().total() != records) {
            throw new IllegalStateException("plan: " + plan + " (expected: " + records + " items)");
        }
    }

    /** From here on nothing fails. */
    void heal() throws SQLException {
        failing = false;
        runs.set(0);
        // what recording has left to do for groups and texts is not the retries' cost
        while (database.number("select count(*) from amends.failure_group_change") > 0) {
            LockSupport.parkNanos(20_000_000);
        }
        database.execute("vacuum analyze");
        database.forgetStatements();
    }

    private void awaitStatus(String status) throws SQLException {
        await(
                status,
                () -> database.number("select count(*) from amends.failed_execution where status = '" + status + "'"));
    }

    private void await(String what, Reached reached) throws SQLException {
        long end = System.nanoTime() + limit.toNanos();
        // counting costs the database more than a retry: only when they all have run
        while (runs.get() < records || reached.number() < records) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("not all records are " + what + " after " + limit);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private interface Reached {
        long number() throws SQLException;
    }

    @Override
    public void close() {
        engine.close();
        store.close();
        enginePool.close();
        pool.close();
    }
}
