package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.Signal;
import io.amends.core.store.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

abstract class OperateContract extends ContractStage {

    @Test
    void aListShowsRecordsWithoutPayloadsTheNewestIdFirst() {
        fiveFailures();

        List<FailedExecution> list = store.failures(FailureFilter.ALL, null, 10);

        assertThat(ids(list)).containsExactly("f-5", "f-4", "f-3", "f-2", "f-1");
        assertThat(list).allSatisfy(record -> assertThat(record.event().data()).isNull());
        assertThat(list.get(4))
                .usingRecursiveComparison()
                .ignoringFields("event.data")
                .isEqualTo(record(new FailureId("f-1")));
    }

    @Test
    void aListIsReadPageByPage() {
        fiveFailures();

        assertThat(ids(store.failures(FailureFilter.ALL, null, 2))).containsExactly("f-5", "f-4");
        assertThat(ids(store.failures(FailureFilter.ALL, new FailureId("f-4"), 2)))
                .containsExactly("f-3", "f-2");
        assertThat(ids(store.failures(FailureFilter.ALL, new FailureId("f-2"), 2)))
                .containsExactly("f-1");
        assertThat(store.failures(FailureFilter.ALL, new FailureId("f-1"), 2)).isEmpty();
    }

    @Test
    void aFilterKeepsWhatMatchesAllItsParts() {
        fiveFailures();
        store.change(new FailureId("f-2"), Compensation.skip("anna", "by hand"), List.of());

        assertThat(ids(filtered(Set.of(Status.SKIPPED), null, null, null, null)))
                .containsExactly("f-2");
        assertThat(ids(filtered(Set.of(Status.SKIPPED, Status.FAILED), null, null, null, null)))
                .hasSize(5);
        assertThat(ids(filtered(Set.of(), POINTS, null, null, null))).hasSize(5);
        assertThat(ids(filtered(Set.of(), "mails", null, null, null))).isEmpty();
        assertThat(ids(filtered(Set.of(), null, "user-3", null, null))).containsExactly("f-3");
        assertThat(ids(filtered(Set.of(), null, null, PAID, null))).hasSize(5);
        assertThat(ids(filtered(Set.of(), null, null, "other", null))).isEmpty();
        assertThat(ids(filtered(Set.of(), null, null, null, "fingerprint-1"))).hasSize(5);
        assertThat(ids(filtered(Set.of(), null, null, null, "other"))).isEmpty();
        assertThat(ids(filtered(Set.of(Status.FAILED), POINTS, "user-4", PAID, "fingerprint-1")))
                .containsExactly("f-4");
        assertThat(ids(filtered(Set.of(Status.FAILED), POINTS, "user-2", null, null)))
                .isEmpty();
    }

    @Test
    void gaugesTellHowFarEveryProcessorIs() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        harness.advance(Duration.ofSeconds(10));
        store.heartbeat(NODE, LEASE);

        ProcessorGauge gauge = gauge(POINTS);
        assertThat(gauge.position()).isEqualTo(2);
        assertThat(gauge.head()).isEqualTo(3);
        assertThat(gauge.lag()).isEqualTo(1);
        assertThat(gauge.oldestAge()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(60));
        assertThat(gauge.failed()).isEqualTo(1);
        assertThat(gauge.parked()).isEqualTo(1);
        assertThat(gauge.unowned()).isZero();
        assertThat(gauge.paused()).isFalse();

