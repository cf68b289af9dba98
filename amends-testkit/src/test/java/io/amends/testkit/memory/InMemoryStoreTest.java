package io.amends.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.StartFrom;
import io.amends.core.store.AppendResult;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.StoreUnavailableException;
import io.amends.core.store.TransactionResult;
import io.amends.testkit.time.VirtualClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the in-memory store promises beyond the contract. */
class InMemoryStoreTest {
    private final VirtualClock clock = new VirtualClock();
    private final InMemoryStore store = new InMemoryStore(clock);

    @Test
    void aTransactionEndsWithItsTime() {
        Claim claim = owned();

        TransactionResult<FinishResult> result = store.inTransaction(Duration.ofSeconds(10), transaction -> {
            store.database().table("effects").put("e1", "done");
            clock.advance(Duration.ofSeconds(11));
            return new Verdict<>(true, transaction.finish(new CursorMove(claim, 0, 1)));
        });

        assertThat(result).isInstanceOf(TransactionResult.ConnectionLost.class);
        assertThat(store.database().table("effects").rows()).isEmpty();
    }

    @Test
    void anAbortedTransactionIsAConnectionLost() {
        TransactionResult<String> result = store.inTransaction(Duration.ofSeconds(10), transaction -> {
            transaction.abort();
            store.database().table("effects").put("e1", "done");
            return new Verdict<>(false, "never");
        });

        assertThat(result).isInstanceOf(TransactionResult.ConnectionLost.class);
    }

    @Test
    void anErrorThatMeansALostConnectionIsOne() {
        for (Exception error :
                List.of(new StoreUnavailableException("away", null), new SQLException("broken", "08006"))) {
            assertThat(store.<String>inTransaction(Duration.ofSeconds(10), transaction -> {
                        throw error;
                    }))
                    .isEqualTo(new TransactionResult.ConnectionLost<>(error));
        }
    }

    @Test
    void aCommitWithoutAFinishOrAfterARefusalIsAMistakeThatRollsBack() {
        Claim claim = owned();

        TransactionResult<String> unfinished = store.inTransaction(Duration.ofSeconds(10), transaction -> {
            store.database().table("effects").put("e1", "done");
            return new Verdict<>(true, "unfinished");
        });
        TransactionResult<String> refused = store.inTransaction(Duration.ofSeconds(10), transaction -> {
            store.database().table("effects").put("e1", "done");
            transaction.finish(new CursorMove(claim, 5, 6));
            return new Verdict<>(true, "refused");
        });

        assertThat(unfinished).isInstanceOf(TransactionResult.Threw.class);
        assertThat(refused).isInstanceOf(TransactionResult.Threw.class);
        assertThat(store.database().table("effects").rows()).isEmpty();
    }

    @Test
    void givenIdsAreForgottenAfterTheirHorizon() {
        assertThat(store.append(List.of(event("e1")), "http")).containsExactly(AppendResult.APPENDED);
        clock.advance(Duration.ofDays(30));
        store.retain(Duration.ofDays(365), 10);
        assertThat(store.append(List.of(event("e1")), "http")).containsExactly(AppendResult.DUPLICATE);

        clock.advance(Duration.ofSeconds(1));
        store.retain(Duration.ofDays(365), 10);

        assertThat(store.append(List.of(event("e1")), "http")).containsExactly(AppendResult.APPENDED);
    }

    @Test
    void listenersAreCalledAfterTheCommitAndMayUseTheStore() throws Exception {
        List<Integer> relayed = new java.util.ArrayList<>();
        AutoCloseable listening =
                store.listen(signals -> relayed.add(store.relay(10).moved()));

        store.caller().inNew(() -> store.caller().publish(event("e1"), false));
        listening.close();
        store.caller().inNew(() -> store.caller().publish(event("e2"), false));

        assertThat(relayed).containsExactly(1);
    }

    private Claim owned() {
        store.join(
                new NodeRegistration(
                        "n1",
                        "b1",
                        "h1",
                        List.of(new ProcessorRegistration(
                                "points",
                                "KEY",
                                1,
                                new TreeMap<>(Map.of("paid", "f")),
                                List.of(),
                                List.of(),
                                StartFrom.NOW))),
                Duration.ofSeconds(30));
        return store.takeOver("n1", "points", Set.of("paid"), 1).get(0).claim();
    }

    private static EventEnvelope event(String id) {
        return new EventEnvelope(
                id, "/shop", "paid", null, null, null, null, "k", null, null, null, null, null, Headers.NONE);
    }
}
