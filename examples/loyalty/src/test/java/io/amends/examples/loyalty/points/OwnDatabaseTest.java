package io.amends.examples.loyalty.points;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.EventPublisher;
import io.amends.api.RetryPolicy;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.runtime.AmendsEngine;
import io.amends.examples.loyalty.event.OrderCancelled;
import io.amends.examples.loyalty.event.OrderPaid;
import io.amends.examples.loyalty.fault.Faults;
import io.amends.spring.define.BeanProcessors;
import io.amends.testkit.disorder.DisorderReport;
import io.amends.testkit.disorder.DisorderTest;
import io.amends.testkit.disorder.PostgresHistoryDatabase;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionTemplate;

/** The application's own beans, SQL and database, in every order of their events. */
@SpringBootTest
@DirtiesContext // closed before its database's directory goes; and its engine is stopped
class OwnDatabaseTest {
    private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");

    @TempDir
    static Path directory;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        registry.add("amends.embedded.directory", directory::toString);
    }

    @Autowired
    BeanProcessors processors;

    @Autowired
    AmendsEngine engine;

    @Autowired
    EventCodec codec;

    @Autowired
    EventPublisher publisher;

    @Autowired
    DataSource dataSource;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    ScoreTable scores;

    @Test
    void paymentsAndCancellationsEndAlikeInEveryOrder() {
        refusesWhileTheEngineRuns();
        engine.close();
        ProcessorDefinition points = processors.definitions().stream()
                .filter(definition -> definition.name().equals("points"))
                .findFirst()
                .orElseThrow();
        DisorderReport declared = test(points).explore();
        System.out.printf("declared, %d ms: %s%n", declared.took().toMillis(), declared.text());
        assertThat(declared.passed()).as(declared.text()).isTrue();

        ProcessorDefinition naive = new ProcessorBinder(codec, RetryPolicy.DEFAULT)
                .add(new NaivePoints(scores, new Faults()))
                .bind()
                .getFirst();
        DisorderReport found = test(naive).explore();
        System.out.printf("naive, %d ms: %s%n", found.took().toMillis(), found.text());
        assertThat(found.passed()).isFalse();
        assertThat(scores()).as("what was there before").isEmpty();
    }

    private void refusesWhileTheEngineRuns() {
        DisorderTest<?> test = test(processors.definitions().getFirst());
        assertThatThrownBy(test::explore)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("an engine runs on this database");
    }

    private DisorderTest<ProcessorDefinition> test(ProcessorDefinition processor) {
        return DisorderTest.on(
                        PostgresHistoryDatabase.of(
                                        dataSource,
                                        work -> transactions.executeWithoutResult(status -> work.run()),
                                        publisher)
                                .emptying("local_user", "local_order", "score")
                                .resetting(
                                        () -> jdbc.sql("insert into local_user values ('u1', 'Anna', 'r1', 1, false)")
                                                .update()),
                        processor)
                .takenAsDone("users") // the user is put in before each history
                .codec(codec)
                .events(paid("o1", 5), cancelled("o1", 5), paid("o2", 7))
                .state(tested -> scores());
    }

    private Map<String, Long> scores() {
        Map<String, Long> scores = new TreeMap<>();
        jdbc.sql("select user_id, points from score")
                .query((row, number) -> scores.put(row.getString(1), row.getLong(2)))
                .list();
        return scores;
    }

    private static OrderPaid paid(String order, int amount) {
        return new OrderPaid(order, "u1", BigDecimal.valueOf(amount), NOON, 1);
    }

    private static OrderCancelled cancelled(String order, int amount) {
        return new OrderCancelled(order, "u1", BigDecimal.valueOf(amount), NOON, NOON.plusSeconds(60));
    }
}
