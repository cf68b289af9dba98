package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.NewFailure;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.FailureGroup.Numbers;
import io.amends.core.operate.GroupSearch;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.NodeStatus;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.store.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

abstract class GroupContract extends ContractStage {
    private static final String A = "v1:aaaaaaaaaaaa";
    private static final String B = "v1:bbbbbbbbbbbb";
    private static final GroupSearch ALL = new GroupSearch(null, false, true, GroupSearch.Sort.COUNT);

    private long position;

    @Test
    void aRecordIsCountedInTheStateThatItIsIn() {
        Claim claim = owned();
        failed(claim, "f-1", A);
        assertNumbers(A, 1, 0, 0, 0, 0, 1);
        store.change(
                new FailureId("f-1"),
                Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", null),
                List.of());
        assertNumbers(A, 0, 1, 0, 0, 0, 1);
        FailedExecution running = begun(claim, "f-1");
        assertNumbers(A, 0, 0, 1, 0, 0, 1);
        store.change(running.id(), Compensation.succeeded(running.retry().attempt()), List.of());
        assertNumbers(A, 0, 0, 0, 1, 0, 1);
        failed(claim, "f-2", A);
        store.change(new FailureId("f-2"), Compensation.skip("anna", "by hand"), List.of());
        assertNumbers(A, 0, 0, 0, 1, 1, 2);
    }

    @Test
    void anAttemptThatFailsOtherwiseMovesItsRecordToTheOtherGroup() {
        Claim claim = owned();
        failed(claim, "f-1", A);
        harness.advance(Duration.ofSeconds(1));
        FailedExecution running = begun(claim, "f-1");
        store.change(
                running.id(),
                Compensation.failed(
                        running.retry().attempt(),
                        FailureReason.HANDLER_FAILED,
                        ERROR,
                        B,
                        Recoverability.UNKNOWN,
                        "build-2"),
                List.of());
        assertNumbers(A, 0, 0, 0, 0, 0, 1);
        assertNumbers(B, 1, 0, 0, 0, 0, 1);
        assertThat(harness.operatorStore().seenIn(B))
                .extracting(FailureGroup.SeenIn::build)
                .containsExactly("build-2");
        assertThat(fingerprints(new GroupSearch(null, true, true, GroupSearch.Sort.COUNT)))
                .containsExactly(B);
        assertThat(fingerprints(ALL)).containsExactly(B, A);
    }

    @Test
    void aGroupShowsItsNewestFailureAndItsTrend() {
        Claim claim = owned();
        failed(claim, "f-1", A);
        harness.advance(Duration.ofSeconds(1));
        failed(claim, "f-2", A);
        FailureGroup group = group(A);
        assertThat(group.processor()).isEqualTo(POINTS);
        assertThat(group.sample()).isEqualTo("f-2");
        assertThat(group.errorCode()).isEqualTo("POINTS_CLOSED");
        assertThat(group.message()).isEqualTo("points are closed for f-2");
        assertThat(group.firstSeen()).isBefore(group.lastSeen());
        assertThat(group.lastSeen()).isEqualTo(record(new FailureId("f-2")).executedAt());
        assertThat(group.hours()).hasSize(FailureGroup.HOURS);
        assertThat(group.hours().stream().mapToLong(hour -> hour).sum()).isEqualTo(2);
        assertThat(harness.operatorStore().seenIn(A)).hasSize(1).allSatisfy(seen -> {
            assertThat(seen.build()).isEqualTo("build-1");
            assertThat(seen.failures()).isEqualTo(2);
        });
        assertThat(harness.operatorStore().group("v1:none")).isEmpty();
        assertThat(harness.operatorStore().seenIn("v1:none")).isEmpty();
    }

    @Test
    void groupsComeInTheOrderThatIsAskedFor() {
        Claim claim = owned();
        failed(claim, "f-1", A);
        harness.advance(Duration.ofSeconds(1));
        failed(claim, "f-2", B);
        harness.advance(Duration.ofSeconds(1));
        failed(claim, "f-3", A);
        assertThat(fingerprints(sorted(GroupSearch.Sort.COUNT))).containsExactly(A, B);
        assertThat(fingerprints(sorted(GroupSearch.Sort.NEWEST))).containsExactly(B, A);
        assertThat(fingerprints(sorted(GroupSearch.Sort.OLDEST))).containsExactly(A, B);
        assertThat(fingerprints(sorted(GroupSearch.Sort.RECENT))).containsExactly(A, B);
        assertThat(fingerprints(new GroupSearch("mails", false, true, GroupSearch.Sort.COUNT)))
                .isEmpty();
        assertThat(fingerprints(new GroupSearch(POINTS, false, true, GroupSearch.Sort.COUNT)))
                .hasSize(2);
        assertThat(harness.operatorStore().groups(ALL, 1)).hasSize(1);
    }

