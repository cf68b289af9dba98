package io.amends.console;

import io.amends.api.Attempt;
import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.OnFailure;
import io.amends.api.OnTimeout;
import io.amends.api.Order;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.ErrorRules;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.define.HandlerFunction;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.NewFailure;
import io.amends.core.lane.LaneKey;
import io.amends.core.observe.EngineListener;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.runtime.ThreadConductor;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DueQuery;
import io.amends.core.store.NewWait;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.WaitResult;
import io.amends.testkit.memory.InMemoryOperatorStore;
import io.amends.testkit.memory.InMemoryStore;
import io.amends.testkit.time.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A service with one processor of one slot, whose events fail when a test says so. */
public final class ServiceWithFailures implements AutoCloseable {
    public static final String PROCESSOR = "points";
    /** A processor of the build that no node has registered before {@link #rename}. */
    public static final String RENAMED = "loyalty";

    private static final Duration LEASE = Duration.ofMinutes(1);

    public final VirtualClock clock = new VirtualClock();
    public final InMemoryStore store = new InMemoryStore(clock);
    public final OperatorStore operatorStore = new InMemoryOperatorStore(store);
    public final Operations operations;
    private final ProcessorDefinition renamed;
    private final ThreadConductor conductor = new ThreadConductor("test");
    private final Claim claim;
    private final Map<String, Elsewhere> elsewhere = new TreeMap<>();
    private long position;

    public ServiceWithFailures() {
        ProcessorDefinition processor = new ProcessorDefinition(
                PROCESSOR,
                Order.KEY,
                OnFailure.PARK_KEY,
                List.of(),
                1,
                1,
                1,
                StartFrom.EARLIEST,
                List.of(),
                List.of(),
                List.of(
                        function("on(OrderPaid)", "order.paid"),
                        function("on(OrderCancelled)", "order.cancelled"),
                        function("renamed(OrderPaid)", "order.paid")));
        renamed = new ProcessorDefinition(
                RENAMED,
                Order.KEY,
                OnFailure.PARK_KEY,
                List.of(),
                1,
                1,
                1,
                StartFrom.NOW,
                List.of(),
                List.of(),
                List.of(function("earn(OrderPaid)", "order.paid")));
        operations = new Operations(
                store,
                List.of(processor, renamed),
                (of, event) -> new LaneKey(0, event.key(), null),
                conductor,
                EngineListener.NONE,
                () -> {});
        store.join(new NodeRegistration("node-1", "1.0", "host", List.of(processor.registration())), LEASE);
        claim = store.takeOver("node-1", PROCESSOR, Set.of("order.paid", "order.cancelled"), 1)
                .getFirst()
                .claim();
    }

    /** A node registers the processor that takes what the other one leaves. */
    public void rename() {
        store.join(new NodeRegistration("node-2", "1.1", "host", List.of(renamed.registration())), LEASE);
    }

    /** Records a failure of a new event; its id is the given one. */
    public FailureId fail(String id, String key) {
        return fail(id, key, RetryPolicy.DEFAULT, Recoverability.UNKNOWN);
    }

    public FailureId fail(String id, String key, RetryPolicy policy, Recoverability recoverability) {
        EventEnvelope event = append(LaneKey.isPrivate(key) ? null : key);
        return record(id, key, event, PROCESSOR, new CursorMove(claim, position - 1, position), policy, recoverability);
    }

    /** A run that takes too long for its slot, and goes on. */
    public FailureId runSlowly(String id, String key) {
        EventEnvelope event = append(key);
        FailureId failureId = new FailureId(id);
        boolean recorded = store.recordFailure(
                new RunOrigin.FromSlot(new CursorMove(claim, position - 1, position)),
                new NewFailure(
                        failureId,
                        event,
                        position,
                        PROCESSOR,
                        0,
                        key,
                        false,
                        "on(OrderPaid)",
                        FailureReason.SLOW,
                        ErrorDetails.NONE,
                        Fingerprint.ofReason(FailureReason.SLOW, PROCESSOR, event.type())
                                .value(),
                        RetryPolicy.DEFAULT,
                        true,
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        Recoverability.UNKNOWN,
                        null,
                        "node-1",
                        "1.0",
                        claim.fence()));
        if (!recorded) {
            throw new IllegalStateException("not recorded");
        }
        return failureId;
    }

