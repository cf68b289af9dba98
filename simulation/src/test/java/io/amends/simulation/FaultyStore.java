package io.amends.simulation;

import io.amends.api.EventEnvelope;
import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
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
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
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
import io.amends.core.store.StoreUnavailableException;
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
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node's way to the database: before and after each verb something may go wrong, and the ledger learns what the verb
 * really did, whatever the engine is told.
 */
final class FaultyStore implements Store {
    private final Store store;
    private final World world;
    private final SimNode node;
    private final Plan.Faults faults;
    private final Chance chance;

    FaultyStore(Store store, World world, SimNode node) {
        this.store = store;
        this.world = world;
        this.node = node;
        this.faults = world.plan.faults();
        this.chance = world.faultChance;
    }

    // ---- faults ---------------------------------------------------------------------------------------------------

    private <T> T call(String verb, Supplier<T> body, Consumer<T> seen) {
        before(verb);
        T result = body.get();
        seen.accept(result);
        after(verb);
        return result;
    }

    private void before(String verb) {
        node.requireAlive();
        if (!world.faulty) {
            return;
        }
        if (chance.hit(faults.pause())) {
            node.conductor().pauseUninterruptibly(chance.millis(0, 12));
        }
        if (world.isOut() || chance.hit(faults.refused())) {
            world.count("refused");
            node.trace(verb + " refused: unavailable");
            node.conductor().pauseUninterruptibly(chance.millis(1, 50));
            throw new StoreUnavailableException(verb + ": unavailable", null);
        }
        crashOrFreeze(verb, "before");
    }

    private void after(String verb) {
        node.requireAlive();
        if (!world.faulty) {
            return;
        }
        crashOrFreeze(verb, "after");
        if (chance.hit(faults.lostReply())) {
            world.count("lost reply");
            node.trace(verb + " done, its reply is lost");
            throw new StoreUnavailableException(verb + ": connection lost", null);
        }
        if (chance.hit(faults.pause())) {
            node.conductor().pauseUninterruptibly(chance.millis(0, 12));
        }
    }

    private void crashOrFreeze(String verb, String when) {
        if (chance.hit(faults.crash())) {
            node.crash(when + " " + verb);
        }
        if (chance.hit(faults.freeze())) {
            world.count("freeze");
            Duration duration = chance.millis(200, 9000);
            node.trace("freezes for " + duration.toMillis() + " ms " + when + " " + verb);
            node.conductor().freeze(duration);
        }
    }

    private void trace(String text) {
        node.trace(text);
    }

    // ---- publish --------------------------------------------------------------------------------------------------

    @Override
    public CallerTransaction caller() {
        return new CallerTransaction() {
            @Override
            public boolean isActive() {
                return store.caller().isActive();
            }

            @Override
            public void publish(EventEnvelope event, boolean dedupe) {
                node.requireAlive();
                store.caller().publish(event, dedupe);
                HandlerContext.current().published.add(event);
                if (dedupe) {
                    HandlerContext.current().given.add(event.id());
                }
            }

            @Override
            public void inNew(Runnable work) {
                before("publish");
                HandlerContext outer = HandlerContext.current();
                HandlerContext context = new HandlerContext();
                HandlerContext.enter(context);
                try {
                    store.caller().inNew(() -> {
                        work.run();
                        node.requireAlive();
                    });
                } finally {
                    HandlerContext.enter(outer);
                }
                trace("publishes " + names(context.published));
                world.ledger.published(context.published, context.given);
                after("publish");
            }
        };
    }

    private static String names(List<EventEnvelope> events) {
        StringBuilder names = new StringBuilder();
        events.forEach(e -> names.append(names.isEmpty() ? "" : ", ")
                .append(e.id())
                .append(' ')
                .append(e.type())
                .append('/')
                .append(e.key()));
        return names.toString();
    }

    @Override
    public RelayResult relay(int limit) {
        return call("relay", () -> store.relay(limit), result -> {
            if (result.moved() + result.duplicates() + result.rejected() > 0) {
                trace("relays to " + result.head() + ", " + result.duplicates() + " dups");
            }
            world.ledger.readInbox();
        });
    }

