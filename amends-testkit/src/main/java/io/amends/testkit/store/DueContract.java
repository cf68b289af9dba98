package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.FinishResult;
import io.amends.core.store.TakenSlot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

abstract class DueContract extends ContractStage {

    @Test
    void whatIsNotDueIsLeftAloneAndItsTimeIsTold() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        DueBatch batch = claimDue(claim);

        assertThat(batch.prepared()).isEmpty();
        assertThat(batch.more()).isFalse();
        assertThat(batch.nextDueIn()).isBetween(Duration.ofSeconds(1), BACKOFF);
        assertThat(record(id).status()).isEqualTo(Status.FAILED);
    }

    @Test
    void nothingIsScheduledWhereNothingHasFailed() {
        assertThat(claimDue(owned())).isEqualTo(new DueBatch(List.of(), false, null));
    }

    @Test
    void whatIsDueIsPreparedWithItsPayload() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        DueBatch batch = claimDue(claim);

        assertThat(batch.prepared()).hasSize(1);
        FailedExecution prepared = batch.prepared().get(0);
        assertThat(prepared).usingRecursiveComparison().isEqualTo(record(id));
        assertThat(prepared.event().data()).isEqualTo(event("e1").data());
        assertThat(prepared.status()).isEqualTo(Status.PREPARED);
        assertThat(prepared.retry().attempt()).isEqualTo(2);
        assertThat(prepared.retry().retries()).isEqualTo(1);
        assertThat(prepared.retry().fence()).isEqualTo(claim.fence());
        assertThat(claimDue(claim).prepared()).as("a second time").isEmpty();
    }

    @Test
    void aRunningAttemptIsPreparedAgainAfterItsTimeout() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution first = prepared(claim, id);
        harness.advance(Compensation.lostAfter(first.policy()));

        assertThat(claimDue(claim).prepared())
                .extracting(record -> record.retry().attempt())
                .containsExactly(3);
        assertThat(record(id).retry().retries()).isEqualTo(1);
        assertThat(record(id).retry().lostAttempts()).isEqualTo(1);
    }

    @Test
    void anAttemptOfAnEarlierOwnerIsPreparedAgainAtOnce() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        prepared(claim, id);
        TakenSlot taken = takenFromTheDead(OTHER_NODE);

        assertThat(claimDue(taken.claim()).prepared())
                .extracting(record -> record.retry().fence())
                .containsExactly(taken.claim().fence());
    }

    @Test
    void theThirdLostAttemptIsGivenUpAndNotStarted() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution record = prepared(claim, id);
        for (int i = 0; i < 3; i++) {
            harness.advance(Compensation.lostAfter(record.policy()));
            assertThat(claimDue(claim).prepared()).hasSize(i < 2 ? 1 : 0);
        }

        assertThat(record(id).status()).isEqualTo(Status.FAILED);
        assertThat(record(id).reason()).isEqualTo(FailureReason.LOST_ATTEMPTS);
        assertThat(record(id).fingerprint())
                .as("another cause than that of its failure")
                .isEqualTo(Fingerprint.ofReason(FailureReason.LOST_ATTEMPTS, POINTS, PAID)
                        .value());
        assertThat(harness.operatorStore().group("fingerprint-1").orElseThrow().errorCode())
                .isEqualTo(ERROR.code());
    }

    @Test
    void aRunThatSteppedAsideIsNotStartedAgainWhileItRuns() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();
        store.recordFailure(fromSlot(claim, 0, 1), failure("f-1", claim, event, LANE, true));

        assertThat(claimDue(claim).prepared()).isEmpty();
    }

    @Test
    void aLostClaimClaimsNothing() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        harness.advance(BACKOFF);
        takenFromTheDead(OTHER_NODE);

        assertThat(claimDue(claim).prepared()).isEmpty();
        assertThat(record(id).status()).isEqualTo(Status.FAILED);
    }

    @Test
    void onlyTheClaimedSlotsAreSearched() {
        List<StoredEvent> events = stored("e1");
        join(NODE, processor(POINTS, 2, PAID));
        List<TakenSlot> taken = store.takeOver(NODE, POINTS, Set.of(PAID), 2);
        Claim first = taken.get(0).claim();
        Claim second = taken.get(1).claim();
        fail(first, events.get(0));
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        assertThat(claimDue(second).prepared()).isEmpty();
        assertThat(store.claimDue(
                                new DueQuery(POINTS, List.of(), Set.of("on-" + PAID), Set.of(PAID), false, 10),
                                prepare())
                        .prepared())
                .isEmpty();
        assertThat(store.claimDue(
                                new DueQuery(
                                        POINTS, List.of(second, first), Set.of("on-" + PAID), Set.of(PAID), false, 10),
                                prepare())
                        .prepared())
                .hasSize(1);
    }

    @Test
    void onlyTheNodesFunctionsAreServed() {
        Claim claim = owned();
        fail(claim, stored("e1").get(0));
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        assertThat(store.claimDue(
                                new DueQuery(POINTS, List.of(claim), Set.of("another"), Set.of(PAID), false, 10),
                                prepare())
                        .prepared())
                .isEmpty();
        assertThat(claimDue(claim).prepared()).hasSize(1);
    }

    @Test
    void anUnresolvedRecordGoesToWhoKnowsItsType() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();
        NewFailure f = failure(claim, event);
        NewFailure unresolved = new NewFailure(
                f.id(),
                f.event(),
                f.position(),
                f.processor(),
                f.slot(),
                f.laneKey(),
                false,
                "",
                FailureReason.NO_FUNCTION,
                f.error(),
                f.fingerprint(),
                f.policy(),
                false,
                f.ranFor(),
                f.backoff(),
                f.recoverability(),
                f.tenant(),
                f.node(),
                f.build(),
                f.fence());
        store.recordFailure(fromSlot(claim, 0, 1), unresolved);
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        assertThat(store.claimDue(
                                new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of("other"), false, 10),
                                prepare())
                        .prepared())
                .isEmpty();
        assertThat(store.claimDue(new DueQuery(POINTS, List.of(claim), Set.of(), Set.of(PAID), false, 10), prepare())
                        .prepared())
                .hasSize(1);
    }

    @Test
    void onlyTheFirstOfALaneIsPrepared() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        FailureId second = fail(claim, events.get(1));
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        List<FailedExecution> prepared = claimDue(claim).prepared();
        assertThat(prepared).extracting(FailedExecution::id).containsExactly(first);
        assertThat(record(second).status()).isEqualTo(Status.FAILED);
        succeed(prepared.get(0), FinishResult.DONE);
        assertThat(claimDue(claim).prepared()).extracting(FailedExecution::id).containsExactly(second);
    }

    @Test
    void recordsThatHoldNoLaneAreIndependent() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        for (int i = 0; i < 2; i++) {
            store.recordFailure(fromSlot(claim, i, i + 1), failure("f-" + i, claim, events.get(i), null, false));
        }
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        assertThat(claimDue(claim).prepared()).hasSize(2);
    }

    @Test
    void aBatchIsBoundedAndTheOldestComeFirst() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        for (int i = 0; i < 3; i++) {
            store.recordFailure(fromSlot(claim, i, i + 1), failure("f-" + i, claim, events.get(i), "user-" + i, false));
            harness.advance(Duration.ofSeconds(1));
        }
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        DueBatch batch = store.claimDue(
                new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of(PAID), false, 2), prepare());

        assertThat(batch.prepared()).extracting(record -> record.id().value()).containsExactly("f-0", "f-1");
        assertThat(batch.more()).isTrue();
        assertThat(claimDue(claim).prepared())
                .extracting(record -> record.id().value())
                .containsExactly("f-2");
    }

    @Test
    void whatAPersonAskedForIsFoundBehindAnyNumberOfOlderOnes() {
        int many = 30;
        List<StoredEvent> events =
                stored(IntStream.range(0, many).mapToObj(i -> "e" + i).toArray(String[]::new));
        Claim claim = owned();
        for (int i = 0; i < many; i++) {
            store.recordFailure(fromSlot(claim, i, i + 1), failure("f-" + i, claim, events.get(i), null, false));
        }
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);
        FailureId last = new FailureId("f-" + (many - 1));
        store.change(last, Compensation.request(false, "anna", null), List.of());

        DueBatch batch = claimRequested(claim, 2);

        assertThat(batch.prepared()).extracting(FailedExecution::id).containsExactly(last);
        assertThat(batch.more()).isFalse();
        assertThat(record(new FailureId("f-0")).status()).isEqualTo(Status.FAILED);
    }

    @Test
    void aBatchOfRequestedRecordsIsBoundedToo() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        for (int i = 0; i < 3; i++) {
            FailureId id = new FailureId("f-" + i);
            store.recordFailure(fromSlot(claim, i, i + 1), failure(id.value(), claim, events.get(i), null, false));
            store.change(id, Compensation.request(false, "anna", null), List.of());
            harness.advance(Duration.ofSeconds(1));
        }

        DueBatch batch = claimRequested(claim, 2);

        assertThat(batch.prepared()).extracting(record -> record.id().value()).containsExactly("f-0", "f-1");
        assertThat(batch.more()).isTrue();
        assertThat(claimRequested(claim, 2).prepared())
                .extracting(record -> record.id().value())
                .containsExactly("f-2");
    }

    @Test
    void lostAttemptsAreDueAlsoWhereOnlyRequestedOnesAreWanted() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution first = prepared(claim, id);
        harness.advance(Compensation.lostAfter(first.policy()));
        store.heartbeat(NODE, LEASE);

        assertThat(claimRequested(claim, 10).prepared())
                .as("its time is over")
                .extracting(record -> record.retry().attempt())
                .containsExactly(3);

        TakenSlot taken = takenFromTheDead(OTHER_NODE);
        assertThat(claimRequested(taken.claim(), 10).prepared())
                .as("its owner is gone")
                .extracting(record -> record.retry().fence())
                .containsExactly(taken.claim().fence());
    }

    @Test
    void whereOnlyRequestedOnesAreWantedTheNextIsARunningOneThatMayGetLost() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        for (int i = 0; i < 2; i++) {
            store.recordFailure(fromSlot(claim, i, i + 1), failure("f-" + i, claim, events.get(i), null, false));
        }
        assertThat(claimRequested(claim, 10)).isEqualTo(new DueBatch(List.of(), false, null));
        harness.advance(BACKOFF.minusSeconds(60));
        store.heartbeat(NODE, LEASE);
        FailureId first = new FailureId("f-0");
        store.change(first, Compensation.request(false, "anna", null), List.of());
        FailedExecution running = claimRequested(claim, 10).prepared().getFirst();

        assertThat(running.id()).isEqualTo(first);
        assertThat(claimRequested(claim, 10).nextDueIn())
                .as("the other is due in a minute")
                .isBetween(Duration.ofSeconds(61), Compensation.lostAfter(running.policy()));
    }

    private DueBatch claimRequested(Claim claim, int limit) {
        return store.claimDue(
                new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of(PAID), true, limit), prepare());
    }

    @Test
    void whatTheDecisionRefusesStaysAsItIs() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);
        List<FailureId> asked = new ArrayList<>();

        DueBatch batch = store.claimDue(
                new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of(PAID), false, 10),
                (record, situation) -> {
                    asked.add(record.id());
                    return new Change.Refuse(Refusal.NOT_DUE);
                });

        assertThat(asked).containsExactly(id);
        assertThat(batch.prepared()).isEmpty();
        assertThat(record(id).status()).isEqualTo(Status.FAILED);
    }

    @Test
    void aDecisionThatThrowsPreparesNothing() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        for (int i = 0; i < 2; i++) {
            store.recordFailure(fromSlot(claim, i, i + 1), failure("f-" + i, claim, events.get(i), null, false));
        }
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);
        List<FailureId> asked = new ArrayList<>();

        assertThatThrownBy(() -> store.claimDue(
                        new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of(PAID), false, 10),
                        (record, situation) -> {
                            asked.add(record.id());
                            if (asked.size() == 2) {
                                throw new IllegalStateException("a bug");
                            }
                            return prepare().decide(record, situation);
                        }))
                .hasStackTraceContaining("a bug");

        assertThat(record(new FailureId("f-0")).status()).isEqualTo(Status.FAILED);
        assertThat(record(new FailureId("f-1")).status()).isEqualTo(Status.FAILED);
    }

    @Test
    void whatIsDoneIsNeverDue() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        store.change(id, Compensation.skip("anna", "by hand"), List.of());
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);

        assertThat(claimDue(claim)).isEqualTo(new DueBatch(List.of(), false, null));
    }

    @RepeatedTest(10)
    void twoThatClaimAtTheSameTimePrepareARecordOnce() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);
        CountDownLatch both = new CountDownLatch(2);

        List<FutureTask<DueBatch>> claims = List.of(store, harness.otherNode()).stream()
                .map(node -> start(() -> {
                    both.countDown();
                    awaitLatch(both);
                    return node.claimDue(
                            new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of(PAID), false, 10),
                            prepare());
                }))
                .toList();

        assertThat(claims.stream()
                        .map(ContractStage::await)
                        .mapToInt(batch -> batch.prepared().size())
                        .sum())
                .isEqualTo(1);
        assertThat(record(id).retry().attempt()).isEqualTo(2);
    }
}
