package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.NewFailure;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.GroupSearch;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.QueueCounts;
import io.amends.core.store.Claim;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.ProcessorRegistration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three processors with three failures each, and somebody who may know of some of them. */
abstract class ScopeContract extends ContractStage {
    private static final List<String> PROCESSORS = List.of("mail_1", "mails", POINTS);

    @BeforeEach
    void failEverywhere() {
        List<StoredEvent> events = stored("e1", "e2", "e3");
        join(NODE, PROCESSORS.stream().map(name -> processor(name, 1, PAID)).toArray(ProcessorRegistration[]::new));
        for (String name : PROCESSORS) {
            Claim claim = store.takeOver(NODE, name, Set.of(PAID), 1).getFirst().claim();
            for (StoredEvent event : events) {
                assertThat(store.recordFailure(
                                fromSlot(claim, event.position() - 1, event.position()), failure(claim, event, name)))
                        .isTrue();
            }
        }
    }

    private static NewFailure failure(Claim claim, StoredEvent event, String processor) {
        return new NewFailure(
                new FailureId(processor + "-" + event.position()),
                event.event(),
                event.position(),
                processor,
                claim.slot().number(),
                "user-" + event.position(),
                false,
                "on-" + PAID,
                FailureReason.HANDLER_FAILED,
                ERROR,
                "cause-of-" + processor,
                RetryPolicy.DEFAULT,
                false,
                Duration.ofSeconds(1),
                BACKOFF,
                Recoverability.UNKNOWN,
                null,
                NODE,
                "build-1",
                claim.fence());
    }

    private static Map<ProcessorScope, List<String>> scopes() {
        return Map.of(
                ProcessorScope.ALL,
                PROCESSORS,
                ProcessorScope.of(List.of("mails")),
                List.of("mails"),
                ProcessorScope.of(List.of("mail*")),
                List.of("mail_1", "mails"),
                // no pattern of SQL
                ProcessorScope.of(List.of("mail_*")),
                List.of("mail_1"),
                ProcessorScope.of(List.of("mail%*", "m\\*")),
                List.of(),
                ProcessorScope.of(List.of("mails", "poi*")),
                List.of("mails", POINTS),
                ProcessorScope.of(List.of("mails", POINTS)),
                List.of("mails", POINTS),
                ProcessorScope.of(List.of()),
                List.of());
    }

    /** Whoever may see the oldest only gets a full page of them, whatever is newer. */
    @Test
    void pagesOfRecordsAreFull() {
        scopes().forEach((scope, seen) -> {
            FailureSearch search = FailureSearch.in(FailureQueue.ACTIVE).within(scope);
            for (FailureSort sort : FailureSort.values()) {
                assertThat(harness.operatorStore().search(search, sort, null, 3))
                        .as("%s %s", scope, sort)
                        .hasSize(seen.isEmpty() ? 0 : 3)
                        .allSatisfy(failure -> assertThat(seen).contains(failure.processor()));
            }
            assertThat(harness.operatorStore().search(search, FailureSort.NEWEST, null, 100))
                    .hasSize(3 * seen.size());
            assertThat(harness.operatorStore().count(search).number()).isEqualTo(3L * seen.size());
        });
    }

    @Test
    void aTextIsLookedForInTheScope() {
        for (boolean folded : List.of(false, true)) {
            scopes().forEach((scope, seen) -> assertThat(harness.operatorStore()
                            .search(
                                    new FailureSearch(Set.of(), null, null, new TreeMap<>(), null, null, "closed")
                                            .within(scope),
                                    FailureSort.NEWEST,
                                    null,
                                    2))
                    .as("%s, folded: %s", scope, folded)
                    .hasSize(seen.isEmpty() ? 0 : 2)
                    .allSatisfy(failure -> assertThat(seen).contains(failure.processor())));
            harness.operatorStore().foldGroups(100);
        }
    }

