package io.amends.testkit.disorder;

import io.amends.api.Effects;
import io.amends.api.OnFailure;
import io.amends.core.causality.Advance;
import io.amends.core.causality.RequireRule;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.PayloadShape;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Plays histories, each on a fresh subject: handlers are called directly, each delivery in a transaction. No engine, no
 * threads, no time but one that is counted: what an engine could do to the order is already in the history.
 */
final class Player<P> {
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

    /** How many histories were played. */
    long played() {
        return played;
    }

    /**
     * The processors, from a subject that nothing is delivered to.
     *
     * @throws IllegalArgumentException if one is no processor, none has a function for one of the events, or one needs another
     *     processor that is not there
     */
    List<ProcessorDefinition> processors() {
        List<?> processors = subject.processors().apply(subject.factory().apply(new Sandbox()));
        // where paths are is looked at only here, it takes longer than a history
        List<ProcessorDefinition> definitions = new Bound(subject.codec()).of(processors);
        if (definitions.stream().map(ProcessorDefinition::name).distinct().count() != definitions.size()) {
            throw new IllegalArgumentException("processors: " + names(definitions) + " (expected: each name once)");
        }
        List<String> unknown = events.stream()
                .map(event -> event.envelope().type())
                .filter(type -> definitions.stream().allMatch(definition -> definition.functionFor(type) == null))
                .distinct()
                .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("events: processor " + names(definitions) + " has no function for "
                    + String.join(", ", unknown) + " (expected: one of "
                    + definitions.stream()
                            .flatMap(definition -> definition.functionsByType().keySet().stream())
                            .distinct()
                            .collect(Collectors.joining(", "))
                    + ")");
        }
        requireWhatIsNeeded(definitions);
        return definitions;
    }

    static String names(List<ProcessorDefinition> definitions) {
        return definitions.stream().map(ProcessorDefinition::name).collect(Collectors.joining(", "));
    }

    /** What is needed of a processor that is not there would be a wait for ever, or a guess. */
    private void requireWhatIsNeeded(List<ProcessorDefinition> definitions) {
        List<String> there = definitions.stream().map(ProcessorDefinition::name).toList();
        List<String> mistakes = new ArrayList<>();
        Set<String> types = new TreeSet<>();
        events.forEach(event -> types.add(event.envelope().type()));
        for (ProcessorDefinition definition : definitions) {
            for (String type : types) {
                FunctionDefinition function = definition.functionFor(type);
                List<RequireRule> rules =
                        function == null ? List.of() : function.causality().requires();
                rules.stream()
                        .map(RequireRule::processor)
                        .filter(other ->
                                !there.contains(other) && !subject.takenAsDone().contains(other))
                        .distinct()
                        .forEach(other ->
                                mistakes.add("processor " + definition.name() + " needs what processor " + other
                                        + " has done before " + type
                                        + ", and that one is not part of the test (expected: one of "
                                        + String.join(", ", there)
                                        + "); give it too with processors(…), or say that it is always"
                                        + " ahead with takenAsDone(\"" + other + "\")"));
            }
        }
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", mistakes));
        }
    }

    /** Whether an event of any history so far was not done at its delivery, but later. */
    boolean ranLate() {
        return ranLate;
    }

    /**
     * The events that get to a handler when they come a second time, although the inbox drops what has the same source and id:
     * those whose effects are outside of the database, and those whose function takes an equal version again.
     */
    Set<Integer> comingAgain(List<ProcessorDefinition> definitions) {
        Set<Integer> again = new TreeSet<>();
        for (int event = 0; event < events.size(); event++) {
            for (ProcessorDefinition definition : definitions) {
                FunctionDefinition function =
                        definition.functionFor(events.get(event).envelope().type());
                if (function != null && mayComeAgain(function)) {
                    again.add(event);
                }
            }
        }
        return again;
    }

    private static boolean mayComeAgain(FunctionDefinition function) {
        return function.effects() == Effects.OUTSIDE
                || function.causality().rules().stream().anyMatch(rule -> rule.rule() == Advance.Rule.SKIP_OLDER);
    }

    /** Whether the factory makes other processors each time, as every node has its own. */
    boolean hasTwoInstances() {
        Sandbox sandbox = new Sandbox();
        List<?> one = subject.processors().apply(subject.factory().apply(sandbox));
        List<?> another = subject.processors().apply(subject.factory().apply(sandbox));
        for (int i = 0; i < one.size(); i++) {
            if (isSame(one.get(i), another.get(i))) {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // the same object is asked about, not an equal one
    private static boolean isSame(Object one, Object another) {
        return one == another;
    }

    /** Plays a history, and reads the state at the end. */
    Outcome play(List<Step> steps) {
        return play(steps, false);
    }

    /** Plays a history, and reads the state after each delivery. */
    Outcome trace(List<Step> steps) {
        return play(steps, true);
    }

    private Outcome play(List<Step> steps, boolean traced) {
        played++;
        Sandbox sandbox = new Sandbox();
        HistoryDatabase database = subject.database();
        Ground ground = new Ground.InMemory(sandbox);
        if (database != null) {
            ground = new Ground.Real(database);
            database.reset();
        }
        P tested = subject.factory().apply(sandbox);
        History.Setting setting = new History.Setting(
                events,
                subject.codec(),
                subject.onThrow() == OnThrow.AS_DECLARED,
                subject.takenAsDone(),
                sides(tested, sandbox, steps.stream().anyMatch(step -> step.node() != 0)),
                ground,
                () -> subject.state().apply(tested));
        Outcome outcome = new History(setting, traced).play(steps);
        ranLate |= !outcome.late().isEmpty();
        return outcome;
    }

    private List<Side> sides(P tested, Sandbox sandbox, boolean twoNodes) {
        List<ProcessorDefinition> first = bound.get(0).of(subject.processors().apply(tested));
        List<ProcessorDefinition> other = twoNodes
                ? bound.get(1).of(subject.processors().apply(subject.factory().apply(sandbox)))
                : first;
        List<Side> sides = new ArrayList<>(first.size());
        for (int i = 0; i < first.size(); i++) {
            sides.add(new Side(i, first.get(i), other.get(i)));
        }
        return sides;
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
}
