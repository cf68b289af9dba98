package io.amends.testkit.disorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.OnFailure;
import io.amends.api.OnGap;
import io.amends.api.OnTimeout;
import io.amends.api.Order;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.api.Wait;
import io.amends.core.define.DependencySpec;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.define.RetrySpec;
import io.amends.core.define.SequenceSpec;
import io.amends.core.define.StreamSpec;
import io.amends.core.event.EventCodec;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.Status;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.core.store.ProcessorGauge;
import io.amends.testkit.disorder.HeldLanes.Reason;
import io.amends.testkit.memory.InMemoryDatabase;
import io.amends.testkit.memory.InMemoryStore;
import io.amends.testkit.memory.Table;
import io.amends.testkit.time.VirtualClock;
import io.amends.testkit.time.VirtualLoop;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random processors with random declarations get the same random events from the test kit and from a real engine in virtual
 * time, on the store in memory. Both must handle the same events in the same order of each key, and be left with the same that
 * wait, failed and are parked. Left out is what chance decides in the engine too: processors whose failed events step aside,
 * processors that wait for each other both ways, and times that are the same; and what goes round in circles there, code that
 * waits after its declarations were let go or for what is done.
 */
@Timeout(120)
class KitAgainstEngineTest {
    private static final long SEED = Long.getLong("amends.seed", 20261130L);
    private static final int HISTORIES = Integer.getInteger("amends.histories", 120);
    private static final List<String> TYPES = List.of("a", "b", "c");
    private static final List<String> PROCESSORS = List.of("one", "two");

    /** After every retry and every end of a wait. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private static final Duration GAP = Duration.ofMinutes(1);

    @Test
    void bothHandleTheSameInTheSameOrderAndAreLeftWithTheSame() {
        for (int history = 0; history < HISTORIES; history++) {
            long seed = SEED + history;
            Random random = new Random(seed);
            List<Declared> declared = declarations(random);
            List<EventEnvelope> events = events(random, declared);
            if (events.isEmpty()) {
                continue;
            }
            // in a slot that stands still nothing is read, so nothing is parked
            Set<String> stopping = new TreeSet<>();
            declared.stream().filter(Declared::stops).forEach(one -> stopping.add(one.name()));
            int[] order = IntStream.range(0, events.size()).toArray();
            String kit = kit(declared, events, stopping, Search.straight(order));
            String engine = engine(seed, declared, events, stopping);
            if (!kit.equals(engine) && declared.size() > 1) {
                // which of two processors is first with an event is a matter of chance
                kit = kit(
                        declared,
                        events,
                        stopping,
                        Fault.APART.histories(order, 2).get(0));
            }
            assertThat(kit)
                    .as(
                            "seed %d\n%s\n%s",
                            seed,
                            lines(declared),
                            lines(events.stream().map(Text::shown).toList()))
                    .isEqualTo(engine);
        }
    }

    private static String lines(List<?> values) {
        StringBuilder text = new StringBuilder();
        values.forEach(value -> text.append(value).append('\n'));
        return text.toString();
    }

    // ---- what is declared -----------------------------------------------------------------------------------------

    /** What a handler does about what its key has not seen yet. */
    private enum Insists {
        NOT(false),
        WAITS_FOR_NEXT(true),
        THROWS(false),
        IS_HOPELESS(false),
        SAYS_TOO_EARLY(true);

        private final boolean waits;

        Insists(boolean waits) {
            this.waits = waits;
        }
    }

    /** A dependency on an event; {@code processor} is who has to have done it. */
    private record After(String type, String processor, OnTimeout onTimeout) {}

    private record Function(
            String type,
            boolean skipsStale,
            boolean isSequenced,
            OnGap onGap,
            boolean advances,
            List<After> after,
            String versionOf,
            Insists insists,
            String on) {}

    private record Declared(String name, Order order, OnFailure onFailure, List<Function> functions) {
        boolean stops() {
            return onFailure == OnFailure.STOP || order == Order.ALL;
        }

