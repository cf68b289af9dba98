package io.amends.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.OutgoingEvent;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.benchmarks.Database.Work;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.publish.HandlerScope;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Events whose handler publishes one event each, which another processor handles. */
final class Chains implements AutoCloseable {
    private static final String FIRST = "bench.first";
    private static final String NEXT = "bench.next";

    private final Database database;
    private final int events;
    private final Meter meter;
    private final HikariDataSource pool;
    private final HikariDataSource enginePool;
    private final PostgresStore store;
    private final AmendsEngine engine;

    /** Prepares it; {@code carried} is whether what the handler publishes names its causes. */
    Chains(Database database, int events, boolean carried) {
        this.database = database;
        this.events = events;
        meter = new Meter(2 * events, 2 * events);
        pool = database.pool(EngineMode.POOL);
        enginePool = database.pool(EngineMode.ENGINE_POOL);
        MeasuredTransactions measured = new MeasuredTransactions(new PlainJdbcTransactions(pool), meter);
        store = new PostgresStore(PostgresStoreSettings.of(measured, enginePool));
        List<ProcessorDefinition> processors = new ProcessorBinder(new Line.Codec(), RetryPolicy.DEFAULT)
                .add(ProcessorSpec.named("firsts")
                        .startFrom(StartFrom.EARLIEST)
                        .function(FunctionSpec.of(Line.class, (line, delivery) -> {
                                    publishNext(line, carried);
                                    measured.handles(line.n());
                                })
                                .types(FIRST)
                                .named("on")))
                .add(ProcessorSpec.named("nexts")
                        .startFrom(StartFrom.EARLIEST)
                        .function(FunctionSpec.of(Line.class, (line, delivery) -> measured.handles(line.n() + events))
                                .types(NEXT)
                                .named("on")))
                .bind();
        engine = AmendsEngine.builder(store)
                .settings(EngineSettings.defaults("/bench"))
                .codec(new Line.Codec())
                .processors(processors)
                .build();
    }

    private void publishNext(Line line, boolean carried) {
        var handled = HandlerScope.current();
        if (!carried) {
            HandlerScope.enter(null);
        }
        try {
            engine.publisher().publish(OutgoingEvent.of(line).withType(NEXT).withKey(line.key()));
        } finally {
            HandlerScope.enter(handled);
        }
    }

    /** Published events that name so many causes. */
    static void fillOutbox(Database database, int events, int causes) throws SQLException {
        String attribute = IntStream.range(0, causes)
                .mapToObj(n -> "bench.earlier:019ac0de-0000-7000-8000-00000000000" + n)
                .collect(Collectors.joining(","));
        String headers = causes == 0 ? "null" : "'{\"causes\": \"" + attribute + "\"}'";
        database.execute("insert into amends.outbox (id, source, type, time, datacontenttype, data, key, headers)"
                + " select 'preloaded-' || n, '/bench', '" + FIRST + "', now(), 'text/plain',"
                + " convert_to(n || '|key-' || n % 2000 || '|' || repeat('-', 80), 'UTF8'),"
                + " 'key-' || n % 2000, " + headers + "::jsonb from generate_series(0, " + (events - 1)
                + ") as n order by n");
        database.execute("vacuum analyze amends.outbox");
    }

    /** Handles everything; the server's work for it. */
    Work drain(Duration limit) throws SQLException {
        Work before = database.work();
        engine.start();
        meter.awaitHandled(2L * events, limit);
        return database.work().since(before);
    }

    @Override
    public void close() {
        engine.close();
        store.close();
        enginePool.close();
        pool.close();
    }
}