    @Test
    void pagesOfGroupsAndLanesAreFull() {
        scopes().forEach((scope, seen) -> {
            assertThat(harness.operatorStore()
                            .groups(new GroupSearch(null, true, true, GroupSearch.Sort.NEWEST, scope), seen.size() + 1))
                    .as("%s", scope)
                    .extracting(FailureGroup::processor)
                    .containsExactlyInAnyOrderElementsOf(seen);
            assertThat(harness.operatorStore().blockedLanes(null, scope, null, 3))
                    .as("%s", scope)
                    .hasSize(seen.isEmpty() ? 0 : 3)
                    .allSatisfy(lane -> assertThat(seen).contains(lane.processor()));
            assertThat(harness.operatorStore().blockedLanes("mails", scope, null, 10))
                    .as("%s", scope)
                    .extracting(LaneSummary::processor)
                    .hasSize(seen.contains("mails") ? 3 : 0);
        });
    }

    @Test
    void pagesOfTheAuditAndOfBatchesAreFull() {
        for (String processor : List.of("mail_1", "mails", POINTS, "")) {
            String about = processor.isEmpty() ? null : processor;
            harness.operatorStore()
                    .begin(new AuditEntry("x", "anna", null, about, null, null, null, new TreeMap<>()), null);
            harness.operatorStore()
                    .planBatch(new BatchPlan.Draft(
                            "b-" + processor,
                            new FailureCommand.Prepare(false),
                            FailureSearch.ALL,
                            about == null ? new TreeMap<>() : new TreeMap<>(Map.of("processor", about)),
                            "anna",
                            null));
            harness.operatorStore().changeBatch("b-" + processor, BatchDecision.start(Batch.Pace.DEFAULT));
        }
        scopes().forEach((scope, seen) -> {
            int most = seen.size() + (scope.isAll() ? 1 : 0);
            assertThat(harness.operatorStore()
                            .audit(new AuditSearch(null, "x", null, null, null, null, null, scope), null, most + 1))
                    .as("%s", scope)
                    .hasSize(most)
                    .allSatisfy(line -> assertThat(scope.isAll()
                                    || seen.contains(String.valueOf(line.entry().processor())))
                            .isTrue());
            assertThat(harness.operatorStore().batches(scope, null, most + 1))
                    .as("%s", scope)
                    .hasSize(most)
                    .allSatisfy(batch -> assertThat(scope.isAll()
                                    || seen.contains(
                                            String.valueOf(batch.filter().get("processor"))))
                            .isTrue());
        });
    }

    @Test
    void countsAreThoseOfTheScope() {
        store.change(new FailureId("mails-1"), Compensation.skip("anna", "by hand"), List.of());
        store.change(
                new FailureId("mail_1-1"),
                Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", null),
                List.of());
        store.pauseLane(new LaneCommand("mails", "user-2", "anna", null, null));
        for (boolean folded : List.of(false, true)) {
            QueueCounts mails = harness.operatorStore().counts(ProcessorScope.of(List.of("mails")));
            assertThat(mails.failures())
                    .as("folded: %s", folded)
                    .containsEntry(FailureQueue.ACTIVE, 2L)
                    .containsEntry(FailureQueue.SCHEDULED, 2L)
                    .containsEntry(FailureQueue.SKIPPED, 1L)
                    .containsEntry(FailureQueue.NEEDS_OPERATOR, 0L);
            assertThat(mails.failedLanes()).isEqualTo(1);
            scopes().forEach((scope, seen) -> {
                QueueCounts counts = harness.operatorStore().counts(scope);
                for (FailureQueue queue : QueueCounts.QUEUES) {
                    assertThat(counts.failures().get(queue))
                            .as("%s of %s", queue, scope)
                            .isEqualTo(harness.operatorStore()
                                    .count(FailureSearch.in(queue).within(scope))
                                    .number());
                }
                assertThat(counts.blockedLanes())
                        .as("%s", scope)
                        .isEqualTo(harness.operatorStore()
                                .blockedLanes(null, scope, null, 100)
                                .size());
            });
            harness.operatorStore().foldGroups(100);
        }
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);
        assertThat(harness.operatorStore()
                        .counts(ProcessorScope.of(List.of("mails")))
                        .failures())
                .containsEntry(FailureQueue.DUE, 2L)
                .containsEntry(FailureQueue.SCHEDULED, 0L);
    }
}
