package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.event.StoredEvent;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.Store;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

abstract class HandlerTransactionContract extends ContractStage {

    @Test
    void effectsEventsAndTheCursorCommitTogether() {
        stored("e1");
        Claim claim = owned();

        assertFinishes(FinishResult.DONE, transaction -> {
            harness.writeEffect("points");
            store.caller().publish(event("e2"), false);
            return transaction.finish(move(claim, 0, 1));
        });

        assertThat(harness.effects()).containsExactly("points");
        assertThat(store.relay(10).moved()).isEqualTo(1);
        assertPosition(claim, 1);
    }

    @Test
    void theWorkRunsOnTheCallingThreadInsideTheTransaction() {
        List<Object> seen = new ArrayList<>();

        store.inTransaction(TIMEOUT, transaction -> {
            seen.add(Thread.currentThread());
            seen.add(store.caller().isActive());
            return new Verdict<>(false, "done");
        });

        assertThat(seen).containsExactly(Thread.currentThread(), true);
        assertThat(store.caller().isActive()).isFalse();
    }

    @Test
    void whatTheWorkRollsBackLeavesNothing() {
        stored("e1");
        Claim claim = owned();

        TransactionResult<String> result = store.inTransaction(TIMEOUT, transaction -> {
            harness.writeEffect("points");
            store.caller().publish(event("e2"), false);
            transaction.finish(move(claim, 0, 1));
            return new Verdict<>(false, "no");
        });

        assertThat(result).isEqualTo(new TransactionResult.RolledBack<>("no"));
        assertNothingHappened(claim);
    }

    @Test
    void whatThrowsLeavesNothing() {
        stored("e1");
        Claim claim = owned();

        for (Throwable error : List.of(
                new IllegalStateException("unchecked"), new IOException("checked"), new LinkageError("error"))) {
            TransactionResult<String> result = store.inTransaction(TIMEOUT, transaction -> {
                harness.writeEffect("points");
                store.caller().publish(event("e2"), false);
                throw error;
            });

            assertThat(result).isEqualTo(new TransactionResult.Threw<>(error, false));
        }
        assertNothingHappened(claim);
    }

    @Test
    void whatThrowsAfterItsFinishLeavesNothing() {
        stored("e1");
        Claim claim = owned();
        IllegalStateException error = new IllegalStateException("late");

        TransactionResult<String> result = store.inTransaction(TIMEOUT, transaction -> {
            harness.writeEffect("points");
            transaction.finish(move(claim, 0, 1));
            throw error;
        });

        assertThat(result).isEqualTo(new TransactionResult.Threw<>(error, false));
        assertNothingHappened(claim);
    }

    @Test
    void aCommitThatFailsIsTheHandlersFailure() {
        stored("e1");
        Claim claim = owned();

        TransactionResult<FinishResult> result = finish(transaction -> {
            store.caller().publish(event("e2"), false);
            harness.failAtCommit();
            return transaction.finish(move(claim, 0, 1));
        });

        assertThat(result).isInstanceOf(TransactionResult.Threw.class);
        assertNothingHappened(claim);
    }

    @Test
    void anEventBeyondTheInboxsLimitsIsTheHandlersFailure() {
        stored("e1");
        Claim claim = owned();

        TransactionResult<FinishResult> result = finish(transaction -> {
            store.caller().publish(event("x".repeat(256)), false);
            return transaction.finish(move(claim, 0, 1));
        });

        assertThat(result).isInstanceOf(TransactionResult.Threw.class);
        assertNothingHappened(claim);
    }

    @Test
    void serializationFailuresAndDeadlocksAreToldApart() {
        for (String state : List.of("40001", "40P01")) {
            RuntimeException error = new IllegalStateException("wrapped", new SQLException("again", state));

            assertThat(store.<String>inTransaction(TIMEOUT, transaction -> {
                        throw error;
                    }))
                    .isEqualTo(new TransactionResult.Threw<>(error, true));
        }
        SQLException unique = new SQLException("unique", "23505");
        assertThat(store.<String>inTransaction(TIMEOUT, transaction -> {
                    throw unique;
                }))
                .isEqualTo(new TransactionResult.Threw<>(unique, false));
    }

    @Test
    void anotherFenceIsRefused() {
        stored("e1");
        Claim claim = owned();
        TakenSlot taken = takenFromTheDead(OTHER_NODE);

        assertFinishes(FinishResult.REFUSED, transaction -> {
            harness.writeEffect("points");
            return transaction.finish(move(claim, 0, 1));
        });

        assertNothingHappened(taken.claim());
    }

