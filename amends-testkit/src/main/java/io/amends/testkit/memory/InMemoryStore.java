package io.amends.testkit.memory;

import io.amends.api.EventEnvelope;
import io.amends.api.NoTransactionException;
import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.NewFailure;
import io.amends.core.flow.FlowDelta;
import io.amends.core.store.AppendResult;
import io.amends.core.store.CallerTransaction;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.HeldLane;
import io.amends.core.store.InboxBatch;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.LaneMove;
import io.amends.core.store.LanePause;
import io.amends.core.store.Membership;
import io.amends.core.store.NewWait;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ParkResult;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.RelayResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.Signal;
import io.amends.core.store.SignalListener;
import io.amends.core.store.SlotId;
import io.amends.core.store.Store;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import io.amends.core.store.Untangled;
import io.amends.core.store.WaitResult;
import io.amends.core.store.WaitingEvent;
import io.amends.testkit.memory.Lanes.LaneId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The store in memory: the same answers as a database's, in the time of a clock that a test moves.
 *
 * <p>One instance stands for one database; several engines may share it, as nodes do. What it keeps ends with it.
 * Thread-safe under one lock, which a handler's transaction holds from its {@code finish…} to its end; everything that
 * was written becomes visible at once at the commit. Deterministic: nothing depends on hashes, threads or real time.
 */
public final class InMemoryStore implements Store {
    private final State state;
    private final Ownership ownership;
    private final Listeners listeners = new Listeners();
    private final InMemoryDatabase database;
    private final CallerTransaction caller = new Caller();
    private int headHolders;

    /** Creates an empty one that reads the time from this clock. */
    public InMemoryStore(InstantSource clock) {
        state = new State(clock);
        ownership = new Ownership(state);
        database = new InMemoryDatabase(clock, new Outbox());
    }

    /** The tables that handlers write in the store's transactions. */
    public InMemoryDatabase database() {
        return database;
    }

    State state() {
        return state;
    }

    /** Events that the inbox did not take, in order: the same (source, id) came before with other content. */
    public List<EventEnvelope> rejected() {
        return database.locked(() -> List.copyOf(state.log.rejected()));
    }

    /** Runs the work while the head is held as the relay of another node does, so that {@link #relay} is busy. */
    public void whileHeadIsHeld(Runnable work) {
        database.locked(() -> ++headHolders);
        try {
            work.run();
        } finally {
            database.locked(() -> --headHolders);
        }
    }

    @Override
    public CallerTransaction caller() {
        return caller;
    }

    @Override
    public RelayResult relay(int limit) {
        return database.locked(() -> headHolders > 0
                ? new RelayResult(0, 0, 0, state.log.head(), true, true, List.of())
                : state.log.relay(limit, state.now()));
    }

    @Override
    public List<AppendResult> append(List<EventEnvelope> events, String origin) {
        List<AppendResult> appended = database.locked(() -> state.log.append(events, origin, state.now()));
        if (appended.contains(AppendResult.APPENDED)) {
            listeners.tell(Signal.INBOX);
        }
        return appended;
    }

    @Override
    public InboxBatch read(long after, int limit) {
        return database.locked(() -> state.log.read(after, limit, state.now()));
    }

    @Override
    public List<CursorMove> carryForward(List<CursorMove> moves) {
        return database.locked(() -> {
            List<CursorMove> made = new ArrayList<>();
            for (CursorMove move : moves) {
                if (state.cursors.holds(move)) {
                    state.cursors.move(move);
                    made.add(move);
                }
            }
            return made;
        });
    }

    @Override
    public int retain(Duration keep, int limit) {
        return database.locked(() -> {
            Instant now = state.now();
            return state.log.retain(state.cursors.passedByAll(), now.minus(keep), now, limit);
        });
    }

