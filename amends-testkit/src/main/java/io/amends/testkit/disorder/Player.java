package io.amends.testkit.disorder;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.api.OnTimeout;
import io.amends.api.RetryPolicy;
import io.amends.api.Wait;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Causality;
import io.amends.core.causality.Probe;
import io.amends.core.causality.Progress;
import io.amends.core.causality.Requirement;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.define.PayloadShape;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.handle.Waits;
import io.amends.core.lane.LaneKey;
import io.amends.core.publish.HandlerScope;
import io.amends.core.publish.ReturnedEvents;
import io.amends.testkit.disorder.Delivered.What;
import io.amends.testkit.disorder.Step.Kind;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plays histories, each on a fresh subject: handlers are called directly, each delivery in a transaction. No engine, no
 * threads, no time: what an engine could do to the order is already in the history.
 */
final class Player<P> {
    private static final Attempt FIRST = new Attempt(1, 0, 0, RetryPolicy.DEFAULT.maxRetries());

    private final Subject<P> subject;
    private final List<TestEvent> events;
    /** By node. */
    private final List<Bound> bound;

    private long played;
    private boolean ranLate;

    Player(Subject<P> subject, List<TestEvent> events) {
        this.subject = subject;
        this.events = events;
        EventCodec codec = new KnownPaths(subject.codec());
        bound = List.of(new Bound(codec), new Bound(codec));
    }

    private Bound bound(int node) {
        return bound.get(node);
    }

    /** How many histories were played. */
    long played() {
        return played;
    }

