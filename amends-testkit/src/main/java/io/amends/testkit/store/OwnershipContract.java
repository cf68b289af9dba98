package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.api.StartFrom;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.store.Claim;
import io.amends.core.store.FinishResult;
import io.amends.core.store.MappingChangedException;
import io.amends.core.store.Membership;
import io.amends.core.store.Membership.LiveNode;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.TakenSlot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

abstract class OwnershipContract extends ContractStage {
    private static final String CANCELLED = "order.cancelled";

    // ---- join and heartbeat

    @Test
    void aNodeThatJoinsIsAMember() {
        join(NODE, processor(POINTS, 1, PAID));
        join(OTHER_NODE, processor(POINTS, 1, PAID), processor("mails", 1, CANCELLED));

        Membership membership = store.heartbeat(NODE, LEASE);

        assertThat(membership.member()).isTrue();
        assertThat(membership.nodes()).extracting(LiveNode::id).containsExactly(NODE, OTHER_NODE);
        LiveNode other = membership.nodes().get(1);
        assertThat(other.build()).isEqualTo("build-1");
        assertThat(other.host()).isEqualTo("host-" + OTHER_NODE);
        assertThat(other.expiresIn()).isBetween(Duration.ofSeconds(1), LEASE);
        assertThat(other.types()).containsOnlyKeys(POINTS, "mails");
        assertThat(other.types().get("mails")).containsExactly(CANCELLED);
        assertThat(membership.processors()).containsOnlyKeys(POINTS, "mails");
        assertThat(state(membership, POINTS).types()).containsExactly(PAID);
        assertThat(state(membership, POINTS).paused()).isFalse();
    }

    @Test
    void aHeartbeatKeepsTheLease() {
        Claim claim = owned();
        for (int i = 0; i < 3; i++) {
            harness.advance(LEASE.dividedBy(2));
            assertThat(store.heartbeat(NODE, LEASE).member()).isTrue();
        }
        join(OTHER_NODE, processor(POINTS, 1, PAID));

        assertThat(store.takeOver(OTHER_NODE, POINTS, Set.of(PAID), 1)).isEmpty();
        assertPosition(claim, 0);
    }

    @Test
    void aHeartbeatTellsWhatTheNodeOwnsNow() {
        Claim claim = owned();
        join(OTHER_NODE, processor(POINTS, 1, PAID));
        assertThat(store.heartbeat(NODE, LEASE).claims()).containsExactly(claim);
        assertThat(store.heartbeat(OTHER_NODE, LEASE).claims()).isEmpty();

        Claim raised = store.reclaim(NODE, claim).orElseThrow().claim();
        assertThat(store.heartbeat(NODE, LEASE).claims()).containsExactly(raised);

        join(OTHER_NODE, processor(POINTS, 1, PAID, CANCELLED));
        assertThat(store.heartbeat(NODE, LEASE).claims())
                .as("another function set ends ownerships")
                .isEmpty();
    }

    @Test
    void aNodeWhoseLeaseHasExpiredIsNoMember() {
        join(NODE, processor(POINTS, 1, PAID));
        join(OTHER_NODE, processor(POINTS, 1, PAID));
        harness.advance(LEASE.minusSeconds(5));
        store.heartbeat(OTHER_NODE, LEASE);
        harness.advance(Duration.ofSeconds(6));

        assertThat(store.heartbeat(OTHER_NODE, LEASE).nodes())
                .extracting(LiveNode::id)
                .containsExactly(OTHER_NODE);
        assertThat(store.heartbeat(NODE, LEASE).member()).isFalse();
        assertThat(store.heartbeat(OTHER_NODE, LEASE).nodes())
                .as("a late heartbeat revives nobody")
                .extracting(LiveNode::id)
                .containsExactly(OTHER_NODE);
    }

    @Test
    void aNodeThatNeverJoinedOrHasLeftIsNoMember() {
        join(NODE, processor(POINTS, 1, PAID));
        store.leave(NODE);

        assertThat(store.heartbeat(NODE, LEASE).member()).isFalse();
        assertThat(store.heartbeat("nobody", LEASE).member()).isFalse();
        assertThat(store.heartbeat(NODE, LEASE).nodes()).isEmpty();
    }

    @Test
    void aNodeThatJoinsAgainOwnsNothing() {
        owned();
        harness.advance(LEASE.plusSeconds(1));
        join(NODE, processor(POINTS, 1, PAID));

        assertThat(takeOne(NODE).position()).isZero();
    }

