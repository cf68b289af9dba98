package io.amends.spring.waits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.api.Retry;
import io.amends.api.RunAfter;
import io.amends.api.StartFrom;
import io.amends.api.Wait;
import io.amends.core.operate.Operations;
import io.amends.spring.PostgresForTests;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** With a minute between two looks, twice what is waited here: what is due is told of, or looked for in time. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {
            "spring.application.name=untold",
            "spring.datasource.username=postgres",
            "amends.heartbeat=300ms",
            "amends.idle-poll=1m"
        })
@DirtiesContext
class WaitsWithoutPollTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @EventType("opened")
    record Opened(@EventKey String account) {}

    @EventType("booked")
    record Booked(@EventKey String entry, String account) {}

    @EventType("throttled")
    record Throttled(@EventKey String entry) {}

    @EventType("flaky")
    record Flaky(@EventKey String entry) {}

    @EventProcessor(name = "ledger", startFrom = StartFrom.EARLIEST)
    static class Ledger {
        final List<String> done = new CopyOnWriteArrayList<>();
        private final Set<String> seen = ConcurrentHashMap.newKeySet();
        private int failures;

        @OnEvent
        void on(Opened event) {
            done.add(event.account());
        }

        @OnEvent
        @RunAfter(event = Opened.class, key = "account")
        void on(Booked event) {
            done.add(event.entry());
        }

        @OnEvent
        void on(Throttled event) {
            if (seen.add(event.entry())) {
                throw Wait.forDuration(Duration.ofMillis(50));
            }
            done.add(event.entry());
        }

        /** Fails at first, with its two repetitions at once, and succeeds in the first retry. */
        @OnEvent
        @Retry(minBackoff = 1)
        synchronized void on(Flaky event) {
            if (failures++ < 3) {
                throw new IllegalStateException("not yet");
            }
            done.add(event.entry());
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        @Bean
        Ledger ledger() {
            return new Ledger();
        }
    }

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", PostgresForTests::newDatabase);
    }

    @Autowired
    EventPublisher events;

    @Autowired
    PlatformTransactionManager transactions;

    @Autowired
    Operations operations;

    @Autowired
    Ledger ledger;

    /** A commit begins 200 lanes itself at most, and as many are found by one look. */
    @Test
    void allLanesThatACommitWakesBegin() {
        int many = 650;
        for (int number = 0; number < many; number++) {
            publish(new Booked("entry-" + number, "a"));
        }
        await().atMost(SOON).until(() -> operations.waits("ledger", 0, 2 * many).size() == many);

        publish(new Opened("a"));

        await().atMost(SOON).until(() -> entries().size() >= many);
        assertThat(entries()).hasSize(many).doesNotHaveDuplicates();
    }

    private List<String> entries() {
        return ledger.done.stream().filter(line -> line.startsWith("entry-")).toList();
    }

    @Test
    void aWaitForATimeEndsInTime() {
        publish(new Throttled("t"));

        await().atMost(SOON).until(() -> ledger.done.contains("t"));
    }

    @Test
    void aFirstRetryBeginsInTime() {
        publish(new Flaky("f"));

        await().atMost(SOON).until(() -> ledger.done.contains("f"));
    }

    private void publish(Object event) {
        new TransactionTemplate(transactions).executeWithoutResult(status -> events.publish(event));
    }
}
