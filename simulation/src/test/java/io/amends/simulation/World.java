package io.amends.simulation;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.Advance;
import io.amends.core.failure.Change;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.Store;
import io.amends.core.store.StoreUnavailableException;
import io.amends.testkit.memory.InMemoryStore;
import io.amends.testkit.memory.Table;
import io.amends.testkit.time.VirtualClock;
import io.amends.testkit.time.VirtualConductor;
import io.amends.testkit.time.VirtualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** One simulated run: a database, nodes that come and go, publishers, operators, and the ledger that watches. */
final class World implements AutoCloseable {
    /** More steps than that without a move of the clock are a loop. */
    private static final int STEPS_AT_ONCE = 100_000;
    /** Virtual time within which everything drains once nothing goes wrong any more. */
    private static final Duration DRAIN_BOUND = Duration.ofMinutes(15);

    final Plan plan;
    final VirtualClock clock = new VirtualClock();
    final VirtualLoop loop;
    final Trace trace = new Trace(clock);
    final TextCodec codec = new TextCodec();
    final Script script;
    final Chance faultChance;
    final Store target;
    final Ledger ledger;
    boolean faulty = true;

    final Variant variant;
    private final SortedMap<String, Integer> counts = new TreeMap<>();
    private final SortedMap<String, String> turns = new TreeMap<>();
    private final Chance chance;
    private final InMemoryStore memory;
    private final Table<Long, Ledger.Effect> table;
    private final Table<String, String> entities;
    private final VirtualConductor outside;
    private final List<SimNode> nodes = new ArrayList<>();
    private final Clients clients;
    private final ThreadLocal<Run> lastRun = new ThreadLocal<>();
    private String violation;
    private Throwable unexpected;
    private long serial;
    private long outUntil;
    private int nodesStarted;
    private int stepsToCompare;
    private long momentOfStep;
    private int stepsAtOnce;

    /**
     * What is put around each node's way to the database.
     *
     * @param above what the engine sees instead of the faulty way
     * @param below what the faulty way leads to instead of the real store
     */
    record Variant(UnaryOperator<Store> above, Function<InMemoryStore, Store> below) {
        static final Variant NONE = new Variant(store -> store, store -> store);
    }

    private record Run(long task, String processor, String eventId, int attempt) {}

    /** What a run came to. */
    record Outcome(
            long hash,
            long lines,
            long steps,
            long events,
            int effects,
            int records,
            int nodes,
            SortedMap<String, Integer> counts) {}

    /** Creates it; the variant may put a store that is not right between the nodes and the real one. */
    World(Plan plan, Variant variant) {
        this.plan = plan;
        Chance root = new Chance(plan.seed());
        loop = new VirtualLoop(clock, root.seed());
        faultChance = root.fork();
        chance = root.fork();
        script = new Script(plan);
        memory = new InMemoryStore(clock);
        target = variant.below().apply(memory);
        this.variant = variant;
        table = memory.database().table("effects");
        entities = memory.database().table("entities");
        ledger = new Ledger(memory, this, plan.definitions(allTypes(), (p, type) -> null));
        outside = loop.conductor("outside");
        outside.onError(this::heard);
        clients = new Clients(this, root.fork());
        loop.afterEachStep(this::afterEachStep);
    }

    static List<String> allTypes() {
        List<String> types = new ArrayList<>(Plan.OLD_TYPES);
        types.add(Plan.NEW_TYPE);
        return types;
    }

    VirtualConductor outside() {
        return outside;
    }

    /** Runs the plan to its end. */
    Outcome run() {
        for (int i = 0; i < plan.nodes(); i++) {
            startNode();
        }
        clients.start();
        every(Duration.ofSeconds(1), this::trouble);
        loop.runFor(plan.length());
        calmDown();
        if (!loop.runUntil(ledger::hasDrained, DRAIN_BOUND)) {
            nodes.forEach(node -> trace.add(
                    node.name(),
                    "is " + (node.isUp() ? "up: " : "not up: ") + node.engine().report()));
            ledger.cursors().forEach(line -> trace.add("LEDGER", line));
            violated("not drained within " + DRAIN_BOUND + ": " + ledger.undone());
            afterEachStep();
        }
        ledger.compareTables(table.values(), entities.rows());
        afterEachStep();
        return new Outcome(
                trace.hash(),
                trace.lines(),
                loop.steps(),
                ledger.inboxSize(),
                ledger.effectCount(),
                ledger.recordCount(),
                nodesStarted,
                counts);
    }

    private void calmDown() {
        trace.add("world", "no faults any more");
        faulty = false;
        script.repairAll();
        clients.calmDown();
        if (onlyOldBuilds()) {
            nodes.stream()
                    .filter(n -> n.types().contains(Plan.NEW_TYPE))
                    .toList()
                    .forEach(SimNode::retire);
        }
        startNode();
    }