        boolean takes(String type) {
            return functions.stream().anyMatch(function -> function.type().equals(type));
        }
    }

    private static List<Declared> declarations(Random random) {
        List<List<String>> types = new ArrayList<>();
        for (int i = 0; i < PROCESSORS.size(); i++) {
            List<String> some = new ArrayList<>(TYPES);
            some.removeIf(type -> random.nextInt(4) == 0);
            types.add(some);
        }
        List<Declared> all = new ArrayList<>();
        List<Boolean> advances = List.of(random.nextBoolean(), random.nextBoolean());
        for (int i = 0; i < PROCESSORS.size(); i++) {
            List<Function> functions = new ArrayList<>();
            for (String type : types.get(i)) {
                functions.add(function(random, i, type, types, advances));
            }
            Order order = random.nextInt(6) == 0 ? Order.ALL : Order.KEY;
            // what steps aside has no order of its own that could be compared
            OnFailure onFailure = random.nextInt(4) == 0 ? OnFailure.STOP : OnFailure.DEFAULT;
            all.add(new Declared(PROCESSORS.get(i), order, onFailure, functions));
        }
        all.removeIf(processor -> processor.functions().isEmpty());
        return all;
    }

    private static Function function(
            Random random, int processor, String type, List<List<String>> types, List<Boolean> advances) {
        List<After> after = new ArrayList<>();
        for (String other : TYPES.subList(0, TYPES.indexOf(type))) {
            // not both of each other: which of two waits that hold each other is let go is a matter of chance
            int who = random.nextInt(processor + 1);
            if (types.get(who).contains(other) && random.nextInt(3) == 0) {
                after.add(new After(other, PROCESSORS.get(who), any(random, OnTimeout.values())));
            }
        }
        boolean skips = random.nextInt(3) == 0;
        boolean isSequenced = !skips && random.nextInt(6) == 0;
        OnGap onGap = any(random, OnGap.values());
        // what its declarations let go on is asked for them again if code then waits: by turns, for as long as it lasts
        boolean mayProceed = (isSequenced && onGap == OnGap.PROCEED)
                || after.stream().anyMatch(one -> one.onTimeout() == OnTimeout.PROCEED);
        Insists insists = random.nextInt(3) == 0 ? any(random, Insists.values()) : Insists.NOT;
        int of = random.nextInt(processor + 1);
        boolean isVersioned = advances.get(of) && !types.get(of).isEmpty() && random.nextInt(5) == 0;
        return new Function(
                type,
                skips,
                isSequenced,
                onGap,
                advances.get(processor),
                after,
                isVersioned ? PROCESSORS.get(of) : "",
                mayProceed && insists.waits ? Insists.NOT : insists,
                any(random, types.get(processor).toArray(new String[0])));
    }

    private static <T> T any(Random random, T[] of) {
        return of[random.nextInt(of.length)];
    }

    private static List<EventEnvelope> events(Random random, List<Declared> declared) {
        List<EventEnvelope> events = new ArrayList<>();
        List<String> types = TYPES.stream()
                .filter(type -> declared.stream().anyMatch(processor -> processor.takes(type)))
                .toList();
        for (int i = 0; !types.isEmpty() && i < 2 + random.nextInt(6); i++) {
            String payload =
                    "id=" + random.nextInt(2) + ";ref=" + random.nextInt(2) + ";part=" + (1 + random.nextInt(3));
            events.add(new EventEnvelope(
                    "e" + i,
                    "/test",
                    any(random, types.toArray(new String[0])),
                    null,
                    VirtualClock.START,
                    "text/plain",
                    payload.getBytes(StandardCharsets.UTF_8),
                    "k" + random.nextInt(2),
                    (long) 1 + random.nextInt(3),
                    null,
                    null,
                    null,
                    null,
                    Headers.NONE));
        }
        Collections.shuffle(events, random);
        return events;
    }

