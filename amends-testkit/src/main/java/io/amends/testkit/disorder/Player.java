package io.amends.testkit.disorder;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.api.RetryPolicy;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Progress;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.define.PayloadShape;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.lane.LaneKey;
import io.amends.core.publish.HandlerScope;
import io.amends.core.publish.ReturnedEvents;
import io.amends.testkit.disorder.Delivered.What;
import io.amends.testkit.disorder.Step.Kind;
import io.amends.testkit.memory.Table;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plays histories, each on a fresh subject: handlers are called directly, each delivery in a transaction. No engine, no
 * threads, no time: what an engine could do to the order is already in the history.
 */
final class Player<P> {
    private static final Attempt FIRST = new Attempt(1, 0, 0, RetryPolicy.DEFAULT.maxRetries());

    private final Subject<P> subject;
    private final List<TestEvent> events;
    private long played;

    Player(Subject<P> subject, List<TestEvent> events) {
        this.subject = subject;
        this.events = events;
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
        ProcessorDefinition definition =
                definition(subject.processor().apply(subject.factory().apply(new Sandbox())), subject.codec());
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

    /** Plays a history, and reads the state at the end. */
    Outcome play(List<Step> steps) {
        return new Run(false).play(steps);
    }

    /** Plays a history, and reads the state after each delivery. */
    Outcome trace(List<Step> steps) {
        return new Run(true).play(steps);
    }

    /** Binds it; where paths are is looked at only once, it takes longer than a history. */
    private ProcessorDefinition definition(Object processor, EventCodec codec) {
        return processor instanceof ProcessorDefinition definition
                ? definition
                : new ProcessorBinder(codec, RetryPolicy.DEFAULT)
                        .add(processor)
                        .bind()
                        .get(0);
    }

    /** One history. */
    private final class Run {
        private final boolean traced;
        private final Sandbox sandbox = new Sandbox();
        private final P tested;
        private final ProcessorDefinition processor;
        private final Table<StreamKey, StreamVersion> done = sandbox.database().table("disorder test: done");
        private final Map<String, Deque<Integer>> held = new LinkedHashMap<>();
        private final List<Delivered> trace = new ArrayList<>();
        private final String initial;
        private final int[] failures = new int[events.size()];
        private @Nullable Throwable firstError;
        private int failed;
        private boolean stale;

        Run(boolean traced) {
            this.traced = traced;
            tested = subject.factory().apply(sandbox);
            processor = definition(subject.processor().apply(tested), new KnownPaths(subject.codec()));
            initial = traced ? stateText() : "";
        }

        Outcome play(List<Step> steps) {
            played++;
            steps.forEach(this::deliver);
            if (subject.onThrow() != OnThrow.REPORTED) {
                while (retryOnce()) {
                    // each round ends at least one event
                }
            }
            List<Integer> stuck = held.values().stream().flatMap(Deque::stream).toList();
            return new Outcome(
                    subject.state().apply(tested), firstError != null, firstError, stuck, initial, List.copyOf(trace));
        }

        private void deliver(Step step) {
            int event = step.event();
            String lane = lane(event);
            Deque<Integer> before = held.get(lane);
            if (before != null) {
                if (step.kind() == Kind.HANDLED) {
                    before.add(event);
                    note(event, What.PARKED, null);
                }
                return;
            }
            Throwable error = handle(event, step.kind() == Kind.CRASHED);
            if (step.kind() == Kind.CRASHED) {
                note(event, What.CRASHED, error instanceof Crash ? null : error);
            } else if (error != null) {
                fail(event, error);
                held.put(lane, new ArrayDeque<>(List.of(event)));
            } else {
                note(event, step.kind() == Kind.HANDLED ? What.HANDLED : What.HANDLED_AGAIN);
            }
        }

        /** Tries each lane's first failed event, and what stands behind it; true if at least one got done. */
        private boolean retryOnce() {
            boolean progress = false;
            for (Deque<Integer> lane : new ArrayList<>(held.values())) {
                while (!lane.isEmpty()) {
                    int event = lane.element();
                    boolean wasParked = failures[event] == 0;
                    Throwable error = handle(event, false);
                    if (error != null) {
                        fail(event, error);
                        break;
                    }
                    lane.remove();
                    progress = true;
                    note(event, wasParked ? What.HANDLED : What.RETRIED);
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
                LaneKey place = LaneKey.of(processor, events.get(event).envelope(), subject.codec());
                if (place.mistake() != null) {
                    throw new IllegalArgumentException(events.get(event).shown() + ": " + place.mistake());
                }
                if (place.lane() != null) {
                    return "key " + place.lane();
                }
            }
            return "event " + failed++;
        }

        /** Runs the handler in a transaction; returns what it threw, or {@link Crash} if it was to crash. */
        private @Nullable Throwable handle(int event, boolean crash) {
            EventEnvelope envelope = events.get(event).envelope();
            FunctionDefinition function = processor.functionFor(envelope.type());
            if (function == null) {
                throw new IllegalStateException(
                        "the factory gives another processor than at first: no function for " + envelope.type());
            }
            EventEnvelope before = HandlerScope.enter(envelope);
            try {
                HandledEvent read = function.read(envelope);
                return sandbox.database().inTransaction(() -> {
                    Progress progress = progress(read);
                    stale = progress.isStale(read.advances());
                    if (!stale) {
                        invoke(function, read, attempt(event));
                        progress.done(read.advances());
                        progress.writes().forEach(advance -> done.put(advance.entity(), advance.version()));
                    }
                    if (crash) {
                        throw new Crash();
                    }
                    return null;
                });
            } catch (Thrown thrown) {
                return thrown.getCause();
            } catch (RuntimeException error) {
                return error;
            } finally {
                HandlerScope.enter(before);
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
                ReturnedEvents.publish(function.handler().invoke(List.of(event), attempt), sandbox.publisher());
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

        /** How a delivery ended that did not throw. */
        private void note(int event, What handled) {
            note(event, stale ? What.STALE : handled, null);
        }

        private void note(int event, What what, @Nullable Throwable error) {
            if (traced) {
                trace.add(new Delivered(event, what, stateText(), error));
            }
        }

        private String stateText() {
            return StateText.of(subject.state().apply(tested));
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
        Thrown(Throwable cause) {
            super(cause.toString(), cause, false, false);
        }
    }
}
