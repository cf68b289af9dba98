package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.Attempt;
import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.define.ErrorRules;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.define.HandlerFunction;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.failure.Status;
import io.amends.core.lane.LaneKey;
import io.amends.core.observe.EngineListener;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchOutcomes;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.BatchSkip;
import io.amends.core.operate.BatchStep;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.store.Claim;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.ParkResult;
import io.amends.testkit.time.VirtualClock;
import io.amends.testkit.time.VirtualConductor;
import io.amends.testkit.time.VirtualLoop;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class BatchContract extends ContractStage {
    private static final Batch.Pace ALL_AT_ONCE = new Batch.Pace(0, 0, 10_000, 1000, 100);
    private static final RetryPolicy RENAMED =
            new RetryPolicy(true, 3, Duration.ofSeconds(5), Duration.ofSeconds(9), Duration.ZERO, 0);
    private static final FailureCommand RETRY = new FailureCommand.Prepare(false);

    private final VirtualClock clock = new VirtualClock();
    private final VirtualLoop loop = new VirtualLoop(clock, 1);
    private Operations operations;
    private BatchStep runner;
    private Claim claim;
    private long position;

    @BeforeEach
    void prepareRunner() {
        VirtualConductor conductor = loop.conductor("runner");
        operations = new Operations(
                store,
                List.of(processor()),
                (processor, event) -> new LaneKey(0, event.key(), null),
                conductor,
                EngineListener.NONE,
                () -> {});
        runner = runner(harness.operatorStore());
        claim = owned();
    }

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    @Test
    void aPlanFreezesWhatMatchesNowAndSaysWhatWillNotRun() {
        fail(3);
        failed("f-spent", 0);
        failed("f-done", 10);
        store.change(new FailureId("f-done"), Compensation.skip("anna", "by hand"), List.of());
        store.change(
                new FailureId("f-0002"),
                Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", null),
                List.of());
        BatchPlan plan = plan("b-1", RETRY, FailureSearch.ALL);
        failed("f-later", 10);

        assertThat(plan.willNotRun())
                .isEqualTo(new TreeMap<>(
                        Map.of(BatchSkip.ALREADY_DONE, 1, BatchSkip.RETRIES_SPENT, 1, BatchSkip.UNRECOVERABLE, 1)));
        assertThat(plan.batch().state()).isEqualTo(Batch.State.PLANNED);
        assertThat(plan.batch().numbers()).isEqualTo(new Batch.Numbers(5, 5, 0, 0, 0, 0));
        assertThat(plan.batch().command()).isEqualTo(RETRY);
        assertThat(plan.batch().filter()).isEqualTo(new TreeMap<>(Map.of("state", "all")));
        assertThat(harness.operatorStore().items("b-1", null, 0, 10))
                .extracting(item -> item.failure().value())
                .containsExactly("f-0001", "f-0002", "f-0003", "f-done", "f-spent");
        assertThat(harness.operatorStore().batches(ProcessorScope.ALL, null, 10))
                .as("only planned")
                .isEmpty();
    }

    @Test
    void aPlanSaysWhichLanesArePaused() {
        failed("f-001", 10);
        String lane = String.valueOf(record(new FailureId("f-001")).laneKey());
        store.pauseLane(new LaneCommand(POINTS, lane, "anna", null, null));
        assertThat(plan("b-1", RETRY, FailureSearch.ALL).willNotRun())
                .isEqualTo(new TreeMap<>(Map.of(BatchSkip.LANE_PAUSED, 1)));
    }

    @Test
    void aPlanSaysHowManyEventsGoOnBehindWhatItRuns() {
        fail(2);
        failed("f-spent", 0);
        failed("f-held", 10);
        for (String lane : List.of("user-f-0001", "user-f-0001", "user-f-spent", "user-f-held")) {
            follow(lane);
        }
        store.pauseLane(new LaneCommand(POINTS, "user-f-held", "anna", null, null));

        assertThat(plan("b-1", RETRY, FailureSearch.ALL).followers()).isEqualTo(2);
        assertThat(plan("b-2", new FailureCommand.Prepare(true), FailureSearch.ALL)
                        .followers())
                .as("also behind what has spent its retries, but not in a lane that is paused")
                .isEqualTo(3);
        assertThat(plan("b-3", new FailureCommand.Mark(Recoverability.UNRECOVERABLE), FailureSearch.ALL)
                        .followers())
                .as("a mark ends nothing")
                .isZero();
    }

    @Test
    void aBatchRunsToItsEndAndCountsWhatBecameOfEachItem() {
        fail(6);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", ALL_AT_ONCE);
        store.change(new FailureId("f-0001"), Compensation.skip("anna", "by hand"), List.of());
        failed("f-later", 10);

        runUntilDone("b-1", record -> record.id().value().equals("f-0003"));

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(6, 0, 0, 4, 1, 1));
        assertThat(harness.operatorStore().items("b-1", Batch.ItemState.SKIPPED, 0, 10))
                .extracting(Batch.Item::code)
                .containsExactly("already-done");
        assertThat(harness.operatorStore().items("b-1", Batch.ItemState.FAILED_AGAIN, 0, 10))
                .extracting(Batch.Item::code)
                .containsExactly("POINTS_CLOSED");
        assertThat(harness.operatorStore().outcomes("b-1"))
                .isEqualTo(new BatchOutcomes(
                        new TreeMap<>(Map.of("POINTS_CLOSED", 1)), new TreeMap<>(Map.of("already-done", 1))));
        assertThat(record(new FailureId("f-later")).retry().attempt())
                .as("outside the frozen set")
                .isEqualTo(1);
        assertThat(harness.operatorStore().batches(ProcessorScope.ALL, null, 10))
                .extracting(Batch::id)
                .containsExactly("b-1");
        assertThat(batch("b-1").endedAt()).isNotNull();
        assertThat(harness.operatorStore().takeBatches(NODE, Duration.ofSeconds(10)))
                .isEmpty();
    }

    @Test
    void aCanaryThatFailsPausesTheBatchAndAnotherOneLetsItGoOn() {
        fail(20);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(4, 75, 10_000, 1000, 100));

        runUntil("b-1", Batch.State.PAUSED, record -> true);
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(20, 16, 0, 0, 4, 0));
        assertThat(batch("b-1").stopped())
                .isEqualTo(new Batch.Stop(Batch.Stop.RULE, Batch.StopCode.CANARY_FAILED, null, 4, 4));

        change("b-1", BatchDecision.resume());
        assertThat(batch("b-1").state()).isEqualTo(Batch.State.CANARY);
        runUntilDone("b-1", record -> false);
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(20, 0, 0, 16, 4, 0));
    }

    /** What was skipped says nothing of the handler: without another canary the whole batch would run untried. */
    @Test
    void aCanaryOfWhichNothingRanIsFollowedByAnother() {
        fail(20);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        for (int i = 1; i <= 9; i++) {
            store.change(new FailureId("f-%04d".formatted(i)), Compensation.skip("anna", "by hand"), List.of());
        }
        start("b-1", new Batch.Pace(4, 75, 10_000, 1000, 100));

        runUntil("b-1", Batch.State.PAUSED, record -> true);

        assertThat(numbers("b-1"))
                .as("the third canary is the first with outcomes")
                .isEqualTo(new Batch.Numbers(20, 8, 0, 0, 3, 9));
        assertThat(batch("b-1").stopped())
                .isEqualTo(new Batch.Stop(Batch.Stop.RULE, Batch.StopCode.CANARY_FAILED, null, 3, 3));
        change("b-1", BatchDecision.resume());
        runUntilDone("b-1", record -> false);
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(20, 0, 0, 8, 3, 9));
    }

    @Test
    void aBatchOfWhichEverythingIsSkippedEndsInItsCanary() {
        fail(6);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        for (int i = 1; i <= 6; i++) {
            store.change(new FailureId("f-%04d".formatted(i)), Compensation.skip("anna", "by hand"), List.of());
        }
        start("b-1", new Batch.Pace(4, 75, 10_000, 1000, 100));

        runUntilDone("b-1", record -> true);

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(6, 0, 0, 0, 0, 6));
        assertThat(batch("b-1").canaryPassed()).isFalse();
    }

    /** A pace that asks for a smaller canary, or none, while it runs must neither hang nor forget what has begun. */
    @Test
    void aCanaryThatIsTakenAwayLetsTheBatchGoOn() {
        fail(10);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(4, 75, 10_000, 2, 100));
        tick();
        tick();
        change("b-1", BatchDecision.pace(new Batch.Pace(0, 75, 10_000, 1000, 100)));

        runUntilDone("b-1", record -> false);

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(10, 0, 0, 10, 0, 0));
    }

    @Test
    void aBatchPausesWhenTooManyFail() {
        fail(40);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(0, 0, 10_000, 5, 20));
        int[] runs = new int[1];
        runUntil("b-1", Batch.State.PAUSED, record -> runs[0]++ % 10 < 3);
        Batch.Numbers paused = numbers("b-1");
        assertThat(paused.waiting()).isPositive();
        assertThat(batch("b-1").stopped()).isNotNull();
        change("b-1", BatchDecision.resume());
        runUntilDone("b-1", record -> false);
        assertThat(numbers("b-1").handled()).isEqualTo(40 - numbers("b-1").failedAgain());
        assertThat(numbers("b-1").waiting() + numbers("b-1").running()).isZero();
    }

    @Test
    void noMoreItemsRunThanAreAllowedInFlight() {
        fail(12);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(0, 0, 10_000, 5, 100));
        tick();
        tick();
        assertThat(numbers("b-1").running()).isEqualTo(5);
        tick();
        assertThat(numbers("b-1").running()).isEqualTo(5);
        handle(record -> false);
        tick();
        assertThat(numbers("b-1").running()).isEqualTo(5);
        assertThat(numbers("b-1").handled()).isEqualTo(5);
    }

    @Test
    void aBatchGoesOnWithAnotherNodeWhenItsOwnDies() {
        fail(10);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(0, 0, 10_000, 4, 100));
        harness.operatorStore().takeBatches("dead", Duration.ofSeconds(10));
        assertThat(harness.operatorStore().beginItems("b-1", "dead", 4)).isEqualTo(4);
        // it died after one command of four
        Batch.Begun first =
                harness.operatorStore().uncommanded("b-1", "dead", 1).getFirst();
        operations.prepare(first.failure(), "anna", null);

        tick();
        assertThat(numbers("b-1").running()).as("its lease holds").isEqualTo(4);
        assertThat(harness.operatorStore().beginItems("b-1", NODE, 4)).isZero();
        assertThat(harness.operatorStore().uncommanded("b-1", NODE, 4)).isEmpty();
        harness.advance(Duration.ofSeconds(11));
        store.heartbeat(NODE, LEASE);
        runUntilDone("b-1", record -> false);

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(10, 0, 0, 10, 0, 0));
        assertThat(harness.operatorStore().beginItems("b-1", "dead", 4)).isZero();
        for (int i = 1; i <= 10; i++) {
            assertThat(record(new FailureId("f-%04d".formatted(i))).retry().attempt())
                    .as("run once")
                    .isEqualTo(2);
        }
    }

    @Test
    void whatAnotherNodeDidMeanwhileIsNeitherRepeatedNorSkipped() {
        fail(4);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(0, 0, 10_000, 4, 100));
        harness.operatorStore().takeBatches("other", Duration.ofSeconds(10));
        assertThat(harness.operatorStore().beginItems("b-1", "other", 4)).isEqualTo(4);
        // it was too slow for its lease, and gives its commands just when this one has seen that nobody did
        List<Batch.Begun> begun = harness.operatorStore().uncommanded("b-1", "other", 4);
        harness.advance(Duration.ofSeconds(11));
        store.heartbeat(NODE, LEASE);
        BatchStep late = runner(afterReading(() -> {
            begun.forEach(item -> operations.prepare(item.failure(), "anna", null));
            handle(record -> record.id().value().equals("f-0002"));
        }));
        late.run();
        runUntilDone("b-1", record -> false);

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(4, 0, 0, 3, 1, 0));
        for (int i = 1; i <= 4; i++) {
            assertThat(record(new FailureId("f-%04d".formatted(i))).retry().attempt())
                    .as("run once")
                    .isEqualTo(2);
        }
    }

    @Test
    void whatADeadNodeCommandedCountsAsHandled() {
        fail(4);
        plan("b-1", new FailureCommand.Skip(), FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(0, 0, 10_000, 4, 100));
        harness.operatorStore().takeBatches("dead", Duration.ofSeconds(10));
        assertThat(harness.operatorStore().beginItems("b-1", "dead", 4)).isEqualTo(4);
        // it died after two commands of four, with no outcome written; a person was quicker with the third
        operations.skip(new FailureId("f-0001"), "anna", "batch b-1: INC-1");
        operations.skip(new FailureId("f-0002"), "anna", "batch b-1: INC-1");
        operations.skip(new FailureId("f-0003"), "anna", "by hand");
        harness.advance(Duration.ofSeconds(11));
        store.heartbeat(NODE, LEASE);
        runUntilDone("b-1", record -> false);

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(4, 0, 0, 3, 0, 1));
        assertThat(harness.operatorStore().items("b-1", Batch.ItemState.SKIPPED, 0, 10))
                .extracting(item -> item.failure() + " " + item.code())
                .containsExactly("f-0003 already-done");
    }

    @Test
    void aNodeGivesNoCommandsBeyondItsLease() {
        fail(3);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(0, 0, 10_000, 3, 100));
        harness.operatorStore().takeBatches(NODE, Duration.ofSeconds(10));
        assertThat(harness.operatorStore().beginItems("b-1", NODE, 3)).isEqualTo(3);

        runner(afterReading(() -> clock.advance(Duration.ofSeconds(10)))).run();

        assertThat(harness.operatorStore().uncommanded("b-1", NODE, 10)).hasSize(3);
        runUntilDone("b-1", record -> false);
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(3, 0, 0, 3, 0, 0));
    }

    @Test
    void aCancelledBatchBeginsNothingMore() {
        fail(10);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", new Batch.Pace(0, 0, 10_000, 3, 100));
        tick();
        tick();
        change("b-1", BatchDecision.cancel(Batch.Stop.byPerson("anna", "wrong cause")));
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(10, 0, 3, 0, 0, 7));
        handle(record -> false);
        tick();
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(10, 0, 0, 3, 0, 7));
        assertThat(batch("b-1").state()).isEqualTo(Batch.State.CANCELLED);
        assertThat(harness.operatorStore().outcomes("b-1"))
                .isEqualTo(new BatchOutcomes(new TreeMap<>(), new TreeMap<>(Map.of("cancelled", 7))));
        assertThat(harness.operatorStore().changeBatch("b-1", BatchDecision.resume()))
                .isInstanceOf(BatchDecision.Result.Refuse.class);
        assertThat(harness.operatorStore().changeBatch("none", BatchDecision.resume()))
                .isInstanceOf(BatchDecision.Result.Refuse.class);
    }

    @Test
    void otherCommandsEndAtOnce() {
        fail(4);
        store.change(new FailureId("f-0002"), Compensation.skip("anna", "by hand"), List.of());
        plan("b-1", new FailureCommand.Mark(Recoverability.UNRECOVERABLE), FailureSearch.ALL);
        start("b-1", ALL_AT_ONCE);
        runUntilDone("b-1", record -> false);
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(4, 0, 0, 3, 0, 1));
        assertThat(record(new FailureId("f-0001")).recoverability()).isEqualTo(Recoverability.UNRECOVERABLE);

        plan("b-2", new FailureCommand.Skip(), FailureSearch.in(FailureQueue.ACTIVE));
        start("b-2", ALL_AT_ONCE);
        runUntilDone("b-2", record -> false);
        assertThat(numbers("b-2")).isEqualTo(new Batch.Numbers(3, 0, 0, 3, 0, 0));
        assertThat(record(new FailureId("f-0001")).status()).isEqualTo(Status.SKIPPED);
    }

    @Test
    void aRedirectMovesWhatItsFunctionTakes() {
        fail(3);
        store.change(new FailureId("f-0002"), Compensation.skip("anna", "by hand"), List.of());

        BatchPlan plan = plan("b-1", new FailureCommand.Redirect("renamed"), FailureSearch.ALL);
        start("b-1", ALL_AT_ONCE);
        runUntilDone("b-1", record -> false);

        assertThat(plan.willNotRun()).isEqualTo(new TreeMap<>(Map.of(BatchSkip.ALREADY_DONE, 1)));
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(3, 0, 0, 2, 0, 1));
        assertThat(record(new FailureId("f-0001")).function()).isEqualTo("renamed");
        assertThat(record(new FailureId("f-0001")).policy()).isEqualTo(RENAMED);
        assertThat(record(new FailureId("f-0002")).function()).isEqualTo("on-" + PAID);
        assertThat(batch("b-1").command()).isEqualTo(new FailureCommand.Redirect("renamed"));
    }

    /** It would decode one event type as another. */
    @Test
    void aRedirectLeavesWhatItsFunctionDoesNotTake() {
        fail(3);
        for (String function : List.of("of-another-type", "unknown")) {
            BatchPlan plan = plan(function, new FailureCommand.Redirect(function), FailureSearch.ALL);
            start(function, ALL_AT_ONCE);
            runUntilDone(function, record -> false);

            assertThat(plan.willNotRun()).isEqualTo(new TreeMap<>(Map.of(BatchSkip.UNKNOWN_FUNCTION, 3)));
            assertThat(numbers(function)).isEqualTo(new Batch.Numbers(3, 0, 0, 0, 0, 3));
            assertThat(harness.operatorStore().items(function, null, 0, 10))
                    .extracting(Batch.Item::code)
                    .containsOnly("unknown-function");
            assertThat(record(new FailureId("f-0001")).function()).isEqualTo("on-" + PAID);
        }
    }

    @Test
    void aChangeOfTheRetrySpecLeavesTheValuesThatItDoesNotName() {
        fail(2);
        failed("f-spent", 0);
        store.change(new FailureId("f-0002"), Compensation.skip("anna", "by hand"), List.of());
        RetryPolicy before = record(new FailureId("f-0001")).policy();
        RetryPolicyChange change = new RetryPolicyChange(null, 4, Duration.ofSeconds(7), null, null, null);

        plan("b-1", new FailureCommand.ApplyRetrySpec(change), FailureSearch.ALL);
        start("b-1", ALL_AT_ONCE);
        runUntilDone("b-1", record -> false);

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(3, 0, 0, 2, 0, 1));
        assertThat(batch("b-1").command()).isEqualTo(new FailureCommand.ApplyRetrySpec(change));
        FailedExecution changed = record(new FailureId("f-0001"));
        assertThat(changed.policy()).isEqualTo(change.over(before));
        assertThat(changed.policy().executionTimeout()).isEqualTo(before.executionTimeout());
        assertThat(changed.retry().nextRetryAt())
                .isEqualTo(changed.retry().retryAt().plusSeconds(7));
        assertThat(record(new FailureId("f-spent")).dueAt()).as("spent no more").isNotNull();
        assertThat(record(new FailureId("f-0002")).policy()).isEqualTo(before);
        assertThat(store.history(new FailureId("f-0001")).getLast().reason()).isEqualTo("batch b-1: INC-1");
    }

    @Test
    void plansThatAreNotStartedAndBatchesThatEndedAreForgotten() {
        fail(1);
        plan("b-1", RETRY, FailureSearch.ALL);
        plan("b-2", RETRY, FailureSearch.ALL);
        start("b-2", ALL_AT_ONCE);
        harness.advance(Duration.ofHours(2));
        assertThat(harness.operatorStore().pruneBatches(Duration.ofHours(1), 10))
                .isEqualTo(1);
        assertThat(harness.operatorStore().batch("b-1")).isEmpty();
        assertThat(harness.operatorStore().items("b-1", null, 0, 10)).isEmpty();
        change("b-2", BatchDecision.cancel(Batch.Stop.byPerson("anna", "x")));
        harness.advance(Duration.ofHours(2));
        assertThat(harness.operatorStore().pruneBatches(Duration.ofHours(1), 10))
                .isEqualTo(1);
        assertThat(harness.operatorStore().batch("b-2")).isEmpty();
    }

    @Test
    void itemsKeepTheirPlacesHoweverManyThereAre() {
        fail(1050);
        plan("b-1", RETRY, FailureSearch.in(FailureQueue.ACTIVE));
        start("b-1", ALL_AT_ONCE);
        harness.operatorStore().takeBatches(NODE, Duration.ofSeconds(10));
        assertThat(harness.operatorStore().beginItems("b-1", NODE, 990)).isEqualTo(990);
        assertThat(harness.operatorStore().beginItems("b-1", NODE, 20)).isEqualTo(20);

        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(1050, 40, 1010, 0, 0, 0));
        assertThat(places(null, 0))
                .isEqualTo(IntStream.rangeClosed(1, 1050).boxed().toList());
        assertThat(places(Batch.ItemState.RUNNING, 985))
                .isEqualTo(IntStream.rangeClosed(986, 1010).boxed().toList());
        assertThat(places(Batch.ItemState.WAITING, 0))
                .isEqualTo(IntStream.rangeClosed(1011, 1050).boxed().toList());
        assertThat(places(Batch.ItemState.WAITING, 1030))
                .isEqualTo(IntStream.rangeClosed(1031, 1050).boxed().toList());
        assertThat(harness.operatorStore().items("b-1", null, 1009, 2))
                .extracting(item -> item.n() + " " + item.failure())
                .containsExactly("1010 f-1010", "1011 f-1011");

        change("b-1", BatchDecision.cancel(Batch.Stop.byPerson("anna", "wrong ones")));
        assertThat(numbers("b-1")).isEqualTo(new Batch.Numbers(1050, 0, 1010, 0, 0, 40));
        assertThat(places(Batch.ItemState.WAITING, 0)).isEmpty();
        assertThat(places(Batch.ItemState.SKIPPED, 0))
                .isEqualTo(IntStream.rangeClosed(1011, 1050).boxed().toList());
        assertThat(harness.operatorStore().items("b-1", Batch.ItemState.SKIPPED, 0, 1))
                .extracting(Batch.Item::code)
                .containsExactly("cancelled");
    }

    private static ProcessorDefinition processor() {
        return new ProcessorDefinition(
                POINTS,
                Order.KEY,
                OnFailure.PARK_KEY,
                List.of(),
                1,
                1,
                1,
                StartFrom.EARLIEST,
                List.of(),
                List.of(),
                List.of(function("renamed", PAID), function("of-another-type", "order.cancelled")));
    }

    private static FunctionDefinition function(String name, String type) {
        return new FunctionDefinition(
                name,
                List.of(type),
                new HandlerFunction() {
                    @Override
                    public Object decode(EventEnvelope event) {
                        return event;
                    }

                    @Override
                    public Object invoke(List<HandledEvent> events, Attempt attempt) {
                        throw new IllegalStateException("nothing is handled here");
                    }
                },
                false,
                Effects.DATABASE,
                RENAMED,
                ErrorRules.NONE,
                List.of());
    }

    private BatchStep runner(OperatorStore operatorStore) {
        return new BatchStep(operatorStore, operations, loop.conductor("runner"), NODE);
    }

    /** The store, with something that happens when it has said which items have no command. */
    private OperatorStore afterReading(Runnable event) {
        OperatorStore real = harness.operatorStore();
        return (OperatorStore) Proxy.newProxyInstance(
                OperatorStore.class.getClassLoader(),
                new Class<?>[] {OperatorStore.class},
                (proxy, method, arguments) -> {
                    Object answer = method.invoke(real, arguments);
                    if (method.getName().equals("uncommanded")) {
                        event.run();
                    }
                    return answer;
                });
    }

    /** Read in pages of 7. */
    private List<Integer> places(Batch.@Nullable ItemState state, int after) {
        List<Integer> places = new ArrayList<>();
        List<Batch.Item> page;
        do {
            page = harness.operatorStore().items("b-1", state, places.isEmpty() ? after : places.getLast(), 7);
            page.forEach(item -> places.add(item.n()));
        } while (!page.isEmpty());
        return places;
    }

    private BatchPlan plan(String id, FailureCommand command, FailureSearch search) {
        return harness.operatorStore()
                .planBatch(new BatchPlan.Draft(
                        id,
                        command,
                        search,
                        new TreeMap<>(Map.of("state", "all")),
                        "anna",
                        "INC-1",
                        command instanceof FailureCommand.Redirect redirect
                                ? operations.typesOf(redirect.function())
                                : Collections.emptySortedMap()));
    }

    private void start(String id, Batch.Pace pace) {
        change(id, BatchDecision.start(pace));
    }

    private void change(String id, BatchDecision decision) {
        assertThat(harness.operatorStore().changeBatch(id, decision)).isInstanceOf(BatchDecision.Result.Write.class);
    }

    private Batch batch(String id) {
        return harness.operatorStore().batch(id).orElseThrow();
    }

    private Batch.Numbers numbers(String id) {
        return batch(id).numbers();
    }

    private void tick() {
        clock.advance(Duration.ofMillis(100));
        runner.run();
    }

    /** The engine's part: prepares what is due, and ends it. */
    private void handle(Predicate<FailedExecution> fails) {
        DueBatch due = store.claimDue(
                new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of(PAID), false, 100), prepare());
        for (FailedExecution running : due.prepared()) {
            int attempt = running.retry().attempt();
            store.change(
                    running.id(),
                    fails.test(running)
                            ? Compensation.failed(
                                    attempt,
                                    FailureReason.HANDLER_FAILED,
                                    ERROR,
                                    "v1:aaaaaaaaaaaa",
                                    Recoverability.UNKNOWN,
                                    "build-1")
                            : Compensation.succeeded(attempt),
                    List.of());
        }
    }

    private void runUntilDone(String id, Predicate<FailedExecution> fails) {
        runUntil(id, Batch.State.DONE, fails);
    }

    private void runUntil(String id, Batch.State state, Predicate<FailedExecution> fails) {
        List<Batch> seen = new ArrayList<>();
        for (int i = 0; i < 200 && batch(id).state() != state; i++) {
            tick();
            handle(fails);
            seen.add(batch(id));
        }
        assertThat(batch(id).state()).as("%s", seen).isEqualTo(state);
    }

    private void fail(int number) {
        for (int i = 1; i <= number; i++) {
            failed("f-%04d".formatted(i), 10);
        }
    }

    /** Parks an event in a lane. */
    private void follow(String lane) {
        StoredEvent event = stored("e-" + position).getFirst();
        long before = position;
        position = event.position();
        assertThat(store.park(move(claim, before, position), lane, event, List.of()))
                .isEqualTo(ParkResult.PARKED);
    }

    private void failed(String id, int maxRetries) {
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
                new ErrorDetails("POINTS_CLOSED", "closed", List.of(), List.of(), ""),
                "v1:aaaaaaaaaaaa",
                new RetryPolicy(true, maxRetries, Duration.ofMinutes(3), Duration.ofMinutes(2), Duration.ZERO, 0),
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
}
