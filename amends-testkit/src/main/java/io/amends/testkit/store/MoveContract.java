package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.OnTimeout;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.Status;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.store.Claim;
import io.amends.core.store.DueQuery;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.LaneMove;
import io.amends.core.store.NewWait;
import io.amends.core.store.ParkResult;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.WaitResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A lane that is given to another processor. */
abstract class MoveContract extends ContractStage {
    private static final String RENAMED = "loyalty";
    private static final SlotId TARGET = new SlotId(RENAMED, 0);
    private static final RetryPolicy ITS_POLICY =
            new RetryPolicy(true, 3, Duration.ofSeconds(7), Duration.ofSeconds(9), Duration.ZERO, 0);

    /** Registers the processor that takes the lane, from now on if nothing else is said. */
    private Claim renamed(StartFrom from, String mapping, String... types) {
        ProcessorRegistration usual = processor(RENAMED, 1, types);
        join(OTHER_NODE, new ProcessorRegistration(RENAMED, mapping, 1, usual.functions(), List.of(), List.of(), from));
        return take();
    }

    private Claim take() {
        return store.takeOver(OTHER_NODE, RENAMED, Set.of(PAID), 1).getFirst().claim();
    }

    private Claim renamed() {
        return renamed(StartFrom.NOW, "order=KEY", PAID);
    }

    private static LaneMove to(FailureId named, String... types) {
        TreeMap<String, Compensation.Target> functions = new TreeMap<>();
        for (String type : types) {
            functions.put(type, new Compensation.Target("new-" + type, ITS_POLICY));
        }
        Decision decision = Compensation.move(
                new Compensation.Destination(
                        RENAMED, 0, functions, named, new Compensation.Target("named", ITS_POLICY)),
                "anna",
                "renamed");
        return new LaneMove(TARGET, new TreeSet<>(functions.keySet()), decision);
    }

    private Change move(FailureId id) {
        return store.moveLane(id, to(id, PAID));
    }

    private void assertRefused(FailureId id, Refusal refusal, String... detail) {
        FailedExecution before = record(id);
        List<LaneSummary.Entry> events = harness.operatorStore().laneEvents(POINTS, LANE, 0, 100);
        Change expected = new Change.Refuse(refusal, detail.length == 0 ? null : detail[0]);
        assertThat(move(id)).isEqualTo(expected);
        assertThat(record(id)).usingRecursiveComparison().isEqualTo(before);
        assertThat(harness.operatorStore().laneEvents(POINTS, LANE, 0, 100)).isEqualTo(events);
        assertThat(store.history(id)).hasSize(1);
    }

    private WaitResult letWait(Claim claim, StoredEvent event) {
        WaitFor what = new WaitFor.Version(POINTS, new StreamKey("order", "o-1"), new StreamVersion(0, 3), false);
        return store.enterWait(
                fromSlot(claim, event.position() - 1, event.position()),
                new NewWait(
                        claim.slot(),
                        LANE,
                        event,
                        new WaitRequest(what, Duration.ofHours(1), OnTimeout.FAIL),
                        null,
                        List.of()));
    }

    @Test
    void theWholeLaneGoesToTheOtherProcessor() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        assertThat(letWait(claim, events.get(2))).isEqualTo(WaitResult.WAITING);
        FailedExecution before = record(id);
        Claim old = renamed();

        Change change = move(id);

        assertThat(change).isInstanceOf(Change.Write.class);
        FailedExecution after = record(id);
        assertThat(after)
                .usingRecursiveComparison()
                .ignoringFields("processor", "function", "policy", "fingerprint")
                .isEqualTo(before);
        assertThat(after.processor()).isEqualTo(RENAMED);
        assertThat(after.function()).isEqualTo("named");
        assertThat(after.policy()).isEqualTo(ITS_POLICY);
        HistoryEntry line = store.history(id).getLast();
        assertThat(line.type()).isEqualTo(HistoryEntry.Type.FUNCTION);
        assertThat(line.actor()).isEqualTo("anna");
        assertThat(line.reason()).isEqualTo("renamed");
        assertThat(line.details())
                .isEqualTo(new TreeMap<>(Map.of(
                        "before",
                        "on-" + PAID,
                        "after",
                        "named",
                        "processor before",
                        POINTS,
                        "processor after",
                        RENAMED)));

