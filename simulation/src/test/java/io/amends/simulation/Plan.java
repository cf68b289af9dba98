package io.amends.simulation;

import io.amends.api.Effects;
import io.amends.api.OnFailure;
import io.amends.api.OnTimeout;
import io.amends.api.Order;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Causality;
import io.amends.core.causality.RequireRule;
import io.amends.core.causality.StreamRule;
import io.amends.core.causality.TrackRule;
import io.amends.core.define.ErrorRules;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandlerFunction;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.runtime.EngineSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a seed stands for: how many nodes, which processors, how much of each fault. Each seed leaves some kinds of fault
 * out and has others often, since kinds that are all rare together hide one another.
 *
 * @param handling how long each run takes; if it takes any time, no two runs of one lane may be under way together
 */
record Plan(
        long seed,
        int nodes,
        int events,
        Duration length,
        List<ProcessorPlan> processors,
        Settings settings,
        Faults faults,
        Load load,
        boolean rolledBack,
        Duration handling,
        Shape shape) {

    /** Event types that every build handles. */
    static final List<String> OLD_TYPES = List.of("a", "b");
    /** The event type that deletes entities. */
    static final String DELETES = "b";
    /** The event type that only a new build handles. */
    static final String NEW_TYPE = "c";

    /** A processor; all builds share everything but the event types. */
    record ProcessorPlan(
            String name,
            Order order,
            OnFailure onFailure,
            List<String> keyPaths,
            int slots,
            int concurrency,
            int batch,
            boolean batchFunction,
            Streams streams,
            Needs needs,
            RetryPolicy policy) {

        /** The same in the order of the events' own keys, retried soon. */
        ProcessorPlan retriedSoon(
                int newConcurrency, int newBatch, boolean newBatchFunction, Streams newStreams, Chance chance) {
            return new ProcessorPlan(
                    name,
                    order,
                    onFailure,
                    List.of(),
                    slots,
                    newConcurrency,
                    newBatch,
                    newBatchFunction,
                    newStreams,
                    needs,
                    new RetryPolicy(true, 10, chance.millis(0, 400), Duration.ofSeconds(5), Duration.ofSeconds(1), 0));
        }
    }

    /**
     * That "b" is handled only after the "a" that it names.
     *
     * @param processor who has to have done it, null for nothing
     */
    record Needs(@Nullable String processor, Duration timeout, OnTimeout onTimeout) {
        static final Needs NOTHING = new Needs(null, Duration.ZERO, OnTimeout.FAIL);
    }

    /** What the functions of a processor declare about the entity that each event names. */
    enum Streams {
        NONE,
        SKIP_STALE,
        ADVANCE,
        /** One after the other, going on after some time. */
        SEQUENCED
    }

    /** What the events are like. */
    enum Shape {
        /** As the load says. */
        ANY,
        /** By turns one that others wait for, and one that waits for such a one. */
        TANGLED
    }

    /** Settings of the engines. */
    record Settings(int relayBatch, int readBatch, int slotQueue, List<Duration> immediateBackoffs, Duration keep) {}

    /** Probabilities per store call, unless another unit is named. */
    record Faults(
            double pause,
            double crash,
            double freeze,
            double refused,
            double lostReply,
            double lostCommit,
            double outagePerSecond,
            double lostSignal,
            double restartPerSecond,
            double oldBuild) {
        static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Shares of events that behave in some way, of publishers that repeat or roll back, and acts of operators, of which some
     * pause a lane or override a policy. */
    record Load(
            double failing,
            double early,
            double slow,
            double hanging,
            double killing,
            double undecodable,
            double keyless,
            double givenId,
            double rollback,
            double newType,
            double followUp,
            double actsPerSecond,
            double lanePauses) {}

    /** Nothing goes wrong but handlers that fail now and then. */
    static Plan calm(long seed) {
        Chance chance = new Chance(seed);
        return new Plan(
                seed,
                2,
                100,
                Duration.ofSeconds(20),
                List.of(
                        processor("orders", Order.KEY, OnFailure.PARK_KEY, chance),
                        processor("audit", Order.ALL, OnFailure.STOP, chance)),
                new Settings(50, 100, 20, List.of(Duration.ofMillis(50)), Duration.ofHours(1)),
                Faults.NONE,
                new Load(0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                false,
                Duration.ZERO,
                Shape.ANY);
    }

    /** No faults, but so much slow work for few places that retries queue for longer than an attempt may take. */
    static Plan busy(long seed) {
        Chance chance = new Chance(seed);
        ProcessorPlan some = processor("orders", Order.KEY, OnFailure.CONTINUE, chance);
        RetryPolicy policy = new RetryPolicy(true, 5, Duration.ZERO, Duration.ofSeconds(12), Duration.ofSeconds(1), 0);
        return new Plan(
                seed,
                1,
                80,
                Duration.ofMinutes(4),
                List.of(new ProcessorPlan(
                        some.name(),
                        some.order(),
                        some.onFailure(),
                        List.of(),
                        some.slots(),
                        1,
                        1,
                        false,
                        Streams.NONE,
                        Needs.NOTHING,
                        policy)),
                new Settings(50, 100, 20, List.of(), Duration.ofHours(1)),
                Faults.NONE,
                new Load(0.1, 0, 0.6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                false,
                Duration.ZERO,
                Shape.ANY);
    }

    /** Everything that the seed says. */
    static Plan of(long seed) {
        Chance chance = new Chance(seed);
        List<ProcessorPlan> processors = new ArrayList<>();
        int count = chance.between(1, 4);
        for (int i = 0; i < count; i++) {
            Order order = chance.pick(Order.KEY, Order.KEY, Order.KEY, Order.NONE, Order.ALL);
            OnFailure onFailure = switch (order) {
                case KEY -> chance.pick(OnFailure.PARK_KEY, OnFailure.PARK_KEY, OnFailure.CONTINUE, OnFailure.STOP);
                case NONE -> OnFailure.CONTINUE;
                case ALL -> chance.pick(OnFailure.STOP, OnFailure.STOP, OnFailure.CONTINUE, OnFailure.PARK_KEY);
            };
            processors.add(processor("p" + i, order, onFailure, chance));
        }
        return new Plan(
                seed,
                chance.between(1, 4),
                chance.between(10, 120),
                Duration.ofSeconds(chance.between(15, 45)),
                processors,
                new Settings(
                        chance.pick(1, 3, 50),
                        chance.pick(1, 5, 100),
                        chance.pick(2, 6, 50),
                        chance.pick(
                                List.of(),
                                List.of(Duration.ofMillis(50)),
                                List.of(Duration.ofMillis(50), Duration.ofMillis(250))),
                        chance.pick(Duration.ofSeconds(10), Duration.ofHours(1))),
                new Faults(
                        chance.rate(0.02, 0.1, 0.3),
                        chance.rate(0, 0.0005, 0.002, 0.006),
                        chance.rate(0, 0.0005, 0.002, 0.006),
                        chance.rate(0, 0, 0.01, 0.04),
                        chance.rate(0, 0.005, 0.02, 0.05),
                        chance.rate(0, 0.01, 0.05, 0.2),
                        chance.rate(0, 0, 0.05, 0.2),
                        chance.rate(0, 0.2, 1),
                        chance.rate(0, 0.05, 0.15),
                        chance.rate(0, 0, 0.4)),
                new Load(
                        chance.rate(0, 0.1, 0.3),
                        chance.rate(0, 0, 0.1, 0.3),
                        chance.rate(0, 0, 0.05, 0.2),
                        chance.rate(0, 0, 0.03, 0.1),
                        chance.rate(0, 0, 0.02, 0.06),
                        chance.rate(0, 0, 0.03),
                        chance.rate(0, 0.05),
                        chance.rate(0, 0.2),
                        chance.rate(0, 0.1),
                        chance.rate(0, 0.2),
                        chance.rate(0, 0.05),
                        chance.rate(0, 0.3, 1),
                        chance.rate(0, 0.1, 0.4)),
                chance.hit(0.3),
                Duration.ZERO,
                Shape.ANY);
    }

    /** Slots change hands in order only; events of few keys fail, come too early and wait for others. */
    static Plan inTurn(long seed) {
        Chance chance = new Chance(seed);
        List<ProcessorPlan> processors = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ProcessorPlan some = processor("p" + i, Order.KEY, OnFailure.PARK_KEY, chance);
            processors.add(some.retriedSoon(4, some.batch(), some.batchFunction(), some.streams(), chance));
        }
        return new Plan(
                seed,
                chance.between(1, 3),
                100,
                Duration.ofSeconds(15),
                processors,
                new Settings(50, 100, 20, List.of(), Duration.ofHours(1)),
                new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0.05, 0),
                new Load(0.3, 0.3, 0, 0, 0, 0, 0, 0.1, 0, 0, 0.05, 1, 0),
                false,
                // with its re-runs not longer than a slot that is given back waits for
                Duration.ofMillis(chance.between(1, 120)),
                Shape.ANY);
    }

    /** Much fails, and one place for all retries: those that are due together share transactions; with faults if asked for. */
    static Plan sharing(long seed, boolean faulty) {
        Chance chance = new Chance(seed);
        List<ProcessorPlan> processors = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            // there are few keys, and so few records in lanes that are due together
            OnFailure onFailure = faulty && i == 0 ? OnFailure.CONTINUE : OnFailure.PARK_KEY;
            ProcessorPlan some = processor("p" + i, Order.KEY, onFailure, chance);
            processors.add(some.retriedSoon(
                    1,
                    chance.between(2, 8),
                    chance.hit(0.3),
                    chance.pick(Streams.NONE, Streams.SKIP_STALE, Streams.ADVANCE),
                    chance));
        }
        return new Plan(
                seed,
                chance.between(1, 3),
                100,
                Duration.ofSeconds(10),
                processors,
                new Settings(50, 100, 20, List.of(), Duration.ofHours(1)),
                faulty
                        ? new Faults(0.1, 0.001, 0.002, 0.01, 0.01, 0.05, 0.05, 0.2, 0.3, 0)
                        : new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0.05, 0),
                new Load(0.5, 0.05, faulty ? 0.2 : 0, faulty ? 0.03 : 0, 0, 0, 0, 0, 0, 0, 0.05, 1, 0.1),
                false,
                // not longer, all together, than a slot that is given back waits for
                faulty ? Duration.ZERO : Duration.ofMillis(chance.between(1, 100)),
                Shape.ANY);
    }

    /**
     * Nobody fails, and every second event waits, for an hour if it has to, for one that is sent soon before or after it: of
     * two keys, so that waits hold each other across lanes.
     */
    static Plan tangled(long seed) {
        Chance chance = new Chance(seed);
        ProcessorPlan some = processor("p0", Order.KEY, OnFailure.PARK_KEY, chance);
        return new Plan(
                seed,
                chance.between(1, 3),
                40,
                Duration.ofSeconds(60),
                List.of(new ProcessorPlan(
                        some.name(),
                        some.order(),
                        some.onFailure(),
                        List.of(),
                        some.slots(),
                        some.concurrency(),
                        some.batch(),
                        false,
                        Streams.NONE,
                        new Needs(some.name(), Duration.ofHours(1), OnTimeout.FAIL),
                        some.policy())),
                new Settings(50, 100, 20, List.of(), Duration.ofHours(1)),
                new Faults(0.1, 0, 0, 0, 0, 0, 0, 0.2, 0, 0),
                new Load(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                false,
                Duration.ZERO,
                Shape.TANGLED);
    }

    private static ProcessorPlan processor(String name, Order order, OnFailure onFailure, Chance chance) {
        boolean several = chance.hit(0.35);
        return new ProcessorPlan(
                name,
                order,
                onFailure,
                order == Order.KEY && chance.hit(0.25) ? List.of("user") : List.of(),
                order == Order.ALL ? 1 : chance.between(1, 5),
                chance.between(1, 4),
                several ? chance.between(2, 5) : 1,
                several && chance.hit(0.5),
                chance.pick(Streams.NONE, Streams.SKIP_STALE, Streams.SKIP_STALE, Streams.ADVANCE, Streams.SEQUENCED),
                needs(name, chance),
                new RetryPolicy(
                        true,
                        chance.between(0, 4),
                        chance.millis(0, 3000),
                        Duration.ofSeconds(chance.between(2, 6)),
                        chance.pick(Duration.ZERO, Duration.ofSeconds(5)),
                        chance.pick(0.0, 0.5)));
    }

    private static Needs needs(String name, Chance chance) {
        return chance.hit(0.5)
                ? Needs.NOTHING
                : new Needs(
                        chance.hit(0.3) && name.startsWith("p") ? "p0" : name,
                        chance.millis(200, 15_000),
                        chance.pick(OnTimeout.FAIL, OnTimeout.PROCEED, OnTimeout.SKIP));
    }

    /** Whether an attempt can end in no other way than by being lost. */
    boolean mayLoseAttempts() {
        return !faults.equals(Faults.NONE) || load.killing() > 0;
    }

    EngineSettings engineSettings(String nodeName, String build) {
        return EngineSettings.defaults("sim")
                .with(it -> it.nodeName(nodeName)
                        .build(build)
                        .lease(Duration.ofSeconds(3))
                        .heartbeat(Duration.ofMillis(800))
                        .patience(Duration.ofSeconds(1))
                        .immediateBackoffs(settings.immediateBackoffs())
                        .relayBatch(settings.relayBatch())
                        .readBatch(settings.readBatch())
                        .slotQueue(settings.slotQueue())
                        .keepPassed(settings.keep())
                        .keepDone(settings.keep())
                        // longer than any run: what happens after a tombstone is forgotten is another promise
                        .keepTombstones(Duration.ofDays(1))
                        .shutdownPatience(Duration.ofSeconds(4)));
    }

    /** The processors of a build with these event types. */
    List<ProcessorDefinition> definitions(
            List<String> types, BiFunction<ProcessorPlan, String, HandlerFunction> handlers) {
        TextCodec codec = new TextCodec();
        return processors.stream()
                .map(plan -> new ProcessorDefinition(
                        plan.name(),
                        plan.order(),
                        plan.onFailure(),
                        plan.keyPaths(),
                        plan.slots(),
                        plan.concurrency(),
                        plan.batch(),
                        StartFrom.EARLIEST,
                        List.of(),
                        List.of(),
                        types.stream()
                                .map(type -> new FunctionDefinition(
                                        "on_" + type,
                                        List.of(type),
                                        handlers.apply(plan, type),
                                        plan.batchFunction(),
                                        Effects.values()[0],
                                        plan.policy(),
                                        ErrorRules.NONE,
                                        Causality.of(streams(plan, type), tracks(type), needs(plan, type), codec),
                                        List.of()))
                                .toList()))
                .toList();
    }

    /** All types of an entity share one stream; "b" deletes it. */
    private static List<StreamRule> streams(ProcessorPlan plan, String type) {
        Advance.Rule rule = switch (plan.streams()) {
            case NONE -> null;
            case SKIP_STALE -> Advance.Rule.SKIP_OLDER_AND_EQUAL;
            case ADVANCE -> Advance.Rule.NEVER_SKIP;
            case SEQUENCED -> Advance.Rule.FAIL_OLDER;
        };
        return rule == null
                ? List.of()
                : List.of(new StreamRule("entity", "entity", "version", "epoch", type.equals(DELETES), rule));
    }

    /** Every processor tells that it has done an "a", by its number. */
    private static List<TrackRule> tracks(String type) {
        return type.equals("a") ? List.of(TrackRule.of("a", List.of("n"))) : List.of();
    }

    private static List<RequireRule> needs(ProcessorPlan plan, String type) {
        String processor = plan.needs().processor();
        List<RequireRule> rules = new ArrayList<>();
        if (plan.streams() == Streams.SEQUENCED && !plan.batchFunction()) {
            rules.add(new RequireRule(
                    RequireRule.Kind.PREVIOUS,
                    plan.name(),
                    "entity",
                    List.of("entity"),
                    "version",
                    "epoch",
                    "",
                    RequireRule.FIRST_SEEN,
                    List.of(),
                    plan.needs().timeout().plusMillis(300),
                    OnTimeout.PROCEED,
                    RequireRule.History.UNKNOWN));
        }
        if (processor != null && type.equals("b") && !plan.batchFunction()) {
            rules.add(new RequireRule(
                    RequireRule.Kind.EVENT,
                    processor,
                    TrackRule.streamOf("a", List.of("n")),
                    List.of("after"),
                    "",
                    "",
                    "after",
                    RequireRule.FIRST_SEEN,
                    List.of(),
                    plan.needs().timeout(),
                    plan.needs().onTimeout(),
                    RequireRule.History.UNKNOWN));
        }
        return rules;
    }
}
