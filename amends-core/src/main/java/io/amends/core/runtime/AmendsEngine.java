package io.amends.core.runtime;

import io.amends.api.ErrorClassifier;
import io.amends.api.EventPublisher;
import io.amends.core.compensate.CompensationStep;
import io.amends.core.compensate.LaneTurns;
import io.amends.core.compensate.ReleaseStep;
import io.amends.core.compensate.RetentionStep;
import io.amends.core.compensate.UntangleStep;
import io.amends.core.define.InvalidDefinitionException;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.BindingErrorReader;
import io.amends.core.failure.Redactor;
import io.amends.core.failure.Status;
import io.amends.core.handle.ApartRun;
import io.amends.core.handle.ErrorReader;
import io.amends.core.handle.Guard;
import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.HandlerSettings;
import io.amends.core.handle.LocalProcessor;
import io.amends.core.handle.SlotRunner;
import io.amends.core.handle.StandardErrorReader;
import io.amends.core.lane.LaneKey;
import io.amends.core.observe.EngineListener;
import io.amends.core.observe.EngineListener.LeaseChange;
import io.amends.core.observe.FlowCounter;
import io.amends.core.observe.FlowStep;
import io.amends.core.observe.SafeListener;
import io.amends.core.observe.TraceContext;
import io.amends.core.operate.BatchStep;
import io.amends.core.operate.FoldStep;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorRetentionStep;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.Resync;
import io.amends.core.own.CarryForwardStep;
import io.amends.core.own.OwnedSlots;
import io.amends.core.own.OwnershipStep;
import io.amends.core.publish.OutboxPublisher;
import io.amends.core.read.ReaderStep;
import io.amends.core.relay.RelayStep;
import io.amends.core.step.Conductor;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.Signal;
import io.amends.core.store.SignalListener;
import io.amends.core.store.Store;
import io.amends.core.store.WokenLane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The assembled engine of one node: publishes, relays, reads, handles and compensates.
 *
 * <p>{@link #publisher()} and {@link #operations()} work before {@link #start}. Thread-safe.
 */
public final class AmendsEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AmendsEngine.class);
    private static final Duration CARRY_PACE = Duration.ofSeconds(2);

    private final Store store;
    private final EngineSettings settings;
    private final Conductor conductor;
    private final @Nullable AutoCloseable ownConductor;
    private final List<LocalProcessor> processors = new ArrayList<>();
    private final OwnedSlots slots = new OwnedSlots();
    private final EventPublisher publisher;
    private final Operations operations;
    private final Resync resync;
    private final @Nullable OperatorStore operatorStore;
    private final HandlerEnvironment env;
    private final NodeRegistration node;
    private final Neighbourhood neighbours = new Neighbourhood();
    private final LaneTurns turns;
    private final FlowStep flow;
    private final List<Conductor.Handle> compensation = new ArrayList<>();
    private final Map<String, CompensationStep> compensationOf = new ConcurrentHashMap<>();
    private final List<Conductor.Handle> releases = new ArrayList<>();
    private final List<Conductor.Handle> steps = new ArrayList<>();
    private Conductor.@Nullable Handle relay;
    private Conductor.@Nullable Handle reader;
    private @Nullable OwnershipStep ownership;
    private @Nullable AutoCloseable signals;

    private AmendsEngine(Builder builder) {
        store = builder.store;
        operatorStore = builder.operatorStore;
        settings = Objects.requireNonNull(builder.settings, "settings");
        EventCodec codec = Objects.requireNonNull(builder.codec, "codec");
        ErrorReader errors = builder.errors != null
                ? builder.errors
                : new StandardErrorReader(builder.redactor, builder.bindingErrors, builder.classifiers);
        if (builder.conductor == null) {
            ThreadConductor threads = new ThreadConductor("amends");
            conductor = threads;
            ownConductor = threads;
        } else {
            conductor = builder.conductor;
            ownConductor = null;
        }
        EngineListener listener = new SafeListener(List.of(builder.flow, builder.listener));
        publisher = new OutboxPublisher(
                store.caller(),
                codec,
                settings.limits(),
                settings.source(),
                conductor,
                new OutboxPublisher.Observers(listener, builder.traces));
        String nodeId = settings.nodeName() + "-" + conductor.newId();
        env = new HandlerEnvironment(
                store,
                conductor,
                codec,
                publisher,
                errors,
                listener,
                builder.traces,
                new HandlerSettings(
                        nodeId,
                        settings.build(),
                        settings.patience(),
                        settings.immediateBackoffs(),
                        settings.slotQueue(),
                        settings.stuckThreads(),
                        settings.compensationEnabled()));
        List<ProcessorDefinition> definitions = settings.handlingEnabled() ? builder.processors : List.of();
        checkNames(definitions);
        definitions.forEach(definition -> processors.add(new LocalProcessor(definition, conductor)));
        node = new NodeRegistration(
                nodeId,
                settings.build(),
                settings.nodeName(),
                definitions.stream().map(ProcessorDefinition::registration).toList());
        flow = new FlowStep(store, nodeId, builder.flow, conductor, settings.keepPassed());
        turns = new LaneTurns(env, neighbours);
        operations = new Operations(
                store,
                builder.processors,
                (processor, event) -> LaneKey.of(processor, event, codec),
                conductor,
                listener,
                this::wakeCompensation);
        resync = new Resync(store, builder.processors, codec, settings.limits(), settings.source(), conductor);
    }

    /** Begins an engine on a store. */
    public static Builder builder(Store store) {
        return new Builder(store);
    }

    /** Publishes in callers' transactions. */
    public EventPublisher publisher() {
        return publisher;
    }

    /** What persons and programs can do. */
    public Operations operations() {
        return operations;
    }

    /** Brings what synchronizers keep up to date with its source. */
    public Resync resync() {
        return resync;
    }

    /** This start's unique node id. */
    public String nodeId() {
        return node.id();
    }

    /**
     * Joins the cluster and starts handling.
     *
     * @throws io.amends.core.store.MappingChangedException if a processor's mapping is not the registered one
     * @throws io.amends.core.store.StoreUnavailableException if the database can not be reached
     */
    public synchronized void start() {
        store.join(node, settings.lease());
        Conductor.Group inner = conductor.group("engine", 16);
        steps.add(conductor.start("flow", inner, flow));
        Conductor.Handle newRelay = conductor.start(
                "relay",
                inner,
                new RelayStep(
                        store,
                        settings.relayBatch(),
                        settings.idlePoll(),
                        env.listener(),
                        conductor,
                        this::wakeReader));
        relay = newRelay;
        steps.add(newRelay);
        signals = store.listen(new Hearing());
        if (processors.isEmpty()) {
            LOG.info("node {} relays, and handles nothing", node.id());
        }
        Conductor.Handle newReader = conductor.start(
                "reader",
                inner,
                new ReaderStep(store, env.codec(), conductor, slots, settings.readBatch(), settings.idlePoll()));
        reader = newReader;
        steps.add(newReader);
        OwnershipStep owner = new OwnershipStep(
                env,
                node,
                processors,
                slots,
                neighbours,
                new OwnershipStep.Lease(settings.lease(), settings.heartbeat()));
        ownership = owner;
        steps.add(conductor.start("ownership", inner, owner));
        steps.add(conductor.start("lease watch", inner, owner::watchLease));
        steps.add(conductor.start("carry forward", inner, new CarryForwardStep(store, slots, CARRY_PACE)));
        for (LocalProcessor processor : processors) {
            CompensationStep step = new CompensationStep(env, processor, slots, turns, neighbours, settings.idlePoll());
            Conductor.Handle handle =
                    conductor.start("compensation " + processor.definition().name(), inner, step);
            step.wakeWith(handle::wake);
            compensationOf.put(processor.definition().name(), step);
            compensation.add(handle);
            steps.add(handle);
            steps.add(conductor.start(
                    "untangle " + processor.definition().name(),
                    inner,
                    new UntangleStep(env, processor, slots, settings.idlePoll(), handle::wake)));
            Conductor.Handle release = conductor.start(
                    "release " + processor.definition().name(), inner, new ReleaseStep(store, processor, slots, turns));
            releases.add(release);
            steps.add(release);
        }
        steps.add(conductor.start(
                "retention",
                inner,
                new RetentionStep(store, settings.keepPassed(), settings.keepDone(), settings.keepTombstones())));
        if (operatorStore != null) {
            steps.add(conductor.start("groups", inner, new FoldStep(operatorStore)));
            steps.add(conductor.start(
                    "operator retention",
                    inner,
                    new OperatorRetentionStep(operatorStore, settings.operatorRetention())));
            steps.add(
                    conductor.start("batches", inner, new BatchStep(operatorStore, operations, conductor, node.id())));
        }
        LOG.info("node {} started with {} processors", node.id(), processors.size());
    }

    /** Finishes what runs, within {@code shutdownPatience}, gives the slots back and leaves; the publisher works on. */
    @Override
    public synchronized void close() {
        OwnershipStep owner = ownership;
        if (owner != null) {
            owner.leave();
            awaitRest();
            slots.all().forEach(SlotRunner::abandon);
            steps.forEach(Conductor.Handle::cancel);
            closeQuietly(signals);
            closeQuietly(flow::write);
            try {
                store.leave(node.id());
            } catch (RuntimeException e) {
                LOG.warn("node {} could not leave; its lease will expire", node.id(), e);
            }
            ownership = null;
            LOG.info("node {} stopped", node.id());
        }
        closeQuietly(ownConductor);
    }

    /** What an operator sees of this node. */
    public EngineReport report() {
        OwnershipStep owner = ownership;
        List<EngineReport.ProcessorReport> reports = new ArrayList<>();
        for (LocalProcessor processor : processors) {
            List<SlotRunner> owned = slots.of(processor);
            reports.add(new EngineReport.ProcessorReport(
                    processor.definition().name(),
                    owned.size(),
                    (int) owned.stream().filter(SlotRunner::isStopped).count(),
                    processor.isHalted(),
                    processor.isStuck()));
        }
        return new EngineReport(
                node.id(),
                owner != null,
                owner != null && owner.leaseHolds(),
                owner == null ? List.of() : owner.nodes(),
                reports);
    }

    private void awaitRest() {
        long deadline = conductor.nanos() + settings.shutdownPatience().toNanos();
        while (!slots.all().isEmpty() && conductor.nanos() < deadline) {
            try {
                conductor.pause(Duration.ofMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void wakeReader() {
        wake(reader);
    }

    private void wakeCompensation() {
        compensation.forEach(Conductor.Handle::wake);
    }

    private static void wake(Conductor.@Nullable Handle handle) {
        if (handle != null) {
            handle.wake();
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (Exception e) {
            LOG.warn("could not close {}", closeable, e);
        }
    }

    private static void checkNames(List<ProcessorDefinition> definitions) {
        List<String> mistakes = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>();
        for (ProcessorDefinition definition : definitions) {
            if (!names.add(definition.name())) {
                mistakes.add("processor " + definition.name() + ": defined twice (expected: names that differ)");
            }
        }
        if (!mistakes.isEmpty()) {
            throw new InvalidDefinitionException(mistakes);
        }
    }

    /** Wakes whoever has to do what a signal speaks of. */
    private final class Hearing implements SignalListener {
        @Override
        public void heard(Collection<Signal> heard) {
            for (Signal signal : heard) {
                switch (signal) {
                    case OUTBOX -> wake(relay);
                    case INBOX -> wakeReader();
                    case COMPENSATION -> wakeCompensation();
                    case WAITS -> releases.forEach(Conductor.Handle::wake);
                }
            }
        }

        @Override
        public boolean woken(List<WokenLane> lanes) {
            boolean all = true;
            for (WokenLane lane : lanes) {
                SlotRunner slot = slots.find(lane.slot());
                if (slot == null || slot.isClosing() || slot.processor().isHalted()) {
                    all = false;
                } else {
                    turns.drain(slot, lane.laneKey());
                }
            }
            return all;
        }
    }

    /** Connects the parts. */
    private final class Neighbourhood implements SlotRunner.Neighbours {
        @Override
        public void wantsEvents() {
            wakeReader();
        }

        @Override
        public void lost(SlotRunner slot) {
            slots.forget(slot);
        }

        @Override
        public void atRest(SlotRunner slot, @Nullable String neededType) {
            store.giveBack(List.of(slot.claim()), neededType);
            slot.abandon();
            slots.forget(slot);
            env.listener().leaseChanged(slot.processor().definition().name(), LeaseChange.GIVEN_BACK);
        }

        @Override
        public void laneContinues(SlotRunner slot, String lane) {
            turns.drain(slot, lane);
        }

        @Override
        public void dueIn(SlotRunner slot, Duration time) {
            CompensationStep step =
                    compensationOf.get(slot.processor().definition().name());
            if (step != null) {
                step.dueIn(time);
            }
        }

        @Override
        public void laneIsFree(SlotRunner slot) {
            wakeCompensation();
        }

        @Override
        public void runApart(SlotRunner slot, Guard.OfAttempt guard, StoredEvent event, LaneKey key) {
            LocalProcessor processor = slot.processor();
            processor.takeInHand(guard.failure(), guard.attempt());
            turns.attempt(slot, key.lane(), "apart " + guard.failure(), abandoned -> {
                try {
                    store.failure(guard.failure())
                            .filter(record -> record.status() == Status.PREPARED
                                    && record.retry().attempt() == guard.attempt())
                            .ifPresent(record -> new ApartRun(env, slot, this).run(record, abandoned));
                } finally {
                    processor.letGo(guard.failure(), guard.attempt());
                }
            });
        }
    }

    /** Gathers what an engine needs. */
    public static final class Builder {
        private final Store store;
        private @Nullable EngineSettings settings;
        private @Nullable EventCodec codec;
        private @Nullable ErrorReader errors;
        private @Nullable Conductor conductor;
        private @Nullable OperatorStore operatorStore;
        private Redactor redactor = Redactor.NONE;
        private List<ErrorClassifier> classifiers = List.of();
        private List<BindingErrorReader> bindingErrors = List.of();
        private List<ProcessorDefinition> processors = List.of();
        private EngineListener listener = EngineListener.NONE;
        private TraceContext traces = TraceContext.NONE;
        private FlowCounter flow = new FlowCounter();

        private Builder(Store store) {
            this.store = store;
        }

        /** The settings; required. */
        public Builder settings(EngineSettings value) {
            settings = value;
            return this;
        }

        /** How payloads are read and written; required. */
        public Builder codec(EventCodec value) {
            codec = value;
            return this;
        }

        /** Removes secrets from what is stored of exceptions; by default nothing is removed. */
        public Builder redactor(Redactor value) {
            redactor = value;
            return this;
        }

        /** Says which exceptions are worth a retry, beyond what functions name; asked in order. */
        public Builder classifiers(List<ErrorClassifier> value) {
            classifiers = List.copyOf(value);
            return this;
        }

        /** Read violated constraints out of exceptions; asked in order. */
        public Builder bindingErrors(List<BindingErrorReader> value) {
            bindingErrors = List.copyOf(value);
            return this;
        }

        /** How exceptions are read altogether, instead of redactor, classifiers and binding readers. */
        public Builder errors(ErrorReader value) {
            errors = value;
            return this;
        }

        /** The processors; none by default. */
        public Builder processors(List<ProcessorDefinition> value) {
            processors = List.copyOf(value);
            return this;
        }

        /** Who hears what happens. */
        public Builder listener(EngineListener value) {
            listener = value;
            return this;
        }

        /** What counts the flow; given where another publisher than the engine's tells it of what is published. */
        public Builder flow(FlowCounter value) {
            flow = value;
            return this;
        }

        /** Who carries traces. */
        public Builder traces(TraceContext value) {
            traces = value;
            return this;
        }

        /** What operators ask of the same tables; without it nobody keeps what they read small. */
        public Builder operatorStore(OperatorStore value) {
            operatorStore = value;
            return this;
        }

        /** Who owns threads and time; the default owns virtual threads. */
        public Builder conductor(Conductor value) {
            conductor = value;
            return this;
        }

        /**
         * Assembles the engine; nothing runs yet.
         *
         * @throws InvalidDefinitionException if two processors have one name
         */
        public AmendsEngine build() {
            return new AmendsEngine(this);
        }
    }
}