    /** Payloads of names and values. */
    private static final class Text implements EventCodec {
        static String shown(EventEnvelope event) {
            return event.id() + " " + event.type() + " " + event.key() + " v" + event.version() + " "
                    + new String(event.data(), StandardCharsets.UTF_8);
        }

        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public byte[] encode(Object payload) {
            return payload.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object decode(byte[] data, Type type) {
            return new String(data, StandardCharsets.UTF_8);
        }

        @Override
        public Optional<String> text(byte[] data, String path) {
            for (String pair : new String(data, StandardCharsets.UTF_8).split(";")) {
                if (pair.startsWith(path + "=")) {
                    return Optional.of(pair.substring(path.length() + 1));
                }
            }
            return Optional.empty();
        }
    }

    // ---- what is run ----------------------------------------------------------------------------------------------

    private static final class HopelessException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class TooEarlyForThis extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** What was handled, by processor and key, in order: the handlers' only effect. */
    private static final class Handlers {
        private final Table<String, List<String>> handled;

        Handlers(InMemoryDatabase database) {
            handled = database.table("handled");
        }

        Map<String, List<String>> rows() {
            return new TreeMap<>(handled.rows());
        }

        ProcessorSpec spec(Declared declared) {
            ProcessorSpec spec = ProcessorSpec.named(declared.name())
                    .startFrom(StartFrom.EARLIEST)
                    .order(declared.order())
                    .onFailure(declared.onFailure())
                    .concurrency(1)
                    .slots(declared.order() == Order.ALL ? 1 : 2)
                    .retry(RetrySpec.UNSET
                            .withMaxRetries(2)
                            .withMinBackoff(Duration.ofSeconds(10))
                            .withUnrecoverable(List.of(HopelessException.class))
                            .withWaitOn(List.of(TooEarlyForThis.class)));
            declared.functions().forEach(function -> spec.function(function(declared.name(), function)));
            return spec;
        }

        private FunctionSpec function(String processor, Function declared) {
            FunctionSpec function = FunctionSpec.of(
                            EventEnvelope.class, (event, delivery) -> handle(processor, declared, event))
                    .named(declared.type())
                    .types(declared.type())
                    .tracks("id");
            if (declared.skipsStale()) {
                function = function.skipStale(StreamSpec.of("entity"));
            }
            if (declared.isSequenced()) {
                function = function.sequenced(
                        SequenceSpec.of("entity").first(1).onGap(declared.onGap(), gap(processor, declared, 17)));
            }
            if (declared.advances()) {
                function = function.advances(StreamSpec.of("part").version("part"));
            }
            for (After after : declared.after()) {
                function = function.requires(DependencySpec.after(after.type())
                        .key("ref")
                        .eventKey("id")
                        .inProcessor(after.processor())
                        .timeout(gap(processor, declared, 0), after.onTimeout()));
            }
            if (!declared.versionOf().isEmpty()) {
                function = function.requires(DependencySpec.atLeast("part", "part")
                        .inProcessor(declared.versionOf())
                        .timeout(gap(processor, declared, 41), OnTimeout.FAIL));
            }
            return function;
        }

        /** No two kinds of waits end in the same moment: who would be first then is a matter of chance. */
        private static Duration gap(String processor, Function declared, int more) {
            return GAP.plusSeconds(more + 7L * PROCESSORS.indexOf(processor) + 2L * TYPES.indexOf(declared.type()));
        }

        private void handle(String processor, Function declared, EventEnvelope event) {
            String place = processor + " " + event.key();
            List<String> before = handled.get(place);
            boolean isEarly = before == null || before.stream().noneMatch(one -> one.startsWith(declared.on()));
            if (isEarly && !declared.type().equals(declared.on())) {
                switch (declared.insists()) {
                    case NOT -> {}
                    case WAITS_FOR_NEXT -> throw Wait.forNext();
                    case THROWS -> throw new IllegalStateException("too early");
                    case IS_HOPELESS -> throw new HopelessException();
                    case SAYS_TOO_EARLY -> throw new TooEarlyForThis();
                }
            }
            handled.update(place, old -> {
                List<String> all = new ArrayList<>(old == null ? List.of() : old);
                all.add(event.type() + " " + event.id());
                return List.copyOf(all);
            });
        }
    }

