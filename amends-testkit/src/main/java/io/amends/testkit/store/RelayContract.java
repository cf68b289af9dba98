package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.event.StoredEvent;
import io.amends.core.store.RelayResult;
import io.amends.core.store.Store;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

abstract class RelayContract extends ContractStage {

    @Test
    void eventsGetPositionsWithoutGapsFromOneOn() {
        publish("e1", "e2");
        RelayResult first = store.relay(10);
        publish("e3");
        RelayResult second = store.relay(10);

        assertThat(first.moved()).isEqualTo(2);
        assertThat(first.head()).isEqualTo(2);
        assertThat(second.moved()).isEqualTo(1);
        assertThat(second.head()).isEqualTo(3);
        assertThat(store.read(0, 10).events()).extracting(StoredEvent::position).containsExactly(1L, 2L, 3L);
        assertThat(store.read(0, 10).events()).extracting(StoredEvent::origin).containsOnly(StoredEvent.LOCAL);
    }

    @Test
    void anEmptyOutboxMovesNothing() {
        publish("e1");
        store.relay(10);

        RelayResult result = store.relay(10);

        assertThat(result).isEqualTo(new RelayResult(0, 0, 0, 1, false, false, List.of()));
    }

    @Test
    void aBatchIsBoundedAndSaysThatThereIsMore() {
        publish("e1", "e2", "e3");

        RelayResult first = store.relay(2);
        RelayResult second = store.relay(2);

        assertThat(first.moved()).isEqualTo(2);
        assertThat(first.more()).isTrue();
        assertThat(second.moved()).isEqualTo(1);
        assertThat(second.more()).isFalse();
        assertThat(inboxIds()).containsExactly("e1", "e2", "e3");
    }

    @Test
    void aTransactionThatCommitsLateIsNotLost() {
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        FutureTask<Boolean> late = start(() -> {
            harness.inCallerTransaction(() -> {
                harness.writeEffect("late");
                store.caller().publish(event("late"), false);
                written.countDown();
                awaitLatch(commit);
            });
            return true;
        });
        awaitLatch(written);
        publish("early");
        assertThat(store.relay(10).moved()).isEqualTo(1);
        commit.countDown();
        await(late);

        assertThat(store.relay(10).moved()).isEqualTo(1);
        assertThat(inboxIds()).containsExactly("early", "late");
    }

    @Test
    void aGivenIdThatComesAgainIsDroppedAndGetsNoPosition() {
        publishGiven("e1", "{}");
        store.relay(10);
        publishGiven("e1", "{}");
        publishGiven("e2", "{}");

        RelayResult result = store.relay(10);

        assertThat(result.duplicates()).isEqualTo(1);
        assertThat(result.moved()).isEqualTo(1);
        assertThat(result.head()).isEqualTo(2);
        assertThat(inboxIds()).containsExactly("e1", "e2");
        assertThat(harness.rejected()).isZero();
    }

    @Test
    void aRepetitionWithinABatchIsDroppedToo() {
        publishGiven("e1", "{}");
        publishGiven("e1", "{}");
        publishGiven("e2", "{}");

        RelayResult result = store.relay(10);

        assertThat(result.duplicates()).isEqualTo(1);
        assertThat(result.moved()).isEqualTo(2);
        assertThat(store.read(0, 10).events()).extracting(StoredEvent::position).containsExactly(1L, 2L);
    }

    @Test
    void aGivenIdWithOtherContentIsShownAndNotSwallowed() {
        publishGiven("e1", "{\"amount\":1}");
        store.relay(10);
        publishGiven("e1", "{\"amount\":2}");
        publishGiven("e2", "{}");

        RelayResult result = store.relay(10);

        assertThat(result.rejected()).isEqualTo(1);
        assertThat(result.moved()).isEqualTo(1);
        assertThat(inboxIds()).containsExactly("e1", "e2");
        assertThat(harness.rejected()).isEqualTo(1);
        assertThat(store.relay(10)).isEqualTo(new RelayResult(0, 0, 0, 2, false, false, List.of()));
    }

    @Test
    void otherContentWithinABatchIsShownToo() {
        publishGiven("e1", "{\"amount\":1}");
        publishGiven("e1", "{\"amount\":2}");

        RelayResult result = store.relay(10);

        assertThat(result.moved()).isEqualTo(1);
        assertThat(result.rejected()).isEqualTo(1);
        assertThat(harness.rejected()).isEqualTo(1);
    }

    @Test
    void aRelayNeverWaitsForAnother() {
        publish("e1");

        harness.whileHeadIsHeld(() -> {
            RelayResult result = elsewhere(() -> store.relay(10));
            assertThat(result.busy()).isTrue();
            assertThat(result.moved()).isZero();
        });

        assertThat(store.relay(10).moved()).isEqualTo(1);
    }

    @Test
    void relaysOfSeveralNodesNumberEveryEventOnceInTheOrderOfItsPublisher() {
        int publishers = 3;
        int each = 40;
        int all = publishers * each;
        List<FutureTask<Boolean>> publishing = IntStream.range(0, publishers)
                .mapToObj(p -> start(() -> {
                    for (int i = 0; i < each; i++) {
                        publish("p" + p + "-" + (1000 + i));
                    }
                    return true;
                }))
                .toList();
        List<FutureTask<Boolean>> relaying = List.of(store, harness.otherNode()).stream()
                .map(node -> start(() -> relayUntil(node, all)))
                .toList();
        publishing.forEach(ContractStage::await);
        relaying.forEach(ContractStage::await);

        List<StoredEvent> events = store.read(0, 1000).events();
        assertThat(events)
                .extracting(StoredEvent::position)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, all).boxed().toList());
        for (int p = 0; p < publishers; p++) {
            String prefix = "p" + p + "-";
            assertThat(events.stream().map(e -> e.event().id()).filter(id -> id.startsWith(prefix)))
                    .hasSize(each)
                    .isSorted();
        }
    }

    private static boolean relayUntil(Store node, long head) {
        while (node.read(0, 1).head() < head) {
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
            node.relay(7);
        }
        return true;
    }

    private void publishGiven(String id, String json) {
        harness.inCallerTransaction(() -> store.caller().publish(event(id, PAID, json), true));
    }
}