    @Test
    void aNewProcessorStartsWhereItSays() {
        stored("e1", "e2");
        join(NODE, starting("early", StartFrom.EARLIEST), starting("now", StartFrom.NOW));

        assertThat(store.takeOver(NODE, "early", Set.of(PAID), 1).get(0).position())
                .isZero();
        assertThat(store.takeOver(NODE, "now", Set.of(PAID), 1).get(0).position())
                .isEqualTo(2);
    }

    @Test
    void aKnownProcessorGoesOnWhereItWas() {
        stored("e1", "e2");
        Claim claim = owned();
        store.carryForward(List.of(move(claim, 0, 1)));
        store.leave(NODE);
        join(OTHER_NODE, processor(POINTS, 1, PAID));

        assertThat(takeOne(OTHER_NODE).position()).isEqualTo(1);
    }

    @Test
    void theEarliestEventIsTheOldestThatIsLeft() {
        stored("e1", "e2");
        Claim claim = owned();
        store.carryForward(List.of(move(claim, 0, 1)));
        harness.advance(Duration.ofHours(1));
        assertThat(store.retain(Duration.ofMinutes(1), 10)).isEqualTo(1);
        join(OTHER_NODE, starting("early", StartFrom.EARLIEST));

        assertThat(store.takeOver(OTHER_NODE, "early", Set.of(PAID), 1).get(0).position())
                .isEqualTo(1);
    }

    @Test
    void theSameFunctionSetDisturbsNobody() {
        Claim claim = owned();
        join(OTHER_NODE, processor(POINTS, 1, PAID));

        assertPosition(claim, 0);
        assertThat(store.takeOver(OTHER_NODE, POINTS, Set.of(PAID), 1)).isEmpty();
    }

