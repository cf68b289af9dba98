package io.amends.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.OutgoingEvent;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import java.util.List;

/** The engine in plain Java, with a codec that costs nothing. */
final class EngineMode implements Mode {
    static final String PROCESSOR = "bench";
    /** Publishers and handlers. */
    static final int POOL = 32;
    /** The engine's own short transactions. */
    static final int ENGINE_POOL = 8;

    @Override
    public String name() {
        return "engine";
    }

    @Override
    public Session open(Database database, Plan plan, Meter meter) {
        HikariDataSource pool = database.pool(POOL);
        MeasuredTransactions transactions = new MeasuredTransactions(new PlainJdbcTransactions(pool), meter);
        HikariDataSource enginePool = database.pool(ENGINE_POOL);
        PostgresStore store = new PostgresStore(PostgresStoreSettings.of(transactions, enginePool));
        AmendsEngine engine = AmendsEngine.builder(store)
                .settings(EngineSettings.defaults("/bench"))
                .codec(new Line.Codec())
                .processors(plan.handling() ? processors(plan, transactions) : List.of())
                .build();
        engine.start();
        return new EngineSession(engine, store, transactions, List.of(enginePool, pool));
    }

    private static List<ProcessorDefinition> processors(Plan plan, MeasuredTransactions transactions) {
        ProcessorSpec spec =
                ProcessorSpec.named(PROCESSOR).startFrom(StartFrom.EARLIEST).batch(plan.batch());
        FunctionSpec function = plan.batch() > 1
                ? FunctionSpec.batch(Line.class, (lines, delivery) -> {
                    Statements.insertEffects(
                            transactions.current().orElseThrow().connection(), lines);
                    lines.forEach(line -> transactions.handles(line.n()));
                })
                : FunctionSpec.of(Line.class, (line, delivery) -> {
                    if (line.key().equals(plan.poisoned())) {
                        throw new PoisonedException(line);
                    }
                    Statements.insertEffect(transactions.current().orElseThrow().connection(), line.n(), line.key());
                    transactions.handles(line.n());
                });
        return new ProcessorBinder(new Line.Codec(), RetryPolicy.DEFAULT)
                .add(spec.function(function.types(Line.TYPE).named("on")))
                .bind();
    }

    /** Thrown for each event of the poisoned key. */
    static final class PoisonedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PoisonedException(Line line) {
            super("poisoned: " + line.n());
        }
    }

    private record EngineSession(
            AmendsEngine engine, PostgresStore store, MeasuredTransactions transactions, List<HikariDataSource> pools)
            implements Session {
        @Override
        public void publish(long n, String key) throws Exception {
            try {
                transactions.inNew(transaction -> {
                    Statements.insertBusiness(transaction.connection(), key);
                    engine.publisher()
                            .publish(OutgoingEvent.of(new Line(n, key))
                                    .withType(Line.TYPE)
                                    .withKey(key));
                    return true;
                });
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            engine.close();
            store.close();
            pools.forEach(HikariDataSource::close);
        }
    }
}
