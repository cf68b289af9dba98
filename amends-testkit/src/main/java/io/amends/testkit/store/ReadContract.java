package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.event.StoredEvent;
import io.amends.core.store.Claim;
import io.amends.core.store.InboxBatch;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

abstract class ReadContract extends ContractStage {

    @Test
    void anEmptyInboxSaysSo() {
        InboxBatch batch = store.read(0, 10);

        assertThat(batch.events()).isEmpty();
        assertThat(batch.upTo()).isZero();
        assertThat(batch.head()).isZero();
        assertThat(batch.logStart()).isEqualTo(1);
    }

    @Test
    void aBatchHasTheEventsAfterAPositionUpToItsLimit() {
        stored("e1", "e2", "e3", "e4");

        InboxBatch batch = store.read(1, 2);

        assertThat(batch.events()).extracting(StoredEvent::position).containsExactly(2L, 3L);
        assertThat(batch.upTo()).isEqualTo(3);
        assertThat(batch.head()).isEqualTo(4);
    }

    @Test
    void aBatchThatIsNotFullReachesTheHead() {
        stored("e1", "e2");

        assertThat(store.read(1, 10).upTo()).isEqualTo(2);
        assertThat(store.read(2, 10).upTo()).isEqualTo(2);
        assertThat(store.read(2, 10).events()).isEmpty();
    }

    @Test
    void aCursorIsCarriedOnlyUnderItsFenceAndFromItsPosition() {
        stored("e1", "e2", "e3");
        Claim claim = owned();

        assertThat(store.carryForward(List.of(move(claim, 1, 2)))).isEmpty();
        assertThat(store.carryForward(List.of(move(otherFence(claim), 0, 2)))).isEmpty();
        assertThat(store.carryForward(List.of(move(claim, 0, 2)))).containsExactly(move(claim, 0, 2));
        assertThat(store.carryForward(List.of(move(claim, 0, 3)))).isEmpty();
        assertPosition(claim, 2);
    }

    @Test
    void oneLostMoveDoesNotHoldTheOthersBack() {
        stored("e1");
        join(NODE, processor(POINTS, 3, PAID));
        List<Claim> claims = store.takeOver(NODE, POINTS, Set.of(PAID), 3).stream()
                .map(taken -> taken.claim())
                .toList();

        assertThat(store.carryForward(List.of(
                        move(claims.get(0), 0, 1), move(otherFence(claims.get(1)), 0, 1), move(claims.get(2), 0, 1))))
                .containsExactlyInAnyOrder(move(claims.get(0), 0, 1), move(claims.get(2), 0, 1));
    }

    @Test
    void retentionTakesWhatAllHavePassedAndNothingElse() {
        stored("e1", "e2", "e3");
        Claim claim = owned();
        join(OTHER_NODE, processor("slow", 2, PAID));
        List<Claim> slow = store.takeOver(OTHER_NODE, "slow", Set.of(PAID), 2).stream()
                .map(taken -> taken.claim())
                .toList();
        store.carryForward(List.of(move(claim, 0, 3), move(slow.get(0), 0, 3), move(slow.get(1), 0, 1)));
        harness.advance(Duration.ofHours(1));

        assertThat(store.retain(Duration.ofMinutes(30), 100)).isEqualTo(1);
        assertThat(store.retain(Duration.ofMinutes(30), 100)).isZero();
        InboxBatch batch = store.read(0, 10);
        assertThat(batch.events()).extracting(StoredEvent::position).containsExactly(2L, 3L);
        assertThat(batch.logStart()).isEqualTo(2);
        assertThat(batch.head()).isEqualTo(3);
        assertThat(batch.upTo()).isEqualTo(3);
    }

    @Test
    void retentionKeepsWhatIsYoung() {
        stored("e1");
        Claim claim = owned();
        harness.advance(Duration.ofHours(1));
        stored("e2");
        store.carryForward(List.of(move(claim, 0, 2)));

        assertThat(store.retain(Duration.ofMinutes(30), 100)).isEqualTo(1);
        assertThat(inboxIds()).containsExactly("e2");
    }

    @Test
    void retentionIsBounded() {
        stored("e1", "e2", "e3");
        Claim claim = owned();
        store.carryForward(List.of(move(claim, 0, 3)));
        harness.advance(Duration.ofHours(1));

        assertThat(store.retain(Duration.ofMinutes(30), 2)).isEqualTo(2);
        assertThat(store.retain(Duration.ofMinutes(30), 2)).isEqualTo(1);
        assertThat(store.read(3, 10).logStart()).isEqualTo(4);
        assertThat(stored("e4")).extracting(StoredEvent::position).containsExactly(4L);
    }

    @Test
    void whatIsParkedOrFailedOutlivesItsEventInTheInbox() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        var failure = fail(claim, events.get(0));
        park(claim, events.get(1));
        harness.advance(Duration.ofHours(1));
        store.heartbeat(NODE, LEASE);

        assertThat(store.retain(Duration.ofMinutes(30), 100)).isEqualTo(2);
        assertThat(record(failure).event().data()).isEqualTo(event("e1").data());
        assertThat(store.followers(failure)).isEqualTo(1);
    }
}
