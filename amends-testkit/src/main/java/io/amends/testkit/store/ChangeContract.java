package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.Situation;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.FinishResult;
import io.amends.core.store.TakenSlot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

abstract class ChangeContract extends ContractStage {

    private static final RetryPolicy OTHER_POLICY =
            new RetryPolicy(true, 3, Duration.ofSeconds(5), Duration.ofSeconds(7), Duration.ofMinutes(1), 0.25);

    @Test
    void anUnknownRecordIsNotFound() {
        assertThat(store.change(new FailureId("nobody"), Compensation.skip("anna", "why"), List.of()))
                .isEqualTo(new Change.Refuse(Refusal.NOT_FOUND));
        assertThat(store.failure(new FailureId("nobody"))).isEmpty();
        assertThat(store.history(new FailureId("nobody"))).isEmpty();
        assertThat(store.followers(new FailureId("nobody"))).isZero();
    }

    @Test
    void aDecisionIsAskedOnceAboutTheRecordAndItsSituation() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        FailureId second = fail(claim, events.get(1));
        park(claim, events.get(2));
        List<FailedExecution> records = new ArrayList<>();
        List<Situation> situations = new ArrayList<>();
        Decision look = (record, situation) -> {
            records.add(record);
            situations.add(situation);
            return new Change.Refuse(Refusal.NOT_DUE);
        };

        assertThat(store.change(first, look, List.of())).isEqualTo(new Change.Refuse(Refusal.NOT_DUE));
        assertThat(store.change(second, look, List.of())).isEqualTo(new Change.Refuse(Refusal.NOT_DUE));

