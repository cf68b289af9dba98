package io.amends.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.define.Delivery;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Status;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.core.store.Store;
import io.amends.testkit.time.VirtualClock;
import io.amends.testkit.time.VirtualConductor;
import io.amends.testkit.time.VirtualLoop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Retries of a processor that lets events share a transaction. */
class SharedRetriesTest {
    private static final int MANY = 32;
    private static final RetryPolicy POLICY =
            new RetryPolicy(true, 10, Duration.ofMinutes(10), Duration.ofMinutes(1), Duration.ofHours(1), 0);

    private final VirtualLoop loop = new VirtualLoop(new VirtualClock(), 1);
    private final InMemoryStore store = new InMemoryStore(loop.clock());
    private final VirtualConductor conductor = loop.conductor("node");
    private final SortedMap<String, Integer> runs = new TreeMap<>();
    private final Set<String> bad = new HashSet<>();
    private final List<Integer> attempts = new ArrayList<>();
    private final Set<String> hangs = new HashSet<>();
    private final Set<String> deaf = new HashSet<>();
    private boolean firstIsLate;
    private final List<List<String>> inTransactions = new ArrayList<>();
    private final ThreadLocal<List<String>> here = ThreadLocal.withInitial(ArrayList::new);
    private int transactions;

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void moreThanThereArePlacesForShareTransactions() {
        failAll(8);

        retryAll();

        assertThat(withStatus(Status.SUCCEEDED)).hasSize(MANY);
        assertThat(transactions).isBetween(MANY / 8, MANY / 2);
        assertThat(runs.values()).as("runs of each").containsOnly(1);
        assertThat(attempts).as("what handlers are told").containsOnly(2);
        assertThat(withStatus(Status.SUCCEEDED))
                .allSatisfy(record -> assertThat(store.history(record.id()))
                        .extracting(HistoryEntry::type)
                        .containsExactly(
                                HistoryEntry.Type.CREATED, HistoryEntry.Type.PREPARED, HistoryEntry.Type.SUCCEEDED));
    }

    @Test
    void withoutBatchEachHasATransactionOfItsOwn() {
        failAll(1);

        retryAll();

        assertThat(withStatus(Status.SUCCEEDED)).hasSize(MANY);
        assertThat(transactions).isEqualTo(MANY);
    }

    @Test
    void onlyTheOneThatFailsHasFailed() {
        failAll(8);
        bad.add("e11");

        retryAll();

        assertThat(withStatus(Status.SUCCEEDED)).hasSize(MANY - 1);
        assertThat(withStatus(Status.FAILED)).singleElement().satisfies(record -> {
            assertThat(record.event().id()).isEqualTo("e11");
            assertThat(record.retry().attempt()).isEqualTo(2);
            assertThat(record.retry().retries()).isEqualTo(1);
            assertThat(store.history(record.id()))
                    .extracting(HistoryEntry::type)
                    .containsExactly(HistoryEntry.Type.CREATED, HistoryEntry.Type.PREPARED, HistoryEntry.Type.FAILED);
        });
        assertThat(runs.get("e11")).as("once with others, once alone").isEqualTo(2);
        assertThat(transactions).isLessThan(MANY);
    }

    @Test
    void whereManyFailFewShare() {
        failAll(8);
        for (int i = 0; i < MANY; i += 2) {
            bad.add("e" + i);
        }

        retryAll();
        assertThat(withStatus(Status.SUCCEEDED)).hasSize(MANY / 2);
        assertThat(withStatus(Status.FAILED)).hasSize(MANY / 2);
        runs.clear();
        retryAll();

        assertThat(runs.values().stream().mapToInt(count -> count).sum())
                .as("hardly any run is in vain")
                .isLessThanOrEqualTo(MANY / 2 + 4);
    }

    @Test
    void whatHangsIsTimedOutAloneAndSharesNoMore() {
        AmendsEngine engine = failAll(8);
        for (int i = 0; i < MANY; i++) {
            bad.add("e" + i);
        }
        hangs.add("e5");
        retryAll();
        assertThat(withStatus(Status.FAILED))
                .hasSize(MANY)
                .allSatisfy(record -> assertThat(record.reason())
                        .isEqualTo(
                                record.event().id().equals("e5")
                                        ? FailureReason.HANDLER_TIMEOUT
                                        : FailureReason.HANDLER_FAILED));
        bad.clear();
        hangs.clear();

        List<FailedExecution> others = new ArrayList<>(withStatus(Status.FAILED));
        others.removeIf(record -> record.event().id().equals("e5"));
        // so many end well one by one that several share again
        retryTogether(engine, others.subList(0, 20));

        retryTogether(engine, withStatus(Status.FAILED));

        assertThat(withStatus(Status.SUCCEEDED)).hasSize(MANY);
        assertThat(inTransactions).contains(List.of("e5"));
        assertThat(inTransactions).anySatisfy(events -> assertThat(events).hasSizeGreaterThan(1));
    }

