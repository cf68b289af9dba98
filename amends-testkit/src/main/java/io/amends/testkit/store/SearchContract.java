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
import io.amends.core.failure.NewFailure;
import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.QueueCounts;
import io.amends.core.operate.StopReason;
import io.amends.core.store.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

abstract class SearchContract extends ContractStage {
    private static final RetryPolicy SPENT =
            new RetryPolicy(true, 0, Duration.ofSeconds(1), Duration.ofSeconds(9), Duration.ZERO, 0);
    private static final RetryPolicy OFF =
            new RetryPolicy(false, 5, Duration.ofSeconds(1), Duration.ofSeconds(9), Duration.ZERO, 0);

    @Test
    void everyRecordIsInTheQueuesOfItsState() {
        everyState();
        Map<FailureQueue, List<String>> expected = new EnumMap<>(FailureQueue.class);
        expected.put(FailureQueue.ACTIVE, List.of("f-9", "f-8", "f-7", "f-6", "f-5", "f-4", "f-3"));
        expected.put(FailureQueue.SCHEDULED, List.of("f-9"));
        expected.put(FailureQueue.DUE, List.of("f-8", "f-4"));
        expected.put(FailureQueue.RUNNING, List.of("f-3"));
        expected.put(FailureQueue.NEEDS_OPERATOR, List.of("f-7", "f-6", "f-5"));
        expected.put(FailureQueue.WAITING, List.of());
        expected.put(FailureQueue.HANDLED, List.of("f-2"));
        expected.put(FailureQueue.SKIPPED, List.of("f-1"));
        expected.put(FailureQueue.FAILED, List.of("f-9", "f-8", "f-7", "f-6", "f-5"));
        expected.put(FailureQueue.PREPARED, List.of("f-4", "f-3"));
        expected.put(FailureQueue.SUCCEEDED, List.of("f-2"));
        expected.put(FailureQueue.ALL, List.of("f-9", "f-8", "f-7", "f-6", "f-5", "f-4", "f-3", "f-2", "f-1"));

        for (FailureQueue queue : FailureQueue.values()) {
            assertThat(ids(FailureSearch.in(queue))).as("%s", queue).isEqualTo(expected.get(queue));
        }
        QueueCounts counts = harness.operatorStore().counts();
        assertThat(counts.failures().keySet()).containsExactlyInAnyOrderElementsOf(QueueCounts.QUEUES);
        counts.failures()
                .forEach((queue, number) -> assertThat(number).as("%s", queue).isEqualTo((long)
                        expected.getOrDefault(queue, List.of()).size()));
        assertThat(counts.blockedLanes()).isEqualTo(7);
        assertThat(counts.failedLanes()).isEqualTo(7);
    }

    @Test
    void aStoppedRecordHasItsReason() {
        everyState();
        assertThat(ids(FailureSearch.stopped(StopReason.EXHAUSTED))).containsExactly("f-5");
        assertThat(ids(FailureSearch.stopped(StopReason.UNRECOVERABLE))).containsExactly("f-6");
        assertThat(ids(FailureSearch.stopped(StopReason.SWITCHED_OFF))).containsExactly("f-7");
        assertThat(harness.operatorStore().counts().needsOperator())
                .isEqualTo(new TreeMap<>(Map.of(
                        StopReason.EXHAUSTED, 1L,
                        StopReason.UNRECOVERABLE, 1L,
                        StopReason.SWITCHED_OFF, 1L,
                        StopReason.TIMED_OUT, 0L)));
    }

    @Test
    void severalQueuesTogetherShowEachRecordOnce() {
        everyState();
        assertThat(ids(search(EnumSet.of(FailureQueue.DUE, FailureQueue.ACTIVE, FailureQueue.SKIPPED), null)))
                .containsExactly("f-9", "f-8", "f-7", "f-6", "f-5", "f-4", "f-3", "f-1");
    }

    @Test
    void ofSomeIdsOnlyWhatFitsTheRestIsFound() {
        everyState();
        Set<FailureId> some = Set.of(new FailureId("f-3"), new FailureId("f-9"), new FailureId("f-none"));
        assertThat(ids(FailureSearch.ALL.among(some))).containsExactly("f-9", "f-3");
        assertThat(ids(search(EnumSet.of(FailureQueue.SKIPPED), null).among(some)))
                .isEqualTo(ids(FailureSearch.in(FailureQueue.SKIPPED)).stream()
                        .filter(id -> some.contains(new FailureId(id)))
                        .toList());
        assertThat(ids(FailureSearch.ALL.among(Set.of(new FailureId("f-none")))))
                .isEmpty();
    }

