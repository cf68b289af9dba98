package io.amends.simulation;

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
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.HeldLane;
import io.amends.core.store.InboxBatch;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.LaneMove;
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
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Passes everything on to another store. */
abstract class PassingStore implements Store {
    final Store store;

    PassingStore(Store store) {
        this.store = store;
    }

    @Override
    public CallerTransaction caller() {
        return store.caller();
    }

    @Override
    public RelayResult relay(int limit) {
        return store.relay(limit);
    }

    @Override
    public List<AppendResult> append(List<EventEnvelope> events, String origin) {
        return store.append(events, origin);
    }

    @Override
    public InboxBatch read(long after, int limit) {
        return store.read(after, limit);
    }

    @Override
    public List<CursorMove> carryForward(List<CursorMove> moves) {
        return store.carryForward(moves);
    }

    @Override
    public int retain(Duration keep, int limit) {
        return store.retain(keep, limit);
    }

    @Override
    public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
        return store.inTransaction(timeout, work);
    }

    @Override
    public boolean recordFailure(RunOrigin origin, NewFailure failure) {
        return store.recordFailure(origin, failure);
    }

    @Override
    public ParkResult park(CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides) {
        return store.park(move, laneKey, event, provides);
    }

    @Override
    public WaitResult enterWait(RunOrigin origin, NewWait wait) {
        return store.enterWait(origin, wait);
    }

    @Override
    public WaitResult enterWait(FailureId failure, Decision decision, NewWait wait) {
        return store.enterWait(failure, decision, wait);
    }

    @Override
    public @Nullable Duration endWaits(String processor, List<Claim> claims) {
        return store.endWaits(processor, claims);
    }

    @Override
    public int wakeForgotten(String processor, int limit) {
        return store.wakeForgotten(processor, limit);
    }

    @Override
    public List<Untangled> untangle(String processor, int limit) {
        return store.untangle(processor, limit);
    }

    @Override
    public List<WaitingEvent> waits(@Nullable String processor, long after, int limit) {
        return store.waits(processor, after, limit);
    }

    @Override
    public boolean endWait(
            String processor, long position, OnTimeout then, String actor, @Nullable String reason, boolean audited) {
        return store.endWait(processor, position, then, actor, reason, audited);
    }

    @Override
    public Optional<LaneEvent> nextInLane(String processor, String laneKey) {
        return store.nextInLane(processor, laneKey);
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances) {
        return change(failure, decision, advances, OnTimeout.PROCEED);
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances, OnTimeout dependents) {
        return store.change(failure, decision, advances, dependents);
    }

    @Override
    public Map<FailureId, Change> changeMany(List<FailureId> failures, Decision decision) {
        return store.changeMany(failures, decision);
    }

    @Override
    public Change moveLane(FailureId failure, LaneMove move) {
        return store.moveLane(failure, move);
    }

    @Override
    public DueBatch claimDue(DueQuery query, Decision decision) {
        return store.claimDue(query, decision);
    }

    @Override
    public List<HeldLane> heldLanes(Claim claim) {
        return store.heldLanes(claim);
    }

    @Override
    public List<HeldLane> releasedLanes(String processor, List<Claim> claims, int limit) {
        return store.releasedLanes(processor, claims, limit);
    }

    @Override
    public Optional<LaneEvent> laneHead(String processor, String laneKey) {
        return store.laneHead(processor, laneKey);
    }

    @Override
    public void join(NodeRegistration node, Duration lease) {
        store.join(node, lease);
    }

    @Override
    public Membership heartbeat(String nodeId, Duration lease) {
        return store.heartbeat(nodeId, lease);
    }

    @Override
    public List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most) {
        return store.takeOver(nodeId, processor, types, most);
    }

    @Override
    public Optional<TakenSlot> reclaim(String nodeId, Claim claim) {
        return store.reclaim(nodeId, claim);
    }

    @Override
    public void giveBack(List<Claim> claims, String neededType) {
        store.giveBack(claims, neededType);
    }

    @Override
    public void leave(String nodeId) {
        store.leave(nodeId);
    }

    @Override
    public List<FailedExecution> failures(FailureFilter filter, FailureId before, int limit) {
        return store.failures(filter, before, limit);
    }

    @Override
    public Optional<FailedExecution> failure(FailureId id) {
        return store.failure(id);
    }

    @Override
    public List<HistoryEntry> history(FailureId id) {
        return store.history(id);
    }

    @Override
    public void explain(Fingerprint cause) {
        store.explain(cause);
    }

    @Override
    public long followers(FailureId id) {
        return store.followers(id);
    }

    @Override
    public boolean pause(String processor, boolean paused, String actor, String reason, boolean audited) {
        return store.pause(processor, paused, actor, reason, audited);
    }

    @Override
    public LaneChange pauseLane(LaneCommand command) {
        return store.pauseLane(command);
    }

    @Override
    public LaneChange resumeLane(LaneCommand command) {
        return store.resumeLane(command);
    }

    @Override
    public boolean overridePolicy(PolicyOverride.Draft draft) {
        return store.overridePolicy(draft);
    }

    @Override
    public boolean removeOverride(String processor, String function, String actor, String reason, boolean audited) {
        return store.removeOverride(processor, function, actor, reason, audited);
    }

    @Override
    public List<PolicyOverride> overrides(String processor) {
        return store.overrides(processor);
    }

    @Override
    public List<ProcessorGauge> gauges() {
        return store.gauges();
    }

    @Override
    public int forgetTombstones(Duration keep, int limit) {
        return store.forgetTombstones(keep, limit);
    }

    @Override
    public boolean addFlow(String nodeId, long batch, List<FlowDelta> deltas) {
        return store.addFlow(nodeId, batch, deltas);
    }

    @Override
    public boolean sampleFlow(Duration pace, Duration keepPassed) {
        return store.sampleFlow(pace, keepPassed);
    }

    @Override
    public int pruneFlow(int limit) {
        return store.pruneFlow(limit);
    }

    @Override
    public int noticeGrowth() {
        return store.noticeGrowth();
    }

    @Override
    public int prune(Duration keep, int limit) {
        return store.prune(keep, limit);
    }

    @Override
    public void signal(Signal signal) {
        store.signal(signal);
    }

    @Override
    public AutoCloseable listen(SignalListener listener) {
        return store.listen(listener);
    }

    @Override
    public boolean isUnavailable(Throwable error) {
        return store.isUnavailable(error);
    }
}