    @Test
    void aRecordWithoutACauseIsInNoGroup() {
        Claim claim = owned();
        failed(claim, "f-1", "");
        assertThat(harness.operatorStore().groups(ALL, 10)).isEmpty();
    }

    @Test
    void aNoteAndAnAcknowledgementStayUntilTheyEnd() {
        Claim claim = owned();
        failed(claim, "f-1", A);
        harness.operatorStore().note(A, "anna", "the provider is down");
        harness.operatorStore().acknowledge(A, "bert", Duration.ofHours(1), 1L);
        FailureGroup.Remarks said = group(A).remarks();
        assertThat(said.note()).isEqualTo("the provider is down");
        assertThat(said.notedBy()).isEqualTo("anna");
        assertThat(said.acknowledgement()).isNotNull();
        assertThat(harness.operatorStore().groups(new GroupSearch(null, true, false, GroupSearch.Sort.COUNT), 10))
                .isEmpty();

        failed(claim, "f-2", A);
        assertThat(group(A).remarks().acknowledgement()).as("above its number").isNull();
        harness.operatorStore().acknowledge(A, "bert", Duration.ofHours(1), null);
        assertThat(group(A).remarks().acknowledgement()).isNotNull();
        harness.advance(Duration.ofHours(2));
        assertThat(group(A).remarks().acknowledgement()).as("after its time").isNull();
        harness.operatorStore().acknowledge(A, "bert", null, null);
        assertThat(group(A).remarks().acknowledgement()).isNotNull();
        harness.operatorStore().unacknowledge(A);
        harness.operatorStore().note(A, "anna", null);
        assertThat(group(A).remarks()).isEqualTo(FailureGroup.Remarks.NONE);
    }

    @Test
    void whatACauseWasMadeOfIsKeptOnce() {
        List<String> inputs =
                List.of("processor points", "error java.lang.IllegalStateException", "message – für immer");

        store.explain(new Fingerprint(A, inputs));
        store.explain(new Fingerprint(A, List.of("something else")));

        assertThat(harness.operatorStore().why(A)).isEqualTo(inputs);
        assertThat(harness.operatorStore().why(B)).isEmpty();
    }

    @Test
    void aGroupIsRemovedWhenItsRecordsAreAndNobodyTakesCareOfIt() {
        Claim claim = owned();
        failed(claim, "f-1", A);
        failed(claim, "f-2", B);
        harness.operatorStore().note(A, "anna", "the provider is down");
        store.explain(new Fingerprint(A, List.of("processor points")));
        harness.operatorStore().foldGroups(100);
        harness.advance(Duration.ofDays(400));
        assertThat(harness.operatorStore().pruneGroups(Duration.ofDays(1), 10))
                .as("it has records")
                .isZero();
        store.change(new FailureId("f-1"), Compensation.skip("anna", "by hand"), List.of());
        harness.operatorStore().foldGroups(100);
        assertThat(harness.operatorStore().pruneGroups(Duration.ofDays(1), 10))
                .as("its record is done, and kept")
                .isZero();
        harness.advance(Duration.ofDays(2));
        assertThat(store.prune(Duration.ofDays(1), 10)).isEqualTo(1);
        harness.operatorStore().foldGroups(100);
        harness.operatorStore().acknowledge(A, "bert", null, null);
        assertThat(harness.operatorStore().pruneGroups(Duration.ofDays(1), 10))
                .as("somebody takes care of it")
                .isZero();
        harness.operatorStore().unacknowledge(A);
        assertThat(harness.operatorStore().pruneGroups(Duration.ofDays(500), 10))
                .as("it was seen lately")
                .isZero();

        assertThat(harness.operatorStore().why(A)).isNotEmpty();
        assertThat(harness.operatorStore().pruneGroups(Duration.ofDays(1), 10)).isEqualTo(1);
        assertThat(harness.operatorStore().why(A)).isEmpty();
        assertThat(fingerprints(ALL)).containsExactly(B);
        assertThat(harness.operatorStore().seenIn(A)).isEmpty();
        failed(claim, "f-3", A);
        assertThat(group(A).remarks()).as("a new one").isEqualTo(FailureGroup.Remarks.NONE);
    }

