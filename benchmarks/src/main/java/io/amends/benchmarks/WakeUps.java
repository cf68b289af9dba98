package io.amends.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.OnTimeout;
import io.amends.api.OutgoingEvent;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.benchmarks.Database.Work;
import io.amends.core.define.DependencySpec;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Events that need others: a processor of causes and one of what depends on them, on one node or each on a node of its own.
 * Cause and dependent of one number have the same key; no other pair has it.
 */
final class WakeUps implements AutoCloseable {
    private static final String CAUSE = "bench.cause";
    private static final String DEPENDENT = "bench.dependent";
    private static final String CAUSES = "causes";
    private static final String DEPENDENTS = "dependents";

    private final Database database;
    private final int events;
    private final Duration limit;
    private final Meter meter;
    private final List<AmendsEngine> engines = new ArrayList<>();
    private final List<MeasuredTransactions> transactions = new ArrayList<>();
    private final List<PostgresStore> stores = new ArrayList<>();
    private final List<HikariDataSource> pools = new ArrayList<>();

    /**
     * Starts the nodes.
     *
     * @param nodes 1 or 2
     * @param events causes, and dependents
     * @param declared whether the dependents say that they need their causes
     */
    WakeUps(Database database, int nodes, int events, boolean declared, Duration limit) {
        this.database = database;
        this.events = events;
        this.limit = limit;
        meter = new Meter(2 * events, 2 * events) {
            @Override
            void handled(long n) {
                if (n < events) {
                    committed(n + events); // what waits for it can run from now on
                }
                super.handled(n);
            }
        };
        for (int node = 0; node < nodes; node++) {
            start(nodes == 1 ? "" : node == 0 ? CAUSES : DEPENDENTS, declared);
        }
    }

    private void start(String only, boolean declared) {
        HikariDataSource pool = database.pool(EngineMode.POOL / 2);
        HikariDataSource enginePool = database.pool(EngineMode.ENGINE_POOL);
        MeasuredTransactions measured = new MeasuredTransactions(new PlainJdbcTransactions(pool), meter);
        PostgresStore store = new PostgresStore(PostgresStoreSettings.of(measured, enginePool));
        FunctionSpec dependent = function(DEPENDENT, measured);
        if (declared) {
            dependent = dependent.requires(
                    DependencySpec.after(CAUSE).inProcessor(CAUSES).timeout(Duration.ofHours(1), OnTimeout.FAIL));
        }
        List<ProcessorDefinition> both = new ProcessorBinder(new Line.Codec(), RetryPolicy.DEFAULT)
                .add(ProcessorSpec.named(CAUSES).startFrom(StartFrom.EARLIEST).function(function(CAUSE, measured)))
                .add(ProcessorSpec.named(DEPENDENTS)
                        .startFrom(StartFrom.EARLIEST)
                        .function(dependent))
                .bind();
        AmendsEngine engine = AmendsEngine.builder(store)
                .settings(EngineSettings.defaults("/bench"))
                .codec(new Line.Codec())
                .processors(both.stream()
                        .filter(definition ->
                                only.isEmpty() || definition.name().equals(only))
                        .toList())
                .build();
        engine.start();
        engines.add(engine);
        transactions.add(measured);
        stores.add(store);
        pools.add(enginePool);
        pools.add(pool);
    }

    private static FunctionSpec function(String type, MeasuredTransactions measured) {
        return FunctionSpec.of(Line.class, (line, delivery) -> {
                    Statements.insertEffect(measured.current().orElseThrow().connection(), line.n(), line.key());
                    measured.handles(line.n());
                })
                .types(type)
                .named("on");
    }

    /** Publishes the dependents first, and the causes when all of them wait; how long each wakes after its cause's commit. */
    Histogram wakeUps(int perSecond) throws Exception {
        for (int n = 0; n < events; n++) {
            publish(DEPENDENT, n, n + events);
        }
        awaitWaits(events);
        paced(CAUSE, 0, perSecond);
        meter.awaitHandled(2L * events, limit);
        return meter.latencies(events, 2L * events);
    }

    /** Publishes the causes, and when they are handled the dependents; the server's work for the latter, which do not wait. */
    Work satisfied(int perSecond) throws Exception {
        paced(CAUSE, 0, perSecond);
        meter.awaitHandled(events, limit);
        Work before = database.work();
        paced(DEPENDENT, events, perSecond);
        meter.awaitHandled(2L * events, limit);
        return database.work().since(before);
    }

    private void paced(String type, int numbersFrom, int perSecond) throws Exception {
        long begin = System.nanoTime();
        for (int n = 0; n < events; n++) {
            long due = begin + n * 1_000_000_000L / perSecond;
            while (System.nanoTime() - due < 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            publish(type, n, n + numbersFrom);
        }
    }

    private void publish(String type, int key, long number) throws Exception {
        try {
            transactions.get(0).inNew(transaction -> {
                engines.get(0)
                        .publisher()
                        .publish(OutgoingEvent.of(new Line(number, "key-" + key))
                                .withType(type)
                                .withKey("key-" + key));
                return true;
            });
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitWaits(int count) throws SQLException {
        long end = System.nanoTime() + limit.toNanos();
        while (database.number("select count(*) from amends.wait") < count) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("waits: " + database.number("select count(*) from amends.wait")
                        + " after " + limit + " (expected: " + count + ")");
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    @Override
    public void close() {
        engines.forEach(AmendsEngine::close);
        stores.forEach(PostgresStore::close);
        pools.forEach(HikariDataSource::close);
    }
}