    @Override
    public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
        MemoryTransaction transaction = database.begin(state.now().plus(timeout));
        InMemoryHandlerTransaction handle = new InMemoryHandlerTransaction(database, state, transaction);
        TransactionResult<T> result;
        try {
            HandlerWork.Verdict<T> verdict = work.run(handle);
            if (verdict.commit()) {
                database.lockFor(transaction);
                handle.requireFinished();
                database.commit(transaction);
                result = new TransactionResult.Committed<>(verdict.value());
            } else {
                result = new TransactionResult.RolledBack<>(verdict.value());
            }
        } catch (Throwable error) {
            result = SqlStates.resultOf(error, transaction.broken() != null);
        } finally {
            database.end(transaction);
        }
        database.announce(transaction);
        return result;
    }

    @Override
    public boolean recordFailure(RunOrigin origin, NewFailure failure) {
        return database.locked(() -> switch (origin) {
            case RunOrigin.FromSlot slot -> recordFromSlot(slot.move(), failure);
            case RunOrigin.FromLane lane -> recordFromLane(lane, failure);
        });
    }

    private boolean recordFromSlot(CursorMove move, NewFailure failure) {
        if (!state.cursors.holds(move)) {
            return false;
        }
        state.failures.create(failure.at(state.now()), failure.entryAt(state.now(), null));
        hold(failure, new StoredEvent(failure.position(), state.log.originOf(failure.position()), failure.event()));
        state.cursors.move(move);
        return true;
    }

    private boolean recordFromLane(RunOrigin.FromLane run, NewFailure failure) {
        LaneId lane = new LaneId(run.claim().slot().processor(), run.laneKey());
        Lanes.Row row = state.lanes.row(lane, run.position());
        if (!state.cursors.holds(run.claim()) || row == null || row.failure() != null) {
            return false;
        }
        if (state.waits.saysOtherwise(lane.processor(), run)) {
            return false; // a person has said so meanwhile
        }
        state.failures.create(failure.at(state.now()), failure.entryAt(state.now(), run.ended()));
        state.lanes.remove(lane, run.position());
        boolean staysInItsLane = run.laneKey().equals(failure.laneKey());
        hold(
                failure,
                staysInItsLane ? row.event() : new StoredEvent(failure.position(), StoredEvent.LOCAL, failure.event()));
        keepWait(lane, row, failure);
        return true;
    }

    /** A record that waits takes the place of its event's wait; one of a handler that failed ends it. */
    private void keepWait(LaneId lane, Lanes.Row before, NewFailure failure) {
        boolean waits = failure.reason().isWait();
        Lanes.Row row = state.lanes.row(lane, failure.position());
        if (row != null) {
            state.lanes.put(lane, row.keeping(before, waits));
        }
        WaitRows.Row wait = state.waits.get(lane.processor(), failure.position());
        if (wait != null && waits && !wait.isOverruled()) {
            state.waits.put(
                    new WaitRows.WaitId(lane.processor(), failure.position()), wait.of(failure.id(), state.now()));
        } else if (wait != null) {
            state.waits.remove(lane.processor(), failure.position());
        }
    }

    private void hold(NewFailure failure, StoredEvent event) {
        String laneKey = failure.laneKey();
        if (laneKey != null) {
            state.lanes.put(
                    new LaneId(failure.processor(), laneKey),
                    Lanes.Row.failed(
                            new SlotId(failure.processor(), failure.slot()),
                            new StoredEvent(event.position(), event.origin(), Failures.withoutPayload(event.event())),
                            failure.id(),
                            failure.stopsSlot()));
        }
    }

    @Override
    public ParkResult park(CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides) {
        return database.locked(() -> {
            LaneId lane = new LaneId(move.claim().slot().processor(), laneKey);
            if (!state.cursors.holds(move)) {
                return ParkResult.LOST;
            }
            if (!state.lanes.isHeld(lane)) {
                return ParkResult.LANE_FREE;
            }
            boolean overtakes = isAwaited(lane, provides);
            state.lanes.put(lane, Lanes.Row.parked(move.claim().slot(), event, overtakes, provides));
            state.cursors.move(move);
            return state.lanes.mayRun(lane, event.position()) ? ParkResult.PARKED_MAY_RUN : ParkResult.PARKED;
        });
    }

    /** Whether something in the lane waits for one of the entities. */
    private boolean isAwaited(LaneId lane, List<StreamKey> provides) {
        return state.waits.stream()
                .anyMatch(wait -> wait.getKey().processor().equals(lane.processor())
                        && wait.getValue().laneKey().equals(lane.laneKey())
                        && provides.stream().anyMatch(entity -> wait.getValue().awaits(lane.processor(), entity)));
    }

    @Override
    public WaitResult enterWait(RunOrigin origin, NewWait wait) {
        return database.locked(() -> {
            LaneId lane = new LaneId(wait.slot().processor(), wait.laneKey());
            long position = wait.event().position();
            Lanes.Row before = state.lanes.row(lane, position);
            boolean mine = switch (origin) {
                case RunOrigin.FromSlot slot -> state.cursors.holds(slot.move());
                case RunOrigin.FromLane run ->
                    state.cursors.holds(run.claim())
                            && before != null
                            && before.failure() == null
                            && state.waits.mayWaitOn(lane.processor(), run);
            };
            if (!mine) {
                return WaitResult.LOST;
            }
            if (isSatisfied(wait)) {
                return WaitResult.SATISFIED;
            }
            state.waits.enter(wait, null, origin instanceof RunOrigin.FromLane run ? run.wakes() : 0, state.now());
            boolean yields = wait.request().what() instanceof WaitFor.Next;
            boolean overtakes = before != null ? before.overtakes() : isAwaited(lane, wait.provides());
            StoredEvent event = before == null ? wait.event() : before.event();
            state.lanes.put(lane, Lanes.Row.waiting(wait.slot(), event, yields, overtakes, wait.provides()));
            letOvertake(lane, wait);
            if (origin instanceof RunOrigin.FromSlot slot) {
                state.cursors.move(slot.move());
            }
            return WaitResult.WAITING;
        });
    }

    @Override
    public WaitResult enterWait(FailureId failure, Decision decision, NewWait wait) {
        return database.locked(() -> {
            Change change = state.decide(failure, decision);
            if (!(change instanceof Change.Write)) {
                return WaitResult.LOST;
            }
            if (isSatisfied(wait)) {
                return WaitResult.SATISFIED;
            }
            state.apply(failure, change, List.of());
            state.waits.enter(wait, failure, 0, state.now());
            LaneId lane = new LaneId(wait.slot().processor(), wait.laneKey());
            Lanes.Row row = state.lanes.row(lane, wait.event().position());
            if (row != null) {
                state.lanes.put(lane, row.byWait(true, wait.request().what() instanceof WaitFor.Next, wait.provides()));
            }
            letOvertake(lane, wait);
            return WaitResult.WAITING;
        });
    }

    private boolean isSatisfied(NewWait wait) {
        return wait.request().what() instanceof WaitFor.Version version
                && version.isSatisfiedBy(state.streams.version(version.processor(), version.entity()));
    }

    private void letOvertake(LaneId lane, NewWait wait) {
        if (wait.request().what() instanceof WaitFor.Version version
                && version.processor().equals(lane.processor())) {
            state.lanes.letOvertake(lane, version.entity());
        }
    }

    @Override
    public @Nullable Duration endWaits(String processor, List<Claim> claims) {
        return database.locked(() -> {
            Instant now = state.now();
            List<SlotId> slots = claims.stream()
                    .filter(state.cursors::holds)
                    .map(Claim::slot)
                    .toList();
            state.waits.replaceAll((id, row) ->
                    slots.contains(row.slot()) && state.lanes.pause(new LaneId(processor, row.laneKey())) == null
                            ? ended(row, now)
                            : row);
            boolean anyWaits = state.waits.stream()
                    .anyMatch(wait -> wait.getKey().processor().equals(processor));
            return state.waits.stream()
                    .map(Map.Entry::getValue)
                    .filter(row -> slots.contains(row.slot()) && !row.timedOut())
                    .flatMap(row -> Stream.of(Optional.ofNullable(row.dueAt()), Optional.ofNullable(row.timeoutAt())))
                    .flatMap(Optional::stream)
                    .filter(at -> at.isAfter(now))
                    .map(at -> Duration.between(now, at))
                    .min(Comparator.naturalOrder())
                    .filter(next -> next.compareTo(LONGEST_LOOK) < 0)
                    .orElse(anyWaits ? LONGEST_LOOK : null);
        });
    }

    private WaitRows.Row ended(WaitRows.Row row, Instant now) {
        Instant timeoutAt = row.timeoutAt();
        if (row.timedOut() || timeoutAt == null || timeoutAt.isAfter(now)) {
            return row;
        }
        Long head = row.timeoutHead();
        if (head == null) {
            head = state.log.head();
        }
        String awaited = row.request().what() instanceof WaitFor.Version version
                ? version.processor()
                : row.slot().processor();
        return state.cursors.leastPosition(awaited) >= head ? row.head(head).ended(row.then()) : row.head(head);
    }

    @Override
    public int wakeForgotten(String processor, int limit) {
        return database.locked(() -> {
            Instant now = state.now();
            int woken = 0;
            for (WaitRows.WaitId id : new Tangles(state.lanes, state.waits).toLookAt(processor, now, limit)) {
                WaitRows.Row wait = Objects.requireNonNull(state.waits.get(id));
                if (wait.request().what() instanceof WaitFor.Version version
                        && version.atLeast().compareTo(done(version)) <= 0) {
                    state.waits.put(id, wait.due(now));
                    woken++;
                }
            }
            return woken;
        });
    }

    private StreamVersion done(WaitFor.Version version) {
        StreamVersion done = state.streams.version(version.processor(), version.entity());
        return done == null ? StreamVersion.NOTHING : done;
    }

    @Override
    public List<Untangled> untangle(String processor, int limit) {
        return database.locked(() -> {
            Instant now = state.now();
            Tangles tangles = new Tangles(state.lanes, state.waits);
            List<WaitRows.WaitId> looked = tangles.toLookAt(processor, now, limit);
            List<WaitRows.WaitId> tangled =
                    looked.stream().filter(tangles::isTangled).toList();
            looked.forEach(id -> state.waits.put(
                    id, Objects.requireNonNull(state.waits.get(id)).looked(now)));
            return tangled.stream().flatMap(id -> tangles.untangle(id).stream()).toList();
        });
    }

    @Override
    public List<WaitingEvent> waits(@Nullable String processor, long after, int limit) {
        return database.locked(() -> state.waits.stream()
                .filter(wait -> processor == null || wait.getKey().processor().equals(processor))
                .filter(wait -> wait.getKey().position() > after)
                .sorted(Comparator.comparingLong((Map.Entry<WaitRows.WaitId, WaitRows.Row> wait) ->
                                wait.getKey().position())
                        .thenComparing(wait -> wait.getKey().processor()))
                .limit(limit)
                .map(wait -> waiting(wait.getKey(), wait.getValue()))
                .toList());
    }

    WaitingEvent waiting(WaitRows.WaitId id, WaitRows.Row row) {
        LaneId lane = new LaneId(id.processor(), row.laneKey());
        Lanes.Row held = state.lanes.row(lane, id.position());
        FailureId failure = row.failure();
        FailedExecution record = failure == null ? null : state.failures.get(failure);
        EventEnvelope event = record != null
                ? record.event()
                : Objects.requireNonNull(held).event().event();
        return new WaitingEvent(
                id.processor(),
                row.slot().number(),
                row.laneKey(),
                id.position(),
                event.source(),
                event.id(),
                event.type(),
                event.key(),
                row.request().what().text(),
                row.request().what() instanceof WaitFor.Version version ? version : null,
                WaitingEvent.Kind.of(row.request().what()),
                row.since(),
                row.timeoutAt(),
                row.dueAt(),
                row.tries(),
                failure,
                state.lanes.followers(lane, id.position()));
    }

    @Override
    public boolean endWait(
            String processor, long position, OnTimeout then, String actor, @Nullable String reason, boolean audited) {
        return database.locked(() -> {
            WaitRows.Row row = state.waits.get(processor, position);
            if (row == null || row.failure() != null) {
                return false;
            }
            state.waits.put(new WaitRows.WaitId(processor, position), row.said(state.now(), then));
            return true;
        });
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances) {
        return change(failure, decision, advances, OnTimeout.PROCEED);
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances, OnTimeout dependents) {
        return database.locked(() -> {
            Change change = state.decide(failure, decision);
            state.apply(failure, change, advances, dependents);
            return change;
        });
    }

    @Override
    public Map<FailureId, Change> changeMany(List<FailureId> failures, Decision decision) {
        return database.locked(() -> {
            Map<FailureId, Change> changes = new LinkedHashMap<>();
            // all decisions before the first write: one that throws leaves nothing
            failures.stream()
                    .filter(id -> state.failures.get(id) != null)
                    .forEach(id -> changes.put(id, state.decide(id, decision)));
            changes.forEach((id, change) -> state.apply(id, change, List.of()));
            return changes;
        });
    }

    @Override
    public Change moveLane(FailureId failure, LaneMove move) {
        return database.locked(() -> new LaneMoves(state).move(failure, move));
    }

    @Override
    public DueBatch claimDue(DueQuery query, Decision decision) {
        return database.locked(() -> new DueRecords(state, query).claim(decision));
    }

    @Override
    public List<HeldLane> heldLanes(Claim claim) {
        return database.locked(() -> state.lanes.inSlot(claim.slot()));
    }

    @Override
    public List<HeldLane> releasedLanes(String processor, List<Claim> claims, int limit) {
        return database.locked(() -> state.lanes.released(
                claims.stream().filter(state.cursors::holds).map(Claim::slot).toList(), limit, state::waitIsOver));
    }

    @Override
    public Optional<LaneEvent> laneHead(String processor, String laneKey) {
        return database.locked(() -> Optional.ofNullable(state.lanes.first(new LaneId(processor, laneKey)))
                .map(row -> laneEvent(new LaneId(processor, laneKey), row)));
    }

    @Override
    public Optional<LaneEvent> nextInLane(String processor, String laneKey) {
        LaneId lane = new LaneId(processor, laneKey);
        return database.locked(() -> Optional.ofNullable(state.lanes.next(lane, row -> state.waitIsOver(lane, row)))
                .map(row -> laneEvent(lane, row)));
    }

    private LaneEvent laneEvent(LaneId lane, Lanes.Row row) {
        WaitRows.Row wait = state.waits.get(lane.processor(), row.event().position());
        return new LaneEvent(
                row.kind(),
                row.event(),
                row.failure(),
                row.lost(),
                wait == null ? null : wait.asTimedOut(),
                wait == null ? 0 : wait.wakes());
    }

    @Override
    public void join(NodeRegistration node, Duration lease) {
        database.locked(() -> {
            ownership.join(node, lease);
            return true;
        });
    }

    @Override
    public Membership heartbeat(String nodeId, Duration lease) {
        return database.locked(() -> ownership.heartbeat(nodeId, lease));
    }

    @Override
    public List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most) {
        return database.locked(() -> ownership.takeOver(nodeId, processor, types, most));
    }

    @Override
    public Optional<TakenSlot> reclaim(String nodeId, Claim claim) {
        return database.locked(() -> ownership.reclaim(nodeId, claim));
    }

    @Override
    public void giveBack(List<Claim> claims, @Nullable String neededType) {
        database.locked(() -> {
            ownership.giveBack(claims, neededType);
            return true;
        });
    }

    @Override
    public void leave(String nodeId) {
        database.locked(() -> {
            ownership.leave(nodeId);
            return true;
        });
    }

    @Override
    public List<FailedExecution> failures(FailureFilter filter, @Nullable FailureId before, int limit) {
        return database.locked(() -> state.failures.list(filter, before, limit));
    }

    @Override
    public Optional<FailedExecution> failure(FailureId id) {
        return database.locked(() -> Optional.ofNullable(state.failures.get(id)));
    }

    @Override
    public List<HistoryEntry> history(FailureId id) {
        return database.locked(() -> state.failures.history(id));
    }

    @Override
    public void explain(Fingerprint cause) {
        database.locked(() -> {
            state.failures.groups().explain(cause);
            return true;
        });
    }

    @Override
    public long followers(FailureId id) {
        return database.locked(() -> {
            FailedExecution record = state.failures.get(id);
            return record == null ? 0L : state.followers(record);
        });
    }

    @Override
    public boolean pause(String processor, boolean paused, String actor, @Nullable String reason, boolean audited) {
        return database.locked(() -> {
            Instant pausedAt = state.registrations.pausedAt(processor);
            boolean known =
                    state.registrations.pause(new Registrations.Pause(processor, paused, actor, reason), state.now());
            if (known && !paused && pausedAt != null) {
                state.extendWaits(processor, pausedAt);
            }
            return known;
        });
    }

    @Override
    public LaneChange pauseLane(LaneCommand command) {
        return database.locked(() -> {
            LaneId lane = new LaneId(command.processor(), command.laneKey());
            if (!command.isFor(state.lanes.state(lane))) {
                return LaneChange.CHANGED_MEANWHILE;
            }
            if (!state.registrations.names().contains(command.processor())) {
                return LaneChange.NOT_FOUND;
            }
            if (state.lanes.pause(lane) != null) {
                return LaneChange.UNCHANGED;
            }
            state.lanes.pause(lane, new LanePause(command.actor(), command.reason(), state.now()));
            return LaneChange.DONE;
        });
    }

    @Override
    public LaneChange resumeLane(LaneCommand command) {
        return database.locked(() -> {
            LaneId lane = new LaneId(command.processor(), command.laneKey());
            if (!state.lanes.isHeld(lane)) {
                return LaneChange.NOT_FOUND;
            }
            if (!command.isFor(state.lanes.state(lane))) {
                return LaneChange.CHANGED_MEANWHILE;
            }
            LanePause pause = state.lanes.pause(lane);
            if (pause == null) {
                return LaneChange.UNCHANGED;
            }
            state.extendWaits(lane, pause);
            state.lanes.resume(lane);
            return LaneChange.DONE;
        });
    }

    @Override
    public boolean overridePolicy(PolicyOverride.Draft draft) {
        return database.locked(() -> state.registrations.override(draft, state.now()));
    }

    @Override
    public boolean removeOverride(
            String processor, String function, String actor, @Nullable String reason, boolean audited) {
        return database.locked(() -> state.registrations.removeOverride(processor, function, state.now()));
    }

    @Override
    public List<PolicyOverride> overrides(String processor) {
        return database.locked(() -> state.registrations.overrides(processor, state.now()));
    }

    @Override
    public List<ProcessorGauge> gauges() {
        return database.locked(
                () -> state.registrations.names().stream().map(this::gauge).toList());
    }

    private ProcessorGauge gauge(String processor) {
        long position = state.cursors.leastPosition(processor);
        Instant oldest = state.log.oldestAfter(position);
        return new ProcessorGauge(
                processor,
                position,
                state.log.head(),
                oldest == null ? null : Duration.between(oldest, state.now()),
                Math.min(GAUGE_CAP, state.failures.open(processor)),
                Math.min(GAUGE_CAP, state.lanes.parked(processor)),
                ownership.unowned(processor),
                state.registrations.isPaused(processor));
    }

    /** When waits are looked at for their time at the latest. */
    private static final Duration LONGEST_LOOK = Duration.ofHours(1);

    private static final long GAUGE_CAP = 10_001;

    @Override
    public int noticeGrowth() {
        return 0; // it finds everything by its key
    }

    @Override
    public int prune(Duration keep, int limit) {
        return database.locked(() -> state.failures.prune(state.now().minus(keep), limit));
    }

    @Override
    public boolean addFlow(String nodeId, long batch, List<FlowDelta> deltas) {
        return database.locked(() -> state.flow.add(nodeId, batch, deltas));
    }

    @Override
    public boolean sampleFlow(Duration pace, Duration keepPassed) {
        return database.locked(() -> {
            TreeMap<String, Long> positions = new TreeMap<>();
            state.registrations.names().forEach(name -> positions.put(name, state.cursors.leastPosition(name)));
            return state.flow.sample(pace, keepPassed, positions);
        });
    }

    @Override
    public int pruneFlow(int limit) {
        return database.locked(() -> state.flow.prune(limit));
    }

    @Override
    public int forgetTombstones(Duration keep, int limit) {
        return database.locked(() -> state.streams.forgetTombstones(
                state.now().minus(keep),
                limit,
                (processor, entity) ->
                        state.waits.stream().anyMatch(wait -> wait.getValue().awaits(processor, entity))));
    }

    @Override
    public void signal(Signal signal) {
        listeners.tell(signal);
    }

    @Override
    public AutoCloseable listen(SignalListener listener) {
        return listeners.add(listener);
    }

    @Override
    public boolean isUnavailable(Throwable error) {
        return SqlStates.isUnavailable(error);
    }

    private void tell(Woken woken) {
        boolean begun = !woken.lanes().isEmpty() && listeners.begin(woken.lanes());
        woken.signals().stream()
                .filter(signal -> !begun || signal != Signal.WAITS)
                .forEach(listeners::tell);
    }

    /** The publish buffer's way into the outbox. */
    private final class Outbox implements InMemoryDatabase.CommitHook {
        @Override
        public void validate(MemoryTransaction transaction) {
            transaction.published().forEach(published -> EventLog.validate(published.event()));
        }

        @Override
        public void apply(MemoryTransaction transaction) {
            transaction.published().forEach(event -> state.log.publish(event, state.now()));
        }

        @Override
        public void committed(MemoryTransaction transaction) {
            if (!transaction.published().isEmpty()) {
                listeners.tell(Signal.OUTBOX);
            }
            tell(transaction.woken());
        }
    }

    private final class Caller implements CallerTransaction {
        @Override
        public boolean isActive() {
            return database.isActive();
        }

        @Override
        public void publish(EventEnvelope event, boolean dedupe) {
            MemoryTransaction transaction = database.current();
            if (transaction == null) {
                throw new NoTransactionException(
                        "publish: no transaction on this thread (expected: inside database().inTransaction, or a handler)");
            }
            transaction.publish(new MemoryTransaction.Published(event, dedupe));
        }

        @Override
        public void inNew(Runnable work) {
            database.inTransaction(() -> {
                work.run();
                return true;
            });
        }
    }
}
