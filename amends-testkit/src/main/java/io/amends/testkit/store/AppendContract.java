package io.amends.testkit.store;

import static io.amends.core.store.AppendResult.APPENDED;
import static io.amends.core.store.AppendResult.CONFLICT;
import static io.amends.core.store.AppendResult.DUPLICATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.event.StoredEvent;
import io.amends.core.store.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

abstract class AppendContract extends ContractStage {

    @Test
    void eventsAreNumberedInTheOrderGivenAndKnowTheirDoor() {
        assertThat(store.append(List.of(event("e2"), event("e1")), "http")).containsExactly(APPENDED, APPENDED);

        assertThat(inboxIds()).containsExactly("e2", "e1");
        assertThat(store.read(0, 10).events()).extracting(StoredEvent::origin).containsOnly("http");
    }

    @Test
    void nothingToAppendIsFine() {
        assertThat(store.append(List.of(), "http")).isEmpty();
        assertThat(store.read(0, 10).head()).isZero();
    }

    @Test
    void relayAndDoorsShareOneSequenceOfPositions() {
        stored("e1");
        store.append(List.of(event("e2")), "http");
        stored("e3");

        assertThat(inboxIds()).containsExactly("e1", "e2", "e3");
        assertThat(store.read(0, 10).events()).extracting(StoredEvent::position).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aRepetitionIsADuplicate() {
        store.append(List.of(event("e1")), "http");

        assertThat(store.append(List.of(event("e1"), event("e2"), event("e2")), "http"))
                .containsExactly(DUPLICATE, APPENDED, DUPLICATE);
        assertThat(inboxIds()).containsExactly("e1", "e2");
        assertThat(harness.rejected()).isZero();
    }

    @Test
    void theSameIdWithOtherContentIsAConflictThatIsKept() {
        store.append(List.of(event("e1", PAID, "{\"amount\":1}")), "http");

        assertThat(store.append(List.of(event("e1", PAID, "{\"amount\":2}"), event("e2")), "http"))
                .containsExactly(CONFLICT, APPENDED);
        assertThat(inboxIds()).containsExactly("e1", "e2");
        assertThat(harness.rejected()).isEqualTo(1);
    }

    @Test
    void anIdThatWasPublishedByTheCallersChoiceIsKnownAtTheDoors() {
        harness.inCallerTransaction(() -> store.caller().publish(event("e1"), true));
        store.relay(10);

        assertThat(store.append(List.of(event("e1")), "http")).containsExactly(DUPLICATE);
    }

    @Test
    void oneBadEventKeepsAllOut() {
        assertThatThrownBy(() -> store.append(List.of(event("e1"), event("x".repeat(256))), "http"))
                .isInstanceOf(Exception.class);

        assertThat(inboxIds()).isEmpty();
        assertThat(store.append(List.of(event("e1")), "http")).containsExactly(APPENDED);
    }

    @Test
    void doorsOfSeveralNodesTakeARepeatedEventOnce() {
        List<FutureTask<Boolean>> senders = List.of(store, harness.otherNode()).stream()
                .map(node -> start(() -> {
                    IntStream.range(0, 30).forEach(i -> node.append(List.of(event("e" + i)), "http"));
                    return true;
                }))
                .toList();
        senders.forEach(ContractStage::await);

        assertThat(inboxIds()).hasSize(30).doesNotHaveDuplicates();
        assertThat(store.read(0, 100).events())
                .extracting(StoredEvent::position)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 30).boxed().toList());
    }

    @Test
    void whatWasAppendedIsHeardByListenersOfTheNodeBeforeTheCallReturns() throws Exception {
        List<Signal> heard = new ArrayList<>();
        Thread caller = Thread.currentThread();
        AutoCloseable listening = store.listen(signals -> {
            if (Thread.currentThread()
                    .equals(caller)) { // a channel that begins to listen tells of everything, on its own
                heard.addAll(signals);
            }
        });
        try {
            store.append(List.of(event("e1")), "http");
            assertThat(heard).containsExactly(Signal.INBOX);
            store.append(List.of(event("e1")), "http");
            assertThat(heard).as("a duplicate is nothing new").containsExactly(Signal.INBOX);
        } finally {
            listening.close();
        }
    }
}