    @Test
    void anotherFunctionSetRaisesTheFences() {
        stored("e1");
        Claim claim = owned();
        join(OTHER_NODE, processor(POINTS, 1, PAID, CANCELLED));

        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(move(claim, 0, 1)));
        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).types()).containsExactly(CANCELLED, PAID);
        TakenSlot taken = takeOne(NODE);
        assertThat(taken.claim().fence()).isGreaterThan(claim.fence());
        assertThat(taken.suspects()).as("nobody died").isZero();
    }

    @Test
    void anotherFunctionSetLeavesOtherProcessorsAlone() {
        join(NODE, processor(POINTS, 1, PAID), processor("mails", 1, PAID));
        Claim points = takeOne(NODE).claim();
        join(OTHER_NODE, processor("mails", 1, PAID, CANCELLED));

        assertPosition(points, 0);
    }

    @Test
    void droppedTypesAreTypesNoMore() {
        join(NODE, processor(POINTS, 1, PAID, CANCELLED));
        join(
                OTHER_NODE,
                new ProcessorRegistration(
                        POINTS,
                        "order=KEY",
                        1,
                        new TreeMap<>(Map.of(PAID, "on-" + PAID)),
                        List.of(),
                        List.of(CANCELLED),
                        StartFrom.EARLIEST));

        assertThat(state(store.heartbeat(NODE, LEASE), POINTS).types()).containsExactly(PAID);
    }

    @Test
    void anotherMappingIsRefusedAndNothingIsRegistered() {
        Claim claim = owned();
        ProcessorRegistration changed = new ProcessorRegistration(
                POINTS,
                "order=ALL",
                1,
                new TreeMap<>(Map.of(PAID, "f", CANCELLED, "g")),
                List.of(),
                List.of(),
                StartFrom.EARLIEST);

        assertThatThrownBy(() -> join(OTHER_NODE, processor("mails", 1, PAID), changed))
                .isInstanceOf(MappingChangedException.class)
                .hasMessageContaining(POINTS)
                .hasMessageContaining("order=ALL")
                .hasMessageContaining("order=KEY");

        assertPosition(claim, 0);
        Membership membership = store.heartbeat(NODE, LEASE);
        assertThat(membership.nodes()).extracting(LiveNode::id).containsExactly(NODE);
        assertThat(membership.processors()).containsOnlyKeys(POINTS);
        assertThat(state(membership, POINTS).types()).containsExactly(PAID);
    }

    @Test
    void aRenamedProcessorKeepsPositionsRecordsAndLanes() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));

        join(OTHER_NODE, renamed("loyalty", POINTS));

        TakenSlot taken = store.takeOver(OTHER_NODE, "loyalty", Set.of(PAID), 1).get(0);
        assertThat(taken.position()).isEqualTo(2);
        assertThat(record(id).processor()).isEqualTo("loyalty");
        assertThat(store.heldLanes(taken.claim())).hasSize(1);
        assertThat(store.laneHead("loyalty", LANE).orElseThrow().failure()).isEqualTo(id);
        assertThat(store.followers(id)).isEqualTo(1);
        assertThat(store.heartbeat(OTHER_NODE, LEASE).processors()).containsOnlyKeys("loyalty");
        assertFinishes(FinishResult.REFUSED, transaction -> transaction.finish(move(claim, 2, 3)));
    }

    // ---- take over

    @Test
    void slotsAreTakenUpToTheMostAskedAndOnlyOnce() {
        join(NODE, processor(POINTS, 3, PAID));
        join(OTHER_NODE, processor(POINTS, 3, PAID));

        List<TakenSlot> first = store.takeOver(NODE, POINTS, Set.of(PAID), 2);
        List<TakenSlot> second = store.takeOver(OTHER_NODE, POINTS, Set.of(PAID), 2);

        assertThat(first).hasSize(2);
        assertThat(second).hasSize(1);
        List<TakenSlot> all = new ArrayList<>(first);
        all.addAll(second);
        assertThat(all).extracting(taken -> taken.claim().slot().number()).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(all).extracting(TakenSlot::suspects).containsOnly(0);
        assertThat(all).extracting(taken -> taken.claim().fence()).allMatch(fence -> fence > 0);
        assertThat(store.takeOver(NODE, POINTS, Set.of(PAID), 2)).isEmpty();
        assertThat(store.takeOver(NODE, "unknown", Set.of(PAID), 2)).isEmpty();
    }

    @Test
    void aSlotOfTheDeadGetsANewFenceAndIsUnderSuspicion() {
        Claim claim = owned();

        TakenSlot taken = takenFromTheDead(OTHER_NODE);

        assertThat(taken.claim().fence()).isGreaterThan(claim.fence());
        assertThat(taken.suspects()).isEqualTo(1);
        assertThat(taken.position()).isZero();
    }

    @Test
    void suspicionGrowsWithEachDeathAtOnePositionAndEndsWithAMove() {
        stored("e1");
        owned();
        assertThat(takenFromTheDead("n2").suspects()).isEqualTo(1);
        assertThat(takenFromTheDead("n3").suspects()).isEqualTo(2);
        TakenSlot third = takenFromTheDead("n4");
        assertThat(third.suspects()).isEqualTo(3);

        assertFinishes(FinishResult.DONE, transaction -> transaction.finish(move(third.claim(), 0, 1)));

        assertThat(takenFromTheDead("n5").suspects()).isEqualTo(1);
    }

    @Test
    void everyKindOfMoveEndsSuspicion() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        owned();
        fail(takenFromTheDead("n2").claim(), events.get(0));
        TakenSlot afterFailure = takenFromTheDead("n3");
        assertThat(afterFailure.suspects()).isEqualTo(1);
        park(afterFailure.claim(), events.get(1));
        TakenSlot afterPark = takenFromTheDead("n4");
        assertThat(afterPark.suspects()).isEqualTo(1);
        store.carryForward(List.of(move(afterPark.claim(), 2, 3)));

        assertThat(takenFromTheDead("n5").suspects()).isEqualTo(1);
    }

    @Test
    void aParkedEventThatIsFirstInItsLaneIsSuspectedToo() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        park(claim, events.get(2));
        store.change(id, Compensation.skip("anna", "by hand"), List.of());

        takenFromTheDead("n2");
        TakenSlot taken = takenFromTheDead("n3");

        assertThat(store.laneHead(POINTS, LANE).orElseThrow().lost()).isEqualTo(2);
        assertFinishes(
                FinishResult.DONE_LANE_CONTINUES,
                transaction -> transaction.finish(new RunOrigin.FromLane(taken.claim(), LANE, 2)));
        assertThat(store.laneHead(POINTS, LANE).orElseThrow().lost())
                .as("the next one was never tried")
                .isZero();
    }

    @Test
    void aParkedEventBehindAFailedOneIsNotSuspected() {
        List<StoredEvent> events = stored("e1", "e2");
        Claim claim = owned();
        FailureId id = fail(claim, events.get(0));
        park(claim, events.get(1));
        takenFromTheDead("n2");
        store.change(id, Compensation.skip("anna", "by hand"), List.of());

        assertThat(store.laneHead(POINTS, LANE).orElseThrow().lost()).isZero();
    }

    @Test
    void aSlotGivenBackIsFreeAndUnderNoSuspicion() {
        Claim claim = owned();
        store.giveBack(List.of(claim), null);
        join(OTHER_NODE, processor(POINTS, 1, PAID));

        TakenSlot taken = takeOne(OTHER_NODE);

        assertThat(taken.suspects()).isZero();
        assertThat(taken.claim().fence()).isGreaterThan(claim.fence());
    }

    @Test
    void aLostClaimIsNotGivenBack() {
        Claim claim = owned();
        TakenSlot taken = takenFromTheDead(OTHER_NODE);
        store.giveBack(List.of(claim), "anything");
        join("n3", processor(POINTS, 1, PAID));

        assertThat(store.takeOver("n3", POINTS, Set.of(PAID), 1)).isEmpty();
        assertPosition(taken.claim(), 0);
    }

    @Test
    void aSlotThatNeedsATypeGoesToABuildThatHasIt() {
        stored("e1");
        Claim claim = owned();
        store.giveBack(List.of(claim), CANCELLED);

        assertThat(store.takeOver(NODE, POINTS, Set.of(PAID), 1)).isEmpty();
        List<TakenSlot> taken = store.takeOver(NODE, POINTS, Set.of(PAID, CANCELLED), 1);
        assertThat(taken).hasSize(1);

        store.carryForward(List.of(move(taken.get(0).claim(), 0, 1)));
        assertThat(takenFromTheDead(OTHER_NODE).position())
                .as("after the event has passed")
                .isEqualTo(1);
    }

    @Test
    void aNodeThatLeavesGivesEverythingBack() {
        join(NODE, processor(POINTS, 2, PAID), processor("mails", 1, PAID));
        store.takeOver(NODE, POINTS, Set.of(PAID), 2);
        store.takeOver(NODE, "mails", Set.of(PAID), 1);
        store.leave(NODE);
        join(OTHER_NODE, processor(POINTS, 2, PAID), processor("mails", 1, PAID));

        assertThat(store.takeOver(OTHER_NODE, POINTS, Set.of(PAID), 2))
                .hasSize(2)
                .extracting(TakenSlot::suspects)
                .containsOnly(0);
        assertThat(store.takeOver(OTHER_NODE, "mails", Set.of(PAID), 1)).hasSize(1);
        assertThat(store.heartbeat(OTHER_NODE, LEASE).nodes())
                .extracting(LiveNode::id)
                .containsExactly(OTHER_NODE);
    }

    @Test
    void aSlotIsReclaimedWithANewFenceAtItsPosition() {
        stored("e1");
        Claim claim = owned();
        store.carryForward(List.of(move(claim, 0, 1)));

        TakenSlot reclaimed = store.reclaim(NODE, claim).orElseThrow();

        assertThat(reclaimed.claim().slot()).isEqualTo(claim.slot());
        assertThat(reclaimed.claim().fence()).isGreaterThan(claim.fence());
        assertThat(reclaimed.position()).isEqualTo(1);
        assertThat(reclaimed.suspects()).isEqualTo(1);
        assertThat(store.reclaim(NODE, claim)).as("the old claim").isEmpty();
        assertThat(store.reclaim(NODE, reclaimed.claim()).orElseThrow().suspects())
                .isEqualTo(2);
    }

    @Test
    void onlyTheOwnerReclaims() {
        Claim claim = owned();
        join(OTHER_NODE, processor(POINTS, 1, PAID));

        assertThat(store.reclaim(OTHER_NODE, claim)).isEmpty();
        TakenSlot taken = takenFromTheDead("n3");
        assertThat(store.reclaim(NODE, claim)).isEmpty();
        assertPosition(taken.claim(), 0);
        assertThat(store.failures(FailureFilter.ALL, null, 1)).isEmpty();
    }

    @RepeatedTest(5)
    void nodesThatTakeAtTheSameTimeNeverShareASlot() {
        int slots = 8;
        List<String> nodes = List.of(NODE, OTHER_NODE);
        nodes.forEach(id -> join(id, processor(POINTS, slots, PAID)));

        List<FutureTask<List<TakenSlot>>> taking = List.of(store, harness.otherNode()).stream()
                .map(node -> {
                    String id = node.equals(store) ? NODE : OTHER_NODE;
                    return start(() -> node.takeOver(id, POINTS, Set.of(PAID), slots));
                })
                .toList();
        List<Integer> taken = taking.stream()
                .map(ContractStage::await)
                .flatMap(List::stream)
                .map(slot -> slot.claim().slot().number())
                .toList();

        assertThat(taken).doesNotHaveDuplicates();
    }

    private static ProcessorRegistration starting(String name, StartFrom startFrom) {
        ProcessorRegistration p = processor(name, 1, PAID);
        return new ProcessorRegistration(name, p.mapping(), p.slots(), p.functions(), List.of(), List.of(), startFrom);
    }

    private static ProcessorRegistration renamed(String name, String formerly) {
        ProcessorRegistration p = processor(name, 1, PAID);
        return new ProcessorRegistration(
                name, p.mapping(), p.slots(), p.functions(), List.of(formerly), List.of(), StartFrom.NOW);
    }
}