    private static String kit(
            List<Declared> declared, List<EventEnvelope> events, Set<String> stopping, List<Step> steps) {
        DisorderTest<Handlers> test = DisorderTest.of(sandbox -> new Handlers(sandbox.database()))
                .codec(new Text())
                .state(Handlers::rows)
                .events(events.toArray());
        if (declared.size() == 1) {
            test.processor(handlers -> handlers.spec(declared.get(0)));
        } else {
            test.processors(handlers -> handlers.spec(declared.get(0)), handlers -> handlers.spec(declared.get(1)));
        }
        Outcome outcome = test.player().play(steps);
        Left left = new Left();
        outcome.left()
                .forEach(one -> left.add(
                        one.processor(), one.why(), events.get(one.event()).id()));
        left.parked.keySet().removeAll(stopping);
        return shown(outcome.state(), left);
    }

    private static String engine(long seed, List<Declared> declared, List<EventEnvelope> events, Set<String> stopping) {
        try (VirtualLoop loop = new VirtualLoop(new VirtualClock(), seed)) {
            InMemoryStore store = new InMemoryStore(loop.clock());
            Handlers handlers = new Handlers(store.database());
            ProcessorBinder binder = new ProcessorBinder(new Text(), RetryPolicy.DEFAULT);
            declared.forEach(one -> binder.add(handlers.spec(one)));
            List<ProcessorDefinition> definitions = binder.bind();
            AmendsEngine engine = AmendsEngine.builder(store)
                    .settings(EngineSettings.defaults("/test")
                            .with(it -> it.nodeName("node")
                                    .immediateBackoffs(List.of())
                                    .lease(Duration.ofMinutes(20))
                                    .heartbeat(Duration.ofMinutes(5))
                                    .idlePoll(Duration.ofMinutes(1))))
                    .codec(new Text())
                    .processors(definitions)
                    .conductor(loop.conductor("node"))
                    .build();
            engine.start();
            loop.runFor(Duration.ofSeconds(10));
            for (EventEnvelope event : events) {
                store.caller().inNew(() -> store.caller().publish(event, false));
                loop.runFor(Duration.ofMillis(20));
            }
            loop.runFor(LONG);
            Left left = left(store);
            left.parked.keySet().removeAll(stopping);
            return shown(handlers.rows(), left);
        }
    }

    private static Left left(InMemoryStore store) {
        Left left = new Left();
        store.waits(null, 0, 1000).stream()
                .filter(wait -> wait.failure() == null)
                .forEach(wait -> left.add(wait.processor(), Reason.WAITING, wait.id()));
        FailureFilter open = new FailureFilter(Set.of(Status.FAILED, Status.PREPARED), null, null, null, null);
        store.failures(open, null, 1000)
                .forEach(record -> left.add(
                        record.processor(),
                        record.reason().isWait() ? Reason.WAITING : Reason.FAILED,
                        record.event().id()));
        for (ProcessorGauge gauge : store.gauges()) {
            left.parked.put(gauge.processor(), (int) gauge.parked());
        }
        return left;
    }

    /** What is not done; of parked events the number, by processor. */
    private static final class Left {
        private final Set<String> others = new TreeSet<>();
        private final Map<String, Integer> parked = new TreeMap<>();

        void add(String processor, Reason why, String event) {
            if (why == Reason.PARKED) {
                parked.merge(processor, 1, Integer::sum);
            } else {
                others.add(processor + " " + event + " " + why);
            }
        }

        @Override
        public String toString() {
            parked.values().removeIf(count -> count == 0);
            return others + ", parked " + parked;
        }
    }

    private static String shown(Object handled, Left left) {
        return "handled " + handled + "\nleft " + left;
    }
}