    /** Whatever happens, and whenever it is folded, the numbers are those of the records. */
    @Test
    void foldingChangesNoAnswer() {
        Claim claim = owned();
        Random random = new Random(17);
        List<String> ids = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            if (ids.size() < 5 || random.nextInt(3) == 0) {
                String id = "f-%03d".formatted(step);
                ids.add(id);
                failed(claim, id, random.nextBoolean() ? A : B);
            } else {
                FailureId id = new FailureId(ids.get(random.nextInt(ids.size())));
                switch (random.nextInt(4)) {
                    case 0 -> store.change(id, Compensation.skip("anna", "by hand"), List.of());
                    case 1 ->
                        store.change(
                                id,
                                Compensation.markRecoverable(
                                        random.nextBoolean()
                                                ? Recoverability.UNRECOVERABLE
                                                : Recoverability.RECOVERABLE,
                                        "anna",
                                        null),
                                List.of());
                    default -> {
                        store.change(id, Compensation.request(true, "anna", null), List.of());
                        claimDue(claim)
                                .prepared()
                                .forEach(running -> store.change(
                                        running.id(),
                                        random.nextBoolean()
                                                ? Compensation.succeeded(
                                                        running.retry().attempt())
                                                : Compensation.failed(
                                                        running.retry().attempt(),
                                                        FailureReason.HANDLER_FAILED,
                                                        ERROR,
                                                        random.nextBoolean() ? A : B,
                                                        Recoverability.UNKNOWN,
                                                        "build-2"),
                                        List.of()));
                    }
                }
            }
            if (random.nextInt(5) == 0) {
                List<FailureGroup> before = harness.operatorStore().groups(ALL, 10);
                harness.operatorStore().foldGroups(1 + random.nextInt(20));
                assertThat(harness.operatorStore().groups(ALL, 10)).isEqualTo(before);
            }
        }
        Map<String, long[]> expected = new TreeMap<>(Map.of(A, new long[5], B, new long[5]));
        for (String id : ids) {
            FailedExecution record = record(new FailureId(id));
            long[] numbers = Objects.requireNonNull(expected.get(record.fingerprint()));
            switch (record.status()) {
                case FAILED -> numbers[record.dueAt() == null ? 1 : 0]++;
                case PREPARED -> numbers[2]++;
                case SUCCEEDED -> numbers[3]++;
                case SKIPPED -> numbers[4]++;
            }
        }
        expected.forEach((fingerprint, numbers) -> {
            Numbers found = group(fingerprint).numbers();
            assertThat(List.of(found.scheduled(), found.stopped(), found.running(), found.handled(), found.skipped()))
                    .as(fingerprint)
                    .isEqualTo(List.of(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]));
        });
        while (harness.operatorStore().foldGroups(1000) > 0) {
            // until nothing is left
        }
        assertThat(harness.operatorStore().groups(ALL, 10)).hasSize(2);
    }

    @Test
    void blockedLanesAreThoseWhoseHeadFailed() {
        Claim claim = owned();
        failed(claim, "f-1", A);
        harness.advance(Duration.ofSeconds(1));
        failed(claim, "f-2", A);
        StoredEvent follower = stored("follower").getFirst();
        store.park(move(claim, position, follower.position()), "user-f-1", follower, List.of());
        position = follower.position();

        List<LaneSummary> lanes = harness.operatorStore().blockedLanes(null, ProcessorScope.ALL, null, 10);
        assertThat(lanes).extracting(LaneSummary::key).containsExactly("user-f-1", "user-f-2");
        LaneSummary first = lanes.getFirst();
        assertThat(first.processor()).isEqualTo(POINTS);
        assertThat(first.events()).isEqualTo(2);
        assertThat(first.blocked()).isTrue();
        FailedExecution head = Objects.requireNonNull(first.head());
        assertThat(head.id().value()).isEqualTo("f-1");
        assertThat(head.event().data()).isNull();
        assertThat(harness.operatorStore()
                        .blockedLanes(
                                POINTS,
                                ProcessorScope.ALL,
                                new LaneSummary.Cursor(first.since(), first.processor(), first.key()),
                                10))
                .extracting(LaneSummary::key)
                .containsExactly("user-f-2");
        assertThat(harness.operatorStore().blockedLanes("mails", ProcessorScope.ALL, null, 10))
                .isEmpty();
        assertThat(harness.operatorStore().lane(POINTS, "user-f-1")).contains(first);
        assertThat(harness.operatorStore().lane(POINTS, "nobody")).isEmpty();
        assertThat(harness.operatorStore().laneEvents(POINTS, "user-f-1", 0, 10))
                .extracting(LaneSummary.Entry::kind)
                .containsExactly(LaneSummary.Kind.FAILED, LaneSummary.Kind.PARKED);
        assertThat(harness.operatorStore().laneEvents(POINTS, "user-f-1", 1, 10))
                .extracting(LaneSummary.Entry::eventId)
                .containsExactly("follower");

        store.change(new FailureId("f-1"), Compensation.skip("anna", "by hand"), List.of());
        assertThat(harness.operatorStore().blockedLanes(null, ProcessorScope.ALL, null, 10))
                .extracting(LaneSummary::key)
                .containsExactly("user-f-2");
        assertThat(harness.operatorStore().lane(POINTS, "user-f-1"))
                .hasValueSatisfying(lane -> assertThat(lane.blocked()).isFalse());
    }

    @Test
    void nodesTellWhatTheyOwnAndWhetherTheyLive() {
        join(NODE, processor(POINTS, 2, PAID));
        takeOne(NODE);
        harness.advance(LEASE.plusSeconds(1));
        join(OTHER_NODE, processor(POINTS, 2, PAID));
        List<NodeStatus> nodes = harness.operatorStore().nodes();
        assertThat(nodes).extracting(NodeStatus::id).containsExactly(OTHER_NODE, NODE);
        assertThat(nodes).extracting(NodeStatus::alive).containsExactly(true, false);
        assertThat(nodes.get(0).slots()).isEmpty();
        assertThat(nodes.get(1).slots()).isEqualTo(Map.of(POINTS, 1));
        assertThat(nodes.get(1).host()).isEqualTo("host-" + NODE);
    }

    private FailedExecution begun(Claim claim, String id) {
        store.change(new FailureId(id), Compensation.request(true, "anna", null), List.of());
        return claimDue(claim).prepared().getFirst();
    }

    private void failed(Claim claim, String id, String fingerprint) {
        StoredEvent event = stored("e-" + id).getFirst();
        long before = position;
        position = event.position();
        NewFailure failure = new NewFailure(
                new FailureId(id),
                event.event(),
                event.position(),
                POINTS,
                claim.slot().number(),
                "user-" + id,
                false,
                "on-" + PAID,
                FailureReason.HANDLER_FAILED,
                new ErrorDetails("POINTS_CLOSED", "points are closed for " + id, List.of(), List.of(), ""),
                fingerprint,
                RetryPolicy.DEFAULT,
                false,
                Duration.ofSeconds(1),
                BACKOFF,
                Recoverability.UNKNOWN,
                null,
                NODE,
                "build-1",
                claim.fence());
        assertThat(store.recordFailure(fromSlot(claim, before, position), failure))
                .isTrue();
    }

    private FailureGroup group(String fingerprint) {
        FailureGroup one = harness.operatorStore().group(fingerprint).orElseThrow();
        assertThat(harness.operatorStore().groups(ALL, 100)).contains(one);
        return one;
    }

    private void assertNumbers(
            String fingerprint, long scheduled, long stopped, long running, long handled, long skipped, long failures) {
        assertThat(group(fingerprint).numbers())
                .isEqualTo(new Numbers(scheduled, stopped, running, handled, skipped, failures));
    }

    private List<String> fingerprints(GroupSearch search) {
        return harness.operatorStore().groups(search, 100).stream()
                .map(FailureGroup::fingerprint)
                .toList();
    }

    private static GroupSearch sorted(GroupSearch.Sort sort) {
        return new GroupSearch(null, false, true, sort);
    }
}
