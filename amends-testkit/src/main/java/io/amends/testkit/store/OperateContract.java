package io.amends.testkit.store;

import static io.amends.api.StartFrom.EARLIEST;
import static io.amends.api.StartFrom.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.StartFrom;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.failure.Status;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.store.Claim;
import io.amends.core.store.FinishResult;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LanePause;
import io.amends.core.store.ParkResult;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.Signal;
import io.amends.core.store.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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

        assertThat(store.pause(POINTS, true, "anna", "maintenance", false)).isTrue();
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).paused()).isTrue();
        assertThat(gauge(POINTS).paused()).isTrue();
        join(OTHER_NODE, processor(POINTS, 1, PAID));
        assertThat(gauge(POINTS).paused()).as("after another join").isTrue();

        assertThat(store.pause(POINTS, false, "anna", null, false)).isTrue();
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).paused()).isFalse();
        assertThat(store.pause("nobody", true, "anna", null, false)).isFalse();
    }

    // ---- what was done last in a lane

    @Test
    void whatWasDoneLastInALaneIsFoundByItsKey() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        assertThat(lastDone(LANE)).as("before anything is passed").isEmpty();
        store.carryForward(List.of(move(claim, 0, 2)));
        LaneSummary.Done done = lastDone(LANE).orElseThrow();
        assertThat(done.position()).isEqualTo(2);
        assertThat(done.eventId()).isEqualTo("e2");
        assertThat(done.source()).isEqualTo("/shop");
        assertThat(done.eventType()).isEqualTo(PAID);

        FailureId id = fail(claim, events.get(2));
        park(claim, events.get(3));
        assertThat(lastDone(LANE)).as("what holds the lane is not done").contains(done);

        store.change(id, Compensation.skip("anna", "by hand"), List.of());
        assertThat(lastDone(LANE).orElseThrow().eventId()).isEqualTo("e3");
        assertThat(lastDone("user-2")).isEmpty();
        assertThat(harness.operatorStore().lastDone("nobody", LANE)).isEmpty();
    }

    @Test
    void whatWasDoneLastIsSaidOfAKeyThatOnlyAPersonHolds() {
        stored("e1");
        Claim claim = owned();
        store.carryForward(List.of(move(claim, 0, 1)));
        store.pauseLane(new LaneCommand(POINTS, LANE, "anna", "looks at it", null));

        assertThat(lastDone(LANE).orElseThrow().eventId()).isEqualTo("e1");
    }

    @Test
    void whatWasDoneLastIsOfTheLanesTenantAndOfTypesThatTheProcessorTakes() {
        harness.inCallerTransaction(() -> {
            store.caller().publish(of("e1", PAID, "a/b", "acme\\eu"), false);
            store.caller().publish(of("e2", PAID, "a/b", null), false);
            store.caller().publish(of("e3", "other", "a/b", null), false);
        });
        store.relay(10);
        Claim claim = owned();
        store.carryForward(List.of(move(claim, 0, 3)));

        assertThat(lastDone("acme\\\\eu/a\\/b").orElseThrow().eventId()).isEqualTo("e1");
        assertThat(lastDone("a/b").orElseThrow().eventId()).isEqualTo("e2");
    }

    @Test
    void whatWasDoneBeforeAProcessorCameOrByAnotherKeyIsNotSaid() {
        stored("e1");
        ProcessorRegistration late = new ProcessorRegistration(
                POINTS, "order=KEY key= slots=1", 1, new TreeMap<>(Map.of(PAID, "on")), List.of(), List.of(), NOW);
        ProcessorRegistration ofPayload = new ProcessorRegistration(
                "mails", "order=KEY key=userId slots=1", 1, late.functions(), List.of(), List.of(), EARLIEST);
        join(NODE, late, ofPayload);
        Claim mails = store.takeOver(NODE, "mails", Set.of(PAID), 1).getFirst().claim();
        store.carryForward(List.of(move(mails, 0, 1)));
        assertThat(lastDone(LANE)).isEmpty();
        assertThat(harness.operatorStore().lastDone("mails", LANE)).isEmpty();

        stored("e2");
        store.carryForward(List.of(move(takeOne(NODE).claim(), 1, 2)));
        assertThat(lastDone(LANE).orElseThrow().eventId()).isEqualTo("e2");
    }

    @Test
    void whatWasDoneLastIsLookedForInSoManyPositionsOnly() {
        List<StoredEvent> first = stored("e1", "e2");
        Claim claim = owned();
        store.carryForward(List.of(move(claim, 0, 1)));
        fail(claim, first.get(1));
        String[] ids = new String[LaneSummary.LOOK_BACK];
        Arrays.setAll(ids, i -> "n" + i);
        harness.inCallerTransaction(() ->
                Arrays.stream(ids).forEach(id -> store.caller().publish(of(id, PAID, "another", null), false)));
        while (store.relay(1000).moved() > 0) {
            // until all are in the inbox
        }
        store.carryForward(List.of(move(claim, 2, 2 + ids.length)));

        assertThat(lastDone(LANE).orElseThrow().eventId())
                .as("before the first event that is not done")
                .isEqualTo("e1");
        assertThat(lastDone("another").orElseThrow().eventId()).isEqualTo("n" + (ids.length - 1));
        store.change(new FailureId("f-2"), Compensation.skip("anna", "by hand"), List.of());
        assertThat(lastDone(LANE)).as("too far back").isEmpty();
    }

    private Optional<LaneSummary.Done> lastDone(String key) {
        return harness.operatorStore().lastDone(POINTS, key);
    }

    private static EventEnvelope of(String id, String type, String key, @Nullable String tenant) {
        EventEnvelope event = event(id, type, "{}");
        return new EventEnvelope(
                event.id(),
                event.source(),
                event.type(),
                null,
                null,
                event.dataContentType(),
                event.data(),
                key,
                null,
                null,
                null,
                null,
                null,
                tenant == null ? Headers.NONE : new Headers(Map.of("tenantid", tenant)));
    }

    // ---- overridden policies

    private static final RetryPolicyChange FASTER =
            new RetryPolicyChange(null, 3, Duration.ofSeconds(1), null, null, 0.5);

    private boolean override(@Nullable Duration validFor, @Nullable String build) {
        return store.overridePolicy(
                new PolicyOverride.Draft(POINTS, "on-" + PAID, FASTER, "anna", "INC-1", validFor, build));
    }

    @Test
    void anOverrideIsToldToEveryNodeUntilItEnds() {
        join(NODE, processor(POINTS, 1, PAID), processor("mails", 1, PAID));

        assertThat(override(null, "build-1")).isTrue();

        PolicyOverride made = store.overrides(POINTS).getFirst();
        assertThat(made.function()).isEqualTo("on-" + PAID);
        assertThat(made.change()).isEqualTo(FASTER);
        assertThat(made.by()).isEqualTo("anna");
        assertThat(made.reason()).isEqualTo("INC-1");
        assertThat(made.until()).isNull();
        assertThat(made.holdsFor("build-1")).isTrue();
        assertThat(made.holdsFor("build-2")).isFalse();
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).overrides()).containsExactly(made);
        assertThat(state(store.heartbeat(NODE, LEASE), "mails").overrides()).isEmpty();
        join(OTHER_NODE, processor(POINTS, 1, PAID));
        assertThat(store.overrides(POINTS)).as("after another join").containsExactly(made);

        assertThat(store.removeOverride(POINTS, "on-" + PAID, "anna", null, false))
                .isTrue();
        assertThat(store.overrides(POINTS)).isEmpty();
        assertThat(store.removeOverride(POINTS, "on-" + PAID, "anna", null, false))
                .isFalse();
        assertThat(store.overridePolicy(
                        new PolicyOverride.Draft("nobody", "on-" + PAID, FASTER, "anna", "INC-1", null, null)))
                .isFalse();
    }

    @Test
    void anOverrideEndsByTimeAndIsReplacedByTheNext() {
        join(NODE, processor(POINTS, 1, PAID));
        override(null, null);
        override(Duration.ofMinutes(10), null);
        PolicyOverride made = store.overrides(POINTS).getFirst();
        assertThat(made.until()).isEqualTo(made.since().plus(Duration.ofMinutes(10)));
        harness.advance(Duration.ofMinutes(9));
        assertThat(store.overrides(POINTS)).hasSize(1);
        harness.advance(Duration.ofMinutes(2));
        assertThat(store.overrides(POINTS)).isEmpty();
        assertThat(store.removeOverride(POINTS, "on-" + PAID, "anna", null, false))
                .isFalse();
        store.join(node(NODE, processor(POINTS, 1, PAID)), LEASE);
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).overrides()).isEmpty();
        override(Duration.ofMinutes(10), null);
        assertThat(store.overrides(POINTS)).hasSize(1);
    }

    @Test
    void anOverrideGoesWithItsProcessorsNewName() {
        join(NODE, processor(POINTS, 1, PAID));
        override(null, null);
        ProcessorRegistration old = processor(POINTS, 1, PAID);
        store.join(
                node(
                        OTHER_NODE,
                        new ProcessorRegistration(
                                "bonus",
                                old.mapping(),
                                1,
                                old.functions(),
                                List.of(POINTS),
                                List.of(),
                                StartFrom.EARLIEST)),
                LEASE);
        assertThat(store.overrides(POINTS)).isEmpty();
        assertThat(store.overrides("bonus")).hasSize(1);
    }

    // ---- paused lanes

    private LaneChange pauseLane(String lane) {
        return store.pauseLane(new LaneCommand(POINTS, lane, "anna", "looks at it", null));
    }

    private LaneChange resumeLane(String lane) {
        return store.resumeLane(new LaneCommand(POINTS, lane, "anna", null, null));
    }

    private LaneSummary lane() {
        return harness.operatorStore().lane(POINTS, LANE).orElseThrow();
    }

    @Test
    void aLaneThatNothingHoldsIsHeldByItsPause() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();

        assertThat(pauseLane(LANE)).isEqualTo(LaneChange.DONE);

        assertThat(pauseLane(LANE)).isEqualTo(LaneChange.UNCHANGED);
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).pausedLanes()).containsExactly(LANE);
        LaneSummary empty = lane();
        assertThat(empty.blocked()).isTrue();
        assertThat(empty.slot()).isNull();
        assertThat(empty.headPosition()).isNull();
        assertThat(empty.events()).isZero();
        assertThat(empty.pause()).isEqualTo(new LanePause("anna", "looks at it", empty.since()));
        assertThat(harness.operatorStore().blockedLanes(POINTS, ProcessorScope.ALL, null, 10))
                .containsExactly(empty);
        assertThat(harness.operatorStore().counts().blockedLanes()).isEqualTo(1);
        assertThat(harness.operatorStore().counts().failedLanes()).isZero();

        park(claim, events.get(0));
        park(claim, events.get(1));

        assertThat(store.nextInLane(POINTS, LANE)).isEmpty();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();
        assertThat(store.heldLanes(claim)).singleElement().satisfies(held -> {
            assertThat(held.laneKey()).isEqualTo(LANE);
            assertThat(held.released()).isFalse();
        });
        assertThat(lane().headPosition()).isEqualTo(1);
        assertThat(lane().slot()).isEqualTo(claim.slot().number());

        assertThat(resumeLane(LANE)).isEqualTo(LaneChange.DONE);

        assertThat(resumeLane(LANE)).isEqualTo(LaneChange.UNCHANGED);
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).hasSize(1);
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).pausedLanes()).isEmpty();
        for (int i = 0; i < 2; i++) {
            long position = events.get(i).position();
            assertThat(store.nextInLane(POINTS, LANE).orElseThrow().event().position())
                    .isEqualTo(position);
            assertFinishes(
                    i == 0 ? FinishResult.DONE_LANE_CONTINUES : FinishResult.DONE,
                    transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, position)));
        }
        assertThat(harness.operatorStore().lane(POINTS, LANE)).isEmpty();
        assertThat(store.park(move(claim, 2, 3), LANE, events.get(2), List.of()))
                .isEqualTo(ParkResult.LANE_FREE);
        assertThat(resumeLane(LANE)).isEqualTo(LaneChange.NOT_FOUND);
    }

    @Test
    void aPauseThatHeldNothingLeavesNothing() {
        owned();
        pauseLane(LANE);
        assertThat(resumeLane(LANE)).isEqualTo(LaneChange.DONE);
        assertThat(harness.operatorStore().lane(POINTS, LANE)).isEmpty();
        assertThat(harness.operatorStore().counts().blockedLanes()).isZero();
        assertThat(store.pauseLane(new LaneCommand("nobody", LANE, "anna", null, null)))
                .isEqualTo(LaneChange.NOT_FOUND);
    }

    @Test
    void whatRunsInAPausedLaneEndsAndNothingFollowsIt() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailedExecution running = prepared(claim, fail(claim, events.get(0)));
        park(claim, events.get(1));
        park(claim, events.get(2));
        assertThat(harness.operatorStore().counts().failedLanes()).isEqualTo(1);
        pauseLane(LANE);
        assertThat(harness.operatorStore().counts().failedLanes()).isZero();

        succeed(running, FinishResult.DONE);

        assertThat(store.nextInLane(POINTS, LANE)).isEmpty();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();
        resumeLane(LANE);
        assertFinishes(
                FinishResult.DONE_LANE_CONTINUES,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 2)));
        pauseLane(LANE);
        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 3)));
        assertThat(lane().headPosition()).as("paused, and empty once more").isNull();
        resumeLane(LANE);
        assertThat(harness.operatorStore().lane(POINTS, LANE)).isEmpty();
    }

    @Test
    void noAttemptBeginsInAPausedLane() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        pauseLane(LANE);
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        assertThat(claimDue(claim).prepared()).isEmpty();
        assertThat(store.change(id, Compensation.request(true, "anna", null), List.of()))
                .isEqualTo(new Change.Refuse(Refusal.LANE_PAUSED));
        assertThat(store.change(id, prepare(), List.of())).isEqualTo(new Change.Refuse(Refusal.LANE_PAUSED));

        resumeLane(LANE);
        assertThat(claimDue(claim).prepared()).extracting(FailedExecution::id).containsExactly(id);
    }

    @Test
    void aPersonSkipsWhatIsInAPausedLane() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        pauseLane(LANE);
        assertThat(store.change(id, Compensation.skip("anna", "by hand"), List.of()))
                .isInstanceOf(Change.Write.class);
        assertThat(store.nextInLane(POINTS, LANE)).isEmpty();
        resumeLane(LANE);
        assertThat(store.nextInLane(POINTS, LANE)).isPresent();
    }

    @Test
    void aCommandOnAnotherStateOfALaneIsRefused() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        String seen = lane().state().version();
        LaneCommand command = new LaneCommand(POINTS, LANE, "anna", null, seen);

        store.change(id, Compensation.skip("anna", "by hand"), List.of());
        assertThat(store.pauseLane(command)).isEqualTo(LaneChange.CHANGED_MEANWHILE);
        assertThat(harness.operatorStore().lane(POINTS, LANE)).isEmpty();

        pauseLane(LANE);
        assertThat(store.resumeLane(command)).isEqualTo(LaneChange.CHANGED_MEANWHILE);
        assertThat(store.resumeLane(new LaneCommand(
                        POINTS, LANE, "anna", null, lane().state().version())))
                .isEqualTo(LaneChange.DONE);
    }

    @Test
    void aPauseGoesWithItsProcessorsNewName() {
        List<StoredEvent> events = stored("e1");
        owned();
        pauseLane(LANE);
        store.leave(NODE);
        ProcessorRegistration old = processor(POINTS, 1, PAID);
        store.join(
                node(
                        OTHER_NODE,
                        new ProcessorRegistration(
                                "bonus",
                                old.mapping(),
                                1,
                                old.functions(),
                                List.of(POINTS),
                                List.of(),
                                StartFrom.EARLIEST)),
                LEASE);
        Claim claim =
                store.takeOver(OTHER_NODE, "bonus", Set.of(PAID), 1).getFirst().claim();
        assertThat(state(store.heartbeat(OTHER_NODE, LEASE), "bonus").pausedLanes())
                .containsExactly(LANE);
        assertThat(store.park(move(claim, 0, 1), LANE, events.get(0), List.of()))
                .isEqualTo(ParkResult.PARKED);
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
