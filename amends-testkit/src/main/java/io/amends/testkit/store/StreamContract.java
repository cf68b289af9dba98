package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.Store;
import io.amends.core.store.TransactionResult;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

abstract class StreamContract extends ContractStage {
    private static final StreamKey ANNE = new StreamKey("user", "anne");
    private static final StreamKey BOB = new StreamKey("user", "bob");
    private static final StreamKey ORDER = new StreamKey("order", "anne");

    @Test
    void nothingIsDoneOfAnEntityThatNothingHasMoved() {
        assertDone(Map.of());
    }

    @Test
    void aStreamMovesWithTheCursor() {
        stored("e1");
        Claim claim = owned();

        assertFinishes(
                FinishResult.DONE,
                transaction ->
                        transaction.finish(move(claim, 0, 1), List.of(skipping(ANNE, 0, 3), skipping(BOB, 2, 1))));

        assertPosition(claim, 1);
        assertDone(Map.of(ANNE, version(0, 3), BOB, version(2, 1)));
    }

    @Test
    void streamsOfOneNameAndProcessorsAreApart() {
        stored("e1");
        Claim claim = owned();
        advance(claim, 0, skipping(ANNE, 0, 3));

        assertThat(done("nobody", ANNE)).isEmpty();
        assertThat(done(POINTS, ORDER)).isEmpty();
    }

    @Test
    void aNewerVersionReplacesAnOlderOne() {
        stored("e1", "e2", "e3");
        Claim claim = owned();

        advance(claim, 0, skipping(ANNE, 0, 3));
        advance(claim, 1, skipping(ANNE, 0, 4));
        advance(claim, 2, skipping(ANNE, 1, 1));

        assertDone(Map.of(ANNE, version(1, 1)));
    }

    @Test
    void whatWasOvertakenMovesNothing() {
        stored("e1", "e2");
        Claim claim = owned();
        advance(claim, 0, skipping(ANNE, 1, 3));

        for (Advance stale : List.of(skipping(ANNE, 1, 3), skipping(ANNE, 1, 2), skipping(ANNE, 0, 9))) {
            assertThat(finish(
                            transaction -> transaction.finish(move(claim, 1, 2), List.of(skipping(BOB, 0, 1), stale))))
                    .isEqualTo(new TransactionResult.RolledBack<>(FinishResult.OVERTAKEN));
        }

        assertPosition(claim, 1);
        assertDone(Map.of(ANNE, version(1, 3)));
    }

    @Test
    void anEqualVersionMayBeAcceptedAnOlderOneNot() {
        stored("e1", "e2");
        Claim claim = owned();
        advance(claim, 0, skipping(ANNE, 0, 3));

        Advance older = new Advance(ANNE, version(0, 2), false, Advance.Rule.SKIP_OLDER);
        assertThat(finish(transaction -> transaction.finish(move(claim, 1, 2), List.of(older))))
                .isEqualTo(new TransactionResult.RolledBack<>(FinishResult.OVERTAKEN));
        advance(claim, 1, new Advance(ANNE, version(0, 3), false, Advance.Rule.SKIP_OLDER));

        assertDone(Map.of(ANNE, version(0, 3)));
    }

    @Test
    void whatWasDoneSinceAHandlerBeganOvertakesItHoweverNewItIs() {
        stored("e1", "e2", "e3");
        Claim claim = owned();
        advance(claim, 0, skipping(ANNE, 0, 1).since(StreamVersion.NOTHING));

        for (StreamVersion since : List.of(StreamVersion.NOTHING, version(0, 0), version(1, 1))) {
            for (Advance newer : List.of(skipping(ANNE, 0, 9), moving(ANNE, 0, 9))) {
                assertThat(finish(transaction -> transaction.finish(move(claim, 1, 2), List.of(newer.since(since)))))
                        .isEqualTo(new TransactionResult.RolledBack<>(FinishResult.OVERTAKEN));
            }
        }
        assertDone(Map.of(ANNE, version(0, 1)));

        advance(claim, 1, skipping(ANNE, 0, 9).since(version(0, 1)));
        advance(claim, 2, new Advance(ANNE, version(0, 9), true, Advance.Rule.SKIP_OLDER).since(version(0, 9)));
        assertDone(Map.of(ANNE, version(0, 9)));
    }

    @Test
    void whatSkipsNothingMovesForwardOrNotAtAll() {
        stored("e1", "e2", "e3");
        Claim claim = owned();

        advance(claim, 0, moving(ANNE, 0, 3));
        advance(claim, 1, moving(ANNE, 0, 2));
        assertDone(Map.of(ANNE, version(0, 3)));
        advance(claim, 2, moving(ANNE, 0, 4));
        assertDone(Map.of(ANNE, version(0, 4)));
    }