        assertThat(harness.operatorStore().lane(POINTS, LANE)).isEmpty();
        assertThat(store.heldLanes(claim)).isEmpty();
        LaneSummary lane = harness.operatorStore().lane(RENAMED, LANE).orElseThrow();
        assertThat(lane.events()).isEqualTo(3);
        assertThat(lane.blocked()).isTrue();
        assertThat(lane.slot()).isZero();
        assertThat(store.followers(id)).isEqualTo(2);
        assertThat(harness.operatorStore().laneEvents(RENAMED, LANE, 0, 10))
                .extracting(LaneSummary.Entry::kind)
                .containsExactly(LaneSummary.Kind.FAILED, LaneSummary.Kind.PARKED, LaneSummary.Kind.PARKED);
        assertThat(store.waits(null, 0, 10)).isEmpty();
        assertThat(store.park(move(claim, 3, 4), LANE, events.get(3), List.of()))
                .as("the old processor's lane is free")
                .isEqualTo(ParkResult.LANE_FREE);
        assertThat(store.carryForward(List.of(move(old, 4, 5))))
                .as("whoever had the slot has not heard of the lane")
                .isEmpty();
    }

    @Test
    void theLaneIsMadeGoodByTheOtherProcessor() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        renamed();
        move(id);
        Claim taken = take();
        assertThat(store.heldLanes(taken)).containsExactly(new HeldLane(TARGET, LANE, false, false));
        harness.advance(BACKOFF);
        store.heartbeat(OTHER_NODE, LEASE);

        FailedExecution prepared = store.claimDue(
                        new DueQuery(RENAMED, List.of(taken), Set.of("named"), Set.of(PAID), false, 10), prepare())
                .prepared()
                .getFirst();
        succeed(prepared, FinishResult.DONE_LANE_CONTINUES);

        LaneEvent next = store.nextInLane(RENAMED, LANE).orElseThrow();
        assertThat(next.event()).usingRecursiveComparison().isEqualTo(events.get(1));
        RunOrigin.FromLane run = new RunOrigin.FromLane(taken, LANE, 2);
        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(run, List.of()));
        assertThat(harness.operatorStore().lane(RENAMED, LANE)).isEmpty();
    }

    @Test
    void itsCauseIsOneOfTheOtherProcessor() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        renamed();
        move(id);
        for (int round = 0; round < 2; round++) {
            FailureGroup left = harness.operatorStore().group("fingerprint-1").orElseThrow();
            assertThat(left.processor()).isEqualTo(POINTS);
            assertThat(left.numbers().active()).isZero();
            FailureGroup joined =
                    harness.operatorStore().group(record(id).fingerprint()).orElseThrow();
            assertThat(joined.processor()).isEqualTo(RENAMED);
            assertThat(joined.numbers().active()).isEqualTo(1);
            assertThat(joined.errorCode()).isEqualTo("POINTS_CLOSED");
            ProcessorScope other = ProcessorScope.of(Set.of(RENAMED));
            assertThat(harness.operatorStore().counts(other).failedLanes()).isEqualTo(1);
            assertThat(harness.operatorStore().counts(other).failures().values())
                    .contains(1L);
            assertThat(harness.operatorStore()
                            .counts(ProcessorScope.of(Set.of(POINTS)))
                            .failures()
                            .values())
                    .containsOnly(0L);
            harness.operatorStore().foldGroups(100);
        }
    }

    @Test
    void aRecordThatWaitsIsTriedAtOnceThere() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        FailedExecution prepared = prepared(claim, id);
        NewWait wait = new NewWait(
                claim.slot(),
                LANE,
                events.get(0),
                new WaitRequest(
                        new WaitFor.Version(POINTS, new StreamKey("order", "o-1"), new StreamVersion(0, 3), false),
                        Duration.ofHours(1),
                        OnTimeout.FAIL),
                null,
                List.of());
        assertThat(store.enterWait(id, Compensation.tooEarly(prepared.retry().attempt(), "order o-1", "build-1"), wait))
                .isEqualTo(WaitResult.WAITING);
        assertThat(record(id).dueAt()).isNull();
        renamed();

        assertThat(move(id)).isInstanceOf(Change.Write.class);

        assertThat(record(id).retry().requested()).isTrue();
        assertThat(record(id).dueAt()).isNotNull();
        assertThat(store.waits(null, 0, 10)).isEmpty();
        assertThat(harness.operatorStore().lane(RENAMED, LANE).orElseThrow().blocked())
                .isTrue();
    }

    @Test
    void aLaneThatIsHeldTakesNoOther() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        renamed();
        store.pauseLane(new LaneCommand(RENAMED, LANE, "bert", null, null));
        assertRefused(id, Refusal.TARGET_LANE_HELD);
        store.resumeLane(new LaneCommand(RENAMED, LANE, "bert", null, null));
        assertThat(move(id)).isInstanceOf(Change.Write.class);
        assertThat(move(id)).as("it holds that lane itself now").isEqualTo(new Change.Refuse(Refusal.TARGET_LANE_HELD));
    }

    @Test
    void aPausedLaneStays() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        renamed();
        store.pauseLane(new LaneCommand(POINTS, LANE, "bert", null, null));
        assertRefused(id, Refusal.LANE_PAUSED);
    }

    @Test
    void whatTheOtherProcessorTakesFromTheInboxIsNotGivenToIt() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        Claim other = renamed(StartFrom.EARLIEST, "order=KEY", PAID);
        assertRefused(id, Refusal.TARGET_HAS_EVENT, PAID + " at position 1");
        store.carryForward(List.of(move(other, 0, 2)));
        assertRefused(id, Refusal.TARGET_HAS_EVENT, PAID + " at position 1");
    }

    @Test
    void whatComesBehindIsNotGivenToItEither() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        renamed();
        park(claim, stored("e2").get(0));
        assertRefused(id, Refusal.TARGET_HAS_EVENT, PAID + " at position 2");
    }

    @Test
    void whatItPassedBeforeItTookTheTypeMayBeGivenToIt() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        Claim other = renamed(StartFrom.EARLIEST, "order=KEY", "other");
        store.carryForward(List.of(move(other, 0, 2)));
        assertRefused(id, Refusal.UNKNOWN_FOLLOWER, PAID);

        join(OTHER_NODE, processor(RENAMED, 1, "other", PAID));
        park(claim, events.get(1));
        StoredEvent later = stored("e3").getFirst();
        assertThat(move(id)).isInstanceOf(Change.Write.class);
        assertThat(store.followers(id)).isEqualTo(1);
        assertThat(later.position()).isEqualTo(3);
    }

    @Test
    void whatItHasNoFunctionForIsSaid() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        for (String type : List.of("order.sent", "order.closed")) {
            harness.inCallerTransaction(() -> store.caller().publish(event(type, type, "{}"), false));
        }
        store.relay(10);
        store.read(1, 10).events().forEach(event -> park(claim, event));
        renamed();
        assertRefused(id, Refusal.UNKNOWN_FOLLOWER, "order.closed, order.sent");
    }

    @Test
    void aRunningAttemptIsNotInterruptedAndALostOneEndsAsNothing() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        renamed();
        FailedExecution prepared = prepared(claim, id);
        assertThat(move(id)).isEqualTo(new Change.Refuse(Refusal.RUNNING));

        harness.advance(Compensation.lostAfter(RetryPolicy.DEFAULT).plusSeconds(1));
        store.heartbeat(OTHER_NODE, LEASE);
        assertThat(move(id)).isInstanceOf(Change.Write.class);

        assertThat(record(id).status()).isEqualTo(Status.FAILED);
        assertThat(record(id).retry().requested()).isTrue();
        assertFinishes(
                FinishResult.REFUSED,
                transaction -> transaction.finish(
                        id, Compensation.succeeded(prepared.retry().attempt())));
        assertThat(record(id).processor()).isEqualTo(RENAMED);
    }

    @Test
    void aParkedEventThatRunsMeanwhileIsNotDoneTwice() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        park(claim, events.get(1));
        store.change(first, Compensation.skip("anna", "by hand"), List.of());
        RunOrigin.FromLane run = new RunOrigin.FromLane(claim, LANE, 2);
        StoredEvent third = stored("e3").getFirst();
        store.recordFailure(fromSlot(claim, 2, 3), failure(claim, third));
        renamed();

        assertThat(move(new FailureId("f-3"))).isInstanceOf(Change.Write.class);

        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(run, List.of()));
        assertThat(store.nextInLane(RENAMED, LANE).orElseThrow().event().position())
                .isEqualTo(2);
    }

    @Test
    void aProcessorWithOtherLanesOrNoneIsRefused() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        assertRefused(id, Refusal.UNKNOWN_PROCESSOR, RENAMED);
        renamed(StartFrom.NOW, "order=KEY key=userId", PAID);
        assertRefused(id, Refusal.TARGET_LANE_DIFFERS);
        assertThat(LaneMove.sameLanes("order=KEY key=a slots=8 hash=1", "order=KEY key=a slots=128 hash=1"))
                .isTrue();
        assertThat(LaneMove.sameLanes("order=KEY key=a slots=8 hash=1", "order=KEY key=b slots=8 hash=1"))
                .isFalse();
    }

    @Test
    void whatHoldsNoLaneGoesAlone() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        store.recordFailure(fromSlot(claim, 0, 1), failure("f-1", claim, events.get(0), null, false));
        FailureId second = fail(claim, events.get(1));
        Claim other = renamed();

        assertThat(move(new FailureId("f-1"))).isInstanceOf(Change.Write.class);

        assertThat(record(new FailureId("f-1")).processor()).isEqualTo(RENAMED);
        assertThat(record(second).processor()).isEqualTo(POINTS);
        assertThat(harness.operatorStore().lane(RENAMED, LANE)).isEmpty();
        assertThat(store.carryForward(List.of(move(other, 2, 3)))).hasSize(1);
    }

    @Test
    void whatIsDoneOrUnknownIsRefused() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        renamed();
        store.change(id, Compensation.skip("anna", "by hand"), List.of());
        assertThat(move(id)).isEqualTo(new Change.Refuse(Refusal.ALREADY_DONE));
        assertThat(move(new FailureId("nobody"))).isEqualTo(new Change.Refuse(Refusal.NOT_FOUND));
    }
}