    @Override
    public List<AppendResult> append(List<EventEnvelope> events, String origin) {
        return call("append", () -> store.append(events, origin), results -> {
            trace("appends " + names(events) + ": " + results);
            results.forEach(result -> world.count("append " + result));
            world.ledger.appended(events, results);
        });
    }

    @Override
    public InboxBatch read(long after, int limit) {
        return call("read", () -> store.read(after, limit), batch -> {});
    }

    @Override
    public List<CursorMove> carryForward(List<CursorMove> moves) {
        return call("carry", () -> store.carryForward(moves), made -> {
            for (CursorMove move : made) {
                trace("carries " + text(move));
                world.ledger.carried(move);
            }
        });
    }

    @Override
    public int retain(Duration keep, int limit) {
        return call("retain", () -> store.retain(keep, limit), removed -> {
            if (removed > 0) {
                world.count("retention");
                trace("retention removes " + removed);
            }
        });
    }

    // ---- handle ---------------------------------------------------------------------------------------------------

    @Override
    public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
        try {
            before("begin");
        } catch (StoreUnavailableException e) {
            return new TransactionResult.ConnectionLost<>(e);
        }
        HandlerContext outer = HandlerContext.current();
        HandlerContext context = new HandlerContext();
        context.through = this;
        TransactionResult<T> result;
        HandlerContext.enter(context);
        try {
            result = store.inTransaction(timeout, transaction -> {
                context.clear();
                HandlerWork.Verdict<T> verdict = work.run(new Watched(transaction, context));
                if (verdict.commit() && world.faulty && chance.hit(faults.lostCommit())) {
                    context.connectionLost = true;
                    return new HandlerWork.Verdict<>(false, verdict.value());
                }
                return verdict;
            });
        } finally {
            HandlerContext.enter(outer);
        }
        if (result instanceof TransactionResult.Committed<T>) {
            if (context.finished instanceof HandlerContext.Finish && context.effects.isEmpty()) {
                world.count("stale");
            }
            if (context.effects.size() > 1) {
                world.count("batch");
            }
            if (!context.published.isEmpty()) {
                world.count("published by a handler");
            }
            trace("commits " + text(context));
            world.ledger.handled(context);
            world.ledger.published(context.published, context.given);
        }
        node.requireAlive();
        if (context.connectionLost) {
            world.count("lost commit");
            trace("loses its connection before the commit");
            return new TransactionResult.ConnectionLost<>(new StoreUnavailableException("connection lost", null));
        }
        if (result instanceof TransactionResult.Threw<T> threw) {
            trace("rolls back: " + threw.error());
        } else if (!(result instanceof TransactionResult.Committed<T>)) {
            trace("ends as " + result);
        }
        if (world.faulty && result instanceof TransactionResult.Committed<T>) {
            crashOrFreeze("commit", "after");
            if (chance.hit(faults.lostCommit())) {
                world.count("unheard commit");
                trace("does not hear of its commit");
                return new TransactionResult.ConnectionLost<>(
                        new StoreUnavailableException("connection lost after the commit", null));
            }
        }
        return result;
    }

    /** Faults come before a finish, never between it and the commit: there the database holds its locks. */
    private final class Watched implements HandlerTransaction {
        private final HandlerTransaction transaction;
        private final HandlerContext context;

        Watched(HandlerTransaction transaction, HandlerContext context) {
            this.transaction = transaction;
            this.context = context;
        }

        @Override
        public SortedMap<StreamKey, StreamVersion> progress(String processor, SortedSet<StreamKey> entities) {
            before("progress");
            SortedMap<StreamKey, StreamVersion> done = transaction.progress(processor, entities);
            context.done.putAll(done);
            return done;
        }

        @Override
        public FinishResult finish(CursorMove move, DoneEvents done) {
            before("finish");
            FinishResult result = transaction.finish(move, done);
            overtaken(result);
            if (result == FinishResult.REFUSED || result == FinishResult.OVERTAKEN) {
                world.count("move refused");
                trace("refused: " + text(move));
            } else {
                context.finished = new HandlerContext.Finish.Move(move);
            }
            return result;
        }

        @Override
        public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
            before("finish");
            FinishResult result = transaction.finish(run, done);
            overtaken(result);
            if (result == FinishResult.REFUSED || result == FinishResult.OVERTAKEN) {
                world.count("lane run refused");
                trace("refused: " + run);
            } else {
                context.finished = new HandlerContext.Finish.Lane(run);
            }
            return result;
        }

        @Override
        public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
            before("finish");
            List<Ledger.Seen> seen = new ArrayList<>();
            SortedMap<FailureId, Decision> watched = new TreeMap<>();
            attempts.forEach((failure, decision) -> watched.put(failure, watched(decision, seen)));
            FinishResult result = transaction.finish(watched, done);
            overtaken(result);
            if (result == FinishResult.REFUSED || result == FinishResult.OVERTAKEN) {
                world.count(attempts.size() > 1 ? "shared attempts refused" : "attempt refused");
                trace("refused: " + attempts.keySet() + " "
                        + seen.stream().map(FaultyStore::text).toList());
            } else {
                context.finished = new HandlerContext.Finish.OfRecords(seen);
            }
            return result;
        }

        private void overtaken(FinishResult result) {
            if (result == FinishResult.OVERTAKEN) {
                world.count("overtaken");
            }
        }

        @Override
        public void abort() {
            transaction.abort();
        }
    }

    private static Decision watched(Decision decision, List<Ledger.Seen> seen) {
        return (record, situation) -> {
            Change change = decision.decide(record, situation);
            seen.add(new Ledger.Seen(record, situation, change));
            return change;
        };
    }

    // ---- fail, park, compensate -----------------------------------------------------------------------------------

    @Override
    public boolean recordFailure(RunOrigin origin, NewFailure failure) {
        return call("record", () -> store.recordFailure(origin, failure), recorded -> {
            trace((recorded ? "records " : "may not record ") + failure.id() + " " + failure.reason() + " of "
                    + failure.event().id() + " at " + failure.position() + " "
                    + (failure.prepared() ? "PREPARED " : "")
                    + origin);
            world.count(recorded ? "record " + failure.reason() : "record refused");
            if (recorded) {
                world.ledger.recorded(origin, failure);
            }
        });
    }

    @Override
    public ParkResult park(CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides) {
        return call("park", () -> store.park(move, laneKey, event, provides), result -> {
            trace("parks " + event.event().id() + " in " + laneKey + " " + text(move) + ": " + result);
            world.count("park " + result);
            world.ledger.parked(
                    move,
                    laneKey,
                    event,
                    result,
                    node.types().contains(event.event().type()));
        });
    }

    @Override
    public WaitResult enterWait(RunOrigin origin, NewWait wait) {
        return call("enterWait", () -> store.enterWait(origin, wait), result -> {
            trace("lets " + wait.event().event().id() + " in " + wait.laneKey() + " wait for "
                    + wait.request().what().text() + " from " + origin + ": " + result);
            world.count("wait " + result);
            world.ledger.waits(origin, wait, result);
        });
    }

    @Override
    public WaitResult enterWait(FailureId failure, Decision decision, NewWait wait) {
        List<Ledger.Seen> seen = new ArrayList<>();
        return call("enterWait", () -> store.enterWait(failure, watched(decision, seen), wait), result -> {
            trace("lets " + failure + " wait for " + wait.request().what().text() + ": " + result);
            world.count("wait of a record " + result);
            if (result != WaitResult.SATISFIED) {
                for (Ledger.Seen one : seen) {
                    trace("changes " + text(one));
                    world.ledger.changed(one, false);
                }
            }
            world.ledger.recordWaits(failure, wait, result);
        });
    }

    @Override
    public @Nullable Duration endWaits(String processor, List<Claim> claims) {
        return call("endWaits", () -> Optional.ofNullable(store.endWaits(processor, claims)), next -> {})
                .orElse(null);
    }

    @Override
    public int wakeForgotten(String processor, int limit) {
        return call("wakeForgotten", () -> store.wakeForgotten(processor, limit), woken -> {
            if (woken > 0) {
                world.violated(woken + " wake-ups of " + processor + " were lost");
            }
        });
    }

    @Override
    public List<Untangled> untangle(String processor, int limit) {
        return call("untangle", () -> store.untangle(processor, limit), untangled -> {
            for (Untangled one : untangled) {
                trace("untangles " + one);
                world.count("untangled");
                world.ledger.untangled(one);
            }
        });
    }

    @Override
    public List<WaitingEvent> waits(@Nullable String processor, long after, int limit) {
        return call("waits", () -> store.waits(processor, after, limit), waits -> {});
    }

    @Override
    public boolean endWait(
            String processor, long position, OnTimeout then, String actor, @Nullable String reason, boolean audited) {
        return call("endWait", () -> store.endWait(processor, position, then, actor, reason, audited), ended -> {
            trace("a person ends the wait at " + position + " of " + processor + " by " + then + ": " + ended);
            world.ledger.waitEnded(processor, position, then, ended);
        });
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances) {
        return change(failure, decision, advances, OnTimeout.PROCEED);
    }

    @Override
    public Change change(FailureId failure, Decision decision, Collection<Advance> advances, OnTimeout dependents) {
        List<Ledger.Seen> seen = new ArrayList<>();
        return call("change", () -> store.change(failure, watched(decision, seen), advances, dependents), change -> {
            world.ledger.refusedAsUnknown(failure, change);
            for (Ledger.Seen one : seen) {
                trace("changes " + text(one));
                world.ledger.changed(one, false);
                world.ledger.advanced(one, advances, dependents);
                world.checkFailedAttempt(one);
            }
        });
    }

    @Override
    public Map<FailureId, Change> changeMany(List<FailureId> failures, Decision decision) {
        List<Ledger.Seen> seen = new ArrayList<>();
        return call("changeMany", () -> store.changeMany(failures, watched(decision, seen)), changes -> {
            changes.forEach(world.ledger::refusedAsUnknown);
            for (Ledger.Seen one : seen) {
                trace("changes " + text(one));
                world.ledger.changed(one, false);
            }
        });
    }

    @Override
    public Change moveLane(FailureId failure, LaneMove move) {
        throw new UnsupportedOperationException("nobody of the simulation moves lanes");
    }

    @Override
    public DueBatch claimDue(DueQuery query, Decision decision) {
        List<Ledger.Seen> seen = new ArrayList<>();
        return call("claimDue", () -> store.claimDue(query, watched(decision, seen)), due -> {
            for (Ledger.Seen one : seen) {
                trace("claims " + text(one));
                world.ledger.changed(one, false);
            }
        });
    }

    @Override
    public List<HeldLane> heldLanes(Claim claim) {
        return call("heldLanes", () -> store.heldLanes(claim), lanes -> {});
    }

    @Override
    public List<HeldLane> releasedLanes(String processor, List<Claim> claims, int limit) {
        return call("releasedLanes", () -> store.releasedLanes(processor, claims, limit), lanes -> {});
    }

    @Override
    public Optional<LaneEvent> laneHead(String processor, String laneKey) {
        return call("laneHead", () -> store.laneHead(processor, laneKey), head -> {});
    }

    @Override
    public Optional<LaneEvent> nextInLane(String processor, String laneKey) {
        return call("nextInLane", () -> store.nextInLane(processor, laneKey), next -> {
            world.ledger.nextInLane(processor, laneKey, next);
        });
    }

    // ---- own ------------------------------------------------------------------------------------------------------

    @Override
    public void join(NodeRegistration registration, Duration lease) {
        call(
                "join",
                () -> {
                    store.join(registration, lease);
                    return true;
                },
                done -> {
                    trace("joins");
                    world.ledger.joined(registration);
                });
    }

    @Override
    public Membership heartbeat(String nodeId, Duration lease) {
        return call("heartbeat", () -> store.heartbeat(nodeId, lease), membership -> {
            if (!membership.member()) {
                world.count("lease expired");
                trace("is no member any more");
            }
        });
    }

    @Override
    public List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most) {
        return call("takeOver", () -> store.takeOver(nodeId, processor, types, most), taken -> {
            for (TakenSlot slot : taken) {
                world.count("taken");
                trace("takes " + slot);
                world.ledger.taken(slot);
            }
        });
    }

    @Override
    public Optional<TakenSlot> reclaim(String nodeId, Claim claim) {
        return call("reclaim", () -> store.reclaim(nodeId, claim), taken -> {
            trace("reclaims " + text(claim) + ": " + taken);
            world.count(taken.isPresent() ? "reclaimed" : "reclaim refused");
            taken.ifPresent(world.ledger::taken);
        });
    }

    @Override
    public void giveBack(List<Claim> claims, String neededType) {
        call(
                "giveBack",
                () -> {
                    store.giveBack(claims, neededType);
                    return true;
                },
                done -> {
                    world.count(neededType == null ? "given back" : "handed over");
                    trace("gives back " + claims + " for " + neededType);
                });
    }

    @Override
    public void leave(String nodeId) {
        call(
                "leave",
                () -> {
                    store.leave(nodeId);
                    return true;
                },
                done -> trace("leaves"));
    }

    // ---- operate --------------------------------------------------------------------------------------------------

    @Override
    public List<FailedExecution> failures(FailureFilter filter, FailureId before, int limit) {
        return call("failures", () -> store.failures(filter, before, limit), list -> {});
    }

    @Override
    public Optional<FailedExecution> failure(FailureId id) {
        return call("failure", () -> store.failure(id), found -> {});
    }

    @Override
    public List<HistoryEntry> history(FailureId id) {
        return call("history", () -> store.history(id), list -> {});
    }

    /** What it keeps decides nothing, so that no fault of it says anything. */
    @Override
    public void explain(Fingerprint cause) {
        store.explain(cause);
    }

    @Override
    public long followers(FailureId id) {
        return call("followers", () -> store.followers(id), count -> {});
    }

    @Override
    public boolean overridePolicy(PolicyOverride.Draft draft) {
        return call("overridePolicy", () -> store.overridePolicy(draft), known -> {
            trace("overrides the policy of " + draft.processor() + " " + draft.function() + ": " + known);
            world.ledger.overridden(draft);
        });
    }

    @Override
    public boolean removeOverride(String processor, String function, String actor, String reason, boolean audited) {
        return call(
                "removeOverride", () -> store.removeOverride(processor, function, actor, reason, audited), removed -> {
                    world.count(removed ? "override removed" : "no override to remove");
                });
    }

    @Override
    public List<PolicyOverride> overrides(String processor) {
        return call("overrides", () -> store.overrides(processor), overrides -> {});
    }

    @Override
    public LaneChange pauseLane(LaneCommand command) {
        return call("pauseLane", () -> store.pauseLane(command), change -> {
            trace("pauses the lane " + command.laneKey() + " of " + command.processor() + ": " + change);
            world.ledger.lanePaused(command, change);
        });
    }

    @Override
    public LaneChange resumeLane(LaneCommand command) {
        return call("resumeLane", () -> store.resumeLane(command), change -> {
            trace("resumes the lane " + command.laneKey() + " of " + command.processor() + ": " + change);
            world.ledger.laneResumed(command, change);
        });
    }

    @Override
    public boolean pause(String processor, boolean paused, String actor, String reason, boolean audited) {
        return call("pause", () -> store.pause(processor, paused, actor, reason, audited), known -> {
            world.count(paused ? "paused" : "resumed");
            trace((paused ? "pauses " : "resumes ") + processor);
        });
    }

    @Override
    public List<ProcessorGauge> gauges() {
        return call("gauges", store::gauges, gauges -> {});
    }

    @Override
    public int forgetTombstones(Duration keep, int limit) {
        return call("forget tombstones", () -> store.forgetTombstones(keep, limit), forgotten -> {});
    }

    @Override
    public boolean addFlow(String nodeId, long batch, List<FlowDelta> deltas) {
        return call("add flow", () -> store.addFlow(nodeId, batch, deltas), added -> {
            if (added) {
                world.ledger.flowed(deltas);
            } else {
                world.count("flow added once");
            }
        });
    }

    @Override
    public boolean sampleFlow(Duration pace, Duration keepPassed) {
        return call("sample flow", () -> store.sampleFlow(pace, keepPassed), sampled -> {});
    }

    @Override
    public int pruneFlow(int limit) {
        return call("prune flow", () -> store.pruneFlow(limit), removed -> {});
    }

    @Override
    public int noticeGrowth() {
        return call("notice growth", store::noticeGrowth, noticed -> {});
    }

    @Override
    public int prune(Duration keep, int limit) {
        return call("prune", () -> store.prune(keep, limit), removed -> {
            if (removed > 0) {
                world.count("pruned");
                trace("prunes " + removed);
            }
        });
    }

    @Override
    public void signal(Signal signal) {
        node.requireAlive();
        if (!world.faulty || !chance.hit(faults.lostSignal())) {
            store.signal(signal);
        }
    }

    @Override
    public AutoCloseable listen(SignalListener listener) {
        AutoCloseable listening = store.listen(new SignalListener() {
            @Override
            public void heard(Collection<Signal> signals) {
                if (hears()) {
                    listener.heard(signals);
                }
            }

            @Override
            public boolean woken(List<WokenLane> lanes) {
                // the store is one for all nodes, and a commit is told to its own
                HandlerContext committing = HandlerContext.current();
                if (committing == null || committing.through != FaultyStore.this || !hears()) {
                    return false;
                }
                boolean all = listener.woken(lanes);
                world.count(all ? "lanes begun by their waker" : "lanes of others woken");
                return all;
            }

            private boolean hears() {
                return !node.isGone() && (!world.faulty || !chance.hit(faults.lostSignal()));
            }
        });
        node.atEnd(listening);
        return listening;
    }

    @Override
    public boolean isUnavailable(Throwable error) {
        return store.isUnavailable(error);
    }

    // ---- texts ----------------------------------------------------------------------------------------------------

    private static String text(Claim claim) {
        return claim.slot() + "^" + claim.fence();
    }

    private static String text(CursorMove move) {
        return text(move.claim()) + " " + move.from() + ">" + move.to();
    }

    private static String text(Ledger.Seen seen) {
        FailedExecution before = seen.before();
        String head = before.id() + " of " + before.event().id() + " " + before.status() + " attempt "
                + before.retry().attempt();
        return switch (seen.change()) {
            case Change.Write write ->
                head + ": " + write.entry().type() + " -> " + write.after().status() + " attempt "
                        + write.after().retry().attempt() + " retries "
                        + write.after().retry().retries();
            case Change.Remove remove -> head + ": removed";
            case Change.Refuse refuse -> head + ": refused, " + refuse.refusal();
        };
    }

    private static String text(HandlerContext context) {
        StringBuilder text = new StringBuilder();
        context.effects.forEach(
                e -> text.append(e.processor()).append('/').append(e.eventId()).append(' '));
        switch (context.finished) {
            case null -> text.append("unfinished");
            case HandlerContext.Finish.Move move -> text.append(text(move.move()));
            case HandlerContext.Finish.Lane lane ->
                text.append(text(lane.run().claim()))
                        .append(" lane ")
                        .append(lane.run().laneKey())
                        .append(" at ")
                        .append(lane.run().position());
            case HandlerContext.Finish.OfRecords records ->
                text.append(records.seen().stream().map(FaultyStore::text).toList());
        }
        if (!context.published.isEmpty()) {
            text.append(" and publishes ").append(names(context.published));
        }
        return text.toString();
    }
}
