package io.amends.simulation;

import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.RetryState;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NewWait;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.Store;
import io.amends.core.store.TakenSlot;
import io.amends.core.store.TransactionResult;
import io.amends.core.store.WaitResult;
import io.amends.testkit.memory.InMemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** Stores that forget one guard each: a simulation that does not notice is worth nothing. */
final class Mutants {
    /** Writes under any fence. */
    static final World.Variant IGNORES_FENCE = new World.Variant(store -> store, IgnoresFence::new);
    /** Moves a cursor from wherever it is. */
    static final World.Variant IGNORES_POSITION = new World.Variant(store -> store, IgnoresPosition::new);
    /** Takes the result of any attempt for that of the one that runs. */
    static final World.Variant IGNORES_ATTEMPT = new World.Variant(IgnoresAttempt::new, store -> store);
    /** Takes what was true when the handler began for what is true when it ends. */
    static final World.Variant IGNORES_OVERTAKING = new World.Variant(IgnoresOvertaking::new, store -> store);
    /** Lets the newer one of two pass that run beside each other, whatever it saw. */
    static final World.Variant IGNORES_WHAT_WAS_SEEN = new World.Variant(IgnoresWhatWasSeen::new, store -> store);
    /** Ends a retry without moving the streams of its event. */
    static final World.Variant FORGETS_STREAMS_OF_RETRIES =
            new World.Variant(ForgetsStreamsOfRetries::new, store -> store);

    /** Lets an event wait at an entity that nobody does, so that nobody looks there. */
    static final World.Variant ANNOUNCES_ELSEWHERE = new World.Variant(store -> store, WaitsElsewhere::new);
    /** Wakes an event, and then does not find it in its lane. */
    static final World.Variant RELEASES_NOTHING_WOKEN = new World.Variant(store -> store, ReleasesNothingWoken::new);

    private Mutants() {}

    private static final class IgnoresOvertaking extends PassingStore {
        IgnoresOvertaking(Store store) {
            super(store);
        }

        private static DoneEvents unguarded(DoneEvents done) {
            return new DoneEvents(
                    done.advances().stream()
                            .map(a -> new Advance(a.entity(), a.version(), a.deletes(), Advance.Rule.NEVER_SKIP))
                            .toList(),
                    done.keys());
        }

