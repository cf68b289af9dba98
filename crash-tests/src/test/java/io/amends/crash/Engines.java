package io.amends.crash;

import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.OutgoingEvent;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.define.RetrySpec;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.jdbc.JdbcTransactions;
import io.amends.jdbc.PlainJdbcTransactions;
import io.amends.jdbc.PostgresOperatorStore;
import io.amends.jdbc.PostgresStore;
import io.amends.jdbc.PostgresStoreSettings;
import io.amends.jdbc.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/** The engines of the crash tests, with times short enough that a test sees all of them pass. */
final class Engines {
    static final Duration LEASE = Duration.ofSeconds(2);
    static final Duration EXECUTION_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final double SLOW_SECONDS = 1.2;
    private static final double HANG_SECONDS = 30;

    private static final RetryPolicy POLICY =
            new RetryPolicy(true, 100, Duration.ofMillis(100), EXECUTION_TIMEOUT, Duration.ofSeconds(1), 0.2);

    private Engines() {}

    /** Thrown for work that a retry cures. */
    static final class FailedWork extends Exception {
        private static final long serialVersionUID = 1L;

        FailedWork(Work work) {
            super("planned: " + work);
        }
    }

    /** Thrown for work that only a person has retried. */
    static final class HopelessWork extends Exception {
        private static final long serialVersionUID = 1L;

        HopelessWork(Work work) {
            super("planned: " + work);
        }
    }

    /** An engine that publishes and handles. */
    static AmendsEngine working(
            PostgresStore store, PlainJdbcTransactions transactions, DataSource database, String name) {
        return engine(store, database, name, processors(transactions));
    }

    /** An engine that is only operated, and never started. */
    static AmendsEngine operating(DataSource database) {
        PlainJdbcTransactions transactions = new PlainJdbcTransactions(database);
        PostgresStoreSettings settings =
                PostgresStoreSettings.of(transactions, database).withListen(false);
        return engine(new PostgresStore(settings), database, "operator", List.of());
    }

    private static AmendsEngine engine(
            PostgresStore store, DataSource database, String name, List<ProcessorDefinition> processors) {
        return AmendsEngine.builder(store)
                .operatorStore(new PostgresOperatorStore(database, SchemaName.DEFAULT))
                .settings(settings(name))
                .codec(new Work.Codec())
                .processors(processors)
                .build();
    }

    private static EngineSettings settings(String name) {
        return EngineSettings.defaults("/crash")
                .with(it -> it.nodeName(name)
                        .build("1")
                        .lease(LEASE)
                        .heartbeat(Duration.ofMillis(500))
                        .patience(PATIENCE)
                        .immediateBackoffs(List.of(Duration.ofMillis(20)))
                        .idlePoll(Duration.ofMillis(500))
                        .keepPassed(Duration.ofSeconds(20))
                        .keepDone(Duration.ofDays(1))
                        .keepTombstones(Duration.ofDays(1))
                        .shutdownPatience(Duration.ofSeconds(10)));
    }

    private static List<ProcessorDefinition> processors(JdbcTransactions transactions) {
        RetrySpec retry = RetrySpec.UNSET.withUnrecoverable(List.of(HopelessWork.class));
        ProcessorSpec effects = ProcessorSpec.named("effects")
                .startFrom(StartFrom.EARLIEST)
                .slots(16)
                .concurrency(8)
                .batch(4)
                .retry(retry)
                .function(FunctionSpec.publishing(Work.class, (work, delivery) -> {
                            handle(
                                    transactions,
                                    "effects",
                                    work,
                                    delivery.attempt().number());
                            return work.seq() % 4 == 0 ? echo(transactions, work) : null;
                        })
                        .types("work"));
        ProcessorSpec echoes = ProcessorSpec.named("echoes")
                .startFrom(StartFrom.EARLIEST)
                .slots(16)
                .concurrency(8)
                .batch(8)
                .retry(retry)
                .function(FunctionSpec.batch(Work.class, (works, delivery) -> {
                            for (Work work : works) {
                                handle(
                                        transactions,
                                        "echoes",
                                        work,
                                        delivery.attempt().number());
                            }
                        })
                        .types("echo"));
        ProcessorSpec audit = ProcessorSpec.named("audit")
                .startFrom(StartFrom.EARLIEST)
                .order(Order.NONE)
                .onFailure(OnFailure.CONTINUE)
                .slots(16)
                .concurrency(8)
                .retry(retry)
                .function(FunctionSpec.of(
                                Work.class,
                                (work, delivery) -> handle(
                                        transactions,
                                        "audit",
                                        work,
                                        delivery.attempt().number()))
                        .types("work"));
        return new ProcessorBinder(new Work.Codec(), POLICY)
                .add(effects)
                .add(echoes)
                .add(audit)
                .bind();
    }

    private static void handle(JdbcTransactions transactions, String processor, Work work, int attempt)
            throws Exception {
        Connection connection = transactions.current().orElseThrow().connection();
        Ledger.takeEffect(connection, processor, work);
        if (attempt > work.times()) {
            return;
        }
        switch (work.trouble()) {
            case NONE -> {}
            case FAIL -> throw new FailedWork(work);
            case HOPELESS -> throw new HopelessWork(work);
            case FAULTY -> {
                if (Ledger.isFaulty(connection, work)) {
                    throw new HopelessWork(work);
                }
            }
            case SLOW -> takeTime(connection, SLOW_SECONDS);
            case HANG -> takeTime(connection, HANG_SECONDS);
        }
    }

    private static OutgoingEvent echo(JdbcTransactions transactions, Work work) throws SQLException {
        Work echo = work.echo();
        Ledger.enter(transactions.current().orElseThrow().connection(), "echo", echo);
        return OutgoingEvent.of(echo).withType("echo").withKey(work.key());
    }

    private static void takeTime(Connection connection, double seconds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select pg_sleep(?)")) {
            statement.setDouble(1, seconds);
            statement.execute();
        }
    }
}