    /** Whether the new build is rolled back for good at the end. */
    boolean onlyOldBuilds() {
        return plan.rolledBack() && plan.faults().oldBuild() > 0;
    }

    /** Once a second: outages, restarts, and stuck nodes. */
    private void trouble() {
        if (faulty && chance.hit(plan.faults().outagePerSecond())) {
            Duration outage = chance.millis(100, 6000);
            outUntil = clock.nanos() + outage.toNanos();
            count("outage");
            trace.add("world", "the database is away for " + outage.toMillis() + " ms");
        }
        for (SimNode node : List.copyOf(nodes)) {
            boolean stuck =
                    node.isUp() && node.engine().report().processors().stream().anyMatch(p -> p.stuck());
            if (node.isUp() && (stuck || (faulty && chance.hit(plan.faults().restartPerSecond())))) {
                node.restart();
            }
        }
    }

    /** Whether an attempt may be lost: by a fault, or since a slot goes to a node that joins at the end. */
    boolean mayLoseAttempts() {
        return !faulty || plan.mayLoseAttempts();
    }

    boolean isOut() {
        return clock.nanos() < outUntil;
    }

    void every(Duration period, Runnable task) {
        outside.after(period, () -> {
            task.run();
            every(period, task);
        });
    }

    private void startNode() {
        boolean old = faulty ? chance.hit(plan.faults().oldBuild()) : onlyOldBuilds();
        start(old ? Plan.OLD_TYPES : allTypes());
    }

    private void start(List<String> types) {
        SimNode node = new SimNode(this, "n" + ++nodesStarted, types);
        nodes.add(node);
        node.start();
    }

    /** A node is gone; another one takes its place some time later. */
    void ended(SimNode node) {
        nodes.remove(node);
        outside.after(chance.millis(50, 4000), this::startNode);
    }

    /** How far every processor is, without faults. */
    List<ProcessorGauge> gauges() {
        return memory.gauges();
    }

    /** Nodes that work. */
    List<SimNode> up() {
        return nodes.stream().filter(SimNode::isUp).toList();
    }

    // ---- effects --------------------------------------------------------------------------------------------------

    void effect(Ledger.Effect effect) {
        table.put(++serial, effect);
        HandlerContext.current().effects.add(effect);
    }

    /** What a synchronizer without a version of its own does: the last that it handles is the state. */
    void synchronizes(String processor, Advance advance) {
        String row = processor + "/" + advance.entity();
        if (advance.deletes()) {
            entities.remove(row);
        } else {
            entities.put(row, advance.version().toString());
        }
    }

    /** Two events of one lane must never be handled at the same time, on whatever nodes. */
    void beginsTurn(String lane, EventEnvelope event) {
        String other = turns.putIfAbsent(lane, event.id());
        if (other != null) {
            violated("lane " + lane + ": " + event.id() + " runs beside " + other);
        }
    }

    void endsTurn(String lane) {
        turns.remove(lane);
    }

    void runs(String processor, EventEnvelope event, int attempt) {
        lastRun.set(new Run(loop.currentTask(), processor, Ledger.identity(event), attempt));
    }

    /** The failure of a run must end the attempt that the run was. */
    void checkFailedAttempt(Ledger.Seen seen) {
        Run run = lastRun.get();
        if (run != null
                && run.task() == loop.currentTask()
                && seen.change() instanceof Change.Write write
                && write.entry().type() == HistoryEntry.Type.FAILED
                && run.processor().equals(seen.before().processor())
                && run.eventId().equals(Ledger.identity(seen.before().event()))) {
            ledger.attemptFailed(seen, run.attempt());
        }
    }

    // ---- what is wrong --------------------------------------------------------------------------------------------

    /** Something worth counting has happened: a simulation in which it never does proves nothing about it. */
    void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    /** Something that must never be; the run ends after this step. */
    void violated(String what) {
        if (violation == null) {
            violation = what;
            trace.add("LEDGER", what);
        }
    }

    /** What the nodes' steps and tasks throw. */
    void heard(String task, Throwable error) {
        if (!(error instanceof StoreUnavailableException) && unexpected == null) {
            unexpected = error;
            trace.add("world", task + " threw " + error);
        }
    }

    private void afterEachStep() {
        stepsAtOnce = clock.nanos() == momentOfStep ? stepsAtOnce + 1 : 0;
        momentOfStep = clock.nanos();
        if (stepsAtOnce > STEPS_AT_ONCE) {
            violated("time stands still: " + STEPS_AT_ONCE + " steps in one moment");
        }
        if (violation != null) {
            throw new AssertionError(violation);
        }
        if (unexpected != null) {
            throw new AssertionError("unexpected: " + unexpected, unexpected);
        }
        // a thread that parks in its transaction would see that transaction's own writes
        if (++stepsToCompare >= 100 && !memory.database().isActive()) {
            stepsToCompare = 0;
            ledger.compareTables(table.values(), entities.rows());
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
