package io.amends.core.operate;

import io.amends.api.OnFailure;
import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.causality.Advance;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.CodecException;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Refusal;
import io.amends.core.lane.LaneKey;
import io.amends.core.observe.EngineListener;
import io.amends.core.step.Conductor;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneMove;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.Signal;
import io.amends.core.store.SlotId;
import io.amends.core.store.Store;
import io.amends.core.store.WaitingEvent;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a person or a program can do. Each command is atomic, recorded in the record's history with actor and reason, and
 * answers what it changed or why it changed nothing; it works on every node, whoever owns the slot. Thread-safe.
 */
public final class Operations {
    private final Store store;
    private final List<ProcessorDefinition> processors;
    private final LaneKey.Finder places;
    private final Conductor conductor;
    private final EngineListener listener;
    private final Runnable wakeCompensation;
    private final boolean audited;

    /** Creates it; {@code places} finds events in the processors, {@code wakeCompensation} wakes this node's schedulers. */
    public Operations(
            Store store,
            List<ProcessorDefinition> processors,
            LaneKey.Finder places,
            Conductor conductor,
            EngineListener listener,
            Runnable wakeCompensation) {
        this(store, processors, places, conductor, listener, wakeCompensation, false);
    }

    private Operations(
            Store store,
            List<ProcessorDefinition> processors,
            LaneKey.Finder places,
            Conductor conductor,
            EngineListener listener,
            Runnable wakeCompensation,
            boolean audited) {
        this.store = store;
        this.processors = List.copyOf(processors);
        this.places = places;
        this.conductor = conductor;
        this.listener = listener;
        this.wakeCompensation = wakeCompensation;
        this.audited = audited;
    }

    /** The same for a caller that writes a line of audit for each command itself, with what was before and after. */
    public Operations audited() {
        return new Operations(store, processors, places, conductor, listener, wakeCompensation, true);
    }