    /**
     * The processor, from a subject that nothing is delivered to.
     *
     * @throws IllegalArgumentException if it is no processor, or has no function for one of the events
     */
    ProcessorDefinition processor() {
        Object processor = subject.processor().apply(subject.factory().apply(new Sandbox()));
        // where paths are is looked at only here, it takes longer than a history
        ProcessorDefinition definition = new Bound(subject.codec()).of(processor);
        List<String> unknown = events.stream()
                .map(event -> event.envelope().type())
                .filter(type -> definition.functionFor(type) == null)
                .distinct()
                .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("events: processor " + definition.name() + " has no function for "
                    + String.join(", ", unknown) + " (expected: one of "
                    + String.join(", ", definition.functionsByType().keySet()) + ")");
        }
        return definition;
    }

    /** What the function of an event declares about order. */
    Causality declaredOf(TestEvent event) {
        FunctionDefinition function = processor().functionFor(event.envelope().type());
        return function == null ? Causality.NONE : function.causality();
    }

    /** Whether an event of any history so far was not done at its delivery, but later. */
    boolean ranLate() {
        return ranLate;
    }

    /** Whether the factory makes another processor each time, as every node has its own. */
    @SuppressWarnings("ReferenceEquality") // the same object is asked about, not an equal one
    boolean hasTwoInstances() {
        Sandbox sandbox = new Sandbox();
        Object one = subject.processor().apply(subject.factory().apply(sandbox));
        Object another = subject.processor().apply(subject.factory().apply(sandbox));
        return one != another;
    }

    /** Plays a history, and reads the state at the end. */
    Outcome play(List<Step> steps) {
        return new Run(steps, false).play(steps);
    }

    /** Plays a history, and reads the state after each delivery. */
    Outcome trace(List<Step> steps) {
        return new Run(steps, true).play(steps);
    }

    /** One history. */
    private final class Run {
        private final boolean traced;
        private final Sandbox sandbox = new Sandbox();
        private final P tested;
        private final ProcessorDefinition processor;
        private final ProcessorDefinition other;
        private final Waits waits;
        private final Ground ground;
        /** What is done of streams; only what has committed is here. */
        private final SortedMap<StreamKey, StreamVersion> done = new TreeMap<>();

        private final Map<String, Deque<Integer>> held = new LinkedHashMap<>();
        private final WaitingLanes lanes;
        private final List<Delivered> trace = new ArrayList<>();
        private final String initial;
        /** By delivery. Deliveries have the numbers of the events; their repetitions follow. */
        private final int[] failures = new int[2 * events.size()];

        private final Set<Integer> came = new TreeSet<>();
        private final Set<Integer> late = new TreeSet<>();
        private final Set<Integer> crashLater = new HashSet<>();
        private @Nullable Throwable firstError;
        private int failed;
        private int node;

        Run(List<Step> steps, boolean traced) {
            this.traced = traced;
            HistoryDatabase database = subject.database();
            if (database == null) {
                ground = new Ground.InMemory(sandbox);
            } else {
                ground = new Ground.Real(database);
                database.reset();
            }
            tested = subject.factory().apply(sandbox);
            processor = bound(0).of(subject.processor().apply(tested));
            other = steps.stream().anyMatch(step -> step.node() != 0)
                    ? bound(1).of(subject.processor().apply(subject.factory().apply(sandbox)))
                    : processor;
            waits = new Waits(processor);
            lanes = new WaitingLanes(this::isDone);
            initial = traced ? stateText() : "";
        }

        Outcome play(List<Step> steps) {
            played++;
            steps.forEach(this::deliver);
            boolean more = true;
            while (more) {
                // each round ends at least one event
                more = subject.onThrow() != OnThrow.REPORTED && retryOnce();
                more |= passTime();
            }
            List<Integer> stuck = Stream.concat(held.values().stream().flatMap(Deque::stream), lanes.all().stream())
                    .map(this::eventOf)
                    .distinct()
                    .toList();
            ranLate |= !late.isEmpty();
            WaitRequest endless = lanes.anyRequest();
            if (endless != null && firstError == null) {
                firstError = new TooEarly(endless);
            }
            return new Outcome(
                    subject.state().apply(tested),
                    firstError != null,
                    firstError,
                    stuck,
                    late,
                    unended(),
                    initial,
                    List.copyOf(trace));
        }

        private List<Unended> unended() {
            List<Unended> all = new ArrayList<>();
            for (WaitingLanes.Row row : lanes.waiting()) {
                WaitRequest request = row.request();
                int event = eventOf(row.event());
                if (request == null || all.stream().anyMatch(wait -> wait.event() == event)) {
                    continue; // its repetition waits for the same
                }
                StreamKey entity = request.what() instanceof WaitFor.Version version ? version.entity() : null;
                List<Integer> brings = IntStream.range(0, events.size())
                        .filter(other -> entity != null
                                && other != event
                                && came.contains(other)
                                && provides(other).contains(entity))
                        .boxed()
                        .toList();
                all.add(new Unended(event, request, brings, entity == null ? null : done.get(entity)));
            }
            return all;
        }

        private void deliver(Step step) {
            node = step.node();
            if (step.kind() == Kind.CRASHES_LATER) {
                crashLater.add(step.event());
                return;
            }
            came.add(step.event());
            boolean again = step.kind() == Kind.DUPLICATE;
            int delivery = again ? events.size() + step.event() : step.event();
            if (step.kind() == Kind.CRASHED) {
                crash(delivery);
                return;
            }
            String lane = lane(delivery);
            Deque<Integer> before = held.get(lane);
            if (before != null) {
                before.add(delivery);
                note(delivery, What.PARKED, null);
            } else if (!lanes.mayRun(place(delivery), provides(delivery))) {
                lanes.park(place(delivery), delivery, provides(delivery));
                note(delivery, What.PARKED, null);
            } else {
                ended(delivery, handle(delivery, false, false), What.HANDLED);
            }
        }

        /** A delivery whose transaction is rolled back, if it comes to the handler at all. */
        private void crash(int delivery) {
            if (!held.containsKey(lane(delivery)) && lanes.mayRun(place(delivery), provides(delivery))) {
                End end = handle(delivery, true, false);
                note(delivery, What.CRASHED, end instanceof End.Threw threw ? threw.error() : null);
            }
        }

        /** A run that does not come at the delivery. */
        private End handleLate(int delivery, boolean waitIsOver) {
            int event = eventOf(delivery);
            late.add(event);
            if (crashLater.contains(event) && handle(delivery, true, waitIsOver) instanceof End.Done) {
                crashLater.remove(event);
                note(delivery, What.CRASHED, null);
            }
            return handle(delivery, false, waitIsOver);
        }

        private int eventOf(int delivery) {
            return delivery % events.size();
        }

        /** Takes note of an end, and runs what it allows to run. */
        private void ended(int event, End end, What handled) {
            switch (end) {
                case End.Done isDone -> {
                    note(event, isDone.stale() ? What.STALE : handled, null);
                    lanes.done(place(event));
                }
                case End.Waits wait -> {
                    lanes.await(place(event), event, provides(event), wait.request());
                    note(event, What.WAITING, new TooEarly(wait.request()));
                }
                case End.Threw threw -> {
                    fail(event, threw.error());
                    held.computeIfAbsent(lane(event), key -> new ArrayDeque<>()).add(event);
                }
            }
            runAwaited();
        }

        private void runAwaited() {
            WaitingLanes.Row next = lanes.takeRunnable();
            if (next != null) {
                End end = handleLate(next.event(), false);
                ended(next.event(), end, next.request() == null ? What.HANDLED : What.WOKEN);
            }
        }

        /** Lets the time of one wait pass: it is tried again, or ends as it declares; true if it got done. */
        private boolean passTime() {
            for (WaitingLanes.Row row : lanes.waiting()) {
                WaitRequest request = row.request();
                boolean timed = request != null && !(request.what() instanceof WaitFor.Version);
                End again = timed ? handleLate(row.event(), false) : null;
                if (again != null && !(again instanceof End.Waits)) {
                    lanes.remove(row);
                    ended(row.event(), again, What.WOKEN);
                    return true;
                }
            }
            for (WaitingLanes.Row row : lanes.waiting()) {
                WaitRequest request = row.request();
                if (request != null && request.onTimeout() != OnTimeout.FAIL) {
                    lanes.remove(row);
                    if (request.onTimeout() == OnTimeout.SKIP) {
                        note(row.event(), What.SKIPPED, null);
                        lanes.done(row.lane());
                        runAwaited();
                    } else {
                        ended(row.event(), handleLate(row.event(), true), What.WOKEN);
                    }
                    return true;
                }
            }
            return false;
        }

        /** Tries each lane's first failed event, and what stands behind it; true if at least one got done. */
        private boolean retryOnce() {
            boolean progress = false;
            for (Deque<Integer> lane : new ArrayList<>(held.values())) {
                while (!lane.isEmpty()) {
                    int event = lane.element();
                    boolean wasParked = failures[event] == 0;
                    End end = handleLate(event, false);
                    if (end instanceof End.Threw threw) {
                        fail(event, threw.error());
                        break;
                    }
                    lane.remove();
                    progress = true;
                    ended(event, end, wasParked ? What.HANDLED : What.RETRIED);
                }
            }
            held.values().removeIf(Deque::isEmpty);
            return progress && !held.isEmpty();
        }

        private void fail(int event, Throwable error) {
            failures[event]++;
            if (firstError == null) {
                firstError = error;
            }
            note(event, What.FAILED, error);
        }

        /** What a failed event holds up: its key, or only itself. */
        private String lane(int event) {
            if (subject.onThrow() == OnThrow.PARKS_ITS_KEY) {
                String key = key(event);
                if (key != null) {
                    return "key " + key;
                }
            }
            return "event " + failed++;
        }

        /** What a waiting event holds up: its key, as in the engine, or only itself. */
        private String place(int event) {
            String key = key(event);
            return key == null ? "event " + event : key;
        }

        private @Nullable String key(int event) {
            LaneKey place = LaneKey.of(processor, events.get(eventOf(event)).envelope(), subject.codec());
            if (place.mistake() != null) {
                throw new IllegalArgumentException(events.get(eventOf(event)).shown() + ": " + place.mistake());
            }
            return place.lane();
        }

        private List<StreamKey> provides(int event) {
            return function(event)
                    .causality()
                    .provides(events.get(eventOf(event)).envelope());
        }

        private FunctionDefinition function(int event) {
            String type = events.get(eventOf(event)).envelope().type();
            FunctionDefinition function = (node == 0 ? processor : other).functionFor(type);
            if (function == null) {
                throw new IllegalStateException(
                        "the factory gives another processor than at first: no function for " + type);
            }
            return function;
        }

        /** Whether a version that is waited for is done; what other processors do is not the test's business. */
        private boolean isDone(WaitFor.Version needed) {
            return !needed.processor().equals(processor.name()) || needed.isSatisfiedBy(done.get(needed.entity()));
        }

        /** Runs the handler in a transaction. */
        private End handle(int event, boolean crash, boolean waitIsOver) {
            EventEnvelope envelope = events.get(eventOf(event)).envelope();
            FunctionDefinition function = function(event);
            HandlerScope before = HandlerScope.enter(HandlerScope.of(envelope));
            try {
                HandledEvent read = function.read(envelope);
                List<Advance> moved = new ArrayList<>();
                boolean wasStale = ground.inTransaction(() -> {
                    Progress progress = progress(read);
                    boolean stale = progress.isStale(read.advances());
                    if (!stale) {
                        require(read, waitIsOver);
                        progress.requireNotLate(read.advances());
                        invoke(function, read, attempt(event));
                        progress.done(read.advances());
                        moved.addAll(progress.writes());
                    }
                    if (crash) {
                        throw new Crash();
                    }
                    return stale;
                });
                moved.forEach(advance -> done.put(advance.entity(), advance.version()));
                return new End.Done(wasStale);
            } catch (Crash crashed) {
                return new End.Done(false);
            } catch (TooEarly tooEarly) {
                return new End.Waits(tooEarly.request);
            } catch (Thrown thrown) {
                return endOf(function, envelope, thrown.error);
            } catch (RuntimeException error) {
                return endOf(function, envelope, error);
            } finally {
                HandlerScope.enter(before);
            }
        }

        private End endOf(FunctionDefinition function, EventEnvelope event, Throwable error) {
            WaitRequest request = waits.requestOf(function, event, error);
            return request != null && waits.isTracked(request) ? new End.Waits(request) : new End.Threw(error);
        }

        private void require(HandledEvent event, boolean waitIsOver) {
            for (Requirement requirement : event.requirements()) {
                if (requirement.request().what() instanceof WaitFor.Version needed
                        && !(waitIsOver && requirement.request().onTimeout() == OnTimeout.PROCEED)
                        && !isDone(needed)
                        && !isDone(requirement.probe(), event)) {
                    throw new TooEarly(requirement.request());
                }
            }
        }

        private boolean isDone(@Nullable Probe probe, HandledEvent event) {
            try {
                return probe != null && probe.isDone(event.event(), event.payload());
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new Thrown(e);
            }
        }

        /** What was done before, as an engine's transaction asks for it. */
        private Progress progress(HandledEvent event) {
            SortedMap<StreamKey, StreamVersion> before = new TreeMap<>();
            for (Advance advance : event.advances()) {
                StreamVersion version = done.get(advance.entity());
                if (version != null) {
                    before.put(advance.entity(), version);
                }
            }
            return new Progress(before);
        }

        private void invoke(FunctionDefinition function, HandledEvent event, Attempt attempt) {
            try {
                Object returned = function.handler().invoke(List.of(event), attempt);
                if (returned instanceof Wait wait) {
                    throw wait;
                }
                ReturnedEvents.publish(returned, ground.publisher());
            } catch (RuntimeException | VirtualMachineError e) {
                throw e;
            } catch (Throwable e) {
                throw new Thrown(e);
            }
        }

        private Attempt attempt(int event) {
            int before = failures[event];
            return before == 0 ? FIRST : new Attempt(before + 1, 0, before, Math.max(before, FIRST.maxRetries()));
        }

        private void note(int event, What what, @Nullable Throwable error) {
            if (traced) {
                boolean again = event >= events.size() && (what == What.HANDLED || what == What.WOKEN);
                trace.add(new Delivered(eventOf(event), node, again ? What.HANDLED_AGAIN : what, stateText(), error));
            }
        }

        private String stateText() {
            return StateText.of(subject.state().apply(tested));
        }
    }

    /** How a handler's run ended. */
    private sealed interface End {
        /** It committed, or was to crash; the event may have been stale. */
        record Done(boolean stale) implements End {}

        /** It is too early. */
        record Waits(WaitRequest request) implements End {}

        /** It failed. */
        record Threw(Throwable error) implements End {}
    }

    /** Rolls back what came too early. */
    private static final class TooEarly extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final transient WaitRequest request;

        TooEarly(WaitRequest request) {
            super("waits for " + request.what().text(), null, false, false);
            this.request = request;
        }
    }

    /** Whether later events of a key overtake a failed one, so that its retry breaks the order of its key. */
    static boolean stepsAside(ProcessorDefinition processor) {
        return processor.onFailure() == OnFailure.CONTINUE;
    }

    /** A codec whose payloads' paths were checked before. */
    private record KnownPaths(EventCodec codec) implements EventCodec, PayloadShape {
        @Override
        public String contentType() {
            return codec.contentType();
        }

        @Override
        public byte[] encode(Object payload) {
            return codec.encode(payload);
        }

        @Override
        public Object decode(byte[] data, Type type) {
            return codec.decode(data, type);
        }

        @Override
        public Optional<String> text(byte[] data, String path) {
            return codec.text(data, path);
        }

        @Override
        public Place at(Type payload, String path) {
            return Place.UNKNOWN;
        }
    }

    /** Rolls back. */
    private static final class Crash extends RuntimeException {
        Crash() {
            super("crash before the commit", null, false, false);
        }
    }

    /** Carries a checked exception or an error out of a transaction. */
    private static final class Thrown extends RuntimeException {
        final transient Throwable error;

        Thrown(Throwable error) {
            super(error.toString(), error, false, false);
            this.error = error;
        }
    }
}
