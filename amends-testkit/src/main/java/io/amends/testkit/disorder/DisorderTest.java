package io.amends.testkit.disorder;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.OutgoingEvent;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.publish.EventDescription;
import io.amends.testkit.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a processor's handlers through the orders in which its events may come, with crashes, and says whether they all
 * end in the same state; if not, prints the smallest order that ends elsewhere.
 *
 * <pre>{@code
 * DisorderTest.of(sandbox -> new Points(sandbox.database()))
 *         .events(new UserCreated("u1"), new OrderPaid("o1", "u1", 5))
 *         .state(Points::scores)
 *         .verify();
 * }</pre>
 *
 * <p>The events are given in the order in which they happened; the state that this order ends in is the right one. They
 * are delivered in every other order that {@link #perKeyOrderFromOneSource} does not exclude: all orders of up to {@link
 * #exhaustiveUpTo} events, seeded samples of more. Each order is also played with a crash: a handler's transaction is
 * rolled back, and the event delivered again; and with two instances of the processor, as on two nodes. A handler that throws
 * means what it means in the engine ({@link #onThrow}). Handlers are called directly, without the engine: thousands of histories a second.
 *
 * <p>What it says of the orders played is a proof for these events only; choose events that tell a whole story. Same
 * code, events and seed: same report, if the handlers depend on nothing else. Not thread-safe; everything runs on the
 * calling thread.
 *
 * @param <P> what holds the processor and the state of one history
 */
public final class DisorderTest<P> {
    private static final int MOST_EXHAUSTIVE = 8;
    private static final int MOST_EVENTS = 100;
    private static final int MOST_SAMPLES = 1_000_000;
    private static final int EXHAUSTIVE_ON_DATABASE = 4;
    private static final int SAMPLES_ON_DATABASE = 100;

    private final Function<Sandbox, ? extends P> factory;
    private Function<? super P, List<?>> processors = List::of;
    private final Set<String> takenAsDone = new TreeSet<>();
    private @Nullable Function<? super P, ? extends @Nullable Object> state;
    private @Nullable EventCodec codec;
    private final List<Given> given = new ArrayList<>();
    private OnThrow onThrow = OnThrow.AS_DECLARED;
    private Duplicates duplicates = Duplicates.AS_IN_ENGINE;
    private boolean crashes = true;
    private boolean twoNodes = true;
    private int exhaustive = 6;
    private int samples = 2_000;
    private long seed = 1;
    private @Nullable HistoryDatabase database;

    /** An event as given. */
    private record Given(Object event, @Nullable String source) {}

    private DisorderTest(Function<Sandbox, ? extends P> factory) {
        this.factory = factory;
    }

    /**
     * A test of what the factory makes, anew for each history: an object of a class with {@link
     * io.amends.api.EventProcessor}, a {@link io.amends.core.define.ProcessorSpec}, a {@link ProcessorDefinition}, or
     * anything that {@link #processor} gets one of these from.
     *
     * @param factory makes it with empty state; state that crashes must roll back belongs into the sandbox's database
     */
    public static <P> DisorderTest<P> of(Function<Sandbox, ? extends P> factory) {
        return new DisorderTest<>(factory);
    }

    /**
     * A test of an application's processor on its real database, with the definition that the engine would run; with Spring
     * from the bean {@code BeanProcessors}. The codec is the application's, see {@link #codec}.
     *
     * <p>A history takes as long as the database does for its transactions and for making the state from before, so fewer
     * are played by default: all orders of up to {@value #EXHAUSTIVE_ON_DATABASE} events, {@value #SAMPLES_ON_DATABASE}
     * samples of more. One instance handles them all. The database is checked before anything is written.
     *
     * @param database where handlers read and write
     */
    public static DisorderTest<ProcessorDefinition> on(HistoryDatabase database, ProcessorDefinition processor) {
        return new DisorderTest<ProcessorDefinition>(sandbox -> processor).on(database);
    }

    /**
     * The same of several processors side by side, as in {@link #processors}.
     *
     * @param database where handlers read and write
     */
    public static DisorderTest<List<ProcessorDefinition>> on(
            HistoryDatabase database, List<ProcessorDefinition> processors) {
        List<ProcessorDefinition> all = List.copyOf(processors);
        DisorderTest<List<ProcessorDefinition>> test = new DisorderTest<>(sandbox -> all);
        test.processors = definitions -> definitions;
        return test.on(database);
    }

    private DisorderTest<P> on(HistoryDatabase real) {
        database = real;
        exhaustive = EXHAUSTIVE_ON_DATABASE;
        samples = SAMPLES_ON_DATABASE;
        return this;
    }

    /** Says how to get the processor from what the factory makes; default: it is the processor. */
    public DisorderTest<P> processor(Function<? super P, ?> of) {
        processors = tested -> List.of(of.apply(tested));
        return this;
    }

    /**
     * Says how to get several processors from what the factory makes, which handle the events side by side: each event goes to
     * all of them that have a function for it. Each has streams, lanes and a pace of its own; what one waits for that another
     * does, as in {@code @RequireVersion(processor = …)}, comes from there.
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // read only
    public final DisorderTest<P> processors(Function<? super P, ?>... of) {
        List<Function<? super P, ?>> all = List.of(of);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("processors: none (expected: at least one)");
        }
        processors = tested -> {
            List<Object> made = new ArrayList<>(all.size());
            all.forEach(one -> made.add(one.apply(tested)));
            return made;
        };
        return this;
    }

    /**
     * Names processors that are not tested and are taken to be ahead always: what the tested ones need of them is done. Without
     * it a need for a processor that is not there is refused.
     */
    public DisorderTest<P> takenAsDone(String... names) {
        takenAsDone.addAll(List.of(names));
        return this;
    }

    /** Says how to read the state: anything with {@code equals}, and with a {@code toString} that a person can read. */
    public DisorderTest<P> state(Function<? super P, ? extends @Nullable Object> of) {
        state = of;
        return this;
    }

    /**
     * Adds events that happened next, in this order, and may be delivered in any: payload objects, {@link OutgoingEvent}s
     * or {@link EventEnvelope}s.
     */
    public DisorderTest<P> events(Object... events) {
        for (Object event : events) {
            given.add(new Given(event, null));
        }
        return this;
    }

    /**
     * Adds events that happened next, in this order, and come from one source that keeps the order of each key: those
     * with the same key (all without one count as one) are never delivered the wrong way round. Later calls with the same
     * source go on with it. Claim only what holds: a topic with the key as its partition key, one outbox.
     */
    public DisorderTest<P> perKeyOrderFromOneSource(String source, Object... events) {
        for (Object event : events) {
            given.add(new Given(event, source));
        }
        return this;
    }

    /**
     * Sets the codec of the payloads; needed for a {@link ProcessorDefinition}, whose functions have one, for envelopes
     * with data, and where the publisher's class is not the handler's. Default: handlers get the payload objects as they
     * are.
     */
    public DisorderTest<P> codec(EventCodec ofPayloads) {
        codec = ofPayloads;
        return this;
    }

    /** Sets what it means when a handler throws; default {@link OnThrow#AS_DECLARED}. */
    public DisorderTest<P> onThrow(OnThrow meaning) {
        onThrow = meaning;
        return this;
    }

    /** Sets what becomes of an event that comes twice; default {@link Duplicates#AS_IN_ENGINE}. */
    public DisorderTest<P> duplicates(Duplicates fate) {
        duplicates = fate;
        return this;
    }

    /** Sets whether handlers crash before their commit and run again; default true. */
    public DisorderTest<P> crashes(boolean happen) {
        crashes = happen;
        return this;
    }

    /**
     * Sets whether a second instance, made by the factory over the same sandbox, takes part: it handles some of the events,
     * or takes over after a crash of the first. Finds state in fields. Default true; no effect where the factory gives the
     * same processor again.
     */
    public DisorderTest<P> twoNodes(boolean takePart) {
        twoNodes = takePart;
        return this;
    }

    /** Sets up to how many events all orders are played, 1 to 8; default 6. */
    public DisorderTest<P> exhaustiveUpTo(int events) {
        exhaustive = within("exhaustiveUpTo", events, MOST_EXHAUSTIVE);
        return this;
    }

    /**
     * Sets how many random orders of more events are played, 1 to 1,000,000, besides those in which one event is moved;
     * default 2,000.
     */
    public DisorderTest<P> samples(int orders) {
        samples = within("samples", orders, MOST_SAMPLES);
        return this;
    }

    /** Sets the seed of the samples; default 1. */
    public DisorderTest<P> seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Plays the histories up to the first that ends elsewhere.
     *
     * @throws AssertionError with the report if one does
     * @throws IllegalArgumentException if the test is not complete: no state, no events, no function for one of them
     * @throws IllegalStateException if the events can not be handled in order, or not with the same result twice
     */
    public void verify() {
        DisorderReport report = explore();
        if (!report.passed()) {
            throw new AssertionError(report.text());
        }
    }

    /**
     * Plays the histories up to the first that ends elsewhere, and returns what was found.
     *
     * @throws IllegalArgumentException as {@link #verify}
     * @throws IllegalStateException as {@link #verify}
     */
    public DisorderReport explore() {
        long begin = System.nanoTime();
        Subject<P> subject = subject();
        List<TestEvent> events = testEvents(subject.codec());
        HistoryDatabase real = database;
        if (real == null) {
            return explore(begin, subject, events);
        }
        real.check();
        DisorderReport report = explore(begin, subject, events);
        real.reset();
        return report;
    }

    /** What plays its histories. */
    Player<P> player() {
        Subject<P> subject = subject();
        return new Player<>(subject, testEvents(subject.codec()));
    }

    private DisorderReport explore(long begin, Subject<P> subject, List<TestEvent> events) {
        Player<P> player = new Player<>(subject, events);
        List<ProcessorDefinition> definitions = player.processors();
        String names = Player.names(definitions);
        checkInOrder(player, events.size());
        Set<Integer> again = duplicates == Duplicates.HANDLED
                ? IntStream.range(0, events.size()).boxed().collect(Collectors.toSet())
                : duplicates == Duplicates.DROPPED ? Set.of() : player.comingAgain(definitions);
        Search search = new Search(
                player, new Orders(events), new Search.Limits(exhaustive, samples, seed, definitions.size(), again));
        List<int[]> orders = search.ordersOf(events.size());
        List<Fault> faults = faults(player, definitions, again);
        Search.Found found = search.smallest(orders, faults);
        Divergence divergence = null;
        String text;
        if (found == null) {
            text = ReportText.passed(definitions, coverage(events.size(), orders.size(), player.played(), faults));
        } else {
            Told told = tell(found, subject, events, definitions);
            divergence = told.divergence();
            text = ReportText.diverged(
                    definitions, effort(events.size(), player.played()), divergence, told.inOrder(), told.inDisorder());
        }
        return new DisorderReport(
                names,
                events.size(),
                orders.size(),
                events.size() <= exhaustive,
                player.played(),
                seed,
                Duration.ofNanos(System.nanoTime() - begin),
                divergence,
                text);
    }

    /** A divergence and what it was told from. */
    private record Told(Divergence divergence, Outcome inOrder, Outcome inDisorder) {}

    /** Plays the found history once more, with its events alone and renumbered, and with a trace. */
    private Told tell(
            Search.Found found, Subject<P> subject, List<TestEvent> events, List<ProcessorDefinition> definitions) {
        int[] inOrder = found.order().clone();
        Arrays.sort(inOrder);
        List<TestEvent> few = Arrays.stream(inOrder).mapToObj(events::get).toList();
        List<Step> steps = found.steps().stream()
                .map(step -> step.of(Arrays.binarySearch(inOrder, step.event())))
                .toList();
        Player<P> player = new Player<>(subject, few);
        Outcome right = player.trace(straight(few.size()));
        Outcome wrong = player.trace(steps);
        Advice advice = Advice.of(found.fault(), few, right, wrong, new Declared(definitions));
        Divergence divergence = new Divergence(
                few.stream().map(TestEvent::shown).toList(),
                right.trace(),
                wrong.trace(),
                right.state(),
                wrong.state(),
                wrong.stuck(),
                advice.cause(),
                advice.text());
        return new Told(divergence, right, wrong);
    }

    private static String faultsShown(List<Fault> faults) {
        List<String> shown = new ArrayList<>();
        if (faults.contains(Fault.APART)) {
            shown.add("at different paces");
        }
        if (faults.contains(Fault.CRASH)) {
            shown.add("with a crash in each");
        }
        if (faults.contains(Fault.DUPLICATE)) {
            shown.add("with an event that comes twice");
        }
        if (faults.contains(Fault.TWO_NODES)) {
            shown.add("on two nodes");
        }
        if (shown.isEmpty()) {
            return "";
        }
        String last = shown.remove(shown.size() - 1);
        return ", also " + (shown.isEmpty() ? last : String.join(", ", shown) + " and " + last);
    }

    private String coverage(int events, int orders, long played, List<Fault> faults) {
        boolean all = events <= exhaustive;
        return String.format(
                Locale.ROOT,
                "%,d histories: %s %,d orders of %d events%s%s",
                played,
                all ? "all" : "a sample of",
                orders,
                events,
                faultsShown(faults),
                all ? "" : ", seed " + seed);
    }

    private String effort(int events, long played) {
        return String.format(
                Locale.ROOT,
                "%,d histories of %d events%s",
                played,
                events,
                events <= exhaustive ? "" : ", seed " + seed);
    }

    private Subject<P> subject() {
        Function<? super P, ? extends @Nullable Object> reader = state;
        if (reader == null) {
            throw new IllegalArgumentException("state: none (expected: a function that reads it); call state(…)");
        }
        EventCodec given = codec;
        return new Subject<>(
                factory,
                processors,
                reader,
                given == null ? new PayloadObjects() : given,
                onThrow,
                Set.copyOf(takenAsDone),
                database);
    }

    private List<Fault> faults(Player<P> player, List<ProcessorDefinition> definitions, Set<Integer> again) {
        List<Fault> faults = new ArrayList<>(List.of(Fault.NONE));
        if (definitions.size() > 1) {
            faults.add(Fault.APART);
        }
        if (crashes) {
            faults.add(Fault.CRASH);
            faults.add(Fault.LATE_CRASH);
            if (definitions.stream().anyMatch(Player::stepsAside)) {
                faults.add(Fault.STEP_ASIDE);
            }
        }
        if (!again.isEmpty()) {
            faults.add(Fault.DUPLICATE);
        }
        if (twoNodes && player.hasTwoInstances()) {
            faults.add(Fault.TWO_NODES);
            if (crashes) {
                faults.add(Fault.TAKE_OVER);
            }
        }
        return faults;
    }

    /** In order the handlers must neither throw nor depend on anything but the events. */
    private static void checkInOrder(Player<?> player, int events) {
        Outcome first = player.play(straight(events));
        if (first.thrown()) {
            throw new IllegalStateException(
                    "the events can not be handled in order (expected: the order given is one in which no handler"
                            + " throws): " + first.error(),
                    first.error());
        }
        Outcome second = player.play(straight(events));
        if (!second.isAs(first)) {
            throw new IllegalStateException("the same order gives " + StateText.of(first.state()) + " and then "
                    + StateText.of(second.state())
                    + " (expected: the same state twice, with equals); make everything anew in the factory, and keep"
                    + " time, chance and identity out of the state");
        }
    }

    private static List<Step> straight(int events) {
        return Search.straight(IntStream.range(0, events).toArray());
    }

    private List<TestEvent> testEvents(EventCodec encoder) {
        if (given.isEmpty() || given.size() > MOST_EVENTS) {
            throw new IllegalArgumentException("events: " + given.size() + " (expected: 1.." + MOST_EVENTS + ")");
        }
        List<TestEvent> events = new ArrayList<>();
        for (Given one : given) {
            int number = events.size() + 1;
            EventEnvelope envelope = one.event() instanceof EventEnvelope ready
                    ? ready
                    : envelope(outgoing(one.event()), number, one.source(), encoder);
            Object shown = one.event() instanceof OutgoingEvent outgoing ? outgoing.payload() : one.event();
            events.add(new TestEvent(envelope, shown, one.source()));
        }
        return List.copyOf(events);
    }

    private static OutgoingEvent outgoing(Object event) {
        return event instanceof OutgoingEvent outgoing ? outgoing : OutgoingEvent.of(event);
    }

    private static EventEnvelope envelope(
            OutgoingEvent event, int number, @Nullable String source, EventCodec encoder) {
        Object payload = event.payload();
        EventDescription described = EventDescription.of(payload.getClass());
        String id = Objects.requireNonNullElse(event.id(), "m" + number);
        return new EventEnvelope(
                id,
                event.source() != null ? event.source() : source != null ? source : "disorder-test",
                Objects.requireNonNullElse(event.type(), described.type()),
                event.subject() != null ? event.subject() : described.subject(payload),
                VirtualClock.START.plusSeconds(number),
                encoder.contentType(),
                encoder.encode(payload),
                event.key() != null ? event.key() : described.key(payload),
                event.version() != null ? event.version() : described.version(payload),
                event.epoch() != null ? event.epoch() : described.epoch(payload),
                id,
                null,
                null,
                new Headers(event.headers()));
    }

    private static int within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1.." + most + ")");
        }
        return value;
    }
}
