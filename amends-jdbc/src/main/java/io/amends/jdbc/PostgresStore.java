package io.amends.jdbc;

import io.amends.api.EventEnvelope;
import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
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
import io.amends.core.store.DoneEvents;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.HeldLane;
import io.amends.core.store.InboxBatch;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.LaneMove;
import io.amends.core.store.LaneState;
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
import io.amends.core.store.Store;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import io.amends.core.store.Untangled;
import io.amends.core.store.WaitResult;
import io.amends.core.store.WaitingEvent;
import io.amends.core.store.WokenLane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The store on PostgreSQL 14 or newer, over a schema that {@link Schema} has made.
 *
 * <p>Handlers and publishers use the application's transactions ({@link JdbcTransactions}); everything else runs in short
 * transactions on the engine's own pool. A handled event costs one UPDATE besides the handler's own statements. Locks are
 * taken in the order record, lane, progress, wait, cursor, with a timeout of 5 s. Thread-safe. {@link #close()} ends the listening, and
 * leaves the pools open.
 */
public final class PostgresStore implements Store, AutoCloseable {
    /** With so many lanes it is quicker to look for those that may run than to begin each. */
    private static final int MOST_BEGUN = 200;

    private final ShortTransactions transactions;
    private final CallerPublishing publishing;
    private final InboxRelay relay;
    private final InboxReader reader;
    private final CursorTable cursors;
    private final LaneTable lanes;
    private final ProgressTable progress;
    private final FailureTable failures;
    private final CauseTable causes;
    private final WaitTable waits;
    private final WaitRecording waitRecording;
    private final FailureRecording recording;
    private final Decisions decisions;
    private final DueRecords due;
    private final LaneMoves moves;
    private final HandlerTransactions handlers;
    private final PolicyTable policies;
    private final ProcessorTable processors;
    private final Ownership ownership;
    private final Gauges gauges;
    private final FlowTable flow;
    private final SignalChannel signals;
    private final boolean listen;

    /** Creates it; nothing is asked of the database yet. */
    public PostgresStore(PostgresStoreSettings settings) {
        SchemaName schema = settings.schema();
        listen = settings.listen();
        transactions = new ShortTransactions(settings.engineDataSource());
        signals = new SignalChannel(settings.engineDataSource(), schema);
        publishing = new CallerPublishing(
                settings.transactions(), new OutboxWriter(schema), () -> signals.tellLocally(Signal.OUTBOX));
        relay = new InboxRelay(schema, transactions);
        reader = new InboxReader(schema, transactions);
        cursors = new CursorTable(schema);
        lanes = new LaneTable(schema);
        progress = new ProgressTable(schema);
        failures = new FailureTable(schema);
        causes = new CauseTable(schema);
        waits = new WaitTable(schema);
        recording = new FailureRecording(transactions, cursors, lanes, failures, waits);
        decisions = new Decisions(failures, lanes, progress, waits);
        due = new DueRecords(schema, cursors, lanes, failures, decisions, waits);
        moves = new LaneMoves(schema, failures, lanes, waits, cursors);
        waitRecording = new WaitRecording(transactions, cursors, lanes, progress, waits, decisions);
        handlers = new HandlerTransactions(
                settings.transactions(), publishing, cursors, lanes, progress, waits, decisions, this::tell);
        policies = new PolicyTable(schema);
        processors = new ProcessorTable(schema, policies);
        ownership = new Ownership(
                schema, transactions, processors, new Ownership.Tables(cursors, lanes, failures, progress, waits));
        gauges = new Gauges(schema);
        flow = new FlowTable(schema);
    }

    @Override
    public CallerTransaction caller() {
        return publishing;
    }

    @Override
    public RelayResult relay(int limit) {
        return relay.relay(limit);
    }

    @Override
    public List<AppendResult> append(List<EventEnvelope> events, String origin) {
        List<AppendResult> appended = relay.append(events, origin);
        if (appended.contains(AppendResult.APPENDED)) {
            signals.tellLocally(Signal.INBOX);
            signal(Signal.INBOX);
        }
        return appended;
    }

    @Override
    public InboxBatch read(long after, int limit) {
        return reader.read(after, limit);
    }

    @Override
    public List<CursorMove> carryForward(List<CursorMove> moves) {
        return moves.isEmpty()
                ? List.of()
                : transactions.single("carry forward", session -> cursors.carry(session, moves));
    }

    @Override
    public int retain(Duration keep, int limit) {
        return reader.retain(keep, limit);
    }

    @Override
    public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
        return handlers.run(timeout, work);
    }

    @Override
    public boolean recordFailure(RunOrigin origin, NewFailure failure) {
        return recording.record(origin, failure);
    }

    @Override
    public ParkResult park(CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides) {
        return recording.park(move, laneKey, event, provides);
    }

    @Override
    public WaitResult enterWait(RunOrigin origin, NewWait wait) {
        return waitRecording.enter(origin, wait);
    }

    @Override
    public WaitResult enterWait(FailureId failure, Decision decision, NewWait wait) {
        return waitRecording.enter(failure, decision, wait);
    }

    @Override
    public @Nullable Duration endWaits(String processor, List<Claim> claims) {
        return claims.isEmpty()
                ? null
                : transactions
                        .single("end waits", session -> Optional.ofNullable(waits.endWaits(session, processor, claims)))
                        .orElse(null);
    }

    @Override
    public int wakeForgotten(String processor, int limit) {
        return transactions.single("wake forgotten", session -> waits.wakeForgotten(session, processor, limit));
    }

    @Override
    public List<Untangled> untangle(String processor, int limit) {
        List<Untangled> untangled = new ArrayList<>();
        for (long position : transactions.single("tangles", session -> waits.tangles(session, processor, limit))) {
            untangled.addAll(transactions.single("untangle", session -> waits.untangle(session, processor, position)));
        }
        if (!untangled.isEmpty()) {
            tell(Signal.COMPENSATION);
        }
        return untangled;
    }

    @Override
    public List<WaitingEvent> waits(@Nullable String processor, long after, int limit) {
        return transactions.single("waits", session -> waits.list(session, processor, after, limit));
    }

    @Override
    public boolean endWait(
            String processor, long position, OnTimeout then, String actor, @Nullable String reason, boolean audited) {
        return transactions.run(
                "end wait", session -> waits.end(session, processor, position, then, actor, reason, audited));
    }

    private void tell(Woken woken) {
        List<WokenLane> lanes = woken.lanes();
        boolean begun = !lanes.isEmpty() && lanes.size() <= MOST_BEGUN && signals.begin(lanes);
        woken.signals(begun).forEach(this::tell);
    }

    private void tell(Signal signal) {
        signals.tellLocally(signal);
        signal(signal);
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances) {
        return change(failure, decision, advances, OnTimeout.PROCEED);
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances, OnTimeout dependents) {
        return transactions.run(
                "change",
                session -> decisions
                        .decide(session, failure, decision, true, new DoneEvents(advances, new TreeSet<>(), dependents))
                        .change());
    }

    @Override
    public Map<FailureId, Change> changeMany(List<FailureId> ids, Decision decision) {
        return transactions.runWithKeptPlans("change many", session -> due.change(session, ids, decision));
    }

    @Override
    public Change moveLane(FailureId failure, LaneMove move) {
        return transactions.run("move lane", session -> moves.move(session, failure, move));
    }

    @Override
    public DueBatch claimDue(DueQuery query, Decision decision) {
        return query.claims().isEmpty()
                ? new DueBatch(List.of(), false, null)
                : transactions.runWithKeptPlans("claim due", session -> due.claim(session, query, decision));
    }

    @Override
    public List<HeldLane> heldLanes(Claim claim) {
        return transactions.single("held lanes", session -> lanes.inSlot(session, claim.slot()));
    }

    @Override
    public List<HeldLane> releasedLanes(String processor, List<Claim> claims, int limit) {
        return claims.isEmpty()
                ? List.of()
                : transactions.single("released lanes", session -> lanes.released(session, processor, claims, limit));
    }

    @Override
    public Optional<LaneEvent> laneHead(String processor, String laneKey) {
        return transactions.single("lane head", session -> lanes.head(session, processor, laneKey));
    }

    @Override
    public Optional<LaneEvent> nextInLane(String processor, String laneKey) {
        return transactions.single("next in lane", session -> lanes.next(session, processor, laneKey));
    }

    @Override
    public void join(NodeRegistration node, Duration lease) {
        ownership.join(node, lease);
    }

    @Override
    public Membership heartbeat(String nodeId, Duration lease) {
        return ownership.heartbeat(nodeId, lease);
    }

    @Override
    public List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most) {
        return ownership.takeOver(nodeId, processor, types, most);
    }

    @Override
    public Optional<TakenSlot> reclaim(String nodeId, Claim claim) {
        return ownership.reclaim(nodeId, claim);
    }

    @Override
    public void giveBack(List<Claim> claims, @Nullable String neededType) {
        ownership.giveBack(claims, neededType);
    }

    @Override
    public void leave(String nodeId) {
        ownership.leave(nodeId);
    }

    @Override
    public List<FailedExecution> failures(FailureFilter filter, @Nullable FailureId before, int limit) {
        return transactions.single("failures", session -> failures.list(session, filter, before, limit));
    }

    @Override
    public Optional<FailedExecution> failure(FailureId id) {
        return transactions.single("failure", session -> failures.find(session, id));
    }

    @Override
    public List<HistoryEntry> history(FailureId id) {
        return transactions.single("history", session -> failures.history(session, id));
    }

    @Override
    public void explain(Fingerprint cause) {
        transactions.single("explain", session -> causes.explain(session, cause));
    }

    @Override
    public long followers(FailureId id) {
        return transactions.single("followers", session -> failures.followers(session, id));
    }

    @Override
    public boolean pause(String processor, boolean paused, String actor, @Nullable String reason, boolean audited) {
        return transactions.run("pause", session -> {
            if (!paused) {
                waits.extend(session, processor);
            }
            return processors.pause(session, processor, paused, actor, reason, audited);
        });
    }

    @Override
    public LaneChange pauseLane(LaneCommand command) {
        return transactions.run("pause lane", session -> {
            LaneState state = lanes.state(session, command.processor(), command.laneKey());
            if (!command.isFor(state)) {
                return LaneChange.CHANGED_MEANWHILE;
            }
            if (state.pause() != null) {
                return LaneChange.UNCHANGED;
            }
            if (lanes.pause(session, command)) {
                if (!command.audited()) {
                    processors.audit(session, "pause lane", command);
                }
                return LaneChange.DONE;
            }
            boolean pausedMeanwhile =
                    lanes.state(session, command.processor(), command.laneKey()).pause() != null;
            return pausedMeanwhile ? LaneChange.UNCHANGED : LaneChange.NOT_FOUND;
        });
    }

    @Override
    public LaneChange resumeLane(LaneCommand command) {
        return transactions.run("resume lane", session -> {
            LaneState state = lanes.state(session, command.processor(), command.laneKey());
            if (state.equals(LaneState.FREE)) {
                return LaneChange.NOT_FOUND;
            }
            if (!command.isFor(state)) {
                return LaneChange.CHANGED_MEANWHILE;
            }
            if (state.pause() == null) {
                return LaneChange.UNCHANGED;
            }
            waits.extend(session, command.processor(), command.laneKey());
            lanes.resume(session, command);
            if (!command.audited()) {
                processors.audit(session, "resume lane", command);
            }
            return LaneChange.DONE;
        });
    }

    @Override
    public boolean overridePolicy(PolicyOverride.Draft draft) {
        return transactions.run("override policy", session -> policies.put(session, draft));
    }

    @Override
    public boolean removeOverride(
            String processor, String function, String actor, @Nullable String reason, boolean audited) {
        return transactions.run(
                "remove override", session -> policies.remove(session, processor, function, actor, reason, audited));
    }

    @Override
    public List<PolicyOverride> overrides(String processor) {
        return transactions.single("overrides", session -> policies.of(session, processor));
    }

    @Override
    public List<ProcessorGauge> gauges() {
        return transactions.single("gauges", gauges::read);
    }

    @Override
    public int noticeGrowth() {
        return transactions.single("notice growth", waits::noticeGrowth);
    }

    @Override
    public int prune(Duration keep, int limit) {
        return transactions.single("prune", session -> failures.prune(session, keep, limit));
    }

    @Override
    public boolean addFlow(String nodeId, long batch, List<FlowDelta> deltas) {
        return transactions.single("add flow", session -> flow.add(session, nodeId, batch, deltas));
    }

    @Override
    public boolean sampleFlow(Duration pace, Duration keepPassed) {
        return transactions.run("sample flow", session -> flow.sample(session, pace, keepPassed));
    }

    @Override
    public int pruneFlow(int limit) {
        return transactions.run("prune flow", session -> flow.prune(session, limit));
    }

    @Override
    public int forgetTombstones(Duration keep, int limit) {
        return transactions.run("forget tombstones", session -> progress.forgetTombstones(session, keep, limit));
    }

    @Override
    public void signal(Signal signal) {
        if (listen) {
            signals.send(signal);
        }
    }

    @Override
    public AutoCloseable listen(SignalListener listener) {
        return signals.listen(listener, listen);
    }

    @Override
    public boolean isUnavailable(Throwable error) {
        return SqlStates.isUnavailable(error);
    }

    /** Ends signalling and listening; the pools stay open. */
    @Override
    public void close() {
        signals.close();
    }
}
