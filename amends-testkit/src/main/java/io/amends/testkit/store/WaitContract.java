package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.Status;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.StopReason;
import io.amends.core.store.Claim;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NewWait;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.Signal;
import io.amends.core.store.SignalListener;
import io.amends.core.store.TimedOut;
import io.amends.core.store.Untangled;
import io.amends.core.store.WaitResult;
import io.amends.core.store.WaitingEvent;
import io.amends.core.store.WokenLane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

abstract class WaitContract extends ContractStage {
    private static final StreamKey ORDER = new StreamKey("order", "o-1");
    private static final StreamKey OTHER = new StreamKey("order", "o-2");
    private static final Duration HOUR = Duration.ofHours(1);

    // ---- entering

    @Test
    void anEventThatWaitsIsPassedAndHoldsItsLane() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();

        assertThat(waitInSlot(claim, events.get(0), forOrder(3))).isEqualTo(WaitResult.WAITING);

        assertPosition(claim, 1);
        LaneEvent head = store.laneHead(POINTS, LANE).orElseThrow();
        assertThat(head.kind()).isEqualTo(LaneEvent.Kind.WAITING);
        assertThat(head.event()).usingRecursiveComparison().isEqualTo(events.get(0));
        assertThat(head.timedOut()).isNull();
        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, false, false));
        assertThat(store.nextInLane(POINTS, LANE)).isEmpty();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();
        assertThat(parkNext(claim, events.get(1))).isEqualTo(ParkResult.PARKED);
        assertThat(store.nextInLane(POINTS, LANE)).isEmpty();
        assertThat(harness.operatorStore().counts().blockedLanes()).isEqualTo(1);
        assertThat(harness.operatorStore().counts().failedLanes()).isZero();
    }

    @Test
    void theLanesOfAKeyAreFoundWhateverHoldsThem() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(3));
        // the lane's key is made from the payload and of a tenant, the event's own is another one
        store.recordFailure(
                new RunOrigin.FromSlot(move(claim, 1, 2)), failure("f-2", claim, events.get(1), "acme/4711", false));
        store.pauseLane(new LaneCommand(POINTS, "acme/4712", "anna", "looks at it", null));

        assertThat(keysOf("4711")).containsExactly("acme/4711");
        assertThat(keysOf("acme/4711")).containsExactly("acme/4711");
        assertThat(keysOf("4712")).containsExactly("acme/4712");
        assertThat(keysOf(LANE)).containsExactlyInAnyOrder(LANE, "acme/4711");
        assertThat(harness.operatorStore().lanesOf(LANE, null, ProcessorScope.ALL, 1))
                .hasSize(1);
        assertThat(harness.operatorStore().lanesOf(LANE, POINTS, ProcessorScope.of(Set.of("poi*")), 10))
                .hasSize(2);
        assertThat(harness.operatorStore().lanesOf(LANE, "mails", ProcessorScope.ALL, 10))
                .isEmpty();
        assertThat(harness.operatorStore().lanesOf(LANE, null, ProcessorScope.of(Set.of("mails", "mail.*")), 10))
                .isEmpty();
        assertThat(keysOf("acme")).isEmpty();
        assertThat(keysOf("471_")).isEmpty();
        LaneSummary paused = harness.operatorStore()
                .lanesOf("4712", null, ProcessorScope.ALL, 10)
                .getFirst();
        assertThat(harness.operatorStore().lane(POINTS, "acme/4712")).contains(paused);
    }

    private List<String> keysOf(String key) {
        return harness.operatorStore().lanesOf(key, null, ProcessorScope.of(Set.of(POINTS)), 10).stream()
                .map(LaneSummary::key)
                .toList();
    }

    @Test
    void theMarkOfTheLanesIsAnotherOneAfterEachChange() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        List<String> marks = new ArrayList<>();
        marks.add(harness.operatorStore().laneMark());
        waitInSlot(claim, events.get(0), forOrder(3));
        marks.add(harness.operatorStore().laneMark());
        parkNext(claim, events.get(1));
        marks.add(harness.operatorStore().laneMark());
        store.pauseLane(new LaneCommand(POINTS, LANE, "anna", null, null));
        marks.add(harness.operatorStore().laneMark());
        store.pause(POINTS, true, "anna", null, false);
        marks.add(harness.operatorStore().laneMark());
        assertThat(marks).doesNotHaveDuplicates();
        assertThat(harness.operatorStore().laneMark()).isEqualTo(marks.getLast());
    }

    @Test
    void whatIsDoneAlreadyIsNotWaitedFor() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        done(claim, events.get(0), moving(ORDER, 3));

        assertThat(waitInSlot(claim, events.get(1), forOrder(3))).isEqualTo(WaitResult.SATISFIED);
        assertThat(waitInSlot(claim, events.get(1), forOrder(2))).isEqualTo(WaitResult.SATISFIED);

        assertPosition(claim, 1);
        assertThat(store.laneHead(POINTS, LANE)).isEmpty();
        assertThat(store.waits(null, 0, 10)).isEmpty();
        assertThat(waitInSlot(claim, events.get(1), forOrder(4))).isEqualTo(WaitResult.WAITING);
    }

    @Test
    void theFirstVersionSeenMayBeTheBase() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        WaitFor base = new WaitFor.Version(POINTS, ORDER, new StreamVersion(2, 6), true);

        assertThat(waitInSlot(claim, events.get(0), base)).isEqualTo(WaitResult.SATISFIED);
        done(claim, events.get(0), new Advance(ORDER, new StreamVersion(2, 4), false, Advance.Rule.NEVER_SKIP));

        assertThat(waitInSlot(claim, events.get(1), base)).isEqualTo(WaitResult.WAITING);
    }

    @Test
    void aLostFenceOrPositionLetsNothingWait() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        NewWait wait = wait(claim, events.get(0), forOrder(1));

        assertThat(store.enterWait(fromSlot(otherFence(claim), 0, 1), wait)).isEqualTo(WaitResult.LOST);
        assertThat(store.enterWait(fromSlot(claim, 1, 2), wait)).isEqualTo(WaitResult.LOST);
        assertThat(store.enterWait(new RunOrigin.FromLane(claim, LANE, 1), wait))
                .isEqualTo(WaitResult.LOST);

        assertThat(store.laneHead(POINTS, LANE)).isEmpty();
        assertThat(store.waits(null, 0, 10)).isEmpty();
    }

    @Test
    void aStreamThatIsOnlyAwaitedHasNoVersion() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));

        List<Object> seen = new ArrayList<>();
        store.inTransaction(TIMEOUT, transaction -> {
            seen.add(transaction.progress(POINTS, new TreeSet<>(Set.of(ORDER))));
            return new Verdict<>(false, "looked");
        });

        assertThat(seen).containsExactly(new TreeMap<>());
    }

    // ---- waking

    @Test
    void whoeverDoesTheVersionWakesWhatWaitsForIt() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(2));

        done(claim, events.get(1), moving(ORDER, 1));
        assertThat(next("lane-1")).isNull();
        done(claim, events.get(2), moving(ORDER, 2));

        assertThat(next("lane-1")).isEqualTo(1);
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10))
                .containsExactly(new HeldLane(claim.slot(), "lane-1", true, false));
        assertFinishes(
                FinishResult.DONE, transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-1", 1)));
        assertThat(store.laneHead(POINTS, "lane-1")).isEmpty();
        assertThat(store.waits(null, 0, 10)).isEmpty();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();
    }

    @Test
    void aFurtherVersionAndAHigherEpochWakeToo() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(2));
        waitInSlot(claim, events.get(1), "lane-2", new WaitFor.Version(POINTS, OTHER, new StreamVersion(1, 9), false));

        done(claim, events.get(2), moving(ORDER, 7));
        done(claim, events.get(3), new Advance(OTHER, new StreamVersion(2, 0), false, Advance.Rule.NEVER_SKIP));

        assertThat(next("lane-1")).isEqualTo(1);
        assertThat(next("lane-2")).isEqualTo(2);
    }

    @Test
    void aRollBackWakesNobody() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));

        store.inTransaction(TIMEOUT, transaction -> {
            transaction.finish(move(claim, 1, 2), List.of(moving(ORDER, 1)));
            return new Verdict<>(false, "rolled back");
        });

        assertThat(next("lane-1")).isNull();
    }

    @Test
    void nodesAreToldThatSomethingWasWoken() throws Exception {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        CountDownLatch told = new CountDownLatch(1);

        AutoCloseable listening = listenFor(Signal.WAITS, told);
        done(claim, events.get(1), moving(ORDER, 1));
        awaitLatch(told);
        listening.close();
    }

    @Test
    void whenAFailedExecutionIsDueItsSchedulersAreTold() throws Exception {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        done(claim, events.get(1));
        timedOut(claim, events.get(0), "lane-1");
        CountDownLatch told = new CountDownLatch(1);

        AutoCloseable listening = listenFor(Signal.COMPENSATION, told);
        done(claim, events.get(2), moving(ORDER, 1));
        awaitLatch(told);
        listening.close();
    }

    @Test
    void whoEndsAWaitLearnsInWhichLanesAfterItsCommit() throws Exception {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", forOrder(2));
        List<WokenLane> told = new ArrayList<>();
        AutoCloseable listening = store.listen(new SignalListener() {
            @Override
            public void heard(Collection<Signal> signals) {
                // the short way alone
            }

            @Override
            public boolean woken(List<WokenLane> lanes) {
                told.addAll(lanes);
                return true;
            }
        });

        store.inTransaction(TIMEOUT, transaction -> {
            transaction.finish(move(claim, 2, 3), List.of(moving(ORDER, 1)));
            return new Verdict<>(false, "rolled back");
        });
        assertThat(told).isEmpty();
        done(claim, events.get(2), moving(ORDER, 1));
        assertThat(told).containsExactly(new WokenLane(claim.slot(), "lane-1"));
        done(claim, events.get(3), moving(ORDER, 1));

        assertThat(told).hasSize(1);
        assertThat(next("lane-2")).isNull();
        listening.close();
    }

    @Test
    void othersAreToldOnlyOfLanesThatWereNotBegun() throws Exception {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", forOrder(2));
        Beginning own = new Beginning();
        CountDownLatch other = new CountDownLatch(1);
        AutoCloseable listening = store.listen(own);
        AutoCloseable elsewhere = harness.otherNode().listen(signals -> {
            if (signals.contains(Signal.WAITS)) {
                other.countDown();
            }
        });

        done(claim, events.get(2), moving(ORDER, 1));
        assertThat(own.told).as("signals of what was begun").isZero();
        own.begins = false;
        done(claim, events.get(3), moving(ORDER, 2));

        assertThat(own.told).isEqualTo(1);
        awaitLatch(other);
        listening.close();
        elsewhere.close();
    }

    /** Begins all lanes as long as it is told to, and counts what the committing thread itself signals. */
    private static final class Beginning implements SignalListener {
        private final Thread committing = Thread.currentThread();
        private boolean begins = true;
        private int told;

        @Override
        public void heard(Collection<Signal> signals) {
            if (Thread.currentThread().equals(committing) && signals.contains(Signal.WAITS)) {
                told++;
            }
        }

        @Override
        public boolean woken(List<WokenLane> lanes) {
            return begins;
        }
    }

    private AutoCloseable listenFor(Signal signal, CountDownLatch told) {
        return store.listen(signals -> {
            if (signals.contains(signal)) {
                told.countDown();
            }
        });
    }

    @Test
    void aParkedEventAndARecordWakeLikeAnyOther() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", new WaitFor.Version(POINTS, OTHER, new StreamVersion(0, 1), false));
        FailureId id = fail(claim, events.get(2));
        park(claim, events.get(3));

        FailedExecution prepared = prepared(claim, id);
        assertFinishes(
                FinishResult.DONE_LANE_CONTINUES,
                transaction -> transaction.finish(
                        id, Compensation.succeeded(prepared.retry().attempt()), List.of(moving(ORDER, 1))));
        assertThat(next("lane-1")).isEqualTo(1);
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 4), List.of(moving(OTHER, 1))));
        assertThat(next("lane-2")).isEqualTo(2);
    }

    @Test
    void aPersonsSkipWakes() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        FailureId id = fail(claim, events.get(1));

        store.change(id, Compensation.skip("anna", "dealt with"), List.of(moving(ORDER, 1)));

        assertThat(next("lane-1")).isEqualTo(1);
    }

    @Test
    void aWaitThatIsEnteredWhileTheVersionIsBeingDoneIsNotLost() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch mayCommit = new CountDownLatch(1);
        join("waiter", processor("mails", 1, PAID));
        Claim mails = store.takeOver("waiter", "mails", Set.of(PAID), 1).get(0).claim();

        FutureTask<Object> doing = start(() -> store.inTransaction(TIMEOUT, transaction -> {
            FinishResult result = transaction.finish(move(claim, 0, 1), List.of(moving(ORDER, 1)));
            written.countDown();
            awaitLatch(mayCommit);
            return new Verdict<>(true, result);
        }));
        awaitLatch(written);
        FutureTask<WaitResult> waiting = start(() -> harness.otherNode()
                .enterWait(
                        fromSlot(mails, 0, 1),
                        new NewWait(
                                mails.slot(),
                                LANE,
                                events.get(0),
                                new WaitRequest(forOrder(1), HOUR, OnTimeout.FAIL),
                                null,
                                List.of())));
        mayCommit.countDown();

        await(doing);
        boolean satisfied = await(waiting) == WaitResult.SATISFIED;
        assertThat(satisfied || store.nextInLane("mails", LANE).isPresent())
                .as("it has seen the version, or was woken by it")
                .isTrue();
    }

    // ---- the order within a lane

    @Test
    void whatIsWaitedForOvertakesInItsLane() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));

        assertThat(parkNext(claim, events.get(1), OTHER)).isEqualTo(ParkResult.PARKED);
        assertThat(parkNext(claim, events.get(2), ORDER)).isEqualTo(ParkResult.PARKED_MAY_RUN);
        assertThat(parkNext(claim, events.get(3))).isEqualTo(ParkResult.PARKED);

        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, true, false));
        assertThat(next(LANE)).isEqualTo(3);
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 3), List.of(moving(ORDER, 1))));
        assertThat(next(LANE)).isEqualTo(1);
        assertFinishes(
                FinishResult.DONE_LANE_CONTINUES,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 1)));
        assertThat(next(LANE)).isEqualTo(2);
    }

    @Test
    void aWaitFindsWhatIsParkedBehindItAlready() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        assertThat(parkNext(claim, events.get(1))).isEqualTo(ParkResult.PARKED);
        assertThat(parkNext(claim, events.get(2), ORDER)).isEqualTo(ParkResult.PARKED);
        store.change(id, Compensation.skip("anna", "dealt with"), List.of());

        assertThat(store.enterWait(new RunOrigin.FromLane(claim, LANE, 2), wait(claim, events.get(1), forOrder(1))))
                .isEqualTo(WaitResult.WAITING);

        assertThat(next(LANE)).isEqualTo(3);
    }

    @Test
    void whatProvidesMayItselfBeTooEarly() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        NewWait second = new NewWait(
                claim.slot(),
                LANE,
                events.get(1),
                new WaitRequest(
                        new WaitFor.Version(POINTS, OTHER, new StreamVersion(0, 1), false), HOUR, OnTimeout.FAIL),
                null,
                List.of(ORDER));

        assertThat(store.enterWait(fromSlot(claim, 1, 2), second)).isEqualTo(WaitResult.WAITING);
        assertThat(next(LANE)).isNull();
        done(claim, events.get(2), moving(OTHER, 1));

        assertThat(next(LANE)).isEqualTo(2);
    }

    @Test
    void nothingOvertakesAHandlersFailure() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), next());
        assertThat(parkNext(claim, events.get(1))).isEqualTo(ParkResult.PARKED_MAY_RUN);
        assertThat(store.recordFailure(new RunOrigin.FromLane(claim, LANE, 2), failure(claim, events.get(1))))
                .isTrue();
        harness.advance(Duration.ofSeconds(2));

        assertThat(store.enterWait(new RunOrigin.FromLane(claim, LANE, 1), wait(claim, events.get(0), forOrder(1))))
                .isEqualTo(WaitResult.WAITING);
        assertThat(parkNext(claim, events.get(2), ORDER)).isEqualTo(ParkResult.PARKED);

        assertThat(next(LANE)).isNull();
    }

    @Test
    void whatWaitsForTheNextLetsOthersGoFirst() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), next());
        retryInVain(claim, events.get(0));

        assertThat(parkNext(claim, events.get(1))).isEqualTo(ParkResult.PARKED_MAY_RUN);
        assertThat(next(LANE)).isEqualTo(2);
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(
                        new RunOrigin.FromLane(claim, LANE, 2),
                        new DoneEvents(List.of(), new TreeSet<>(Set.of(LANE)))));

        assertThat(next(LANE)).isEqualTo(1);
    }

    @Test
    void anEventOfTheKeyInAnyProcessorWakesWhatWaitsForTheNext() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), next());
        retryInVain(claim, events.get(0));
        join("mailer", processor("mails", 1, PAID));
        Claim mails = store.takeOver("mailer", "mails", Set.of(PAID), 1).get(0).claim();

        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(
                        move(mails, 0, 1), new DoneEvents(List.of(), new TreeSet<>(Set.of("another")))));
        assertThat(next(LANE)).isNull();
        assertFinishes(
                FinishResult.DONE,
                transaction ->
                        transaction.finish(move(mails, 1, 2), new DoneEvents(List.of(), new TreeSet<>(Set.of(LANE)))));

        assertThat(next(LANE)).isEqualTo(1);
    }

    @Test
    void whatComesWhileTheNextIsTriedHasItTriedOnceMoreAtOnce() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), next());
        retryInVain(claim, events.get(0));
        harness.advance(Duration.ofSeconds(2));
        LaneEvent begun = store.nextInLane(POINTS, LANE).orElseThrow();

        assertFinishes(
                FinishResult.DONE,
                transaction ->
                        transaction.finish(move(claim, 1, 2), new DoneEvents(List.of(), new TreeSet<>(Set.of(LANE)))));
        assertThat(store.enterWait(
                        new RunOrigin.FromLane(claim, LANE, 1, null, begun.wakes()),
                        wait(claim, events.get(0), next())))
                .isEqualTo(WaitResult.WAITING);
        LaneEvent again = store.nextInLane(POINTS, LANE).orElseThrow();
        assertThat(again.event().position()).isEqualTo(1);

        assertThat(store.enterWait(
                        new RunOrigin.FromLane(claim, LANE, 1, null, again.wakes()),
                        wait(claim, events.get(0), next())))
                .isEqualTo(WaitResult.WAITING);
        assertThat(next(LANE)).as("seen by now").isNull();
    }

    @Test
    void whatComesWhileAFailedExecutionIsTriedHasItTriedOnceMore() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        FailedExecution prepared = prepared(claim, id);
        assertThat(tooEarly(prepared, wait(claim, events.get(0), next()))).isEqualTo(WaitResult.WAITING);
        FailedExecution atOnce = claimDue(claim).prepared().get(0);
        assertThat(tooEarly(atOnce, wait(claim, events.get(0), next())))
                .as("what came before it waited was not told")
                .isEqualTo(WaitResult.WAITING);
        assertThat(claimDue(claim).prepared()).isEmpty();
        store.change(id, Compensation.request(false, "anna", null), List.of());
        FailedExecution asked = claimDue(claim).prepared().get(0);

        assertFinishes(
                FinishResult.DONE,
                transaction ->
                        transaction.finish(move(claim, 1, 2), new DoneEvents(List.of(), new TreeSet<>(Set.of(LANE)))));
        assertThat(tooEarly(asked, wait(claim, events.get(0), next()))).isEqualTo(WaitResult.WAITING);
        FailedExecution woken = claimDue(claim).prepared().get(0);

        assertThat(tooEarly(woken, wait(claim, events.get(0), next()))).isEqualTo(WaitResult.WAITING);
        assertThat(claimDue(claim).prepared()).as("nothing came meanwhile").isEmpty();
    }

    // ---- time

    @Test
    void theNextIsTriedAtOnceThenAfterMomentsAndThenAfterSeconds() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), next());

        assertThat(next(LANE)).isEqualTo(1);
        for (int millis : new int[] {20, 100, 500}) {
            retry(claim, events.get(0));
            harness.advance(Duration.ofMillis(millis));
            assertThat(next(LANE)).as("after %s ms", millis).isEqualTo(1);
        }
        for (int seconds : new int[] {1, 2, 4}) {
            retry(claim, events.get(0));
            assertThat(next(LANE)).as("before %s s", seconds).isNull();
            harness.advance(Duration.ofSeconds(seconds));
            assertThat(next(LANE)).as("after %s s", seconds).isEqualTo(1);
        }
        assertThat(store.waits(POINTS, 0, 10).get(0).tries()).isEqualTo(7);
    }

    @Test
    void peopleAreToldWhatKindOfThingEachWaitsFor() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        WaitFor.Version event =
                new WaitFor.Version(POINTS, new StreamKey("paid by key", "o-1"), new StreamVersion(0, 1), false);
        waitInSlot(claim, events.get(0), "lane-1", forOrder(3));
        waitInSlot(claim, events.get(1), "lane-2", event);
        waitInSlot(claim, events.get(2), "lane-3", new WaitFor.Next());
        waitInSlot(claim, events.get(3), "lane-4", new WaitFor.Elapsed(Duration.ofMinutes(5)));

        List<WaitingEvent> waits = store.waits(POINTS, 0, 10);

        assertThat(waits)
                .extracting(WaitingEvent::kind)
                .containsExactly(
                        WaitingEvent.Kind.VERSION,
                        WaitingEvent.Kind.EVENT,
                        WaitingEvent.Kind.NEXT,
                        WaitingEvent.Kind.TIME);
        assertThat(waits)
                .extracting(WaitingEvent::awaited)
                .containsExactly((WaitFor.Version) forOrder(3), event, null, null);
        assertThat(waits.get(1).what()).isEqualTo(event.text());
    }

    @Test
    void aTimePasses() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), new WaitFor.Elapsed(Duration.ofMinutes(5)));

        assertThat(next(LANE)).isNull();
        Duration dueIn = store.endWaits(POINTS, List.of(claim));
        assertThat(dueIn).isNotNull().isLessThanOrEqualTo(Duration.ofMinutes(5));
        harness.advance(Duration.ofMinutes(5));

        assertThat(next(LANE)).isEqualTo(1);
    }

    @Test
    void aWaitIsTooLongOnlyWhenItsProcessorHasPassedTheHeadOfThatMoment() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        harness.advance(HOUR);
        store.heartbeat(NODE, LEASE);

        store.endWaits(POINTS, List.of(claim));
        assertThat(next(LANE)).as("e2 may be what it waits for").isNull();
        stored("e3");
        assertThat(parkNext(claim, events.get(1))).isEqualTo(ParkResult.PARKED);
        store.endWaits(POINTS, List.of(claim));

        LaneEvent ended = store.nextInLane(POINTS, LANE).orElseThrow();
        assertThat(ended.event().position()).isEqualTo(1);
        assertThat(ended.timedOut())
                .isEqualTo(new TimedOut("version 1 of order/o-1 in processor points", HOUR, OnTimeout.FAIL));
    }

    @Test
    void whatIsDoneInTheLastMomentIsNotTooLate() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        done(claim, events.get(1));
        harness.advance(HOUR);
        store.endWaits(POINTS, List.of(claim));
        assertThat(store.nextInLane(POINTS, "lane-1").orElseThrow().timedOut()).isNotNull();
        stored("e3");

        done(claim, store.read(2, 1).events().get(0), moving(ORDER, 1));

        assertThat(store.nextInLane(POINTS, "lane-1").orElseThrow().timedOut()).isNull();
    }

    @Test
    void thePauseOfAProcessorIsNoTimeOfItsWaits() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        harness.advance(Duration.ofMinutes(30));
        store.pause(POINTS, true, "anna", null, false);
        harness.advance(Duration.ofHours(5));
        store.pause(POINTS, false, "anna", null, false);

        store.endWaits(POINTS, List.of(claim));
        assertThat(next(LANE)).isNull();
        harness.advance(Duration.ofMinutes(31));
        store.endWaits(POINTS, List.of(claim));
        assertThat(next(LANE)).isEqualTo(1);
    }

    @Test
    void aPersonEndsAWait() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));

        assertThat(store.endWait(POINTS, 7, OnTimeout.SKIP, "anna", null, false))
                .isFalse();
        assertThat(store.endWait(POINTS, 1, OnTimeout.SKIP, "anna", "never comes", false))
                .isTrue();

        assertThat(store.nextInLane(POINTS, LANE).map(LaneEvent::timedOut).map(TimedOut::then))
                .contains(OnTimeout.SKIP);
    }

    @Test
    void whatAPersonSaysIsNotOverruledByTheTimeout() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        harness.advance(HOUR);
        store.heartbeat(NODE, LEASE);
        store.endWaits(POINTS, List.of(claim));
        RunOrigin.FromLane fails = new RunOrigin.FromLane(claim, LANE, 1, OnTimeout.FAIL);
        NewFailure failure = tooLong(claim, events.get(0), LANE);

        for (OnTimeout said : List.of(OnTimeout.SKIP, OnTimeout.PROCEED)) {
            store.endWait(POINTS, 1, said, "anna", "never comes", false);
            assertThat(store.recordFailure(fails, failure)).isFalse();
            assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(fails));
            assertThat(store.enterWait(fails, wait(claim, events.get(0), forOrder(2))))
                    .isEqualTo(WaitResult.LOST);
            assertThat(store.enterWait(new RunOrigin.FromLane(claim, LANE, 1), wait(claim, events.get(0), forOrder(2))))
                    .as("a run that knows of no end of its wait")
                    .isEqualTo(WaitResult.LOST);
            assertThat(store.nextInLane(POINTS, LANE).map(LaneEvent::timedOut).map(TimedOut::then))
                    .contains(said);
        }

        assertThat(store.recordFailure(new RunOrigin.FromLane(claim, LANE, 1, OnTimeout.PROCEED), failure))
                .as("it went on, and could not")
                .isTrue();
    }

    @Test
    void whatAPersonSaysFirstIsWhatHappens() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        for (int i = 0; i < 3; i++) {
            waitInSlot(claim, events.get(i), "lane-" + i, forOrder(1));
        }
        store.endWait(POINTS, 1, OnTimeout.FAIL, "anna", null, false);
        store.endWait(POINTS, 2, OnTimeout.PROCEED, "anna", null, false);
        store.endWait(POINTS, 3, OnTimeout.SKIP, "anna", null, false);

        assertFinishes(
                FinishResult.REFUSED,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-0", 1, OnTimeout.PROCEED)));
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-1", 2, OnTimeout.PROCEED)));
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-2", 3, OnTimeout.SKIP)));
        assertThat(store.endWait(POINTS, 3, OnTimeout.FAIL, "anna", null, false))
                .isFalse();
        assertThat(store.waits(POINTS, 0, 10)).hasSize(1);
    }

    @Test
    void whatAPersonHasSaidHoldsAlsoWhenItIsDoneAfterAll() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        store.endWait(POINTS, 1, OnTimeout.SKIP, "anna", null, false);
        done(claim, events.get(1), moving(ORDER, 1));

        assertThat(store.nextInLane(POINTS, "lane-1").map(LaneEvent::timedOut).map(TimedOut::then))
                .contains(OnTimeout.SKIP);
        assertThat(store.enterWait(
                        new RunOrigin.FromLane(claim, "lane-1", 1), wait(claim, events.get(0), "lane-1", forOrder(2))))
                .as("a run that began before")
                .isEqualTo(WaitResult.LOST);
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-1", 1, OnTimeout.SKIP)));
    }

    @Test
    void aPersonStopsWhatIsAboutToRun() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        done(claim, events.get(1), moving(ORDER, 1));

        assertThat(store.endWait(POINTS, 1, OnTimeout.SKIP, "anna", "repaired by hand", false))
                .isTrue();

        assertThat(store.nextInLane(POINTS, "lane-1").map(LaneEvent::timedOut).map(TimedOut::then))
                .contains(OnTimeout.SKIP);
    }

    @Test
    void whatIsDoneAfterAllOverrulesTheTimeout() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        harness.advance(HOUR);
        store.heartbeat(NODE, LEASE);
        store.endWaits(POINTS, List.of(claim));
        store.endWaits(POINTS, List.of(claim));
        assertThat(store.nextInLane(POINTS, "lane-1").map(LaneEvent::timedOut).map(TimedOut::then))
                .contains(OnTimeout.FAIL);
        done(claim, stored("e2").get(0), moving(ORDER, 1));

        assertFinishes(
                FinishResult.REFUSED,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-1", 1, OnTimeout.FAIL)));
        assertFinishes(
                FinishResult.DONE, transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-1", 1)));
    }

    @Test
    void whoSkipsLetsFailWhatWaitsForIt() {
        whoSkipsSaysWhatBecomesOfWhatWaitsForIt(OnTimeout.FAIL);
    }

    @Test
    void whoSkipsLetsBeSkippedWhatWaitsForIt() {
        whoSkipsSaysWhatBecomesOfWhatWaitsForIt(OnTimeout.SKIP);
    }

    private void whoSkipsSaysWhatBecomesOfWhatWaitsForIt(OnTimeout dependents) {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        waitInSlot(claim, events.get(1), "lane-2", forOrder(1));
        waitInSlot(claim, events.get(2), "lane-3", forOrder(2));
        waitInSlot(claim, events.get(3), "lane-4", new WaitFor.Version(POINTS, OTHER, new StreamVersion(0, 1), false));

        assertThat(harness.operatorStore().dependents(POINTS, List.of(moving(ORDER, 1)), ProcessorScope.ALL, 10))
                .isEqualTo(1);
        assertThat(harness.operatorStore()
                        .dependents(POINTS, List.of(moving(ORDER, 2), moving(OTHER, 1)), ProcessorScope.ALL, 10))
                .isEqualTo(3);
        assertThat(harness.operatorStore()
                        .dependents(POINTS, List.of(moving(ORDER, 2)), ProcessorScope.of(List.of("mail*")), 10))
                .isZero();
        assertThat(store.change(
                        id, Compensation.skip("anna", "never paid", dependents), List.of(moving(ORDER, 1)), dependents))
                .isInstanceOf(Change.Write.class);

        assertThat(store.nextInLane(POINTS, "lane-2").map(LaneEvent::timedOut).map(TimedOut::then))
                .contains(dependents);
        assertThat(next("lane-3")).as("waits for more").isNull();
        assertThat(next("lane-4")).as("waits for something else").isNull();
        assertThat(store.history(id).getLast().details()).containsEntry("dependents", dependents.name());
    }

    @Test
    void whoSkipsLetsRunWhatWaitsForItUnlessHeSaysOtherwise() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        waitInSlot(claim, events.get(1), "lane-2", forOrder(1));

        store.change(id, Compensation.skip("anna", "paid in cash"), List.of(moving(ORDER, 1)));

        LaneEvent next = store.nextInLane(POINTS, "lane-2").orElseThrow();
        assertThat(next.timedOut()).isNull();
    }

    @Test
    void whatFailsBecauseAPersonSaysSoIsNotTriedSinceItsCauseHasCome() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        done(claim, events.get(1), moving(ORDER, 1));
        store.endWait(POINTS, 1, OnTimeout.FAIL, "anna", "to be looked at", false);

        NewFailure failure = tooLong(claim, events.get(0), "lane-1");
        assertThat(store.recordFailure(new RunOrigin.FromLane(claim, "lane-1", 1, OnTimeout.FAIL), failure))
                .isTrue();

        assertThat(claimDue(claim).prepared()).isEmpty();
        assertThat(store.waits(POINTS, 0, 10)).isEmpty();
        assertThat(store.change(failure.id(), Compensation.request(false, "anna", null), List.of()))
                .isInstanceOf(Change.Write.class);
        assertThat(claimDue(claim).prepared()).hasSize(1);
    }

    @Test
    void whatGoesOnMayDoItselfWhatItWaitedFor() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        store.endWait(POINTS, 1, OnTimeout.PROCEED, "anna", null, false);

        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(
                        new RunOrigin.FromLane(claim, LANE, 1, OnTimeout.PROCEED), List.of(moving(ORDER, 2))));
        assertThat(store.waits(POINTS, 0, 10)).isEmpty();
    }

    @Test
    void whereNothingWaitsNothingIsDueByTime() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        assertThat(store.endWaits(POINTS, List.of(claim))).isNull();

        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        assertThat(store.endWaits(POINTS, List.of(claim))).isBetween(Duration.ofMinutes(50), HOUR);
        harness.advance(HOUR);
        store.heartbeat(NODE, LEASE);
        done(claim, events.get(1));
        store.endWaits(POINTS, List.of(claim));
        timedOut(claim, events.get(0), "lane-1");

        assertThat(store.endWaits(POINTS, List.of(claim)))
                .as("it waits for no time")
                .isEqualTo(HOUR);
        store.noticeGrowth();
    }

    @Test
    void aWaitThatIsOverBehindAFailedExecutionReleasesNothing() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), next());
        parkNext(claim, events.get(1));
        assertThat(store.enterWait(new RunOrigin.FromLane(claim, LANE, 2), wait(claim, events.get(1), next())))
                .isEqualTo(WaitResult.WAITING);
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).hasSize(1);
        assertThat(store.recordFailure(new RunOrigin.FromLane(claim, LANE, 1), failure(claim, events.get(0))))
                .isTrue();

        assertThat(next(LANE)).isNull();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();
    }

    @Test
    void aTombstoneIsForgottenWhenNobodyWaitsForItsEntityAnyMore() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        done(claim, events.get(0), new Advance(ORDER, new StreamVersion(0, 1), true, Advance.Rule.NEVER_SKIP));
        waitInSlot(claim, events.get(1), "lane-1", forOrder(2));
        harness.advance(Duration.ofDays(2));
        store.heartbeat(NODE, LEASE);

        assertThat(store.forgetTombstones(Duration.ofDays(1), 10)).isZero();
        store.endWait(POINTS, 2, OnTimeout.SKIP, "anna", null, false);
        assertFinishes(
                FinishResult.DONE, transaction -> transaction.finish(new RunOrigin.FromLane(claim, "lane-1", 2)));

        assertThat(store.forgetTombstones(Duration.ofDays(1), 10)).isEqualTo(1);
    }

    // ---- records that wait

    @Test
    void aRecordOfAWaitThatWasTooLongIsTriedWhenWhatItWaitsForIsDone() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        FailureId id = timedOut(claim, events.get(0), "lane-1");
        harness.advance(Duration.ofDays(3));
        store.heartbeat(NODE, LEASE);
        assertThat(claimDue(claim).prepared()).isEmpty();

        done(claim, events.get(1), moving(ORDER, 1));

        FailedExecution prepared = claimDue(claim).prepared().get(0);
        assertThat(prepared.id()).isEqualTo(id);
        assertThat(prepared.retry().retries()).as("no retry is counted").isZero();
        succeed(prepared, FinishResult.DONE);
        assertThat(store.waits(null, 0, 10)).isEmpty();
        assertThat(store.laneHead(POINTS, "lane-1")).isEmpty();
    }

    @Test
    void whatARecordWaitsForOvertakesItInItsLane() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        timedOut(claim, events.get(0), LANE);

        assertThat(parkNext(claim, events.get(1), ORDER)).isEqualTo(ParkResult.PARKED_MAY_RUN);
        assertThat(next(LANE)).isEqualTo(2);
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 2), List.of(moving(ORDER, 1))));

        assertThat(claimDue(claim).prepared()).hasSize(1);
    }

    @Test
    void anAttemptThatIsTooEarlyWaitsWithoutARetryOfItsOwn() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        FailedExecution prepared = prepared(claim, id);

        assertThat(tooEarly(prepared, wait(claim, events.get(0), forOrder(1)))).isEqualTo(WaitResult.WAITING);

        assertThat(record(id).status()).isEqualTo(Status.FAILED);
        assertThat(record(id).reason()).isEqualTo(FailureReason.TOO_EARLY);
        assertThat(record(id).fingerprint())
                .as("another cause than that of its failure")
                .isEqualTo(Fingerprint.ofReason(FailureReason.TOO_EARLY, POINTS, PAID)
                        .value());
        assertThat(harness.operatorStore().group("fingerprint-1").orElseThrow().errorCode())
                .isEqualTo(ERROR.code());
        assertThat(record(id).dueAt()).isNull();
        assertThat(store.waits(null, 0, 10))
                .singleElement()
                .extracting(WaitingEvent::failure)
                .isEqualTo(id);
        assertThat(parkNext(claim, events.get(1), ORDER)).isEqualTo(ParkResult.PARKED_MAY_RUN);
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 2), List.of(moving(ORDER, 1))));
        FailedExecution again = claimDue(claim).prepared().get(0);
        assertThat(again.retry().retries()).isEqualTo(prepared.retry().retries());
        assertThat(tooEarly(again, wait(claim, events.get(0), forOrder(1)))).isEqualTo(WaitResult.SATISFIED);
        assertThat(record(id).status()).isEqualTo(Status.PREPARED);
    }

    @Test
    void aRecordThatFailsAfterItsWaitHoldsItsLaneAgain() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        FailureId id = timedOut(claim, events.get(0), LANE);
        assertThat(parkNext(claim, events.get(1), ORDER)).isEqualTo(ParkResult.PARKED_MAY_RUN);
        store.change(id, Compensation.request(true, "anna", null), List.of());
        FailedExecution prepared = claimDue(claim).prepared().get(0);

        store.change(
                id,
                Compensation.failed(
                        prepared.retry().attempt(),
                        FailureReason.HANDLER_FAILED,
                        ERROR,
                        "",
                        Recoverability.UNKNOWN,
                        "build-1"),
                List.of());

        assertThat(store.waits(null, 0, 10)).isEmpty();
        assertThat(next(LANE)).isNull();
        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, false, false));
    }

    // ---- people

    @Test
    void waitsAreListedWithWhatTheyWaitFor() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        assertThat(parkNext(claim, events.get(1))).isEqualTo(ParkResult.PARKED);
        waitInSlot(claim, events.get(2), "lane-2", next());

        List<WaitingEvent> waits = store.waits(null, 0, 10);

        assertThat(waits).extracting(WaitingEvent::position).containsExactly(1L, 3L);
        WaitingEvent first = waits.get(0);
        assertThat(first.id()).isEqualTo("e1");
        assertThat(first.laneKey()).isEqualTo(LANE);
        assertThat(first.what()).isEqualTo("version 1 of order/o-1 in processor points");
        assertThat(first.followers()).isEqualTo(1);
        assertThat(first.until()).isEqualTo(first.since().plus(HOUR));
        assertThat(first.dueAt()).isNull();
        assertThat(store.waits(POINTS, 1, 10))
                .extracting(WaitingEvent::position)
                .containsExactly(3L);
        assertThat(store.waits("nobody", 0, 10)).isEmpty();
        assertThat(store.waits(null, 0, 1)).hasSize(1);
    }

    @Test
    void aFailedExecutionThatWaitsNeedsNoOperator() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailedExecution prepared = prepared(claim, fail(claim, events.get(0)));
        parkNext(claim, events.get(1));
        OperatorStore operators = harness.operatorStore();
        assertThat(operators.laneEvents(POINTS, LANE, 0, 10))
                .extracting(LaneSummary.Entry::kind)
                .containsExactly(LaneSummary.Kind.PREPARED, LaneSummary.Kind.PARKED);

        assertThat(tooEarly(prepared, wait(claim, events.get(0), forOrder(1)))).isEqualTo(WaitResult.WAITING);

        assertThat(inQueues(prepared.id()))
                .containsExactlyInAnyOrder(
                        FailureQueue.ACTIVE, FailureQueue.WAITING, FailureQueue.FAILED, FailureQueue.ALL);
        assertThat(operators.counts().failures())
                .containsEntry(FailureQueue.WAITING, 1L)
                .containsEntry(FailureQueue.NEEDS_OPERATOR, 0L);
        String cause = record(prepared.id()).fingerprint();
        assertThat(operators.group(cause).orElseThrow().numbers().stopped()).isZero();
        assertThat(operators.group(cause).orElseThrow().numbers().scheduled()).isEqualTo(1);
        assertThat(operators.group("fingerprint-1").orElseThrow().numbers().active())
                .as("of the cause before")
                .isZero();
        List<LaneSummary.Entry> entries = operators.laneEvents(POINTS, LANE, 0, 10);
        assertThat(entries)
                .extracting(LaneSummary.Entry::kind)
                .containsExactly(LaneSummary.Kind.WAITING, LaneSummary.Kind.PARKED);
        assertThat(entries.get(0).failure()).isEqualTo(prepared.id());
        assertThat(entries)
                .extracting(LaneSummary.Entry::waiting)
                .containsExactly(store.waits(POINTS, 0, 10).getFirst(), null);

        store.change(
                prepared.id(),
                Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", "hopeless"),
                List.of());
        assertThat(inQueues(prepared.id()))
                .contains(FailureQueue.NEEDS_OPERATOR)
                .doesNotContain(FailureQueue.WAITING);
        assertThat(operators.counts().needsOperator()).containsEntry(StopReason.UNRECOVERABLE, 1L);
        assertThat(operators.group(cause).orElseThrow().numbers().stopped()).isEqualTo(1);
    }

    @Test
    void aWaitThatWasTooLongNeedsAnOperator() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        OperatorStore operators = harness.operatorStore();
        assertThat(operators.laneEvents(POINTS, LANE, 0, 10)).singleElement().satisfies(entry -> {
            assertThat(entry.kind()).isEqualTo(LaneSummary.Kind.WAITING);
            assertThat(entry.failure()).isNull();
            assertThat(entry.waiting()).isEqualTo(store.waits(POINTS, 0, 10).getFirst());
        });

        FailureId failure = timedOut(claim, events.get(0), LANE);

        assertThat(inQueues(failure))
                .containsExactlyInAnyOrder(
                        FailureQueue.ACTIVE, FailureQueue.NEEDS_OPERATOR, FailureQueue.FAILED, FailureQueue.ALL);
        assertThat(operators.search(FailureSearch.stopped(StopReason.TIMED_OUT), FailureSort.NEWEST, null, 10))
                .extracting(FailedExecution::id)
                .containsExactly(failure);
        assertThat(operators.counts().needsOperator()).containsEntry(StopReason.TIMED_OUT, 1L);
        assertThat(operators.laneEvents(POINTS, LANE, 0, 10))
                .extracting(LaneSummary.Entry::kind)
                .containsExactly(LaneSummary.Kind.WAITING);
    }

    @Test
    void aWaitDoesNotTimeOutWhileItsLaneIsPaused() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        store.carryForward(List.of(move(claim, 1, 2)));
        harness.advance(HOUR.minusMinutes(10));
        LaneCommand command = new LaneCommand(POINTS, LANE, "anna", null, null);
        store.pauseLane(command);
        harness.advance(HOUR);
        endWaitsTwice(claim);
        assertThat(next(LANE)).isNull();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();

        // the processor's pause inside of the lane's counts once
        store.pause(POINTS, true, "anna", null, false);
        harness.advance(HOUR);
        store.pause(POINTS, false, "anna", null, false);
        store.resumeLane(command);
        assertThat(patience())
                .isBetween(HOUR.multipliedBy(3), HOUR.multipliedBy(3).plusSeconds(59));
        endWaitsTwice(claim);
        assertThat(next(LANE)).isNull();

        harness.advance(Duration.ofMinutes(11));
        endWaitsTwice(claim);
        assertThat(next(LANE)).isEqualTo(1);
    }

    @Test
    void twoPausesThatOverlapCountOnce() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), forOrder(1));
        LaneCommand command = new LaneCommand(POINTS, LANE, "anna", null, null);
        store.pauseLane(command);
        harness.advance(Duration.ofMinutes(10));
        store.pause(POINTS, true, "anna", null, false);
        harness.advance(Duration.ofMinutes(10));
        store.resumeLane(command);
        harness.advance(Duration.ofMinutes(10));
        store.pause(POINTS, false, "anna", null, false);
        assertThat(patience())
                .isBetween(HOUR.plusMinutes(30), HOUR.plusMinutes(30).plusSeconds(59));
    }

    /** How long the wait may last in all. */
    private Duration patience() {
        WaitingEvent wait = store.waits(POINTS, 0, 10).getFirst();
        return Duration.between(wait.since(), Objects.requireNonNull(wait.until()));
    }

    /** Once to note the head of the moment, once to see that it is passed. */
    private void endWaitsTwice(Claim claim) {
        store.heartbeat(NODE, LEASE);
        store.endWaits(POINTS, List.of(claim));
        store.endWaits(POINTS, List.of(claim));
    }

    private List<FailureQueue> inQueues(FailureId failure) {
        return Arrays.stream(FailureQueue.values())
                .filter(queue ->
                        harness.operatorStore().search(FailureSearch.in(queue), FailureSort.NEWEST, null, 10).stream()
                                .anyMatch(found -> found.id().equals(failure)))
                .toList();
    }

    // ---- helpers

    private static WaitFor forOrder(long version) {
        return new WaitFor.Version(POINTS, ORDER, new StreamVersion(0, version), false);
    }

    private static WaitFor next() {
        return new WaitFor.Next();
    }

    private static Advance moving(StreamKey entity, long version) {
        return new Advance(entity, new StreamVersion(0, version), false, Advance.Rule.NEVER_SKIP);
    }

    // ---- waits that hold each other across lanes

    @Test
    void whatWaitsForSomethingBehindItselfByWayOfAnotherLaneLetsItOvertake() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", new WaitFor.Version(POINTS, OTHER, new StreamVersion(0, 1), false));
        park(claim, events.get(2), "lane-1", OTHER);
        park(claim, events.get(3), "lane-2", ORDER);
        assertThat(next("lane-1")).isNull();
        assertThat(next("lane-2")).isNull();

        List<Untangled> untangled = store.untangle(POINTS, 10);

        assertThat(untangled).containsExactly(new Untangled(POINTS, "lane-2", 4));
        assertThat(next("lane-2")).isEqualTo(4);
        assertThat(next("lane-1")).as("held until the other one is done").isNull();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10))
                .extracting(HeldLane::laneKey)
                .containsExactly("lane-2");
        assertFinishes(
                FinishResult.DONE,
                transaction ->
                        transaction.finish(new RunOrigin.FromLane(claim, "lane-2", 4), List.of(moving(ORDER, 1))));
        assertThat(next("lane-1")).isEqualTo(1);
    }

    @Test
    void threeLanesThatHoldEachOtherAreUntangled() {
        StreamKey third = new StreamKey("order", "o-3");
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4", "e5", "e6");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", new WaitFor.Version(POINTS, OTHER, new StreamVersion(0, 1), false));
        waitInSlot(claim, events.get(2), "lane-3", new WaitFor.Version(POINTS, third, new StreamVersion(0, 1), false));
        park(claim, events.get(3), "lane-1", third);
        park(claim, events.get(4), "lane-2", ORDER);
        park(claim, events.get(5), "lane-3", OTHER);

        assertThat(store.untangle(POINTS, 10)).containsExactly(new Untangled(POINTS, "lane-2", 5));
        assertThat(next("lane-2")).isEqualTo(5);
    }

    @Test
    void aChainOfWaitsThatEndsSomewhereIsNoTangle() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", new WaitFor.Version(POINTS, OTHER, new StreamVersion(0, 1), false));
        park(claim, events.get(2), "lane-2", ORDER);
        park(claim, events.get(3), "lane-1");

        assertThat(store.untangle(POINTS, 10)).isEmpty();
        assertThat(next("lane-2")).isNull();
    }

    @Test
    void nothingOvertakesAHandlersFailureToUntangle() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4", "e5");
        Claim claim = owned();
        store.recordFailure(fromSlot(claim, 0, 1), failure("f-1", claim, events.get(0), "lane-2", false));
        park(claim, events.get(1), "lane-2", ORDER);
        waitInSlot(claim, events.get(2), "lane-1", forOrder(1));

        assertThat(store.untangle(POINTS, 10)).isEmpty();
        assertThat(next("lane-2")).isNull();
    }

    @Test
    void aWaitThatWasNotToldIsFound() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", forOrder(2));
        done(claim, events.get(2), moving(ORDER, 1));
        assertThat(store.wakeForgotten(POINTS, 10)).as("it was told").isZero();

        harness.forgetWakeUps();
        assertThat(next("lane-1")).isNull();

        assertThat(store.wakeForgotten("another", 10)).isZero();
        assertThat(store.wakeForgotten(POINTS, 10)).isEqualTo(1);
        assertThat(next("lane-1")).isEqualTo(1);
        assertThat(next("lane-2")).isNull();
        assertThat(store.wakeForgotten(POINTS, 10)).isZero();
    }

    @Test
    void aTangleThatComesLaterIsFoundLater() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        waitInSlot(claim, events.get(0), "lane-1", forOrder(1));
        waitInSlot(claim, events.get(1), "lane-2", new WaitFor.Version(POINTS, OTHER, new StreamVersion(0, 1), false));
        assertThat(store.untangle(POINTS, 10)).isEmpty();
        park(claim, events.get(2), "lane-1", OTHER);
        park(claim, events.get(3), "lane-2", ORDER);

        harness.advance(Duration.ofSeconds(1));

        assertThat(store.untangle(POINTS, 10)).hasSize(1);
    }

    private void park(Claim claim, StoredEvent event, String lane, StreamKey... provides) {
        assertThat(store.park(move(claim, event.position() - 1, event.position()), lane, event, List.of(provides)))
                .isEqualTo(ParkResult.PARKED);
    }

    private static NewWait wait(Claim claim, StoredEvent event, WaitFor what) {
        return wait(claim, event, LANE, what);
    }

    private static NewWait wait(Claim claim, StoredEvent event, String lane, WaitFor what) {
        return new NewWait(
                claim.slot(),
                lane,
                event,
                new WaitRequest(what, HOUR, OnTimeout.FAIL),
                what instanceof WaitFor.Next ? lane : null,
                List.of());
    }

    private WaitResult waitInSlot(Claim claim, StoredEvent event, WaitFor what) {
        return waitInSlot(claim, event, LANE, what);
    }

    private WaitResult waitInSlot(Claim claim, StoredEvent event, String lane, WaitFor what) {
        return store.enterWait(fromSlot(claim, event.position() - 1, event.position()), wait(claim, event, lane, what));
    }

    /** Tries a waiting event again, too early once more. */
    private void retry(Claim claim, StoredEvent event) {
        assertThat(store.enterWait(new RunOrigin.FromLane(claim, LANE, event.position()), wait(claim, event, next())))
                .isEqualTo(WaitResult.WAITING);
    }

    /** The same so often that it is not tried again in the next second. */
    private void retryInVain(Claim claim, StoredEvent event) {
        for (int i = 0; i < 5; i++) {
            retry(claim, event);
        }
    }

    private WaitResult tooEarly(FailedExecution prepared, NewWait wait) {
        return store.enterWait(
                prepared.id(), Compensation.tooEarly(prepared.retry().attempt(), "something", "build-1"), wait);
    }

    private ParkResult parkNext(Claim claim, StoredEvent event, StreamKey... provides) {
        return store.park(move(claim, event.position() - 1, event.position()), LANE, event, List.of(provides));
    }

    private void done(Claim claim, StoredEvent event, Advance... advances) {
        Collection<Advance> all = List.of(advances);
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(move(claim, event.position() - 1, event.position()), all));
    }

    /** Records that a wait was too long. */
    private FailureId timedOut(Claim claim, StoredEvent event, String lane) {
        NewFailure soft = tooLong(claim, event, lane);
        RunOrigin run = new RunOrigin.FromLane(claim, lane, event.position());
        assertThat(store.recordFailure(run, soft)).isTrue();
        return soft.id();
    }

    private static NewFailure tooLong(Claim claim, StoredEvent event, String lane) {
        NewFailure hard = failure("f-" + event.position(), claim, event, lane, false);
        return new NewFailure(
                hard.id(),
                hard.event(),
                hard.position(),
                hard.processor(),
                hard.slot(),
                hard.laneKey(),
                hard.stopsSlot(),
                hard.function(),
                FailureReason.WAIT_TIMEOUT,
                hard.error(),
                hard.fingerprint(),
                hard.policy(),
                false,
                Duration.ZERO,
                hard.backoff(),
                hard.recoverability(),
                hard.tenant(),
                hard.node(),
                hard.build(),
                hard.fence());
    }

    private @Nullable Integer next(String lane) {
        return store.nextInLane(POINTS, lane)
                .map(row -> (int) row.event().position())
                .orElse(null);
    }
}
