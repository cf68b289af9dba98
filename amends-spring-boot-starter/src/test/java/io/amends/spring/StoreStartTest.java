package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.OnEvent;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.store.Store;
import io.amends.jdbc.PostgresStore;
import io.amends.spring.lifecycle.EngineConnections;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

@ExtendWith(OutputCaptureExtension.class)
class StoreStartTest {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    AmendsStoreAutoConfiguration.class,
                    AmendsAutoConfiguration.class));

    private ApplicationContextRunner onNewDatabase() {
        return runner.withPropertyValues(PostgresForTests.newDatasource());
    }

    private static FailureAnalysis analysis(Throwable failure) {
        FailureAnalysis analysis = new SetupFailureAnalyzer().analyze(failure);
        assertThat(analysis).as(() -> "analysis of " + failure).isNotNull();
        return analysis;
    }

    @Test
    void makesItsTablesInASchemaOfItsOwn() {
        ApplicationContextRunner same = onNewDatabase().withPropertyValues("amends.schema.name=events");
        same.run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context).hasSingleBean(PostgresStore.class);
            assertThat(context.getBean(JdbcTemplate.class)
                            .queryForObject(
                                    "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'events' AND"
                                            + " table_name = 'outbox'",
                                    Long.class))
                    .isEqualTo(1);
        });
        same.withPropertyValues("amends.schema.mode=validate")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void onlyChecksOrPrintsWhereItIsToldSo(CapturedOutput output) {
        onNewDatabase().withPropertyValues("amends.schema.mode=validate").run(context -> {
            FailureAnalysis analysis = analysis(context.getStartupFailure());
            assertThat(analysis.getDescription()).contains("schema_history");
            assertThat(analysis.getAction()).contains("amends.schema.mode=migrate");
        });
        assertThat(output).doesNotContain("create table");
        onNewDatabase()
                .withPropertyValues("amends.schema.mode=print")
                .run(context -> assertThat(analysis(context.getStartupFailure()).getDescription())
                        .contains("schema_history"));
        assertThat(output).contains("create table");
    }

    @Test
    void refusesASchemaNameThatIsNone() {
        onNewDatabase()
                .withPropertyValues("amends.schema.name=Robert'); DROP")
                .run(context -> assertThat(analysis(context.getStartupFailure()).getDescription())
                        .contains("Robert'); DROP", "expected: 1..48 lower-case letters"));
    }

    @Test
    void waitsForADatabaseThatIsAwayOnlySoLong() {
        runner.withPropertyValues(
                        "spring.datasource.url=jdbc:postgresql://localhost:1/none",
                        "spring.datasource.hikari.connection-timeout=250",
                        "amends.start-timeout=1s")
                .run(context -> {
                    FailureAnalysis analysis = analysis(context.getStartupFailure());
                    assertThat(analysis.getDescription()).contains("the database was away for 1 s");
                    assertThat(analysis.getAction()).contains("amends.start-timeout");
                });
    }

    @Test
    void asksWhichOfSeveralTransactionManagersItIsFor() {
        onNewDatabase()
                .withBean(
                        "second",
                        DataSourceTransactionManager.class,
                        () -> new DataSourceTransactionManager(
                                new org.springframework.jdbc.datasource.DriverManagerDataSource()))
                .withBean(
                        "third",
                        DataSourceTransactionManager.class,
                        () -> new DataSourceTransactionManager(
                                new org.springframework.jdbc.datasource.DriverManagerDataSource()))
                .run(context -> assertThat(analysis(context.getStartupFailure()).getAction())
                        .contains("@Primary"));
    }

    record Slow(@EventKey String key) {}

    @EventProcessor(name = "slow")
    static class SlowProcessor {
        final AtomicInteger running = new AtomicInteger();
        final CountDownLatch done = new CountDownLatch(1);
        final AtomicInteger handled = new AtomicInteger();

        @OnEvent
        void on(Slow slow) throws InterruptedException {
            running.incrementAndGet();
            done.await();
            handled.incrementAndGet();
        }
    }

    @Test
    void keepsItsSlotsWhileHandlersHoldEveryConnection(CapturedOutput output) {
        onNewDatabase()
                .withBean(SlowProcessor.class)
                .withPropertyValues(
                        "spring.datasource.hikari.maximum-pool-size=3",
                        "amends.lease=2s",
                        "amends.heartbeat=300ms",
                        "amends.patience=1m")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(output).contains("up to 16 handlers at once", "share 3 connections");
                    AmendsEngine engine = context.getBean(AmendsEngine.class);
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> engine.report().processors().getFirst().slots() == 128);
                    SlowProcessor processor = context.getBean(SlowProcessor.class);
                    EventPublisher events = context.getBean(EventPublisher.class);
                    for (int i = 0; i < 3; i++) {
                        events.publishNow(new Slow("key-" + i));
                    }
                    await().atMost(Duration.ofSeconds(30)).untilAtomic(processor.running, org.hamcrest.Matchers.is(3));
                    HikariDataSource pool = (HikariDataSource) context.getBean(DataSource.class);
                    assertThat(pool.getHikariPoolMXBean().getIdleConnections()).isZero();
                    await().during(Duration.ofSeconds(4))
                            .atMost(Duration.ofSeconds(10))
                            .until(() -> engine.report().leaseHolds()
                                    && engine.report().processors().getFirst().slots() == 128);
                    processor.done.countDown();
                    await().atMost(Duration.ofSeconds(30)).untilAtomic(processor.handled, org.hamcrest.Matchers.is(3));
                });
    }

    @Test
    void sharesTheApplicationsPoolWhereItIsToldSo(CapturedOutput output) {
        onNewDatabase()
                .withBean(SlowProcessor.class)
                .withPropertyValues("amends.datasource.own-pool=false")
                .run(context -> {
                    assertThat(context.getBean(EngineConnections.class).dataSource())
                            .isSameAs(context.getBean(DataSource.class));
                    assertThat(output).contains("the node may lose its slots");
                });
    }

    @Test
    void leavesNoConnectionBehind() {
        String[] database = PostgresForTests.newDatasource();
        ApplicationContextRunner same =
                runner.withPropertyValues(database).withPropertyValues("spring.datasource.hikari.maximum-pool-size=2");
        same.withBean(SlowProcessor.class)
                .run(context ->
                        assertThat(context.getBean(Store.class).gauges()).hasSize(1));
        same.withPropertyValues("amends.enabled=false")
                .run(context -> await().untilAsserted(() -> assertThat(context.getBean(JdbcTemplate.class)
                                .queryForObject(
                                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
                                                + " pid <> pg_backend_pid() AND application_name NOT LIKE '%autovacuum%'"
                                                + " AND backend_type = 'client backend'",
                                        Integer.class))
                        .isLessThanOrEqualTo(1)));
    }
}
