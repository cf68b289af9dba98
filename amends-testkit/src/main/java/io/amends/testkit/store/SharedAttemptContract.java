package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.HeldLane;
import io.amends.core.store.Store;
import io.amends.core.store.TransactionResult;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

abstract class SharedAttemptContract extends ContractStage {
    private static final StreamKey ORDER = new StreamKey("order", "o-1");

    @Test
    void attemptsEndTogetherInTheTransactionOfTheirEffects() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1", "lane-2", "lane-3");

        assertFinishes(FinishResult.DONE, transaction -> {
            harness.writeEffect("points");
            return transaction.finish(succeeding(prepared), DoneEvents.of(List.of()));
        });

        assertThat(harness.effects()).containsExactly("points");
        assertThat(store.heldLanes(claim)).isEmpty();
        for (FailedExecution record : prepared) {
            assertThat(record(record.id()).status()).isEqualTo(Status.SUCCEEDED);
            assertThat(store.history(record.id()))
                    .extracting(HistoryEntry::type)
                    .containsExactly(
                            HistoryEntry.Type.CREATED, HistoryEntry.Type.PREPARED, HistoryEntry.Type.SUCCEEDED);
        }
    }

    @Test
    void eachDecisionIsWrittenForItsRecord() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1", "lane-2");
        SortedMap<FailureId, Decision> decisions = succeeding(prepared);
        decisions.put(prepared.get(1).id(), Compensation.succeeded(2, true));

        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(decisions, DoneEvents.of(List.of())));

        assertThat(store.history(prepared.get(0).id()).getLast().details()).isEmpty();
        assertThat(store.history(prepared.get(1).id()).getLast().details()).containsEntry("outcome", "STALE");
    }

    @Test
    void oneThatIsRefusedRefusesAll() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1", "lane-2", "lane-3");
        succeed(prepared.get(1), FinishResult.DONE);

        assertFinishes(FinishResult.REFUSED, transaction -> {
            harness.writeEffect("late");
            return transaction.finish(succeeding(prepared), DoneEvents.of(List.of()));
        });

        assertThat(harness.effects()).isEmpty();
        assertThat(store.heldLanes(claim)).extracting(HeldLane::laneKey).containsExactly("lane-1", "lane-3");
        for (FailedExecution record : List.of(prepared.get(0), prepared.get(2))) {
            assertThat(record(record.id()).status()).isEqualTo(Status.PREPARED);
            assertThat(store.history(record.id())).hasSize(2);
        }
    }

    @Test
    void oneThatIsNotThereRefusesAll() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1");
        SortedMap<FailureId, Decision> decisions = succeeding(prepared);
        decisions.put(new FailureId("nobody"), Compensation.succeeded(1));

        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(decisions, DoneEvents.of(List.of())));

        assertThat(record(prepared.get(0).id()).status()).isEqualTo(Status.PREPARED);
    }

    @Test
    void aLaneThatContinuesIsReportedWhicheverItIs() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1", LANE, "lane-3");
        StoredEvent follower = stored("follower").get(0);
        park(claim, follower);

        assertFinishes(
                FinishResult.DONE_LANE_CONTINUES,
                transaction -> transaction.finish(succeeding(prepared), DoneEvents.of(List.of())));

        assertThat(store.releasedLanes(POINTS, List.of(claim), 10))
                .containsExactly(new HeldLane(claim.slot(), LANE, true, false));
        assertThat(store.nextInLane(POINTS, LANE))
                .hasValueSatisfying(next -> assertThat(next.event().position()).isEqualTo(follower.position()));
    }

    @Test
    void theStreamsOfAllAreMoved() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1", "lane-2");

        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(succeeding(prepared), DoneEvents.of(List.of(moving(3)))));

        assertThat(versionOfOrder()).isEqualTo(new StreamVersion(0, 3));
    }

    @Test
    void aStreamThatWasMovedMeanwhileSendsAllBack() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1", "lane-2", "lane-3");
        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(prepared.get(2).id(), Compensation.succeeded(2), List.of(moving(3))));

        TransactionResult<FinishResult> result = finish(transaction ->
                transaction.finish(succeeding(prepared.subList(0, 2)), DoneEvents.of(List.of(moving(2)))));

        assertThat(result).isEqualTo(new TransactionResult.RolledBack<>(FinishResult.OVERTAKEN));
        assertThat(record(prepared.get(0).id()).status()).isEqualTo(Status.PREPARED);
        assertThat(versionOfOrder()).isEqualTo(new StreamVersion(0, 3));
    }

    @Test
    void whatIsRolledBackIsStillRunning() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1", "lane-2");

        store.inTransaction(TIMEOUT, transaction -> {
            harness.writeEffect("points");
            transaction.finish(succeeding(prepared), DoneEvents.of(List.of()));
            throw new IllegalStateException("late");
        });

        assertThat(harness.effects()).isEmpty();
        assertThat(store.heldLanes(claim)).hasSize(2);
        assertFinishes(
                FinishResult.DONE, transaction -> transaction.finish(succeeding(prepared), DoneEvents.of(List.of())));
    }

    @Test
    void noAttemptsAndThoseOfSeveralProcessorsAreAMistake() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-1");
        join(NODE, processor(POINTS, 1, PAID), processor("mails", 1, PAID));
        Claim mails = store.takeOver(NODE, "mails", new TreeSet<>(List.of(PAID)), 1)
                .getFirst()
                .claim();
        StoredEvent event = store.read(0, 1).events().getFirst();
        store.recordFailure(fromSlot(mails, 0, 1), failure("f-mail", mails, event, "lane-1", true));
        SortedMap<FailureId, Decision> both = succeeding(prepared);
        both.put(new FailureId("f-mail"), Compensation.succeeded(1));

        assertMistake(transaction -> transaction.finish(both, DoneEvents.of(List.of())), "of one processor");
        assertMistake(transaction -> transaction.finish(new TreeMap<>(), DoneEvents.of(List.of())), "at least one");

        assertThat(record(prepared.getFirst().id()).status()).isEqualTo(Status.PREPARED);
    }

    private void assertMistake(java.util.function.Function<HandlerTransaction, FinishResult> finish, String expected) {
        TransactionResult<FinishResult> result =
                store.inTransaction(TIMEOUT, transaction -> new Verdict<>(false, finish.apply(transaction)));
        assertThat(result).isInstanceOf(TransactionResult.Threw.class);
        assertThat(((TransactionResult.Threw<FinishResult>) result).error())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }

    /** They want the same locks, and so must not wait for each other. */
    @RepeatedTest(10)
    void ofTwoThatEndSomeOfTheSameAttemptsOneIsRefused() {
        Claim claim = owned();
        List<FailedExecution> prepared = prepared(claim, "lane-4", "lane-2", "lane-1", "lane-3");
        CountDownLatch both = new CountDownLatch(2);

        List<FutureTask<TransactionResult<FinishResult>>> runs = Stream.of(
                        start(() -> endAfter(both, store, prepared.subList(0, 3))),
                        start(() -> endAfter(both, harness.otherNode(), prepared.subList(1, 4))))
                .toList();

        List<TransactionResult<FinishResult>> results =
                runs.stream().map(ContractStage::await).toList();
        assertThat(results)
                .containsExactlyInAnyOrder(
                        new TransactionResult.Committed<>(FinishResult.DONE),
                        new TransactionResult.RolledBack<>(FinishResult.REFUSED));
        assertThat(store.heldLanes(claim)).hasSize(1);
    }

    private static TransactionResult<FinishResult> endAfter(
            CountDownLatch both, Store on, List<FailedExecution> prepared) {
        both.countDown();
        awaitLatch(both);
        return finishOn(on, transaction -> transaction.finish(succeeding(prepared), DoneEvents.of(List.of())));
    }

    /** Records that are prepared for their second attempt, each in its lane. */
    private List<FailedExecution> prepared(Claim claim, String... lanes) {
        List<FailureId> ids = new ArrayList<>();
        for (String lane : lanes) {
            StoredEvent event = stored("event in " + lane).getFirst();
            long position = event.position();
            assertThat(store.recordFailure(
                            fromSlot(claim, position - 1, position),
                            failure("f-" + position, claim, event, lane, false)))
                    .isTrue();
            ids.add(new FailureId("f-" + position));
        }
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);
        List<FailedExecution> prepared = claimDue(claim).prepared();
        assertThat(prepared).extracting(FailedExecution::id).containsExactlyInAnyOrderElementsOf(ids);
        return prepared.stream()
                .sorted((one, other) -> one.id().compareTo(other.id()))
                .toList();
    }

    private static SortedMap<FailureId, Decision> succeeding(List<FailedExecution> prepared) {
        SortedMap<FailureId, Decision> decisions = new TreeMap<>();
        prepared.forEach(record ->
                decisions.put(record.id(), Compensation.succeeded(record.retry().attempt())));
        return decisions;
    }

    private static Advance moving(long version) {
        return new Advance(ORDER, new StreamVersion(0, version), false, Advance.Rule.SKIP_OLDER_AND_EQUAL);
    }

    private StreamVersion versionOfOrder() {
        List<StreamVersion> found = new ArrayList<>();
        store.inTransaction(TIMEOUT, transaction -> {
            found.add(
                    transaction.progress(POINTS, new TreeSet<>(List.of(ORDER))).get(ORDER));
            return new Verdict<>(false, "looked");
        });
        return found.getFirst();
    }
}