    @Test
    void whoIgnoresItsInterruptIsRecordedOnceAndTheOthersGoOn() {
        failAll(8);
        deaf.add("e5");

        retryAll();

        assertThat(withStatus(Status.SUCCEEDED)).hasSize(MANY - 1);
        assertThat(withStatus(Status.FAILED)).singleElement().satisfies(record -> {
            assertThat(record.event().id()).isEqualTo("e5");
            assertThat(record.reason()).isEqualTo(FailureReason.HANDLER_TIMEOUT);
            assertThat(record.retry().attempt()).isEqualTo(2);
        });
        assertThat(runs.get("e5")).as("one thread, and no second").isEqualTo(1);
    }

    @Test
    void noFunctionBeginsInATransactionWhoseTimeIsOver() {
        failAll(8);
        firstIsLate = true;

        retryAll();

        assertThat(withStatus(Status.SUCCEEDED)).hasSize(MANY);
        String first = inTransactions.getFirst().getFirst();
        assertThat(inTransactions.stream().filter(events -> events.contains(first)))
                .as("the one that it was late in, and its own")
                .containsExactly(List.of(first), List.of(first));
    }

    private void retryTogether(AmendsEngine engine, List<FailedExecution> records) {
        inTransactions.clear();
        records.forEach(record -> assertThat(engine.operations().prepare(record.id(), "anna", null))
                .isInstanceOf(Change.Write.class));
        loop.runFor(Duration.ofMinutes(5));
    }

    private AmendsEngine failAll(int batch) {
        for (int i = 0; i < MANY; i++) {
            bad.add("e" + i);
            EventEnvelope event = TextEvents.event(i);
            store.caller().inNew(() -> store.caller().publish(event, false));
        }
        AmendsEngine engine = engine(batch);
        engine.start();
        loop.runFor(Duration.ofMinutes(1));
        assertThat(withStatus(Status.FAILED)).hasSize(MANY);
        bad.clear();
        runs.clear();
        attempts.clear();
        return engine;
    }

    /** Lets each become due once. */
    private void retryAll() {
        transactions = 0;
        inTransactions.clear();
        for (int minutes = 0; transactions == 0 && minutes < 600; minutes++) {
            loop.runFor(Duration.ofMinutes(1));
        }
        loop.runFor(Duration.ofMinutes(5));
    }

    private AmendsEngine engine(int batch) {
        return AmendsEngine.builder(counting())
                .settings(EngineSettings.defaults("/shop").with(it -> it.immediateBackoffs(List.of())))
                .codec(new TextEvents())
                .processors(new ProcessorBinder(new TextEvents(), POLICY)
                        .add(ProcessorSpec.named("points")
                                .concurrency(2)
                                .batch(batch)
                                .startFrom(StartFrom.EARLIEST)
                                .function(FunctionSpec.of(String.class, this::handle)
                                        .named("on")
                                        .types("paid")))
                        .bind())
                .conductor(conductor)
                .build();
    }

    private Store counting() {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("inTransaction")) {
                        transactions++;
                        List<String> events = new ArrayList<>();
                        inTransactions.add(events);
                        here.set(events);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void handle(String text, Delivery delivery) throws InterruptedException {
        runs.merge(text, 1, Integer::sum);
        attempts.add(delivery.attempt().number());
        here.get().add(text);
        if (hangs.contains(text)) {
            conductor.pause(Duration.ofHours(1));
        }
        if (firstIsLate) {
            firstIsLate = false;
            conductor.pauseUninterruptibly(POLICY.executionTimeout().plusMillis(1500));
        }
        if (deaf.contains(text)) {
            conductor.pauseUninterruptibly(Duration.ofHours(1));
        }
        if (bad.contains(text)) {
            throw new IllegalStateException("no");
        }
    }

    private List<FailedExecution> withStatus(Status status) {
        return store.failures(new FailureFilter(Set.of(status), "points", null, null, null), null, MANY);
    }
}
