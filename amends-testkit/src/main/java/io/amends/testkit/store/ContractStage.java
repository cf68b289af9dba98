package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.NewFailure;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.Membership;
import io.amends.core.store.Membership.ProcessorState;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ParkResult;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.Store;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the stages of the contract share: a harness for each test, and the smallest things that stores work on. */
abstract class ContractStage {
    static final String POINTS = "points";
    static final String PAID = "order.paid";
    static final String LANE = "user-1";
    static final String NODE = "node-1";
    static final String OTHER_NODE = "node-2";
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration TIMEOUT = Duration.ofMinutes(2);
    static final Duration BACKOFF = Duration.ofSeconds(180);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    StoreHarness harness;
    Store store;

    abstract StoreHarness newHarness();

    @BeforeEach
    void open() {
        harness = newHarness();
        store = harness.store();
    }

    @AfterEach
    void close() {
        harness.close();
    }

    // ---- events

    static EventEnvelope event(String id) {
        return event(id, PAID, "{\"id\":\"" + id + "\"}");
    }

    static EventEnvelope event(String id, String type, String json) {
        return new EventEnvelope(
                id,
                "/shop",
                type,
                null,
                null,
                "application/json",
                json.getBytes(StandardCharsets.UTF_8),
                LANE,
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);
    }

    void publish(String... ids) {
        harness.inCallerTransaction(() ->
                Arrays.stream(ids).forEach(id -> store.caller().publish(event(id), false)));
    }

    /** Brings events into the inbox. */
    List<StoredEvent> stored(String... ids) {
        long before = store.read(0, 1).head();
        publish(ids);
        assertThat(store.relay(1000).moved()).isEqualTo(ids.length);
        return store.read(before, 1000).events();
    }

    List<String> inboxIds() {
        return store.read(0, 1000).events().stream().map(e -> e.event().id()).toList();
    }

    // ---- ownership

    static ProcessorRegistration processor(String name, int slots, String... types) {
        TreeMap<String, String> functions = new TreeMap<>();
        for (String type : types) {
            functions.put(type, "on-" + type);
        }
        return new ProcessorRegistration(name, "order=KEY", slots, functions, List.of(), List.of(), StartFrom.EARLIEST);
    }

    static NodeRegistration node(String id, ProcessorRegistration... processors) {
        return new NodeRegistration(id, "build-1", "host-" + id, List.of(processors));
    }

    void join(String id, ProcessorRegistration... processors) {
        store.join(node(id, processors), LEASE);
    }

    /** Registers the usual processor with one slot for the usual node, and takes it. */
    Claim owned() {
        join(NODE, processor(POINTS, 1, PAID));
        return takeOne(NODE).claim();
    }

    TakenSlot takeOne(String nodeId) {
        List<TakenSlot> taken = store.takeOver(nodeId, POINTS, Set.of(PAID), 1);
        assertThat(taken).hasSize(1);
        return taken.get(0);
    }

    /** Lets the owner die, and gives the slot to another node. */
    TakenSlot takenFromTheDead(String newOwner) {
        harness.advance(LEASE.plusSeconds(1));
        join(newOwner, processor(POINTS, 1, PAID));
        return takeOne(newOwner);
    }

    static ProcessorState state(Membership membership, String processor) {
        return Objects.requireNonNull(membership.processors().get(processor), processor);
    }

    static CursorMove move(Claim claim, long from, long to) {
        return new CursorMove(claim, from, to);
    }

    static Claim otherFence(Claim claim) {
        return new Claim(claim.slot(), claim.fence() + 1);
    }

    /** Whether the cursor is at this position, seen by a move that is then undone. */
    void assertPosition(Claim claim, long position) {
        List<FinishResult> answers = new ArrayList<>();
        store.inTransaction(TIMEOUT, transaction -> {
            answers.add(transaction.finish(move(claim, position, position + 1)));
            return new Verdict<>(false, "looked");
        });
        assertThat(answers).as("cursor at %s", position).containsExactly(FinishResult.DONE);
    }

    // ---- handling

    /** Runs and commits if the finish is not refused. */
    TransactionResult<FinishResult> finish(Function<HandlerTransaction, FinishResult> finish) {
        return finishOn(store, finish);
    }