        @Override
        public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
            return super.inTransaction(
                    timeout,
                    transaction -> work.run(new Passing(transaction) {
                        @Override
                        public FinishResult finish(CursorMove move, DoneEvents done) {
                            return super.finish(move, unguarded(done));
                        }

                        @Override
                        public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
                            return super.finish(run, unguarded(done));
                        }

                        @Override
                        public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
                            return super.finish(attempts, unguarded(done));
                        }
                    }));
        }
    }

    private static final class WaitsElsewhere extends PassingStore {
        WaitsElsewhere(Store store) {
            super(store);
        }

        private static NewWait elsewhere(NewWait wait) {
            WaitRequest request = wait.request();
            if (!(request.what() instanceof WaitFor.Version version)) {
                return wait;
            }
            StreamKey entity = new StreamKey("nothing", version.entity().key());
            WaitFor what = new WaitFor.Version(version.processor(), entity, version.atLeast(), false);
            return new NewWait(
                    wait.slot(),
                    wait.laneKey(),
                    wait.event(),
                    new WaitRequest(what, request.timeout(), request.onTimeout()),
                    wait.nextKey(),
                    wait.provides());
        }

        @Override
        public WaitResult enterWait(RunOrigin origin, NewWait wait) {
            return super.enterWait(origin, elsewhere(wait));
        }
    }

    private static final class ReleasesNothingWoken extends PassingStore {
        ReleasesNothingWoken(Store store) {
            super(store);
        }

        @Override
        public Optional<LaneEvent> nextInLane(String processor, String laneKey) {
            return super.nextInLane(processor, laneKey)
                    .filter(row -> row.kind() != LaneEvent.Kind.WAITING || row.timedOut() != null);
        }
    }

    private static final class IgnoresWhatWasSeen extends PassingStore {
        IgnoresWhatWasSeen(Store store) {
            super(store);
        }

        private static DoneEvents blind(DoneEvents done) {
            return new DoneEvents(
                    done.advances().stream()
                            .map(a -> new Advance(a.entity(), a.version(), a.deletes(), a.rule()))
                            .toList(),
                    done.keys());
        }

        @Override
        public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
            return super.inTransaction(
                    timeout,
                    transaction -> work.run(new Passing(transaction) {
                        @Override
                        public FinishResult finish(CursorMove move, DoneEvents done) {
                            return super.finish(move, blind(done));
                        }

                        @Override
                        public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
                            return super.finish(run, blind(done));
                        }

                        @Override
                        public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
                            return super.finish(attempts, blind(done));
                        }
                    }));
        }
    }

    private static final class ForgetsStreamsOfRetries extends PassingStore {
        ForgetsStreamsOfRetries(Store store) {
            super(store);
        }

        @Override
        public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
            return super.inTransaction(
                    timeout,
                    transaction -> work.run(new Passing(transaction) {
                        @Override
                        public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
                            return super.finish(attempts, new DoneEvents(List.of(), done.keys()));
                        }
                    }));
        }
    }

    /** Knows each slot's fence and position, and writes moves as it likes. */
    private abstract static class Rewriting extends PassingStore {
        private final Map<SlotId, Long> fences = new HashMap<>();
        private final Map<SlotId, Long> positions = new HashMap<>();

        Rewriting(InMemoryStore store) {
            super(store);
        }

        /** The move that is written instead. */
        abstract CursorMove rewrite(CursorMove move);

        RunOrigin rewrite(RunOrigin origin) {
            return switch (origin) {
                case RunOrigin.FromSlot slot -> new RunOrigin.FromSlot(rewrite(slot.move()));
                case RunOrigin.FromLane lane -> rewrite(lane);
            };
        }

        RunOrigin.FromLane rewrite(RunOrigin.FromLane lane) {
            return lane;
        }

        Claim newest(Claim claim) {
            return new Claim(claim.slot(), fences.getOrDefault(claim.slot(), claim.fence()));
        }

        long position(SlotId slot) {
            return positions.getOrDefault(slot, 0L);
        }

        private void learn(TakenSlot taken) {
            fences.put(taken.claim().slot(), taken.claim().fence());
            positions.put(taken.claim().slot(), taken.position());
        }

        void moved(CursorMove move) {
            positions.put(move.claim().slot(), move.to());
        }

        @Override
        public List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most) {
            List<TakenSlot> taken = super.takeOver(nodeId, processor, types, most);
            taken.forEach(this::learn);
            return taken;
        }

        @Override
        public Optional<TakenSlot> reclaim(String nodeId, Claim claim) {
            Optional<TakenSlot> taken = super.reclaim(nodeId, claim);
            taken.ifPresent(this::learn);
            return taken;
        }

        @Override
        public List<CursorMove> carryForward(List<CursorMove> moves) {
            List<CursorMove> made = new ArrayList<>();
            for (CursorMove move : moves) {
                CursorMove rewritten = rewrite(move);
                if (!super.carryForward(List.of(rewritten)).isEmpty()) {
                    moved(rewritten);
                    made.add(move);
                }
            }
            return made;
        }

        @Override
        public ParkResult park(CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides) {
            CursorMove rewritten = rewrite(move);
            ParkResult result = super.park(rewritten, laneKey, event, provides);
            if (result == ParkResult.PARKED) {
                moved(rewritten);
            }
            return result;
        }

        @Override
        public boolean recordFailure(RunOrigin origin, NewFailure failure) {
            RunOrigin rewritten = rewrite(origin);
            boolean recorded = super.recordFailure(rewritten, failure);
            if (recorded && rewritten instanceof RunOrigin.FromSlot slot) {
                moved(slot.move());
            }
            return recorded;
        }

        @Override
        public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
            CursorMove[] move = new CursorMove[1];
            TransactionResult<T> result = super.inTransaction(
                    timeout,
                    transaction -> work.run(new Passing(transaction) {
                        @Override
                        public FinishResult finish(CursorMove asked, DoneEvents done) {
                            move[0] = rewrite(asked);
                            return super.finish(move[0], done);
                        }

                        @Override
                        public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
                            return super.finish(rewrite(run), done);
                        }
                    }));
            if (result instanceof TransactionResult.Committed<T> && move[0] != null) {
                moved(move[0]);
            }
            return result;
        }
    }

    private abstract static class Passing implements HandlerTransaction {
        private final HandlerTransaction transaction;

        Passing(HandlerTransaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public SortedMap<StreamKey, StreamVersion> progress(String processor, SortedSet<StreamKey> entities) {
            return transaction.progress(processor, entities);
        }

        @Override
        public FinishResult finish(CursorMove move, DoneEvents done) {
            return transaction.finish(move, done);
        }

        @Override
        public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
            return transaction.finish(run, done);
        }

        @Override
        public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
            return transaction.finish(attempts, done);
        }

        @Override
        public void abort() {
            transaction.abort();
        }
    }

    private static final class IgnoresFence extends Rewriting {
        IgnoresFence(InMemoryStore store) {
            super(store);
        }

        @Override
        CursorMove rewrite(CursorMove move) {
            return new CursorMove(newest(move.claim()), move.from(), move.to());
        }

        @Override
        RunOrigin.FromLane rewrite(RunOrigin.FromLane lane) {
            return new RunOrigin.FromLane(
                    newest(lane.claim()), lane.laneKey(), lane.position(), lane.ended(), lane.wakes());
        }
    }

    private static final class IgnoresPosition extends Rewriting {
        private final InMemoryStore memory;

        /** Where the cursor is already: no move is left, and yet the transaction commits. */
        private static final class NoMoveLeft extends RuntimeException {
            private static final long serialVersionUID = 1L;
        }

        IgnoresPosition(InMemoryStore store) {
            super(store);
            memory = store;
        }

        @Override
        CursorMove rewrite(CursorMove move) {
            long position = position(move.claim().slot());
            return position >= move.to() || !newest(move.claim()).equals(move.claim())
                    ? move
                    : new CursorMove(move.claim(), position, move.to());
        }

        @Override
        public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
            boolean[] noMoveLeft = new boolean[1];
            TransactionResult<T> result = super.inTransaction(
                    timeout,
                    transaction -> work.run(new Passing(transaction) {
                        @Override
                        public FinishResult finish(CursorMove move, DoneEvents done) {
                            noMoveLeft[0] = newest(move.claim()).equals(move.claim())
                                    && position(move.claim().slot()) >= move.to();
                            if (noMoveLeft[0]) {
                                throw new NoMoveLeft();
                            }
                            return super.finish(move, done);
                        }
                    }));
            return noMoveLeft[0] ? withoutMove(work) : result;
        }

        /** Commits what the work has written, and moves nothing. */
        private <T> TransactionResult<T> withoutMove(HandlerWork<T> work) {
            try {
                return new TransactionResult.Committed<>(memory.database().inTransaction(() -> {
                    try {
                        return work.run(new NoMove()).value();
                    } catch (Throwable e) {
                        throw new Thrown(e);
                    }
                }));
            } catch (Thrown e) {
                return new TransactionResult.Threw<>(e.getCause(), false);
            }
        }
    }

    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Thrown(Throwable cause) {
            super(cause);
        }
    }

    private static final class NoMove implements HandlerTransaction {
        @Override
        public SortedMap<StreamKey, StreamVersion> progress(String processor, SortedSet<StreamKey> entities) {
            throw new IllegalStateException("another finish than before");
        }

        @Override
        public FinishResult finish(CursorMove move, DoneEvents done) {
            return FinishResult.DONE;
        }

        @Override
        public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
            throw new IllegalStateException("another finish than before");
        }

        @Override
        public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
            throw new IllegalStateException("another finish than before");
        }

        @Override
        public void abort() {}
    }

    private static final class IgnoresAttempt extends PassingStore {
        IgnoresAttempt(Store store) {
            super(store);
        }

        private static Decision forgiving(Decision decision) {
            return (record, situation) -> {
                Change change = decision.decide(record, situation);
                for (int attempt = record.retry().attempt() - 1;
                        attempt > 0 && isOfOtherAttempt(change) && record.status() == Status.PREPARED;
                        attempt--) {
                    change = decision.decide(withAttempt(record, attempt), situation);
                }
                return change instanceof Change.Write write
                        ? new Change.Write(
                                withAttempt(
                                        write.after(),
                                        Math.max(
                                                record.retry().attempt(),
                                                write.after().retry().attempt())),
                                write.entry())
                        : change;
            };
        }

        private static boolean isOfOtherAttempt(Change change) {
            return change instanceof Change.Refuse refuse && refuse.refusal() == Refusal.OTHER_ATTEMPT;
        }

        private static FailedExecution withAttempt(FailedExecution record, int attempt) {
            RetryState was = record.retry();
            return record.with(
                    record.status(),
                    new RetryState(
                            attempt,
                            was.retries(),
                            was.lostAttempts(),
                            was.requested(),
                            was.retryAt(),
                            was.timeoutAt(),
                            was.nextRetryAt(),
                            was.node(),
                            was.fence()));
        }

        @Override
        public Change change(FailureId failure, Decision decision, Collection<Advance> advances, OnTimeout dependents) {
            return super.change(failure, forgiving(decision), advances, dependents);
        }

        @Override
        public <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work) {
            return super.inTransaction(
                    timeout,
                    transaction -> work.run(new Passing(transaction) {
                        @Override
                        public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
                            SortedMap<FailureId, Decision> forgiven = new TreeMap<>(attempts);
                            forgiven.replaceAll((failure, decision) -> forgiving(decision));
                            return super.finish(forgiven, done);
                        }
                    }));
        }
    }
}
