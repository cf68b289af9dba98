package io.amends.spring.waits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.amends.api.Advances;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.EventVersion;
import io.amends.api.OnEvent;
import io.amends.api.OnGap;
import io.amends.api.OnTimeout;
import io.amends.api.OutgoingEvent;
import io.amends.api.Recoverability;
import io.amends.api.RequireVersion;
import io.amends.api.Retry;
import io.amends.api.RunAfter;
import io.amends.api.Sequenced;
import io.amends.api.StartFrom;
import io.amends.api.Wait;
import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Status;
import io.amends.core.operate.Operations;
import io.amends.spring.PostgresForTests;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
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

/** Waits end to end on PostgreSQL: what ends them, and what becomes of those that nothing ends. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {"spring.application.name=waits", "spring.datasource.username=postgres", "amends.heartbeat=300ms"})
@DirtiesContext
class WaitsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @EventType("paid")
    record Paid(@EventKey String user, String order) {}

    @EventType("cancelled")
    record Cancelled(@EventKey String user, String order, boolean wasPaid) {}

    @EventType("audited")
    record Audited(@EventKey String user, String order) {}

    @EventType("archived")
    record Archived(@EventKey String user, String order) {}

    @EventType("shown")
    record Shown(@EventKey String user, String order) {}

    @EventType("stubborn")
    record Stubborn(@EventKey String user, String order) {}

    @EventType("lost")
    record Lost(@EventKey String user) {}

    @EventType("moved")
    record Moved(@EventKey String user, long region) {}

    @EventType("greeted")
    record Greeted(@EventKey String user, @Nullable Long region) {}

    @EventType("counted")
    record Counted(String user, @EventVersion long number) {}

    @EventType("ordered")
    record Ordered(@EventKey String user, String order) {}

    @EventType("invoiced")
    record Invoiced(@EventKey String order, String user) {}

    @EventType("refunded")
    record Refunded(@EventKey String user, String order) {}

    /** What was handled, in order. */
    static final class Log {
        final List<String> lines = new CopyOnWriteArrayList<>();

        void add(Object event) {
            lines.add(event.toString());
        }

        List<String> of(String user) {
            return lines.stream().filter(line -> line.contains("user=" + user)).toList();
        }
    }

    @EventProcessor(name = "orders", startFrom = StartFrom.EARLIEST)
    static class Orders {
        private final Log log;

        Orders(Log log) {
            this.log = log;
        }

        @OnEvent(tracks = "order")
        void on(Paid event) {
            log.add(event);
        }

        @OnEvent
        @RunAfter(event = Paid.class, key = "order", when = "wasPaid", timeout = "PT1S")
        void on(Cancelled event) {
            log.add(event);
        }

        @OnEvent
        @RunAfter(event = Paid.class, key = "order", timeout = "PT1S", onTimeout = OnTimeout.PROCEED)
        void on(Audited event) {
            log.add(event);
        }

        @OnEvent
        @RunAfter(event = Paid.class, key = "order", timeout = "PT1S", onTimeout = OnTimeout.SKIP)
        void on(Archived event) {
            log.add(event);
        }

        @OnEvent
        Object on(Shown event) {
            if (log.lines.stream().noneMatch(new Paid(event.user(), event.order()).toString()::equals)) {
                return Wait.until(Wait.handled(Paid.class, event.order()));
            }
            log.add(event);
            return List.of();
        }

        @OnEvent
        void on(Stubborn event) {
            throw Wait.until(Wait.handled(Paid.class, event.order()));
        }

        @OnEvent
        void on(Lost event) {
            throw Wait.until(Wait.version("nobody", event.user(), 1));
        }
    }

    @EventProcessor(name = "counts", key = "user", startFrom = StartFrom.EARLIEST)
    static class Counts {
        private final Set<Counted> failing = ConcurrentHashMap.newKeySet();
        private final Log log;

        Counts(Log log) {
            this.log = log;
        }

        @OnEvent
        @Sequenced(stream = "count", key = "user", first = 1, onGap = OnGap.PROCEED, timeout = "PT2S")
        @Retry(minBackoff = 1)
        void on(Counted event) {
            if (failing.remove(event)) {
                throw new IllegalStateException("not yet");
            }
            log.add(event);
        }
    }

    /** Publishes an event that another processor may see before what caused it. */
    @EventProcessor(name = "invoices", startFrom = StartFrom.EARLIEST)
    static class Invoices {
        @OnEvent
        Invoiced on(Ordered event) {
            return new Invoiced(event.order(), event.user());
        }
    }

    @EventProcessor(name = "books", startFrom = StartFrom.EARLIEST)
    static class Books {
        private final Log log;
        final Set<String> closed = ConcurrentHashMap.newKeySet();
        /** How often an order's refund is still to fail. */
        final Map<String, Integer> failing = new ConcurrentHashMap<>();

        Books(Log log) {
            this.log = log;
        }

        @OnEvent
        void on(Ordered event) {
            if (closed.contains(event.order())) {
                throw Wait.forDuration(Duration.ofMillis(20));
            }
            log.add(event);
        }

        @OnEvent
        @RunAfter(causes = true)
        void on(Invoiced event) {
            log.add(event);
        }

        @OnEvent
        @RunAfter(event = Invoiced.class, key = "order", probe = "wasInvoicedBefore")
        @Retry(minBackoff = 1)
        void on(Refunded event) {
            if (failing.merge(event.order(), -1, Integer::sum) >= 0) {
                throw new IllegalStateException("not yet");
            }
            log.add(event);
        }

        boolean wasInvoicedBefore(Refunded event) {
            return event.order().startsWith("old");
        }
    }

    @EventProcessor(name = "regions", startFrom = StartFrom.EARLIEST)
    static class Regions {
        private final Log log;
        private final Set<String> known;

        Regions(Log log, Set<String> known) {
            this.log = log;
            this.known = known;
        }

        @OnEvent
        @Advances(stream = "region", version = "region")
        void on(Moved event) {
            known.add(event.user());
            log.add(event);
        }
    }

    @EventProcessor(name = "greetings", startFrom = StartFrom.EARLIEST)
    @Retry(waitOn = NoSuchElementException.class)
    static class Greetings {
        private final Log log;
        private final Set<String> known;

        Greetings(Log log, Set<String> known) {
            this.log = log;
            this.known = known;
        }

        @OnEvent
        @RequireVersion(processor = "regions", stream = "region", atLeast = "region")
        void on(Greeted event) {
            if (!known.contains(event.user())) {
                throw new NoSuchElementException(event.user());
            }
            log.add(event);
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        private final Set<String> known = ConcurrentHashMap.newKeySet();

        @Bean
        Log handled() {
            return new Log();
        }

        @Bean
        Orders orders(Log log) {
            return new Orders(log);
        }

        @Bean
        Counts counts(Log log) {
            return new Counts(log);
        }

        @Bean
        Invoices invoices() {
            return new Invoices();
        }

        @Bean
        Books books(Log log) {
            return new Books(log);
        }

        @Bean
        Regions regions(Log log) {
            return new Regions(log, known);
        }

        @Bean
        Greetings greetings(Log log) {
            return new Greetings(log, known);
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
    Log log;

    @Test
    void anEventRunsAfterTheOneItNeedsAndWhatFollowsAfterIt() {
        publish(new Cancelled("anna", "a1", true));
        publish(new Paid("anna", "a2"));
        await().atMost(SOON).until(() -> operations.waits("orders", 0, 10).size() == 1);

        publish(new Paid("anna", "a1"));

        await().atMost(SOON).until(() -> log.of("anna").size() == 3);
        assertThat(log.of("anna"))
                .containsExactly(
                        new Paid("anna", "a1").toString(),
                        new Cancelled("anna", "a1", true).toString(),
                        new Paid("anna", "a2").toString());
        assertThat(failures("anna")).isEmpty();
    }

    @Test
    void whatNeedsNothingDoesNotWait() {
        publish(new Cancelled("otto", "o1", false));
        publish(new Greeted("otto", null));
        publish(new Moved("otto", 1));

        await().atMost(SOON).until(() -> log.of("otto").size() == 3);
        assertThat(failures("otto")).isEmpty();
    }

    @Test
    void aDependencyThatNeverComesIsAFailedExecutionThatNamesItAndIsTriedWhenItComesAfterAll() {
        publish(new Cancelled("bert", "b1", true));
        await().atMost(SOON).until(() -> !failures("bert").isEmpty());
        FailedExecution failure = failures("bert").get(0);
        assertThat(failure.reason()).isEqualTo(FailureReason.WAIT_TIMEOUT);
        assertThat(failure.error().message()).contains("paid by order", "b1", "waited 1 second");
        assertThat(failure.dueAt()).isNull();

        assertThat(operations.prepare(failure.id(), "anna", null)).isInstanceOf(Change.Write.class);
        await().atMost(SOON).until(() -> failures("bert").get(0).reason() == FailureReason.TOO_EARLY);
        publish(new Paid("bert", "b1"));

        await().atMost(SOON).until(() -> failures("bert").get(0).status() == Status.SUCCEEDED);
        assertThat(failures("bert").get(0).retry().retries()).isZero();
        assertThat(log.of("bert"))
                .containsExactly(new Paid("bert", "b1").toString(), new Cancelled("bert", "b1", true).toString());
    }

    @Test
    void aForcedRetryRunsWithoutWhatNeverCame() {
        publish(new Cancelled("bea", "b2", true));
        await().atMost(SOON).until(() -> !failures("bea").isEmpty());
        FailedExecution failure = failures("bea").get(0);

        assertThat(operations.forcePrepare(failure.id(), "anna", "was paid in cash"))
                .isInstanceOf(Change.Write.class);

        await().atMost(SOON).until(() -> failures("bea").get(0).status() == Status.SUCCEEDED);
        assertThat(log.of("bea")).containsExactly(new Cancelled("bea", "b2", true).toString());
    }

    @Test
    void aWaitThatWasTooLongProceedsOrIsSkipped() {
        publish(new Audited("cleo", "c1"));
        publish(new Archived("cleo", "c2"));
        publish(new Paid("cleo", "c3"));

        await().atMost(SOON).until(() -> log.of("cleo").size() == 2);
        assertThat(log.of("cleo"))
                .containsExactly(new Audited("cleo", "c1").toString(), new Paid("cleo", "c3").toString());
        assertThat(failures("cleo")).isEmpty();
    }

    @Test
    void codeMayWaitForWhatIsTracked() {
        publish(new Shown("dora", "d1"));
        await().atMost(SOON).until(() -> !operations.waits("orders", 0, 10).isEmpty());
        publish(new Paid("dora", "d1"));

        await().atMost(SOON).until(() -> log.of("dora").size() == 2);
        assertThat(failures("dora")).isEmpty();
    }

    @Test
    void codeWaitsForWhatIsOfTheEventsOwnTenant() {
        publish(new Shown("dana", "d2"), "acme");
        await().atMost(SOON)
                .until(() -> operations.waits("orders", 0, 1000).stream()
                        .anyMatch(wait -> wait.what().contains("acme/d2")));
        publish(new Paid("dana", "d2"), "other");
        publish(new Paid("dana", "d2"), "acme");

        await().atMost(SOON).until(() -> log.of("dana").size() == 3);
        assertThat(failures("dana")).isEmpty();
    }

    @Test
    void codeThatWaitsForWhatIsDoneIsAFailureAndNoLoop() {
        publish(new Paid("elsa", "e1"));
        publish(new Stubborn("elsa", "e1"));
        publish(new Stubborn("enno", "e2"));
        await().atMost(SOON)
                .until(() -> operations.waits("orders", 0, 1000).stream().anyMatch(wait -> "enno".equals(wait.key())));
        publish(new Paid("elias", "e2"));

        for (String user : List.of("elsa", "enno")) {
            await().atMost(SOON).until(() -> !failures(user).isEmpty());
            FailedExecution failure = failures(user).get(0);
            assertThat(failure.reason()).isEqualTo(FailureReason.HANDLER_FAILED);
            assertThat(failure.error().message()).contains("which is done (expected: to go on)");
        }
        FailureId id = failures("elsa").get(0).id();
        assertThat(operations.prepare(id, "anna", null)).isInstanceOf(Change.Write.class);
        await().atMost(SOON)
                .until(() -> operations.failure(id).orElseThrow().retry().attempt() == 2
                        && operations.failure(id).orElseThrow().status() == Status.FAILED);
    }

    @Test
    void aWaitForSomethingThatIsNotTrackedIsAFailureAtOnce() {
        publish(new Lost("emil"));

        await().atMost(SOON).until(() -> !failures("emil").isEmpty());
        FailedExecution failure = failures("emil").get(0);
        assertThat(failure.reason()).isEqualTo(FailureReason.UNTRACKED_WAIT);
        assertThat(failure.recoverability()).isEqualTo(Recoverability.UNRECOVERABLE);
        assertThat(failure.error().message()).contains("version 1 of nobody/emil", "tracks");
    }

    @Test
    void aVersionInAnotherProcessorAndAnExceptionWakeToo() {
        publish(new Greeted("fred", 2L));
        publish(new Greeted("gina", null));
        await().atMost(SOON).until(() -> operations.waits("greetings", 0, 10).size() == 2);
        publish(new Moved("fred", 1));
        publish(new Moved("gina", 1));
        await().atMost(SOON).until(() -> log.of("gina").size() == 2);
        assertThat(log.of("fred")).hasSize(1);

        publish(new Moved("fred", 2));

        await().atMost(SOON).until(() -> log.of("fred").size() == 3);
        assertThat(failures("fred")).isEmpty();
        assertThat(failures("gina")).isEmpty();
    }

    @Test
    void versionsRunInSequence() {
        for (long number : new long[] {3, 1, 4, 2, 2}) {
            publish(new Counted("ida", number));
        }

        await().atMost(SOON).until(() -> log.of("ida").size() == 4);
        assertThat(log.of("ida"))
                .containsExactly(
                        new Counted("ida", 1).toString(),
                        new Counted("ida", 2).toString(),
                        new Counted("ida", 3).toString(),
                        new Counted("ida", 4).toString());
        assertThat(failures("ida")).isEmpty();
    }

    @Test
    void whatComesAfterItsSequenceWentOnIsAFailedExecutionThatAPersonLetsRun() {
        publish(new Counted("jan", 1));
        publish(new Counted("jan", 3));
        await().atMost(SOON).until(() -> log.of("jan").size() == 2);

        publish(new Counted("jan", 2));

        FailedExecution late = late("jan");
        assertThat(late.reason()).isEqualTo(FailureReason.OUT_OF_SEQUENCE);
        assertThat(late.recoverability()).isEqualTo(Recoverability.UNRECOVERABLE);
        assertThat(late.error().message()).contains("version 2 of count/jan comes after 3");
        assertThat(operations.forcePrepare(late.id(), "anna", "counts all the same"))
                .isInstanceOf(Change.Write.class);
        await().atMost(SOON).until(() -> log.of("jan").size() == 3);
    }

    @Test
    void whatAPersonHasLetRunLateStaysAllowedWhenItsHandlerFailsThen(@Autowired Counts counts) {
        publish(new Counted("jim", 1));
        publish(new Counted("jim", 3));
        await().atMost(SOON).until(() -> log.of("jim").size() == 2);
        publish(new Counted("jim", 2));
        FailedExecution late = late("jim");
        counts.failing.add(new Counted("jim", 2));

        operations.forcePrepare(late.id(), "anna", "counts all the same");

        await().atMost(SOON).until(() -> log.of("jim").size() == 3);
        assertThat(counts.failing).isEmpty();
        assertThat(operations.failure(late.id()).orElseThrow().retry().attempt())
                .isEqualTo(3);
    }

    @Test
    void anEventRunsAfterItsCause(@Autowired Books books) {
        books.closed.add("k1");
        publish(new Ordered("kim", "k1"));
        await().atMost(SOON)
                .until(() -> operations.waits("books", 0, 10).stream()
                        .anyMatch(wait -> wait.what().contains("event id")));

        books.closed.clear();

        await().atMost(SOON).until(() -> log.of("kim").size() == 2);
        assertThat(log.of("kim"))
                .containsExactly(new Ordered("kim", "k1").toString(), new Invoiced("k1", "kim").toString());
    }

    /** More lanes than are begun by the commit that ends their waits: the rest is told of, and looked for. */
    @Test
    void oneEventWakesManyLanes() {
        int many = 250;
        for (int number = 0; number < many; number++) {
            publish(new Refunded("nora-" + number, "many"));
        }
        await().atMost(SOON)
                .until(() -> operations.waits("books", 0, 2 * many).stream()
                                .filter(wait -> wait.key() != null && wait.key().startsWith("nora"))
                                .count()
                        == many);

        publish(new Ordered("otis", "many"));

        await().atMost(SOON).until(() -> refundsOf("many").size() >= many);
        assertThat(refundsOf("many")).hasSize(many).doesNotHaveDuplicates();
        assertThat(failures("otis")).isEmpty();
    }

    private List<String> refundsOf(String order) {
        return log.lines.stream()
                .filter(line -> line.startsWith("Refunded") && line.endsWith("order=" + order + "]"))
                .toList();
    }

    @Test
    void aProbeAnswersForWhatNobodyTracked() {
        publish(new Refunded("lea", "old-1"));

        await().atMost(SOON).until(() -> log.of("lea").size() == 1);
    }

    @Test
    void aPersonEndsAWait() {
        publish(new Greeted("hans", 9L));
        await().atMost(SOON).until(() -> position("hans") > 0);

        assertThat(operations.endWait("greetings", position("hans"), OnTimeout.FAIL, "anna", "never comes"))
                .isTrue();

        await().atMost(SOON).until(() -> !failures("hans").isEmpty());
        assertThat(failures("hans").get(0).error().message()).contains("version 9 of region/hans");
    }

    @Test
    void aPersonLetsAWaitingEventRunAsIfAllHadHappened() {
        publish(new Refunded("mia", "new-1"));
        await().atMost(SOON).until(() -> waitOf("mia") > 0);

        assertThat(operations.endWait("books", waitOf("mia"), OnTimeout.PROCEED, "anna", "invoiced on paper"))
                .isTrue();

        await().atMost(SOON).until(() -> log.of("mia").size() == 1);
        assertThat(failures("mia")).isEmpty();
    }

    @Test
    void whatAPersonHasLetRunStaysAllowedWhenItsHandlerFailsThen(@Autowired Books books) {
        books.failing.put("new-2", 3); // the first run and its two repetitions at once
        publish(new Refunded("mara", "new-2"));
        await().atMost(SOON).until(() -> waitOf("mara") > 0);

        assertThat(operations.endWait("books", waitOf("mara"), OnTimeout.PROCEED, "anna", "invoiced on paper"))
                .isTrue();

        await().atMost(SOON).until(() -> log.of("mara").size() == 1);
        assertThat(failures("mara").get(0).retry().attempt()).isEqualTo(2);
    }

    private long waitOf(String user) {
        return operations.waits("books", 0, 100).stream()
                .filter(wait -> user.equals(wait.key()))
                .mapToLong(wait -> wait.position())
                .findFirst()
                .orElse(0);
    }

    /** The event that came after its sequence had gone on. */
    private FailedExecution late(String user) {
        await().atMost(SOON).until(() -> !lateOnes(user).isEmpty());
        return lateOnes(user).get(0);
    }

    private List<FailedExecution> lateOnes(String user) {
        return operations.failures(FailureFilter.ALL, null, 100).stream()
                .filter(failure -> failure.reason() == FailureReason.OUT_OF_SEQUENCE
                        && failure.error().message().contains("count/" + user))
                .toList();
    }

    private long position(String user) {
        return operations.waits("greetings", 0, 100).stream()
                .filter(wait -> user.equals(wait.key()) && wait.failure() == null)
                .mapToLong(wait -> wait.position())
                .findFirst()
                .orElse(0);
    }

    private List<FailedExecution> failures(String user) {
        return operations.failures(FailureFilter.ALL, null, 100).stream()
                .filter(failure -> user.equals(failure.event().key()))
                .toList();
    }

    private void publish(Object event, String tenant) {
        new TransactionTemplate(transactions)
                .executeWithoutResult(
                        status -> events.publish(OutgoingEvent.of(event).withHeaders(Map.of("tenantid", tenant))));
    }

    private void publish(Object event) {
        new TransactionTemplate(transactions).executeWithoutResult(status -> events.publish(event));
    }
}