    @Test
    void everyFieldIsComparedExactly() {
        Claim claim = owned();
        failed(claim, "f-1", "user-1", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        failed(claim, "f-2", "user-2", "Boom", "fingerprint-2", RetryPolicy.DEFAULT);
        for (FailureField field : FailureField.values()) {
            String value = String.valueOf(field.of(record(new FailureId("f-2"))));
            List<String> expected = switch (field) {
                case PROCESSOR, FUNCTION, EVENT_TYPE, TENANT, ERROR -> List.of("f-2", "f-1");
                case EVENT_ID, KEY, FINGERPRINT -> List.of("f-2");
            };
            assertThat(ids(exact(field, value))).as("%s = %s", field, value).isEqualTo(expected);
            assertThat(ids(exact(field, value + "'; drop table x; --"))).isEmpty();
        }
    }

    @Test
    void timesTakeTheirBeginButNotTheirEnd() {
        Claim claim = owned();
        failed(claim, "f-1", "user-1", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        Instant at = record(new FailureId("f-1")).firstFailedAt();
        assertThat(ids(between(at, null))).containsExactly("f-1");
        assertThat(ids(between(at.plusNanos(1000), null))).isEmpty();
        assertThat(ids(between(null, at))).isEmpty();
        assertThat(ids(between(null, at.plusNanos(1000)))).containsExactly("f-1");
    }

    @Test
    void aTextIsFoundInMessageCodeEventAndKeyInAnyCase() {
        Claim claim = owned();
        failed(claim, "f-1", "Müller-1", "100% of it_self \\ is GONE", "fingerprint-1", RetryPolicy.DEFAULT);
        failed(claim, "f-2", "user-2", "another", "fingerprint-1", RetryPolicy.DEFAULT);
        assertThat(ids(text("is gone"))).containsExactly("f-1");
        assertThat(ids(text("100%"))).containsExactly("f-1");
        assertThat(ids(text("t_s"))).containsExactly("f-1");
        assertThat(ids(text("o_e"))).as("an underscore is no wildcard").isEmpty();
        assertThat(ids(text("0%i"))).as("a percent sign is no wildcard").isEmpty();
        assertThat(ids(text("\\ is"))).containsExactly("f-1");
        assertThat(ids(text("müller"))).containsExactly("f-1");
        assertThat(ids(text("POINTS_closed"))).containsExactly("f-2", "f-1");
        assertThat(ids(text("e-f-2"))).containsExactly("f-2");
        assertThat(ids(text("ORDER.PAID"))).containsExactly("f-2", "f-1");
        assertThat(ids(text("' or 1=1 --"))).isEmpty();
        assertThat(harness.operatorStore().count(text("is gone")).number()).isEqualTo(1);
    }

    @Test
    void aTextIsFoundFromTheMomentItIsWrittenUntilItIsGone() {
        Claim claim = owned();
        failed(claim, "f-1", "user-1", "the bank is closed", "fingerprint-1", RetryPolicy.DEFAULT);
        assertFound("bank is closed", "f-1");
        FailedExecution running = begun(claim, "f-1");
        store.change(
                running.id(),
                Compensation.failed(
                        running.retry().attempt(),
                        FailureReason.HANDLER_FAILED,
                        new ErrorDetails("POINTS_CLOSED", "the post office is closed", List.of(), List.of(), ""),
                        "fingerprint-1",
                        Recoverability.UNKNOWN,
                        "build-1"),
                List.of());
        assertFound("bank is closed");
        assertFound("office is closed", "f-1");
        store.change(running.id(), Compensation.skip("anna", "by hand"), List.of());
        assertFound("office is closed", "f-1");
        harness.advance(Duration.ofHours(2));
        store.prune(Duration.ofHours(1), 10);
        assertFound("office is closed");
    }

    /** Whether changes are folded or not must not show. */
    private void assertFound(String text, String... expected) {
        for (int folds = 0; folds < 3; folds++) {
            for (FailureSort sort : List.of(FailureSort.NEWEST, FailureSort.OLDEST)) {
                assertThat(harness.operatorStore().search(text(text), sort, null, 10))
                        .as("%s after %d folds", text, folds)
                        .extracting(failure -> failure.id().value())
                        .containsExactly(expected);
            }
            assertThat(harness.operatorStore().count(text(text)).number()).isEqualTo(expected.length);
            harness.operatorStore().foldGroups(100);
        }
    }

    @Test
    void countsAreThoseOfTheRecordsWhetherFoldedOrNot() {
        everyState();
        QueueCounts before = harness.operatorStore().counts();
        while (harness.operatorStore().foldGroups(2) > 0) {
            QueueCounts folding = harness.operatorStore().counts();
            assertThat(folding.failures()).isEqualTo(before.failures());
            assertThat(folding.needsOperator()).isEqualTo(before.needsOperator());
        }
    }

    @Test
    void recordsWithoutACauseAreCountedToo() {
        failed(owned(), "f-1", "user-1", "boom", "", SPENT);
        QueueCounts counts = harness.operatorStore().counts();
        assertThat(counts.failures().get(FailureQueue.ACTIVE)).isEqualTo(1);
        assertThat(counts.needsOperator().get(StopReason.EXHAUSTED)).isEqualTo(1);
        harness.operatorStore().foldGroups(100);
        assertThat(harness.operatorStore().counts().failures()).isEqualTo(counts.failures());
    }

    @Test
    void pagesStayPutWhileRecordsAreAddedAndChange() {
        Claim claim = owned();
        for (int i = 1; i <= 5; i++) {
            failed(claim, "f-" + i, "user-" + i, "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        }
        for (FailureSort sort : FailureSort.values()) {
            List<String> seen = new ArrayList<>();
            FailureCursor after = null;
            for (int page = 0; page < 3; page++) {
                List<FailedExecution> found = harness.operatorStore().search(FailureSearch.ALL, sort, after, 2);
                found.forEach(failure -> seen.add(failure.id().value()));
                after = FailureCursor.behind(found.getLast(), sort);
            }
            assertThat(seen)
                    .as("%s", sort)
                    .isEqualTo(
                            sort == FailureSort.NEWEST
                                    ? List.of("f-5", "f-4", "f-3", "f-2", "f-1")
                                    : List.of("f-1", "f-2", "f-3", "f-4", "f-5"));
            assertThat(harness.operatorStore().search(FailureSearch.ALL, sort, after, 2))
                    .isEmpty();
        }
    }

    @Test
    void aTextThatManyHaveIsReadPageByPage() {
        Claim claim = owned();
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 9; i++) {
            String message = i % 4 == 0 ? "open" : "closed for good";
            failed(claim, "f-" + i, "user-" + i, message, "fingerprint-1", RetryPolicy.DEFAULT);
            if (i % 4 != 0) {
                expected.add("f-" + i);
            }
            if (i == 5) {
                harness.operatorStore().foldGroups(100);
            }
        }
        FailureSearch search = text("for good");
        assertThat(pages(search, FailureSort.OLDEST)).isEqualTo(expected);
        assertThat(pages(search, FailureSort.NEWEST)).isEqualTo(expected.reversed());
        harness.operatorStore().foldGroups(100);
        assertThat(pages(search, FailureSort.OLDEST)).isEqualTo(expected);
        assertThat(pages(search, FailureSort.NEWEST)).isEqualTo(expected.reversed());
    }

    /** All that is found, two at a time. */
    private List<String> pages(FailureSearch search, FailureSort sort) {
        List<String> seen = new ArrayList<>();
        FailureCursor after = null;
        while (true) {
            List<FailedExecution> page = harness.operatorStore().search(search, sort, after, 2);
            if (page.isEmpty()) {
                return seen;
            }
            page.forEach(failure -> seen.add(failure.id().value()));
            after = FailureCursor.behind(page.getLast(), sort);
        }
    }

    @Test
    void whatFailedInAnHourIsFoundWhateverItsIdIs() {
        Claim claim = owned();
        failed(claim, "f-5", "user-1", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        failed(claim, "f-2", "user-2", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        harness.operatorStore().foldGroups(100);
        harness.advance(Duration.ofHours(3));
        Instant first = record(new FailureId("f-5")).firstFailedAt();
        failed(claim, "f-9", "user-3", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        failed(claim, "f-1", "user-4", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        Instant later = first.plus(Duration.ofHours(1));
        for (int folds = 0; folds < 2; folds++) {
            assertThat(ids(between(first, later))).containsExactly("f-5", "f-2");
            assertThat(ids(between(null, later))).containsExactly("f-5", "f-2");
            assertThat(ids(between(later, null))).containsExactly("f-9", "f-1");
            assertThat(ids(between(later, later.plus(Duration.ofHours(1))))).isEmpty();
            assertThat(ids(between(first.minus(Duration.ofDays(9)), first))).isEmpty();
            harness.operatorStore().foldGroups(100);
        }
    }

    @Test
    void whatIsNeverDueIsNotNext() {
        everyState();
        assertThat(harness.operatorStore().search(FailureSearch.ALL, FailureSort.NEXT, null, 10).stream()
                        .map(failure -> failure.id().value()))
                .containsExactlyInAnyOrder("f-9", "f-8", "f-4", "f-3");
    }

    @Test
    void listsHaveNoPayloads() {
        everyState();
        assertThat(harness.operatorStore().search(FailureSearch.ALL, FailureSort.NEWEST, null, 10))
                .hasSize(9)
                .allSatisfy(failure -> assertThat(failure.event().data()).isNull());
    }

    /**
     * A record in every state, told apart by its number: 1 skipped, 2 handled, 3 running, 4 lost, 5 spent, 6 unrecoverable,
     * 7 switched off, 8 due, 9 scheduled.
     */
    private void everyState() {
        join(NODE, processor(POINTS, 2, PAID));
        List<Claim> claims = store.takeOver(NODE, POINTS, Set.of(PAID), 2).stream()
                .map(taken -> taken.claim())
                .toList();
        Claim claim = claims.get(0);
        failed(claim, "f-1", "user-1", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        store.change(new FailureId("f-1"), Compensation.skip("anna", "by hand"), List.of());
        handled(claim, failed(claim, "f-2", "user-2", "boom", "fingerprint-1", RetryPolicy.DEFAULT));
        handled(claim, failed(claim, "f-3", "user-3", "boom", "fingerprint-1", RetryPolicy.DEFAULT), false);
        lost(claims.get(1), "f-4");
        failed(claim, "f-5", "user-5", "boom", "fingerprint-1", SPENT);
        failed(claim, "f-6", "user-6", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        store.change(
                new FailureId("f-6"),
                Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", null),
                List.of());
        failed(claim, "f-7", "user-7", "boom", "fingerprint-1", OFF);
        failed(claim, "f-8", "user-8", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
        store.change(new FailureId("f-8"), Compensation.request(false, "anna", null), List.of());
        failed(claim, "f-9", "user-9", "boom", "fingerprint-1", RetryPolicy.DEFAULT);
    }

    private FailureId handled(Claim claim, FailureId id) {
        return handled(claim, id, true);
    }

    private FailureId handled(Claim claim, FailureId id, boolean ended) {
        store.change(id, Compensation.request(false, "anna", null), List.of());
        FailedExecution prepared = claimDue(claim).prepared().stream()
                .filter(record -> record.id().equals(id))
                .findFirst()
                .orElseThrow();
        if (ended) {
            store.change(id, Compensation.succeeded(prepared.retry().attempt()), List.of());
        }
        return id;
    }

    /** Its attempt began, and then its slot got another fence. */
    private void lost(Claim claim, String id) {
        StoredEvent event = stored("e-" + id).getFirst();
        positions.put(claim, event.position());
        assertThat(store.recordFailure(fromSlot(claim, 0, event.position()), failure(id, claim, event, "user-4", true)))
                .isTrue();
        assertThat(store.reclaim(NODE, claim)).isPresent();
    }

    private final Map<Claim, Long> positions = new java.util.HashMap<>();

    private FailedExecution begun(Claim claim, String id) {
        store.change(new FailureId(id), Compensation.request(true, "anna", null), List.of());
        return claimDue(claim).prepared().getFirst();
    }

    private FailureId failed(
            Claim claim, String id, String laneKey, String message, String fingerprint, RetryPolicy policy) {
        StoredEvent event = stored("e-" + id).getFirst();
        long before = positions.getOrDefault(claim, 0L);
        positions.put(claim, event.position());
        NewFailure failure = new NewFailure(
                new FailureId(id),
                event.event(),
                event.position(),
                POINTS,
                claim.slot().number(),
                laneKey,
                false,
                "on-" + PAID,
                FailureReason.HANDLER_FAILED,
                new ErrorDetails("POINTS_CLOSED", message, List.of(), List.of(), ""),
                fingerprint,
                policy,
                false,
                Duration.ofSeconds(1),
                BACKOFF,
                Recoverability.UNKNOWN,
                "tenant-1",
                NODE,
                "build-1",
                claim.fence());
        assertThat(store.recordFailure(fromSlot(claim, before, event.position()), failure))
                .isTrue();
        return failure.id();
    }

    private List<String> ids(FailureSearch search) {
        List<String> found = harness.operatorStore().search(search, FailureSort.NEWEST, null, 100).stream()
                .map(failure -> failure.id().value())
                .toList();
        assertThat(harness.operatorStore().count(search).number()).isEqualTo(found.size());
        return found;
    }

    private static FailureSearch search(Set<FailureQueue> queues, @Nullable String text) {
        return new FailureSearch(queues, null, null, new TreeMap<>(), null, null, text);
    }

    private static FailureSearch text(String text) {
        return search(Set.of(), text);
    }

    private static FailureSearch exact(FailureField field, String value) {
        return new FailureSearch(Set.of(), null, null, new TreeMap<>(Map.of(field, value)), null, null, null);
    }

    private static FailureSearch between(@Nullable Instant from, @Nullable Instant to) {
        return new FailureSearch(Set.of(), null, null, new TreeMap<>(), from, to, null);
    }
}