    static TransactionResult<FinishResult> finishOn(Store on, Function<HandlerTransaction, FinishResult> finish) {
        return on.inTransaction(TIMEOUT, transaction -> {
            FinishResult result = finish.apply(transaction);
            boolean written = result == FinishResult.DONE || result == FinishResult.DONE_LANE_CONTINUES;
            return new Verdict<>(written, result);
        });
    }

    void assertFinishes(FinishResult expected, Function<HandlerTransaction, FinishResult> finish) {
        TransactionResult<FinishResult> result = finish(finish);
        assertThat(result)
                .isEqualTo(
                        expected == FinishResult.REFUSED
                                ? new TransactionResult.RolledBack<>(expected)
                                : new TransactionResult.Committed<>(expected));
    }

    // ---- failures

    static final ErrorDetails ERROR = new ErrorDetails(
            "POINTS_CLOSED",
            "points are closed – für immer",
            List.of(new ErrorDetails.Cause("java.lang.IllegalStateException", "closed")),
            List.of(new ErrorDetails.Binding("userId", "must not be null")),
            "at Points.on(Points.java:12)");

    static NewFailure failure(Claim claim, StoredEvent event) {
        return failure("f-" + event.position(), claim, event, LANE, false);
    }

    static NewFailure failure(String id, Claim claim, StoredEvent event, @Nullable String laneKey, boolean prepared) {
        return new NewFailure(
                new FailureId(id),
                event.event(),
                event.position(),
                claim.slot().processor(),
                claim.slot().number(),
                laneKey,
                false,
                "on-" + event.event().type(),
                prepared ? FailureReason.SLOW : FailureReason.HANDLER_FAILED,
                prepared ? ErrorDetails.NONE : ERROR,
                "fingerprint-1",
                RetryPolicy.DEFAULT,
                prepared,
                Duration.ofSeconds(1),
                BACKOFF,
                Recoverability.UNKNOWN,
                "tenant-1",
                NODE,
                "build-1",
                claim.fence());
    }

    static RunOrigin.FromSlot fromSlot(Claim claim, long from, long to) {
        return new RunOrigin.FromSlot(move(claim, from, to));
    }

    /** Records a failure of the event that is next in its slot. */
    FailureId fail(Claim claim, StoredEvent event) {
        NewFailure failure = failure(claim, event);
        assertThat(store.recordFailure(fromSlot(claim, event.position() - 1, event.position()), failure))
                .isTrue();
        return failure.id();
    }

    /** Parks the event that is next in its slot. */
    void park(Claim claim, StoredEvent event) {
        assertThat(store.park(move(claim, event.position() - 1, event.position()), LANE, event, List.of()))
                .isEqualTo(ParkResult.PARKED);
    }

    FailedExecution record(FailureId id) {
        return store.failure(id).orElseThrow();
    }

    static Decision prepare() {
        return Compensation.prepare(NODE, () -> 0);
    }

    DueBatch claimDue(Claim claim) {
        return store.claimDue(
                new DueQuery(POINTS, List.of(claim), Set.of("on-" + PAID), Set.of(PAID), false, 10), prepare());
    }

    /** Lets a record become due, and prepares it. */
    FailedExecution prepared(Claim claim, FailureId id) {
        harness.advance(BACKOFF);
        store.heartbeat(NODE, LEASE);
        FailedExecution prepared = claimDue(claim).prepared().stream()
                .filter(record -> record.id().equals(id))
                .findFirst()
                .orElseThrow();
        return prepared;
    }

    void succeed(FailedExecution prepared, FinishResult expected) {
        assertFinishes(
                expected,
                transaction -> transaction.finish(
                        prepared.id(), Compensation.succeeded(prepared.retry().attempt())));
    }

    static SlotId slot(int number) {
        return new SlotId(POINTS, number);
    }

    // ---- threads

    static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Runs on a thread of its own, and waits for it. */
    static <T> T elsewhere(Callable<T> work) {
        return await(start(work));
    }

    static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name("contract").start(task);
        return task;
    }

    static <T> T await(FutureTask<T> task) {
        try {
            return task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the other thread failed", e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the other thread did not end", e);
        }
    }
}