    @Test
    void anotherPositionIsRefused() {
        stored("e1", "e2");
        Claim claim = owned();
        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(move(claim, 0, 1)));

        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(move(claim, 0, 1)));
        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(move(claim, 0, 2)));
        assertPosition(claim, 1);
    }

    @Test
    void anUnknownSlotIsRefused() {
        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(move(new Claim(slot(7), 1), 0, 1)));
    }

    @Test
    void severalEventsMayShareOneTransaction() {
        stored("e1", "e2", "e3");
        Claim claim = owned();

        assertFinishes(FinishResult.DONE, transaction -> {
            harness.writeEffect("e1");
            harness.writeEffect("e2");
            harness.writeEffect("e3");
            return transaction.finish(move(claim, 0, 3));
        });

        assertThat(harness.effects()).containsExactly("e1", "e2", "e3");
        assertPosition(claim, 3);
    }

    @Test
    void anAbortedTransactionCanOnlyRollBack() {
        stored("e1");
        Claim claim = owned();

        TransactionResult<FinishResult> result = finish(transaction -> {
            harness.writeEffect("points");
            elsewhere(() -> {
                transaction.abort();
                return true;
            });
            return transaction.finish(move(claim, 0, 1));
        });

        assertThat(result).isInstanceOfAny(TransactionResult.Threw.class, TransactionResult.ConnectionLost.class);
        assertNothingHappened(claim);
    }

    @Test
    void theThreadIsFreeForTheNextTransactionHoweverOneEnded() {
        stored("e1");
        Claim claim = owned();
        finish(transaction -> {
            transaction.abort();
            return transaction.finish(move(claim, 0, 1));
        });
        store.inTransaction(TIMEOUT, transaction -> {
            throw new IllegalStateException("no");
        });

        assertThat(store.caller().isActive()).isFalse();
        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(move(claim, 0, 1)));
    }

    @RepeatedTest(10)
    void ofTwoThatFinishTheSameEventOneIsRefused() {
        stored("e1");
        Claim claim = owned();
        CountDownLatch both = new CountDownLatch(2);

        Callable<TransactionResult<FinishResult>> run = () -> finish(transaction -> {
            harness.writeEffect("points");
            both.countDown();
            awaitLatch(both);
            return transaction.finish(move(claim, 0, 1));
        });
        List<FutureTask<TransactionResult<FinishResult>>> runs = List.of(start(run), start(run));

        assertThat(runs.stream().map(ContractStage::await))
                .containsExactlyInAnyOrder(
                        new TransactionResult.Committed<>(FinishResult.DONE),
                        new TransactionResult.RolledBack<>(FinishResult.REFUSED));
        assertThat(harness.effects()).containsExactly("points");
    }

    @RepeatedTest(10)
    void aTakeOverSeesTheFinishOrRefusesIt() {
        stored("e1");
        Claim claim = owned();
        harness.advance(LEASE.plusSeconds(1));
        join(OTHER_NODE, processor(POINTS, 1, PAID));
        CountDownLatch both = new CountDownLatch(2);

        FutureTask<TransactionResult<FinishResult>> finishing = start(() -> finish(transaction -> {
            harness.writeEffect("points");
            both.countDown();
            awaitLatch(both);
            return transaction.finish(move(claim, 0, 1));
        }));
        FutureTask<TakenSlot> taking = start(() -> {
            both.countDown();
            awaitLatch(both);
            return takeEventually();
        });

        boolean committed = await(finishing) instanceof TransactionResult.Committed;
        TakenSlot taken = await(taking);
        assertThat(taken.position()).isEqualTo(committed ? 1 : 0);
        assertThat(harness.effects()).hasSize(committed ? 1 : 0);
        assertPosition(taken.claim(), taken.position());
    }

    /** A store may answer nothing where it would have to wait for a row. */
    private TakenSlot takeEventually() {
        Store node = harness.otherNode();
        while (true) {
            List<TakenSlot> taken = node.takeOver(OTHER_NODE, POINTS, Set.of(PAID), 1);
            if (!taken.isEmpty()) {
                return taken.get(0);
            }
        }
    }

    @Test
    void aFinishIsNotSeenBeforeItsCommit() {
        stored("e1");
        Claim claim = owned();
        CursorMove move = move(claim, 0, 1);

        store.inTransaction(TIMEOUT, (HandlerTransaction transaction) -> {
            harness.writeEffect("points");
            assertThat(elsewhere(() -> harness.effects())).isEmpty();
            assertThat(elsewhere(() -> harness.otherNode().read(0, 10).events()))
                    .extracting(StoredEvent::position)
                    .containsExactly(1L);
            transaction.finish(move);
            return new Verdict<>(true, "done");
        });

        assertThat(harness.effects()).containsExactly("points");
    }

    private void assertNothingHappened(Claim claim) {
        assertThat(harness.effects()).isEmpty();
        assertThat(store.relay(10).moved()).isZero();
        assertPosition(claim, 0);
    }
}