    private FailureId record(
            String id,
            String key,
            EventEnvelope event,
            String processor,
            CursorMove move,
            RetryPolicy policy,
            Recoverability recoverability) {
        FailureId failureId = new FailureId(id);
        boolean recorded = store.recordFailure(
                new RunOrigin.FromSlot(move),
                new NewFailure(
                        failureId,
                        event,
                        position,
                        processor,
                        0,
                        key,
                        false,
                        "on(OrderPaid)",
                        FailureReason.HANDLER_FAILED,
                        new ErrorDetails(
                                "POINTS_CLOSED",
                                "the account is closed",
                                List.of(new ErrorDetails.Cause("java.lang.IllegalStateException", "closed")),
                                List.of(new ErrorDetails.Binding("amount", "must be positive")),
                                "java.lang.IllegalStateException: closed\n\tat x.Y.z(Y.java:1)"),
                        processor.equals(PROCESSOR) ? "fingerprint-1" : "fingerprint of " + processor,
                        policy,
                        false,
                        Duration.ofMillis(5),
                        policy.backoff(0, 0),
                        recoverability,
                        null,
                        "node-1",
                        "1.0",
                        move.claim().fence()));
        if (!recorded) {
            throw new IllegalStateException("not recorded");
        }
        clock.advance(Duration.ofSeconds(1));
        return failureId;
    }

    /** Records a failure of a new event of another processor, which another node runs. */
    public FailureId failOf(String processor, String id, String key) {
        Elsewhere other = elsewhere.computeIfAbsent(processor, this::join);
        EventEnvelope event = append(key);
        CursorMove move = new CursorMove(other.claim(), other.position(), position);
        elsewhere.put(processor, new Elsewhere(other.claim(), position));
        return record(id, key, event, processor, move, RetryPolicy.DEFAULT, Recoverability.UNKNOWN);
    }

    private record Elsewhere(Claim claim, long position) {}

    private Elsewhere join(String processor) {
        ProcessorRegistration registration = new ProcessorRegistration(
                processor,
                "order=KEY",
                1,
                new TreeMap<>(Map.of("order.paid", "on(OrderPaid)")),
                List.of(),
                List.of(),
                StartFrom.EARLIEST);
        store.join(new NodeRegistration("node-of-" + processor, "1.0", "host", List.of(registration)), LEASE);
        TakenSlot taken = store.takeOver("node-of-" + processor, processor, Set.of("order.paid"), 1)
                .getFirst();
        return new Elsewhere(taken.claim(), taken.position());
    }

    /** The scheduler begins an attempt of what is due; how many. */
    public int beginDue() {
        return store.claimDue(
                        new DueQuery(
                                PROCESSOR, List.of(claim), Set.of("on(OrderPaid)"), Set.of("order.paid"), false, 10),
                        Compensation.prepare("node-1", () -> 0))
                .prepared()
                .size();
    }

    /** Parks a new event behind the failed one of its key. */
    public void park(String key) {
        EventEnvelope event = append(key);
        store.park(
                new CursorMove(claim, position - 1, position),
                key,
                new StoredEvent(position, "http", event),
                List.of());
    }

    /** Lets a new event wait for something that nothing brings; returns its position. */
    public long letWait(String key) {
        EventEnvelope event = append(key);
        WaitResult result = store.enterWait(
                new RunOrigin.FromSlot(new CursorMove(claim, position - 1, position)),
                new NewWait(
                        claim.slot(),
                        key,
                        new StoredEvent(position, "http", event),
                        new WaitRequest(
                                new WaitFor.Version(
                                        PROCESSOR, new StreamKey("user", key), new StreamVersion(0, 3), false),
                                Duration.ofHours(1),
                                OnTimeout.FAIL),
                        null,
                        List.of()));
        if (result != WaitResult.WAITING) {
            throw new IllegalStateException("does not wait: " + result);
        }
        return position;
    }

    private EventEnvelope append(@Nullable String key) {
        position++;
        EventEnvelope event = new EventEnvelope(
                "event-" + position,
                "/shop",
                "order.paid",
                null,
                clock.instant(),
                "application/json",
                "{\"card\":\"4111-secret\"}".getBytes(StandardCharsets.UTF_8),
                key,
                3L,
                null,
                "conversation",
                null,
                null,
                new Headers(Map.of("region", "eu", "authorization", "Bearer 4711-secret")));
        store.append(List.of(event), "http");
        return event;
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
                        return null;
                    }
                },
                false,
                Effects.DATABASE,
                RetryPolicy.DEFAULT,
                ErrorRules.NONE,
                List.of());
    }

    @Override
    public void close() {
        conductor.close();
    }
}