    @Test
    void aLostMoveMovesNoStream() {
        stored("e1");
        Claim claim = owned();

        assertThat(finish(transaction ->
                        transaction.finish(move(otherFence(claim), 0, 1), List.of(skipping(ANNE, 0, 3)))))
                .isEqualTo(new TransactionResult.RolledBack<>(FinishResult.REFUSED));
        assertThat(finish(transaction -> transaction.finish(move(claim, 4, 5), List.of(skipping(ANNE, 0, 3)))))
                .isEqualTo(new TransactionResult.RolledBack<>(FinishResult.REFUSED));

        assertDone(Map.of());
    }

    @Test
    void whatThrowsAfterItsFinishMovesNoStream() {
        stored("e1");
        Claim claim = owned();

        store.inTransaction(TIMEOUT, transaction -> {
            transaction.finish(move(claim, 0, 1), List.of(skipping(ANNE, 0, 3)));
            throw new IllegalStateException("late");
        });

        assertDone(Map.of());
    }

    @Test
    void aParkedEventMovesItsStream() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        store.change(id, Compensation.skip("anne", "dealt with"), List.of());
        var parked = new RunOrigin.FromLane(claim, LANE, 2);

        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(parked, List.of(skipping(ANNE, 0, 3))));

        assertDone(Map.of(ANNE, version(0, 3)));
        assertThat(store.heldLanes(claim)).isEmpty();
    }

    @Test
    void aParkedEventThatWasOvertakenStaysParked() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        store.change(id, Compensation.skip("anne", "dealt with"), List.of());
        advance(claim, 2, skipping(ANNE, 0, 3));
        var parked = new RunOrigin.FromLane(claim, LANE, 2);

        assertThat(finish(transaction -> transaction.finish(parked, List.of(skipping(ANNE, 0, 3)))))
                .isEqualTo(new TransactionResult.RolledBack<>(FinishResult.OVERTAKEN));

        assertThat(store.laneHead(POINTS, LANE)).isPresent();
    }

    @Test
    void anAttemptThatSucceedsMovesItsStream() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));
        FailedExecution prepared = prepared(claim, id);

        assertFinishes(
                FinishResult.DONE,
                transaction -> transaction.finish(
                        id, Compensation.succeeded(prepared.retry().attempt()), List.of(skipping(ANNE, 0, 3))));

        assertDone(Map.of(ANNE, version(0, 3)));
    }

    @Test
    void anAttemptThatWasOvertakenIsStillRunning() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        advance(claim, 1, skipping(ANNE, 0, 3));
        FailedExecution prepared = prepared(claim, id);

        assertThat(finish(transaction -> transaction.finish(
                        id, Compensation.succeeded(prepared.retry().attempt()), List.of(skipping(ANNE, 0, 2)))))
                .isEqualTo(new TransactionResult.RolledBack<>(FinishResult.OVERTAKEN));

        assertThat(record(id).status()).isEqualTo(Status.PREPARED);
        assertThat(record(id).retry()).isEqualTo(prepared.retry());
    }

    @Test
    void aPersonsSkipMovesStreamsForwardOrNotAtAll() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId first = fail(claim, events.get(0));
        store.change(first, Compensation.skip("anne", "dealt with"), List.of(skipping(ANNE, 0, 3)));
        assertDone(Map.of(ANNE, version(0, 3)));

        store.recordFailure(fromSlot(claim, 1, 2), failure("f-2", claim, events.get(1), LANE, false));
        store.change(new FailureId("f-2"), Compensation.skip("anne", "dealt with"), List.of(skipping(ANNE, 0, 2)));

        assertDone(Map.of(ANNE, version(0, 3)));
    }

    @Test
    void aChangeThatDoesNotEndTheRecordMovesNothing() {
        Claim claim = owned();
        FailureId id = fail(claim, stored("e1").get(0));

        store.change(id, Compensation.request(true, "anne", null), List.of(skipping(ANNE, 0, 3)));
        store.change(new FailureId("nobody"), Compensation.skip("anne", "why"), List.of(skipping(BOB, 0, 3)));

        assertDone(Map.of());
    }

    @Test
    void tombstonesAreForgottenAfterTheirTimeOthersNever() {
        stored("e1", "e2", "e3", "e4");
        Claim claim = owned();
        advance(claim, 0, skipping(ANNE, 0, 3));
        advance(claim, 1, new Advance(BOB, version(0, 3), true, Advance.Rule.SKIP_OLDER_AND_EQUAL));
        advance(claim, 2, new Advance(ORDER, version(0, 3), true, Advance.Rule.SKIP_OLDER_AND_EQUAL));
        advance(claim, 3, skipping(ORDER, 0, 4));

        assertThat(store.forgetTombstones(Duration.ofHours(1), 10)).isZero();
        assertDone(Map.of(ANNE, version(0, 3), BOB, version(0, 3), ORDER, version(0, 4)));
        harness.advance(Duration.ofHours(2));

        assertThat(store.forgetTombstones(Duration.ofHours(1), 10)).isEqualTo(1);
        assertDone(Map.of(ANNE, version(0, 3), ORDER, version(0, 4)));
    }

    @Test
    void forgettingIsBounded() {
        stored("e1", "e2");
        Claim claim = owned();
        advance(claim, 0, new Advance(ANNE, version(0, 3), true, Advance.Rule.SKIP_OLDER_AND_EQUAL));
        advance(claim, 1, new Advance(BOB, version(0, 3), true, Advance.Rule.SKIP_OLDER_AND_EQUAL));
        harness.advance(Duration.ofHours(2));

        assertThat(store.forgetTombstones(Duration.ofHours(1), 1)).isEqualTo(1);
        assertThat(store.forgetTombstones(Duration.ofHours(1), 1)).isEqualTo(1);
        assertThat(store.forgetTombstones(Duration.ofHours(1), 1)).isZero();
    }

    @Test
    void ofTwoTransactionsThatMoveAStreamToOneVersionOneIsOvertaken() {
        stored("e1", "e2");
        join(NODE, processor(POINTS, 2, PAID));
        Claim first = takeOne(NODE).claim();
        Claim second = takeOne(NODE).claim();
        CountDownLatch asked = new CountDownLatch(2);
        List<FutureTask<TransactionResult<FinishResult>>> runs = List.of(first, second).stream()
                .map(claim -> start(() -> store.inTransaction(TIMEOUT, transaction -> {
                    boolean stale = transaction
                            .progress(POINTS, new TreeSet<>(List.of(ANNE)))
                            .containsKey(ANNE);
                    asked.countDown();
                    awaitLatch(asked);
                    FinishResult result = stale
                            ? FinishResult.REFUSED
                            : transaction.finish(move(claim, 0, 1), List.of(skipping(ANNE, 0, 3)));
                    return new Verdict<>(result == FinishResult.DONE, result);
                })))
                .toList();

        assertThat(runs.stream().map(ContractStage::await).toList())
                .containsExactlyInAnyOrder(
                        new TransactionResult.Committed<>(FinishResult.DONE),
                        new TransactionResult.RolledBack<>(FinishResult.OVERTAKEN));
    }

    @Test
    void whatWasDoneFollowsItsProcessorToAnotherName() {
        stored("e1");
        Claim claim = owned();
        advance(claim, 0, skipping(ANNE, 0, 3));
        store.leave(NODE);

        ProcessorRegistration was = processor(POINTS, 1, PAID);
        join(
                "n2",
                new ProcessorRegistration(
                        "score",
                        was.mapping(),
                        was.slots(),
                        was.functions(),
                        List.of(POINTS),
                        List.of(),
                        was.startFrom()));

        assertThat(done("score", ANNE)).isEqualTo(Map.of(ANNE, version(0, 3)));
        assertThat(done(POINTS, ANNE)).isEmpty();
    }

    private void advance(Claim claim, long from, Advance... advances) {
        assertFinishes(
                FinishResult.DONE, transaction -> transaction.finish(move(claim, from, from + 1), List.of(advances)));
    }

    private void assertDone(Map<StreamKey, StreamVersion> expected) {
        assertThat(done(POINTS, ANNE, BOB, ORDER)).isEqualTo(new TreeMap<>(expected));
    }

    private SortedMap<StreamKey, StreamVersion> done(String processor, StreamKey... entities) {
        return doneIn(store, processor, List.of(entities));
    }

    private static SortedMap<StreamKey, StreamVersion> doneIn(
            Store store, String processor, Collection<StreamKey> entities) {
        SortedMap<StreamKey, StreamVersion> done = new TreeMap<>();
        store.inTransaction(TIMEOUT, transaction -> {
            done.putAll(transaction.progress(processor, new TreeSet<>(entities)));
            return new Verdict<>(false, done);
        });
        return done;
    }

    private static StreamVersion version(long epoch, long version) {
        return new StreamVersion(epoch, version);
    }

    private static Advance skipping(StreamKey entity, long epoch, long version) {
        return new Advance(entity, version(epoch, version), false, Advance.Rule.SKIP_OLDER_AND_EQUAL);
    }

    private static Advance moving(StreamKey entity, long epoch, long version) {
        return new Advance(entity, version(epoch, version), false, Advance.Rule.NEVER_SKIP);
    }
}