        store.change(id, Compensation.skip("anna", "by hand"), List.of());
        store.carryForward(List.of(move(claim, 2, 3)));
        assertThat(gauge(POINTS).failed()).isZero();
        assertThat(gauge(POINTS).oldestAge()).isNull();
        assertThat(gauge(POINTS).lag()).isZero();
    }

    @Test
    void thePositionOfAProcessorIsThatOfItsSlowestSlot() {
        stored("e1", "e2");
        join(NODE, processor(POINTS, 3, PAID), processor("mails", 1, PAID));
        Claim claim = takeOne(NODE).claim();
        store.carryForward(List.of(move(claim, 0, 2)));

        assertThat(gauge(POINTS).position()).isZero();
        assertThat(gauge(POINTS).unowned()).isEqualTo(2);
        assertThat(store.gauges()).extracting(ProcessorGauge::processor).containsExactlyInAnyOrder(POINTS, "mails");
        harness.advance(LEASE.plusSeconds(1));
        assertThat(gauge(POINTS).unowned()).isEqualTo(3);
    }

    @Test
    void aPauseIsSeenByAllNodesUntilItEnds() {
        join(NODE, processor(POINTS, 1, PAID));

        assertThat(store.pause(POINTS, true, "anna", "maintenance")).isTrue();
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).paused()).isTrue();
        assertThat(gauge(POINTS).paused()).isTrue();
        join(OTHER_NODE, processor(POINTS, 1, PAID));
        assertThat(gauge(POINTS).paused()).as("after another join").isTrue();

        assertThat(store.pause(POINTS, false, "anna", null)).isTrue();
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).paused()).isFalse();
        assertThat(store.pause("nobody", true, "anna", null)).isFalse();
    }

    @Test
    void pruningTakesOnlyWhatIsDoneForLongEnough() {
        fiveFailures();
        store.change(new FailureId("f-1"), Compensation.skip("anna", "by hand"), List.of());
        harness.advance(Duration.ofHours(2));
        store.change(new FailureId("f-2"), Compensation.skip("anna", "by hand"), List.of());

        assertThat(store.prune(Duration.ofHours(1), 10)).isEqualTo(1);
        assertThat(store.failure(new FailureId("f-1"))).isEmpty();
        assertThat(store.history(new FailureId("f-1"))).isEmpty();
        assertThat(ids(store.failures(FailureFilter.ALL, null, 10))).containsExactly("f-5", "f-4", "f-3", "f-2");
        harness.advance(Duration.ofDays(400));
        assertThat(store.prune(Duration.ofHours(1), 10)).isEqualTo(1);
        assertThat(ids(store.failures(FailureFilter.ALL, null, 10))).containsExactly("f-5", "f-4", "f-3");
    }

    @Test
    void pruningIsBounded() {
        fiveFailures();
        List.of("f-1", "f-2", "f-3")
                .forEach(id -> store.change(new FailureId(id), Compensation.skip("anna", "by hand"), List.of()));
        harness.advance(Duration.ofHours(2));

        assertThat(store.prune(Duration.ofHours(1), 2)).isEqualTo(2);
        assertThat(store.prune(Duration.ofHours(1), 2)).isEqualTo(1);
    }

    @Test
    void aSignalReachesListenersOfOtherNodesUntilTheyStop() throws Exception {
        CountDownLatch all = new CountDownLatch(Signal.values().length);
        EnumSet<Signal> heard = EnumSet.noneOf(Signal.class);
        AutoCloseable listening = harness.otherNode().listen(signals -> {
            synchronized (heard) {
                for (Signal signal : signals) {
                    if (heard.add(signal)) {
                        all.countDown();
                    }
                }
            }
        });
        try {
            for (Signal signal : Signal.values()) {
                store.signal(signal);
            }
            assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            listening.close();
        }
    }

    @Test
    void onlyALostDatabaseIsUnavailable() {
        assertThat(store.isUnavailable(new StoreUnavailableException("away", null)))
                .isTrue();
        assertThat(store.isUnavailable(new IllegalStateException(new SQLException("connection failure", "08006"))))
                .isTrue();
        assertThat(store.isUnavailable(new SQLException("shutdown", "57P01"))).isTrue();
        assertThat(store.isUnavailable(new SQLException("unique", "23505"))).isFalse();
        assertThat(store.isUnavailable(new IllegalStateException("a bug"))).isFalse();
    }

    /** Records f-1 to f-5, in lanes user-1 to user-5. */
    private void fiveFailures() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4", "e5");
        Claim claim = owned();
        for (StoredEvent event : events) {
            long position = event.position();
            store.recordFailure(
                    fromSlot(claim, position - 1, position),
                    failure("f-" + position, claim, event, "user-" + position, false));
        }
    }

    private List<FailedExecution> filtered(
            Set<Status> statuses,
            @Nullable String processor,
            @Nullable String key,
            @Nullable String eventType,
            @Nullable String fingerprint) {
        return store.failures(new FailureFilter(statuses, processor, key, eventType, fingerprint), null, 100);
    }

    private ProcessorGauge gauge(String processor) {
        return store.gauges().stream()
                .filter(gauge -> gauge.processor().equals(processor))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> ids(List<FailedExecution> records) {
        return records.stream().map(record -> record.id().value()).toList();
    }
}
