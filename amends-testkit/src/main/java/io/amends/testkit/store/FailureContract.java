package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.LaneEvent.Kind;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

abstract class FailureContract extends ContractStage {

    @Test
    void aFailureIsDurableWithItsEventAndTheCursorHasPassed() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        NewFailure failure = failure(claim, events.get(0));

        assertThat(store.recordFailure(fromSlot(claim, 0, 1), failure)).isTrue();

        FailedExecution record = record(failure.id());
        assertThat(record).usingRecursiveComparison().isEqualTo(failure.at(record.firstFailedAt()));
        assertThat(record.status()).isEqualTo(Status.FAILED);
        assertThat(record.event().data()).isEqualTo(event("e1").data());
        assertThat(Duration.between(record.retry().retryAt(), record.firstFailedAt()))
                .isEqualTo(failure.ranFor());
        assertPosition(claim, 1);
    }

    @Test
    void itsHistoryBeginsWithIt() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertThat(store.history(id))
                .containsExactly(failure(claim, event1()).entryAt(record(id).firstFailedAt(), null));
        assertThat(store.history(id).get(0).type()).isEqualTo(HistoryEntry.Type.CREATED);
    }

    @Test
    void aFailureHoldsItsLane() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, false, false));
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();
        LaneEvent head = store.laneHead(POINTS, LANE).orElseThrow();
        assertThat(head.kind()).isEqualTo(Kind.FAILED);
        assertThat(head.failure()).isEqualTo(id);
        assertThat(head.event().position()).isEqualTo(1);
        assertThat(head.event().event().id()).isEqualTo("e1");
        assertThat(head.lost()).isZero();
    }

    @Test
    void aFailureWithoutALaneHoldsNothing() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();

        assertThat(store.recordFailure(fromSlot(claim, 0, 1), failure("f-1", claim, event, null, false)))
                .isTrue();

        assertThat(store.heldLanes(claim)).isEmpty();
        assertThat(store.laneHead(POINTS, LANE)).isEmpty();
        assertThat(record(new FailureId("f-1")).laneKey()).isNull();
    }

    @Test
    void aFailureThatStopsItsSlotSaysSo() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();
        NewFailure failure = stopping(failure(claim, event));

        assertThat(store.recordFailure(fromSlot(claim, 0, 1), failure)).isTrue();

        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, false, true));
        assertThat(record(failure.id()).stopsSlot()).isTrue();
        succeed(prepared(claim, failure.id()), FinishResult.DONE);
        assertThat(store.heldLanes(claim)).isEmpty();
    }

    @Test
    void aRunThatStepsAsideBeginsPrepared() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();
        NewFailure failure = failure("f-1", claim, event, LANE, true);

        assertThat(store.recordFailure(fromSlot(claim, 0, 1), failure)).isTrue();

        FailedExecution record = record(failure.id());
        assertThat(record.status()).isEqualTo(Status.PREPARED);
        assertThat(record.retry().fence()).isEqualTo(claim.fence());
        assertThat(record.retry().timeoutAt())
                .isEqualTo(record.retry().retryAt().plus(Compensation.lostAfter(record.policy())));
        assertPosition(claim, 1);
    }

    @Test
    void theLeastFormOfAFailureCanBeWritten() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();
        NewFailure failure = failure(claim, event).minimal("java.lang.IllegalStateException");

        assertThat(store.recordFailure(fromSlot(claim, 0, 1), failure)).isTrue();

        assertThat(record(failure.id()).error().code()).isEqualTo("java.lang.IllegalStateException");
    }

    @Test
    void anotherFenceOrPositionRecordsNothing() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();

        assertThat(store.recordFailure(fromSlot(otherFence(claim), 0, 1), failure(claim, event)))
                .isFalse();
        assertThat(store.recordFailure(fromSlot(claim, 1, 2), failure(claim, event)))
                .isFalse();

        assertThat(store.failures(FailureFilter.ALL, null, 10)).isEmpty();
        assertThat(store.heldLanes(claim)).isEmpty();
        assertPosition(claim, 0);
    }

    @Test
    void aFailureIsRecordedOnce() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();
        fail(claim, event);

        assertThat(store.recordFailure(fromSlot(claim, 0, 1), failure("f-again", claim, event, LANE, false)))
                .isFalse();
        assertThat(store.failures(FailureFilter.ALL, null, 10)).hasSize(1);
    }

    @Test
    void anIdThatIsTakenWritesNothing() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));

        assertThatThrownBy(() -> store.recordFailure(
                        fromSlot(claim, 1, 2), failure(id.value(), claim, events.get(1), LANE, false)))
                .isInstanceOf(RuntimeException.class);
        assertThat(record(id).position()).isEqualTo(1);
        assertPosition(claim, 1);
    }

    // ---- park

    @Test
    void anEventBehindAHeldLaneIsParkedAndPassed() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));

        assertThat(store.park(move(claim, 1, 2), LANE, events.get(1), List.of()))
                .isEqualTo(ParkResult.PARKED);
        assertThat(store.park(move(claim, 2, 3), LANE, events.get(2), List.of()))
                .isEqualTo(ParkResult.PARKED);

        assertPosition(claim, 3);
        assertThat(store.followers(id)).isEqualTo(2);
        assertThat(store.laneHead(POINTS, LANE).orElseThrow().failure()).isEqualTo(id);
        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, false, false));
    }

    @Test
    void aFreeLaneParksNothing() {
        List<StoredEvent> events = stored("e1");
        Claim claim = owned();

        assertThat(store.park(move(claim, 0, 1), LANE, events.get(0), List.of()))
                .isEqualTo(ParkResult.LANE_FREE);

        assertThat(store.laneHead(POINTS, LANE)).isEmpty();
        assertPosition(claim, 0);
    }

    @Test
    void aLostClaimParksNothing() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));

        assertThat(store.park(move(otherFence(claim), 1, 2), LANE, events.get(1), List.of()))
                .isEqualTo(ParkResult.LOST);
        assertThat(store.park(move(claim, 0, 2), LANE, events.get(1), List.of()))
                .isEqualTo(ParkResult.LOST);

        assertThat(store.followers(id)).isZero();
        assertPosition(claim, 1);
    }

    @Test
    void lanesOfOtherKeysAndProcessorsAreOtherLanes() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        join(NODE, processor(POINTS, 1, PAID), processor("mails", 1, PAID));
        Claim again = takeOne(NODE).claim();
        Claim mails = store.takeOver(NODE, "mails", Set.of(PAID), 1).get(0).claim();
        assertThat(again.slot()).isEqualTo(claim.slot());
        fail(again, events.get(0));

        assertThat(store.park(move(again, 1, 2), "user-2", events.get(1), List.of()))
                .isEqualTo(ParkResult.LANE_FREE);
        assertThat(store.park(move(mails, 0, 1), LANE, events.get(0), List.of()))
                .isEqualTo(ParkResult.LANE_FREE);
        assertThat(store.heldLanes(mails)).isEmpty();
        assertThat(store.laneHead("mails", LANE)).isEmpty();
    }

    // ---- release

    @Test
    void parkedEventsAreReleasedInOrderAfterTheFailedOne() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        park(claim, events.get(2));

        succeed(prepared(claim, id), FinishResult.DONE_LANE_CONTINUES);

        HeldLane released = new HeldLane(claim.slot(), LANE, true, false);
        assertThat(store.heldLanes(claim)).containsExactly(released);
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).containsExactly(released);
        assertHeadIs(events.get(1));
        assertFinishes(FinishResult.DONE_LANE_CONTINUES, t -> {
            harness.writeEffect("e2");
            return t.finish(new RunOrigin.FromLane(claim, LANE, 2));
        });
        assertHeadIs(events.get(2));
        assertFinishes(FinishResult.DONE, t -> {
            harness.writeEffect("e3");
            return t.finish(new RunOrigin.FromLane(claim, LANE, 3));
        });
        assertThat(store.laneHead(POINTS, LANE)).isEmpty();
        assertThat(store.heldLanes(claim)).isEmpty();
        assertThat(store.releasedLanes(POINTS, List.of(claim), 10)).isEmpty();
        assertThat(harness.effects()).containsExactly("e2", "e3");
        assertPosition(claim, 3);
    }

    @Test
    void skippingTheFailedOneReleasesItsLane() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));

        store.change(id, Compensation.skip("anna", "paid by hand"), List.of());

        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, true, false));
        assertHeadIs(events.get(1));
    }

    @Test
    void anEventIsParkedBehindAReleasedLaneToo() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        store.change(id, Compensation.skip("anna", "paid by hand"), List.of());

        assertThat(store.park(move(claim, 2, 3), LANE, events.get(2), List.of()))
                .isEqualTo(ParkResult.PARKED);
        assertHeadIs(events.get(1));
    }

    @Test
    void aParkedEventThatFailsBecomesARecordInItsPlace() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        park(claim, events.get(1));
        park(claim, events.get(2));
        store.change(first, Compensation.skip("anna", "paid by hand"), List.of());

        NewFailure second = failure(claim, events.get(1));
        assertThat(store.recordFailure(new RunOrigin.FromLane(claim, LANE, 2), second))
                .isTrue();

        assertThat(store.laneHead(POINTS, LANE).orElseThrow().failure()).isEqualTo(second.id());
        assertThat(store.heldLanes(claim)).containsExactly(new HeldLane(claim.slot(), LANE, false, false));
        assertThat(store.followers(second.id())).isEqualTo(1);
        assertThat(record(second.id()).event().data()).isEqualTo(event("e2").data());
        assertPosition(claim, 3);
    }

    @Test
    void aParkedEventThatFailsAndStepsAsideLeavesTheLane() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        park(claim, events.get(1));
        park(claim, events.get(2));
        store.change(first, Compensation.skip("anna", "paid by hand"), List.of());

        assertThat(store.recordFailure(
                        new RunOrigin.FromLane(claim, LANE, 2), failure("f-2", claim, events.get(1), null, false)))
                .isTrue();

        assertHeadIs(events.get(2));
    }

    @Test
    void aParkedEventIsDoneOrFailsOnce() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        park(claim, events.get(1));
        store.change(first, Compensation.skip("anna", "paid by hand"), List.of());
        RunOrigin.FromLane run = new RunOrigin.FromLane(claim, LANE, 2);
        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(run));

        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(run));
        assertThat(store.recordFailure(run, failure(claim, events.get(1)))).isFalse();
        assertThat(store.failure(new FailureId("f-2"))).isEmpty();
    }

    @Test
    void aFailedEventIsNotFinishedAsAParkedOne() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(new RunOrigin.FromLane(claim, LANE, 1)));
        assertThat(store.laneHead(POINTS, LANE).orElseThrow().failure()).isEqualTo(id);
    }

    @Test
    void aLaneIsNotTouchedUnderAnotherFence() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        park(claim, events.get(1));
        store.change(first, Compensation.skip("anna", "paid by hand"), List.of());
        TakenSlot taken = takenFromTheDead(OTHER_NODE);

        RunOrigin.FromLane late = new RunOrigin.FromLane(claim, LANE, 2);
        assertFinishes(FinishResult.REFUSED, transaction -> {
            harness.writeEffect("late");
            return transaction.finish(late);
        });
        assertThat(store.recordFailure(late, failure(claim, events.get(1)))).isFalse();

        assertHeadIs(events.get(1));
        assertThat(harness.effects()).isEmpty();
        assertFinishes(
                FinishResult.DONE, transaction -> transaction.finish(new RunOrigin.FromLane(taken.claim(), LANE, 2)));
    }

    @Test
    void aRolledBackRunLeavesTheLaneAsItWas() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        park(claim, events.get(1));
        store.change(first, Compensation.skip("anna", "paid by hand"), List.of());

        store.inTransaction(TIMEOUT, transaction -> {
            transaction.finish(new RunOrigin.FromLane(claim, LANE, 2));
            throw new IllegalStateException("late");
        });

        assertHeadIs(events.get(1));
    }

    @Test
    void releasedLanesAreThoseOfTheClaimedSlotsAndBounded() {
        List<StoredEvent> events = stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        for (int i = 0; i < 2; i++) {
            long before = 2L * i;
            String lane = "user-" + i;
            StoredEvent failed = events.get(2 * i);
            StoredEvent parked = events.get(2 * i + 1);
            NewFailure failure = failure("f-" + i, claim, failed, lane, false);
            assertThat(store.recordFailure(fromSlot(claim, before, before + 1), failure))
                    .isTrue();
            assertThat(store.park(move(claim, before + 1, before + 2), lane, parked, List.of()))
                    .isEqualTo(ParkResult.PARKED);
            store.change(failure.id(), Compensation.skip("anna", "by hand"), List.of());
        }

        assertThat(store.releasedLanes(POINTS, List.of(claim), 10))
                .extracting(HeldLane::laneKey)
                .containsExactlyInAnyOrder("user-0", "user-1");
        assertThat(store.releasedLanes(POINTS, List.of(claim), 1)).hasSize(1);
        assertThat(store.releasedLanes(POINTS, List.of(), 10)).isEmpty();
        assertThat(store.releasedLanes("mails", List.of(), 10)).isEmpty();
    }

    @RepeatedTest(10)
    void parkingAndReleasingAtTheSameTimeForgetNoEvent() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        FailedExecution prepared = prepared(claim, id);
        CountDownLatch both = new CountDownLatch(2);

        FutureTask<ParkResult> parking = start(() -> {
            both.countDown();
            awaitLatch(both);
            return harness.otherNode().park(move(claim, 1, 2), LANE, events.get(1), List.of());
        });
        FutureTask<TransactionResult<FinishResult>> finishing = start(() -> finish(transaction -> {
            both.countDown();
            awaitLatch(both);
            return transaction.finish(
                    id, Compensation.succeeded(prepared.retry().attempt()));
        }));

        boolean parked = await(parking) == ParkResult.PARKED;
        assertThat(await(finishing))
                .isEqualTo(new TransactionResult.Committed<>(
                        parked ? FinishResult.DONE_LANE_CONTINUES : FinishResult.DONE));
        if (parked) {
            assertHeadIs(events.get(1));
            assertPosition(claim, 2);
        } else {
            assertThat(store.laneHead(POINTS, LANE)).isEmpty();
            assertPosition(claim, 1);
        }
    }

    private void assertHeadIs(StoredEvent parked) {
        LaneEvent head = store.laneHead(POINTS, LANE).orElseThrow();
        assertThat(head.kind()).isEqualTo(Kind.PARKED);
        assertThat(head.failure()).isNull();
        assertThat(head.event()).usingRecursiveComparison().isEqualTo(parked);
    }

    private static StoredEvent event1() {
        return new StoredEvent(1, StoredEvent.LOCAL, event("e1"));
    }

    private static NewFailure stopping(NewFailure f) {
        return new NewFailure(
                f.id(),
                f.event(),
                f.position(),
                f.processor(),
                f.slot(),
                f.laneKey(),
                true,
                f.function(),
                f.reason(),
                f.error(),
                f.fingerprint(),
                f.policy(),
                f.prepared(),
                f.ranFor(),
                f.backoff(),
                f.recoverability(),
                f.tenant(),
                f.node(),
                f.build(),
                f.fence());
    }
}