        assertThat(records).hasSize(2);
        assertThat(records.get(0)).usingRecursiveComparison().isEqualTo(record(first));
        assertThat(situations).extracting(Situation::mayRun).containsExactly(true, false);
        assertThat(situations).extracting(Situation::fence).containsExactly(claim.fence(), claim.fence());
        assertThat(situations).extracting(Situation::followers).containsExactly(1L, 1L);
        assertThat(situations.get(0).now()).isAfterOrEqualTo(records.get(0).firstFailedAt());
    }

    @Test
    void aRecordWithoutALaneMayAlwaysRun() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        fail(claim, events.get(0));
        store.recordFailure(fromSlot(claim, 1, 2), failure("f-2", claim, events.get(1), null, false));

        List<Situation> situations = new ArrayList<>();
        store.change(
                new FailureId("f-2"),
                (record, situation) -> {
                    situations.add(situation);
                    return new Change.Refuse(Refusal.NOT_DUE);
                },
                List.of());

        assertThat(situations.get(0).mayRun()).isTrue();
        assertThat(situations.get(0).followers()).isZero();
    }

    @Test
    void aRefusalChangesNothing() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution before = record(id);
        List<HistoryEntry> history = store.history(id);

        assertThat(store.change(id, Compensation.succeeded(1), List.of()))
                .isEqualTo(new Change.Refuse(Refusal.NOT_RUNNING));

        assertThat(record(id)).usingRecursiveComparison().isEqualTo(before);
        assertThat(store.history(id)).isEqualTo(history);
    }

    @Test
    void aDecisionThatThrowsChangesNothing() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution before = record(id);

        assertThatThrownBy(() -> store.change(
                        id,
                        (record, situation) -> {
                            throw new IllegalStateException("a bug");
                        },
                        List.of()))
                .hasStackTraceContaining("a bug");

        assertThat(record(id)).usingRecursiveComparison().isEqualTo(before);
        assertThat(store.history(id)).hasSize(1);
    }

    @Test
    void aRequestMakesTheRecordDue() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertWritten(id, Compensation.request(false, "anna", "try"));
        for (boolean force : List.of(false, true)) {
            assertThat(store.change(id, Compensation.request(force, "bert", "me too"), List.of()))
                    .isEqualTo(new Change.Refuse(Refusal.ALREADY_REQUESTED));
        }

        assertThat(record(id).retry().requested()).isTrue();
        assertThat(claimDue(claim).prepared()).extracting(FailedExecution::id).containsExactly(id);
    }

    @Test
    void manyAreDecidedTogetherEachOnItsOwnSituation() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        FailureId behind = fail(claim, events.get(1));
        store.recordFailure(fromSlot(claim, 2, 3), failure("f-3", claim, events.get(2), null, false));
        FailureId free = new FailureId("f-3");

        Map<FailureId, Change> changes = store.changeMany(
                List.of(free, new FailureId("nobody"), behind, first), Compensation.request(false, "anna", "try"));

        assertThat(changes.keySet()).containsExactly(free, behind, first);
        assertThat(changes.get(behind)).isEqualTo(new Change.Refuse(Refusal.NOT_FIRST_IN_LANE));
        for (FailureId id : List.of(first, free)) {
            assertThat(changes.get(id)).isInstanceOf(Change.Write.class);
            assertThat(record(id).retry().requested()).isTrue();
            assertThat(store.history(id))
                    .extracting(HistoryEntry::type)
                    .containsExactly(HistoryEntry.Type.CREATED, HistoryEntry.Type.REQUESTED);
        }
        assertThat(store.history(behind)).hasSize(1);
        assertThat(claimDue(claim).prepared()).extracting(FailedExecution::id).containsExactlyInAnyOrder(first, free);
        assertThat(store.changeMany(List.of(), Compensation.request(false, "anna", null)))
                .isEmpty();
    }

    @Test
    void whatManyAreDecidedByIsThrownForAll() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        store.recordFailure(fromSlot(claim, 1, 2), failure("f-2", claim, events.get(1), null, false));
        Decision request = Compensation.request(false, "anna", null);

        assertThatThrownBy(() -> store.changeMany(List.of(first, new FailureId("f-2")), (record, situation) -> {
                    if (!record.id().equals(first)) {
                        throw new IllegalStateException("a bug");
                    }
                    return request.decide(record, situation);
                }))
                .hasStackTraceContaining("a bug");

        assertThat(store.history(first)).hasSize(1);
    }

    @Test
    void aNewRetrySpecMovesTheNextRetry() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertWritten(id, Compensation.applyRetrySpec(OTHER_POLICY, "anna", null, () -> 0));

        FailedExecution record = record(id);
        assertThat(record.policy()).isEqualTo(OTHER_POLICY);
        assertThat(record.retry().nextRetryAt())
                .isEqualTo(record.retry().retryAt().plusSeconds(5));
        harness.advance(Duration.ofSeconds(5));
        assertThat(claimDue(claim).prepared()).hasSize(1);
    }

    @Test
    void aMarkIsKeptWithThePersonWhoSetIt() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertWritten(id, Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", "closed account"));

        assertThat(record(id).recoverability()).isEqualTo(Recoverability.UNRECOVERABLE);
        assertThat(record(id).recoverabilityBy()).isEqualTo("anna");
        harness.advance(BACKOFF);
        assertThat(claimDue(claim).prepared()).isEmpty();
    }

    @Test
    void aRedirectLetsAnotherFunctionTakeIt() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertWritten(id, Compensation.redirect("repair", OTHER_POLICY, "anna", "renamed"));

        assertThat(record(id).function()).isEqualTo("repair");
        assertThat(record(id).policy()).isEqualTo(OTHER_POLICY);
    }

    @Test
    void aSkipEndsIt() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        assertWritten(id, Compensation.skip("anna", "paid by hand"));

        assertThat(record(id).status()).isEqualTo(Status.SKIPPED);
        assertThat(store.laneHead(POINTS, LANE)).isEmpty();
        assertThat(store.change(id, Compensation.skip("bert", "again"), List.of()))
                .isEqualTo(new Change.Refuse(Refusal.ALREADY_DONE));
    }

    @Test
    void anAttemptThatFailsAgainIsScheduledAgain() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution prepared = prepared(claim, id);
        ErrorDetails error = new ErrorDetails("OTHER", "other", List.of(), List.of(), "at X");

        assertWritten(
                id,
                Compensation.failed(
                        prepared.retry().attempt(),
                        FailureReason.HANDLER_TIMEOUT,
                        error,
                        "fingerprint-2",
                        Recoverability.RECOVERABLE,
                        "build-2"));

        FailedExecution record = record(id);
        assertThat(record.status()).isEqualTo(Status.FAILED);
        assertThat(record.reason()).isEqualTo(FailureReason.HANDLER_TIMEOUT);
        assertThat(record.error()).isEqualTo(error);
        assertThat(record.fingerprint()).isEqualTo("fingerprint-2");
        assertThat(record.build()).isEqualTo("build-2");
        assertThat(record.recoverability()).isEqualTo(Recoverability.RECOVERABLE);
        assertThat(record.retry().retries()).isEqualTo(1);
        assertThat(record.retry().attempt()).isEqualTo(2);
        assertThat(store.heldLanes(claim)).hasSize(1);
    }

    @Test
    void anAttemptSucceedsInTheTransactionOfItsEffects() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution prepared = prepared(claim, id);

        assertFinishes(FinishResult.DONE, transaction -> {
            harness.writeEffect("points");
            return transaction.finish(
                    id, Compensation.succeeded(prepared.retry().attempt()));
        });

        assertThat(record(id).status()).isEqualTo(Status.SUCCEEDED);
        assertThat(harness.effects()).containsExactly("points");
        assertThat(store.laneHead(POINTS, LANE)).isEmpty();
        assertThat(store.history(id))
                .extracting(HistoryEntry::type)
                .containsExactly(HistoryEntry.Type.CREATED, HistoryEntry.Type.PREPARED, HistoryEntry.Type.SUCCEEDED);
    }

    @Test
    void anAttemptThatRollsBackIsStillRunning() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution prepared = prepared(claim, id);

        store.inTransaction(TIMEOUT, transaction -> {
            harness.writeEffect("points");
            transaction.finish(id, Compensation.succeeded(prepared.retry().attempt()));
            throw new IllegalStateException("late");
        });

        assertThat(record(id).status()).isEqualTo(Status.PREPARED);
        assertThat(store.history(id)).hasSize(2);
        assertThat(store.heldLanes(claim)).hasSize(1);
        assertThat(harness.effects()).isEmpty();
    }

    @Test
    void aRunThatSteppedAsideAndSucceededLeavesNoRecord() {
        StoredEvent event = stored("e1").get(0);
        Claim claim = owned();
        FailureId id = new FailureId("f-1");
        store.recordFailure(fromSlot(claim, 0, 1), failure("f-1", claim, event, LANE, true));

        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(id, Compensation.succeeded(1)));

        assertThat(store.failure(id)).isEmpty();
        assertThat(store.history(id)).isEmpty();
        assertThat(store.heldLanes(claim)).isEmpty();
    }

    @Test
    void theLateResultOfAnOlderAttemptIsRefused() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution late = prepared(claim, id);
        TakenSlot taken = takenFromTheDead(OTHER_NODE);
        FailedExecution current = claimDue(taken.claim()).prepared().get(0);
        assertThat(current.retry().attempt()).isEqualTo(late.retry().attempt() + 1);

        assertFinishes(FinishResult.REFUSED, transaction -> {
            harness.writeEffect("late");
            return transaction.finish(id, Compensation.succeeded(late.retry().attempt()));
        });
        assertThat(store.change(
                        id,
                        Compensation.failed(
                                late.retry().attempt(),
                                FailureReason.HANDLER_FAILED,
                                ERROR,
                                "x",
                                Recoverability.UNKNOWN,
                                "b"),
                        List.of()))
                .isEqualTo(new Change.Refuse(Refusal.OTHER_ATTEMPT));

        assertThat(harness.effects()).isEmpty();
        succeed(current, FinishResult.DONE);
    }

    @Test
    void aFinishedAttemptIsRefusedTheSecondTime() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution prepared = prepared(claim, id);
        succeed(prepared, FinishResult.DONE);

        succeed(prepared, FinishResult.REFUSED);
        assertFinishes(
                FinishResult.REFUSED,
                transaction -> transaction.finish(new FailureId("nobody"), Compensation.succeeded(1)));
    }

    @RepeatedTest(10)
    void ofTwoPersonsWhoSkipOneIsTooLate() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        CountDownLatch both = new CountDownLatch(2);

        List<FutureTask<Change>> persons = List.of(store, harness.otherNode()).stream()
                .map(node -> start(() -> {
                    both.countDown();
                    awaitLatch(both);
                    return node.change(id, Compensation.skip("anna", "by hand"), List.of());
                }))
                .toList();

        List<Change> answers = persons.stream().map(ContractStage::await).toList();
        assertThat(answers).filteredOn(Change.Write.class::isInstance).hasSize(1);
        assertThat(answers).contains(new Change.Refuse(Refusal.ALREADY_DONE));
        assertThat(store.history(id)).hasSize(2);
    }

    /** The change is written as it was answered, with one more line of history. */
    private void assertWritten(FailureId id, Decision decision) {
        int lines = store.history(id).size();
        Change change = store.change(id, decision, List.of());
        assertThat(change).isInstanceOf(Change.Write.class);
        if (change instanceof Change.Write write) {
            assertThat(record(id)).usingRecursiveComparison().isEqualTo(write.after());
            assertThat(store.history(id)).hasSize(lines + 1);
            assertThat(store.history(id).get(lines)).isEqualTo(write.entry());
        }
    }
}