    /** Lists records without payloads, newest first, starting below {@code before}; at most 1,000. */
    public List<FailedExecution> failures(FailureFilter filter, @Nullable FailureId before, int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: 1..1000)");
        }
        return store.failures(filter, before, limit);
    }

    /** One record with its payload. */
    public Optional<FailedExecution> failure(FailureId id) {
        return store.failure(id);
    }

    /** The history of a record, oldest first. */
    public List<HistoryEntry> history(FailureId id) {
        return store.history(id);
    }

    /** How many events are parked behind a record. */
    public long followers(FailureId id) {
        return store.followers(id);
    }

    /** A processor of this build, with its settings resolved; empty if this build has none of that name. */
    public Optional<ProcessorDefinition> processor(String name) {
        return processors.stream()
                .filter(processor -> processor.name().equals(name))
                .findFirst();
    }

    /** The event types that a function of this name takes in this build, by processor: what can be redirected to it. */
    public SortedMap<String, List<String>> typesOf(String function) {
        SortedMap<String, List<String>> types = new TreeMap<>();
        for (ProcessorDefinition processor : processors) {
            FunctionDefinition target = processor.function(function);
            if (target != null) {
                types.put(processor.name(), target.eventTypes());
            }
        }
        return types;
    }

    /** A new id, which sorts behind those that were made before. */
    public String newId() {
        return conductor.newId();
    }

    /** How far every processor is. */
    public List<ProcessorGauge> gauges() {
        return store.gauges();
    }

    /**
     * Does what a command says.
     *
     * @param expected the {@link FailureVersion} that the record must have, or null; another one refuses with
     *     CHANGED_MEANWHILE
     * @throws IllegalArgumentException if a skip has no reason, or a policy is out of its ranges; nothing is changed
     */
    public CommandOutcome command(
            FailureId id, FailureCommand command, String actor, @Nullable String reason, @Nullable String expected) {
        Expectation found = new Expectation(expected);
        Change change = change(id, command, actor, reason, found);
        return new CommandOutcome(found.before, change);
    }

    /**
     * Makes records due for a batch; CHANGED_MEANWHILE for one of which an attempt has begun after that of its item, or that
     * somebody has made due. A record that somebody works on is left out.
     */
    Map<FailureId, Change> prepare(
            List<Batch.Begun> items, FailureCommand.Prepare command, String actor, String reason) {
        Map<FailureId, Integer> attempts =
                items.stream().collect(Collectors.toMap(Batch.Begun::failure, Batch.Begun::attempt));
        Decision request = Compensation.request(command.force(), actor, reason);
        Map<FailureId, Change> changes = store.changeMany(
                items.stream().map(Batch.Begun::failure).toList(),
                (record, situation) -> record.retry().attempt() != Objects.requireNonNull(attempts.get(record.id()))
                                || record.retry().requested()
                        ? new Change.Refuse(Refusal.CHANGED_MEANWHILE)
                        : request.decide(record, situation));
        if (changes.values().stream().anyMatch(Change.Write.class::isInstance)) {
            tell();
        }
        return changes;
    }

    private Change change(
            FailureId id, FailureCommand command, String actor, @Nullable String reason, Expectation expected) {
        return switch (command) {
            case FailureCommand.Prepare prepare ->
                change(id, expected, Compensation.request(prepare.force(), actor, reason));
            case FailureCommand.ApplyRetrySpec spec ->
                change(
                        id,
                        expected,
                        (record, situation) -> Compensation.applyRetrySpec(
                                        spec.change().over(record.policy()), actor, reason, conductor::random)
                                .decide(record, situation));
            case FailureCommand.Mark mark ->
                change(id, expected, Compensation.markRecoverable(mark.mark(), actor, reason));
            case FailureCommand.Redirect redirect -> redirect(id, redirect, actor, reason, expected);
            case FailureCommand.Skip skip -> skip(id, actor, reason == null ? "" : reason, skip.dependents(), expected);
        };
    }

    /** Up to {@code limit} waits by position, above {@code after}; of one processor, or of all if it is null. */
    public List<WaitingEvent> waits(@Nullable String processor, long after, int limit) {
        return store.waits(processor, after, limit);
    }

    /**
     * Ends a wait now, as if it had lasted too long: the event is handled, fails or is skipped. False if it does not wait
     * any more, or waits as a failed execution, which has operations of its own.
     */
    public boolean endWait(String processor, long position, OnTimeout then, String actor, @Nullable String reason) {
        boolean ended = store.endWait(processor, position, then, actor, reason, audited);
        if (ended) {
            tell();
        }
        return ended;
    }

    /** Makes a record due now; refused if its retries are spent or it is marked unrecoverable. */
    public Change prepare(FailureId id, String actor, @Nullable String reason) {
        return change(id, Compensation.request(false, actor, reason));
    }

    /** Makes a record due now, past its limit and against its mark. */
    public Change forcePrepare(FailureId id, String actor, @Nullable String reason) {
        return change(id, Compensation.request(true, actor, reason));
    }

    /** Changes a record's retry policy, and with it its next retry time. */
    public Change applyRetrySpec(FailureId id, RetryPolicy policy, String actor, @Nullable String reason) {
        return change(id, Compensation.applyRetrySpec(policy, actor, reason, conductor::random));
    }

    /** Marks a record; the mark survives later failures. */
    public Change markRecoverable(FailureId id, Recoverability mark, String actor, @Nullable String reason) {
        return change(id, Compensation.markRecoverable(mark, actor, reason));
    }

    /**
     * Lets another function of the same processor take a record; refused if no function of that name in this build takes
     * the event's type.
     */
    public Change redirect(FailureId id, String function, String actor, @Nullable String reason) {
        return redirect(id, new FailureCommand.Redirect(function), actor, reason, new Expectation(null));
    }

    private Change redirect(
            FailureId id,
            FailureCommand.Redirect redirect,
            String actor,
            @Nullable String reason,
            Expectation expected) {
        Optional<FailedExecution> found = store.failure(id);
        if (found.isEmpty()) {
            return new Change.Refuse(Refusal.NOT_FOUND);
        }
        FailedExecution record = found.get();
        String name = redirect.processor() == null ? record.processor() : redirect.processor();
        boolean moves = !name.equals(record.processor());
        Optional<ProcessorDefinition> processor = processor(name);
        if (moves && processor.isEmpty()) {
            return new Change.Refuse(Refusal.UNKNOWN_PROCESSOR, name);
        }
        FunctionDefinition function = processor
                .map(known -> known.function(redirect.function()))
                .filter(known -> known.eventTypes().contains(record.event().type()))
                .orElse(null);
        if (function == null || processor.isEmpty()) {
            return new Change.Refuse(Refusal.UNKNOWN_FUNCTION);
        }
        if (moves) {
            return move(record, processor.get(), function, actor, reason, expected);
        }
        return change(
                id,
                expected,
                Compensation.redirect(function.name(), policyOf(processor.get(), function), actor, reason));
    }

    private Change move(
            FailedExecution record,
            ProcessorDefinition processor,
            FunctionDefinition function,
            String actor,
            @Nullable String reason,
            Expectation expected) {
        LaneKey place = places.place(processor, record.event());
        if (place.mistake() != null
                || record.stopsSlot()
                || processor.onFailure() == OnFailure.STOP
                || !isSameLane(record.laneKey(), place.lane())) {
            return new Change.Refuse(Refusal.TARGET_LANE_DIFFERS);
        }
        TreeMap<String, Compensation.Target> functions = new TreeMap<>();
        for (FunctionDefinition one : processor.functions()) {
            Compensation.Target target = new Compensation.Target(one.name(), policyOf(processor, one));
            // of several the one that gets the events of the inbox
            one.eventTypes().stream()
                    .filter(type -> one.equals(processor.functionFor(type)))
                    .forEach(type -> functions.put(type, target));
        }
        Compensation.Destination destination = new Compensation.Destination(
                processor.name(),
                place.slot(),
                functions,
                record.id(),
                new Compensation.Target(function.name(), policyOf(processor, function)));
        Decision decision = expected.before(record.id(), Compensation.move(destination, actor, reason));
        TreeSet<String> causes = new TreeSet<>();
        Change change = store.moveLane(
                record.id(),
                new LaneMove(
                        new SlotId(processor.name(), place.slot()), functions.navigableKeySet(), (one, situation) -> {
                            causes.add(one.fingerprint());
                            return decision.decide(one, situation);
                        }));
        if (change instanceof Change.Write) {
            causes.stream()
                    .filter(cause -> !cause.isEmpty())
                    .forEach(cause -> store.explain(Fingerprint.moved(cause, processor.name())));
            tell();
        }
        return change;
    }

    /** Whether a record's lane is that of its key in another processor; an event without a key may have one for itself. */
    private static boolean isSameLane(@Nullable String lane, @Nullable String other) {
        boolean own = lane != null && LaneKey.isPrivate(lane);
        return own ? other == null : Objects.equals(lane, other);
    }

    /**
     * Declares a record dealt with; its lane goes on, and the streams that its event moves go on to its version, if this
     * node has a function for it.
     *
     * @throws IllegalArgumentException if the reason is blank; nothing is changed
     */
    public Change skip(FailureId id, String actor, String reason) {
        return skip(id, actor, reason, OnTimeout.PROCEED);
    }

    /**
     * The same, saying what becomes of the events that wait for this one: they run as if it had been handled
     * ({@code PROCEED}), become failed executions that say so, or are skipped too. Failed executions that wait for it are
     * tried.
     *
     * @throws IllegalArgumentException if the reason is blank; nothing is changed
     */
    public Change skip(FailureId id, String actor, String reason, OnTimeout dependents) {
        return skip(id, actor, reason, dependents, new Expectation(null));
    }

    private Change skip(FailureId id, String actor, String reason, OnTimeout dependents, Expectation expected) {
        if (reason.isBlank()) {
            throw new IllegalArgumentException("reason: blank (expected: why the event is dealt with)");
        }
        Change change = store.change(
                id, expected.before(Compensation.skip(actor, reason, dependents)), advancesOf(id), dependents);
        if (change instanceof Change.Write write) {
            listener.skipped(write.after().processor(), write.after().function());
            tell();
        }
        return change;
    }

    private List<Advance> advancesOf(FailureId id) {
        return store.failure(id).map(this::advancesOf).orElse(List.of());
    }

    /** How the streams of its processor move when the record is done; none if it can not be read, or has no function here. */
    public List<Advance> advancesOf(FailedExecution record) {
        for (ProcessorDefinition processor : processors) {
            FunctionDefinition function = processor.functionFor(record.event().type());
            if (function != null && processor.name().equals(record.processor())) {
                try {
                    return function.causality().advances(record.event());
                } catch (CodecException e) {
                    return List.of(); // an event without a version moves nothing
                }
            }
        }
        return List.of();
    }

    /** Pauses a processor on all nodes within a heartbeat: running events finish, no other begins; false if unknown. */
    public boolean pause(String processor, String actor, @Nullable String reason) {
        return store.pause(processor, true, actor, reason, audited);
    }

    /** Resumes a processor; false if unknown. */
    public boolean resume(String processor, String actor, @Nullable String reason) {
        boolean known = store.pause(processor, false, actor, reason, audited);
        tell();
        return known;
    }

    /** What is put over the retry policies of a processor's functions. */
    public List<PolicyOverride> overrides(String processor) {
        return store.overrides(processor);
    }

    /**
     * Puts values over a function's retry policy, without a restart, within a heartbeat: for failures from then on. Those that
     * wait keep their own; a batch of {@code retry-spec} changes them. False if there is no such processor.
     */
    public boolean overridePolicy(PolicyOverride.Draft draft) {
        return store.overridePolicy(draft.withAudited(audited));
    }

    /** Ends an override; false if there is none. */
    public boolean removeOverride(String processor, String function, String actor, @Nullable String reason) {
        return store.removeOverride(processor, function, actor, reason, audited);
    }

    private RetryPolicy policyOf(ProcessorDefinition processor, FunctionDefinition function) {
        for (PolicyOverride override : store.overrides(processor.name())) {
            if (override.function().equals(function.name()) && override.build() == null) {
                try {
                    return override.change().over(function.policy());
                } catch (IllegalArgumentException e) {
                    return function.policy(); // made for another build, and does not fit this one
                }
            }
        }
        return function.policy();
    }

    /**
     * Pauses a lane: its events are parked in order, and neither they nor its failed executions run, nor do its waits time out,
     * until it is resumed. A lane that nothing holds is paused within a heartbeat. Events of a processor without lanes ({@code
     * CONTINUE}) know no pause.
     */
    public LaneChange pauseLane(LaneCommand command) {
        return store.pauseLane(command.withAudited(audited));
    }

    /** Resumes a lane. */
    public LaneChange resumeLane(LaneCommand command) {
        LaneChange change = store.resumeLane(command.withAudited(audited));
        tell();
        return change;
    }

    private Change change(FailureId id, Decision decision) {
        return change(id, new Expectation(null), decision);
    }

    private Change change(FailureId id, Expectation expected, Decision decision) {
        Change change = store.change(id, expected.before(decision), List.of());
        if (change instanceof Change.Write) {
            tell();
        }
        return change;
    }

    /** Which version a record must have, and which record it was. */
    private static final class Expectation {
        private final @Nullable String version;
        private @Nullable FailedExecution before;

        Expectation(@Nullable String version) {
            this.version = version;
        }

        /** The same for the one of several records that is meant. */
        Decision before(FailureId id, Decision decision) {
            Decision checked = before(decision);
            return (record, situation) -> (record.id().equals(id) ? checked : decision).decide(record, situation);
        }

        Decision before(Decision decision) {
            return (record, situation) -> {
                before = record;
                return version == null || FailureVersion.of(record).equals(version)
                        ? decision.decide(record, situation)
                        : new Change.Refuse(Refusal.CHANGED_MEANWHILE);
            };
        }
    }

    private void tell() {
        wakeCompensation.run();
        store.signal(Signal.COMPENSATION);
    }
}
