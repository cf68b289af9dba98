package io.amends.core.handle;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.OnFailure;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.event.CodecException;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailureReason;
import io.amends.core.lane.LaneDecision;
import io.amends.core.lane.LaneKey;
import io.amends.core.observe.EngineListener.LeaseChange;
import io.amends.core.step.Conductor;
import io.amends.core.step.Step.Next;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.HeldLane;
import io.amends.core.store.NewWait;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.StoreUnavailableException;
import io.amends.core.store.TakenSlot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the events of one owned slot, in order.
 *
 * <p>What it believes about the slot is in {@link SlotState}, and is guarded in the database by each write. A lane that a
 * person has paused counts as held from the next heartbeat on; one that held nothing before has nothing that it could be
 * out of order with until then.
 *
 * <p>A run that steps aside keeps its thread; the slot goes on in a new <em>generation</em> of this step, and the old
 * one ends when its run does.
 */
public final class SlotRunner {
    /** Events handled in a row before other slots get their turn. */
    private static final int BURST = 16;
    /** Owners in a row that died at one position before its event counts as a killer. */
    private static final int SUSPECTS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(SlotRunner.class);

    private final HandlerEnvironment env;
    private final LocalProcessor processor;
    private final FailureRecorder failures;
    private final Neighbours neighbours;

    private final SlotState state;
    private volatile long singlyUpTo;

    /** Who else has to act when something happens here. */
    public interface Neighbours {
        /** The queue has room again. */
        void wantsEvents();

        /** The slot belongs to somebody else. */
        void lost(SlotRunner slot);

        /** The slot is at rest, and can be given back; to a build with a function for the type if it is not null. */
        void atRest(SlotRunner slot, @Nullable String neededType);

        /** The next row of a lane may run. */
        void laneContinues(SlotRunner slot, String lane);

        /** Something of the slot, a wait or a retry, is due in about this time: it may be before the next look for such. */
        void dueIn(SlotRunner slot, Duration time);

        /** A lane has no turn any more, for which an attempt could not be prepared while it had one. */
        void laneIsFree(SlotRunner slot);

        /** A record became PREPARED apart from its slot and waits to be run. */
        void runApart(SlotRunner slot, Guard.OfAttempt guard, StoredEvent event, LaneKey key);
    }

    private enum Turn {
        GO_ON,
        IDLE,
        ENDED
    }

    /** Creates it for a slot that was just taken. */
    public SlotRunner(HandlerEnvironment env, LocalProcessor processor, TakenSlot taken, Neighbours neighbours) {
        this.env = env;
        this.processor = processor;
        this.failures = new FailureRecorder(env, processor, time -> neighbours.dueIn(this, time));
        this.neighbours = neighbours;
        this.state = new SlotState(env, taken);
    }

    /** Starts handling. */
    public void start() {
        state.startGeneration(this::startGeneration);
    }

    /** The ownership that holds now, as far as is known. */
    public Claim claim() {
        return state.claim();
    }

    /** The processor it belongs to. */
    public LocalProcessor processor() {
        return processor;
    }

    /** The last position that passed, as far as is known. */
    public long position() {
        return state.position();
    }

    /** Runs it soon. */
    public void wake() {
        state.wake();
    }

    // ---- reading --------------------------------------------------------------------------------------------------

    /** From where it wants events: all up to this position were offered. Empty if it has no room. */
    public Optional<Long> wantsAfter() {
        return state.wantsAfter();
    }

    /**
     * Offers the slot's events of a stretch of the log; those that were offered before, or have no room, are left out.
     *
     * @param fence of the claim at the time of {@link #wantsAfter}
     * @param after the position after which the stretch begins
     * @param upTo its last position
     */
    public void offer(long fence, long after, List<SlotEvent> offers, long upTo) {
        state.offer(fence, after, offers, upTo);
    }

    /** Takes the slot out of handling for a move past events that are not its own; null if there is nothing to move. */
    public @Nullable CursorMove beginCarry() {
        return state.beginCarry();
    }

    /** Ends a carry; {@code moved} is false if it is not known to have been written. */
    public void endCarry(CursorMove move, boolean moved) {
        state.endCarry(move, moved);
    }

    // ---- ownership ------------------------------------------------------------------------------------------------

    /** Lets what runs finish, here and for {@code patience} in its lanes, and reports {@link Neighbours#atRest}. */
    public void close() {
        state.close();
    }

    /** Like {@link #close}, for something that the slot holds and only another build has a function for. */
    public void handOver(String type) {
        state.need(type);
        LOG.info("{}: given to a node with a function for {}, which it holds", claim().slot(), type);
        close();
    }

    /** Counts a run of one of its lanes that begins, or waits for its place: the slot is not given back under it. */
    public void beginBeside() {
        state.beginBeside();
    }

    /** Such a run has ended. */
    public void endBeside() {
        state.endBeside();
    }

    /** Whether it is to be given back, so that nothing new is prepared. */
    public boolean isClosing() {
        return state.isClosing();
    }

    /** Whether it belongs to nobody or somebody else by now, so that nothing begins that was prepared. */
    boolean isGivenBack() {
        return state.isGivenBack();
    }

    /** Stops at once: the slot belongs to somebody else. Runs under way are refused by their guards. */
    public void abandon() {
        state.abandon();
    }

    /** Drops what is believed; the next step raises the fence and reads again. */
    public void distrust() {
        state.distrust();
    }

    /**
     * The same for a result that was refused under this claim; nothing is dropped, and false returned, if the slot has another
     * one by now, which may be all that it was refused for. Otherwise two lanes could have each other refused for ever.
     */
    boolean distrust(Claim under) {
        return state.distrust(under);
    }

    /** Whether the slot stands still behind a failed execution. */
    public boolean isStopped() {
        return state.isStopped();
    }

    /** Looks again whether a failed execution still stops the slot. */
    public void recheckStop() {
        state.setStopped(env.store().heldLanes(claim()).stream().anyMatch(HeldLane::stopsSlot));
    }

    /** What is believed, for logs. */
    @Override
    public String toString() {
        return state.toString();
    }

    // ---- the step -------------------------------------------------------------------------------------------------

    private Conductor.Handle startGeneration(int mine) {
        return env.conductor()
                .start(
                        processor.definition().name() + "/" + claim().slot().number(),
                        processor.group(),
                        () -> run(mine));
    }

    private Next run(int mine) {
        for (int i = 0; i < BURST; i++) {
            switch (state.enter(mine)) {
                case ENDED -> {
                    return Next.ENDED;
                }
                case CARRYING -> {
                    return Next.WHEN_WOKEN;
                }
                case ENTERED -> {
                    // its turn begins
                }
            }
            Turn turn;
            try {
                turn = turn(mine);
            } catch (StoreUnavailableException e) {
                distrust();
                throw e;
            } finally {
                state.leave(mine);
            }
            if (turn != Turn.GO_ON) {
                return turn == Turn.ENDED ? Next.ENDED : whenIdle();
            }
        }
        return Next.AGAIN;
    }

    private Next whenIdle() {
        if (!isClosing()) {
            return Next.WHEN_WOKEN;
        }
        Duration rest = state.untilGivenBack();
        return rest.isZero() ? Next.AGAIN : Next.after(rest);
    }

    private Turn turn(int mine) {
        if (state.needsReclaim() && !reclaim()) {
            return Turn.ENDED;
        }
        if (isClosing()) {
            if (!state.untilGivenBack().isZero()) {
                return Turn.IDLE;
            }
            state.giveBack();
            neighbours.atRest(this, state.neededType());
            return Turn.ENDED;
        }
        if (!state.isLoaded()) {
            loadHeldLanes();
        }
        if (processor.isHalted() || isStopped()) {
            return Turn.IDLE;
        }
        SlotEvent next = state.peek();
        return next == null ? Turn.IDLE : handleNext(mine, next);
    }

    private Turn handleNext(int mine, SlotEvent next) {
        StoredEvent event = next.event();
        LaneKey key = next.key();
        String type = event.event().type();
        LaneDecision decision = LaneDecision.decide(
                processor.definition(), key, type, processor.registered(), this::isHeld, processor.othersHave(type));
        return switch (decision) {
            case LaneDecision.Pass pass -> {
                env.listener().passedUnknownType(processor.definition().name(), type);
                state.removeHead();
                yield Turn.GO_ON;
            }
            case LaneDecision.HandOver handOver -> {
                LOG.info("{}: handed to a node with a function for {}", claim().slot(), type);
                state.giveBack();
                neighbours.atRest(this, type);
                yield Turn.ENDED;
            }
            case LaneDecision.Park park -> park(event, park.lane());
            case LaneDecision.Fail fail -> {
                CursorMove move = state.moveTo(event.position());
                var subject = new FailureRecorder.Subject(
                        event.event(),
                        event.position(),
                        key,
                        processor.definition().functionFor(type));
                boolean recorded = failures.recordFirst(
                        new RunOrigin.FromSlot(move),
                        subject,
                        fail.reason(),
                        new CodecException(fail.message(), null),
                        Duration.ZERO);
                yield afterRecording(recorded, move, key);
            }
            case LaneDecision.Handle handle -> handle(mine, next, handle.function());
        };
    }

    private Turn park(StoredEvent event, String lane) {
        CursorMove move = state.moveTo(event.position());
        FunctionDefinition function =
                processor.definition().functionFor(event.event().type());
        List<StreamKey> provides =
                function == null ? List.of() : function.causality().provides(event.event());
        ParkResult result = env.store().park(move, lane, event, provides);
        switch (result) {
            case PARKED -> {
                state.hold(lane);
                advance(move);
                env.listener().parked(processor.definition().name());
            }
            case PARKED_MAY_RUN -> {
                advance(move);
                env.listener().parked(processor.definition().name());
                neighbours.laneContinues(this, lane);
            }
            case LANE_FREE -> {
                processor.isFreeLane(lane);
                state.free(lane);
            }
            case LOST -> distrust();
        }
        return Turn.GO_ON;
    }

    private Turn handle(int mine, SlotEvent next, FunctionDefinition function) {
        List<SlotEvent> taken = new ArrayList<>();
        List<Call> calls = new ArrayList<>();
        try {
            calls.add(firstCall(function, next));
            taken.add(next);
        } catch (CodecException e) {
            CursorMove move = state.moveTo(next.event().position());
            var subject = new FailureRecorder.Subject(
                    next.event().event(), next.event().position(), next.key(), function);
            boolean recorded = failures.recordFirst(
                    new RunOrigin.FromSlot(move), subject, FailureReason.UNDECODABLE, e, Duration.ZERO);
            return afterRecording(recorded, move, next.key());
        }
        if (state.suspects() >= SUSPECTS) {
            return runApart(next, function);
        }
        if (processor.definition().batch() > 1 && next.event().position() > singlyUpTo) {
            addToBatch(taken, calls);
        }
        return runInSlot(mine, taken, calls);
    }

    /** Adds consecutive events that would be handled too, as long as each can be decoded. */
    private void addToBatch(List<SlotEvent> taken, List<Call> calls) {
        for (SlotEvent more : state.peekMore(processor.definition().batch())) {
            String type = more.event().event().type();
            LaneDecision decision = LaneDecision.decide(
                    processor.definition(),
                    more.key(),
                    type,
                    processor.registered(),
                    this::isHeld,
                    processor.othersHave(type));
            if (!(decision instanceof LaneDecision.Handle handle)) {
                return;
            }
            FunctionDefinition function = handle.function();
            try {
                Call.add(calls, firstCall(function, more));
            } catch (CodecException e) {
                return; // alone, it becomes a failed execution in its turn
            }
            taken.add(more);
        }
    }

    private Turn runInSlot(int mine, List<SlotEvent> taken, List<Call> calls) {
        SlotEvent first = taken.get(0);
        CursorMove move = state.moveTo(taken.get(taken.size() - 1).event().position());
        FunctionDefinition function = calls.get(0).function();
        SlotRun owner = new SlotRun(move, first, function, taken.size() > 1);
        SortedSet<String> keys = new TreeSet<>();
        taken.forEach(queued ->
                keys.addAll(LaneKey.wakes(queued.key().lane(), queued.event().event())));
        HandlerRun run = new HandlerRun(
                env,
                new HandlerRun.Work(processor.definition(), calls, keys, HandlerRun.Work.NOTHING, false),
                new Guard.First(new RunOrigin.FromSlot(move)),
                owner,
                timeoutOf(calls));
        long began = env.conductor().nanos();
        RunOutcome outcome = run.execute();
        Duration took = Duration.ofNanos(env.conductor().nanos() - began);
        if (run.guard() instanceof Guard.OfAttempt apart) {
            processor.endAside();
            processor.letGo(apart.failure(), apart.attempt());
            StoredEvent event = first.event();
            new ApartRun(env, this, neighbours)
                    .conclude(apart, new ApartRun.Subject(event, first.key().lane(), function), outcome, took);
            return Turn.ENDED;
        }
        switch (outcome) {
            case RunOutcome.Done done -> {
                advance(move);
                for (Call call : calls) {
                    tellHandled(call, done.stale(), took.dividedBy(taken.size()));
                }
                long now = env.conductor().nanos();
                for (SlotEvent event : taken) {
                    env.listener().leftInbox(processor.definition().name(), Duration.ofNanos(now - event.arrived()));
                }
            }
            case RunOutcome.Refused refused -> {
                env.listener().refused(processor.definition().name());
                distrust();
            }
            case RunOutcome.Unknown unknown -> {
                Throwable error = unknown.error();
                LOG.warn("{}: connection lost while handling, reading again: {}", claim().slot(), error.toString());
                distrust();
                throw new StoreUnavailableException("connection lost while handling", error);
            }
            case RunOutcome.TooEarly early -> {
                if (taken.size() > 1) {
                    singlyUpTo = move.to();
                } else {
                    IllegalStateException again = enterWait(move, first, function, early.request());
                    if (again != null) {
                        var subject = new FailureRecorder.Subject(
                                first.event().event(), first.event().position(), first.key(), function);
                        boolean recorded = failures.recordFirst(
                                new RunOrigin.FromSlot(move),
                                subject,
                                FailureReason.HANDLER_FAILED,
                                again,
                                Duration.ZERO);
                        return afterRecording(recorded, move, first.key());
                    }
                }
            }
            case RunOutcome.Failed failed -> {
                if (taken.size() > 1) {
                    singlyUpTo = move.to();
                } else {
                    var subject = new FailureRecorder.Subject(
                            first.event().event(), first.event().position(), first.key(), function);
                    boolean recorded = failures.recordFirst(
                            new RunOrigin.FromSlot(move), subject, failed.reason(), failed.error(), failed.took());
                    return afterRecording(recorded, move, first.key());
                }
            }
            case RunOutcome.Abandoned abandoned -> {
                return Turn.ENDED;
            }
        }
        return state.isCurrent(mine) ? Turn.GO_ON : Turn.ENDED;
    }

    /**
     * Lets the event wait; if what it waits for was done meanwhile, it stays the next one. The error if it has been run again
     * because of that, and asks for the same once more.
     */
    private @Nullable IllegalStateException enterWait(
            CursorMove move, SlotEvent next, FunctionDefinition function, WaitRequest request) {
        NewWait wait = new Waits(processor.definition())
                .newWait(claim().slot(), next.key().lane(), next.event(), request, function);
        switch (env.store().enterWait(new RunOrigin.FromSlot(move), wait)) {
            case WAITING -> {
                state.hold(wait.laneKey());
                advance(move);
                env.listener().waiting(processor.definition().name(), function.name());
                neighbours.dueIn(this, Waits.endsIn(request));
                if (!(request.what() instanceof WaitFor.Version)) {
                    neighbours.laneContinues(this, wait.laneKey());
                }
            }
            case SATISFIED -> {
                return processor.satisfied().tell(next.event().position(), request);
            }
            case LOST -> {
                env.listener().refused(processor.definition().name());
                distrust();
            }
        }
        return null;
    }

    private void tellHandled(Call call, Set<EventEnvelope> stale, Duration took) {
        String name = processor.definition().name();
        for (HandledEvent event : call.events()) {
            if (stale.contains(event.event())) {
                env.listener().stale(name, call.function().name());
            } else {
                env.listener().handled(name, call.function().name(), took);
            }
        }
    }

    /** The longest of the functions' timeouts. */
    private Duration timeoutOf(List<Call> calls) {
        Duration longest = Duration.ZERO;
        for (Call call : calls) {
            Duration timeout = processor.policyOf(call.function()).executionTimeout();
            longest = timeout.compareTo(longest) > 0 ? timeout : longest;
        }
        return longest;
    }

    /** A suspected killer: recorded first, so that a node that dies of it does not take the slot with it again. */
    private Turn runApart(SlotEvent next, FunctionDefinition function) {
        CursorMove move = state.moveTo(next.event().position());
        var subject =
                new FailureRecorder.Subject(next.event().event(), next.event().position(), next.key(), function);
        Guard.OfAttempt apart = failures.recordApart(
                new RunOrigin.FromSlot(move), subject, FailureReason.SUSPECTED_KILLER, Duration.ZERO);
        if (apart != null) {
            passedButHeld(move, next.key());
            neighbours.runApart(this, apart, next.event(), next.key());
        } else {
            distrust();
        }
        return Turn.GO_ON;
    }

    private Call firstCall(FunctionDefinition function, SlotEvent queued) {
        return Call.of(
                function,
                function.read(queued.event().event()),
                new Attempt(1, 0, 0, processor.policyOf(function).maxRetries()));
    }

    private Turn afterRecording(boolean recorded, CursorMove move, LaneKey key) {
        if (recorded) {
            passedButHeld(move, key);
        } else {
            env.listener().refused(processor.definition().name());
            distrust();
        }
        return Turn.GO_ON;
    }

    // ---- what is believed -----------------------------------------------------------------------------------------

    private boolean reclaim() {
        Optional<TakenSlot> again = env.store().reclaim(env.settings().nodeId(), claim());
        if (again.isEmpty()) {
            abandon();
            neighbours.lost(this);
            env.listener().leaseChanged(processor.definition().name(), LeaseChange.LOST);
            return false;
        }
        state.reclaimed(again.get());
        env.listener().leaseChanged(processor.definition().name(), LeaseChange.RECLAIMED);
        return true;
    }

    private void loadHeldLanes() {
        List<HeldLane> lanes = env.store().heldLanes(claim());
        state.load(lanes);
        lanes.stream().filter(HeldLane::released).forEach(lane -> neighbours.laneContinues(this, lane.laneKey()));
        neighbours.wantsEvents();
    }

    private void advance(CursorMove move) {
        if (state.advance(move)) {
            neighbours.wantsEvents();
        }
    }

    private void passedButHeld(CursorMove move, LaneKey key) {
        state.holdFailed(key, processor.definition().onFailure() == OnFailure.STOP);
        advance(move);
    }

    private boolean isHeld(String lane) {
        return processor.isPausedLane(lane) || state.isHeld(lane);
    }

    /** The slot's side of a run: called from timers while the run's thread is inside the function. */
    private final class SlotRun implements HandlerRun.Owner {
        private final CursorMove move;
        private final SlotEvent first;
        private final FunctionDefinition function;
        private final boolean several;

        SlotRun(CursorMove move, SlotEvent first, FunctionDefinition function, boolean several) {
            this.move = move;
            this.first = first;
            this.function = function;
            this.several = several;
        }

        @Override
        public @Nullable Guard stepAside(Duration ranFor) {
            if (several || !processor.beginAside()) {
                return null;
            }
            Guard.OfAttempt apart = null;
            try {
                apart = failures.recordApart(new RunOrigin.FromSlot(move), subject(), FailureReason.SLOW, ranFor);
            } finally {
                if (apart == null) {
                    processor.endAside();
                }
            }
            if (apart != null) {
                processor.takeInHand(apart.failure(), apart.attempt());
                passedButHeld(move, first.key());
                state.goOnWithout(SlotRunner.this::startGeneration);
            }
            return apart;
        }

        @Override
        public void abandon(Guard guard, HandlerTimeoutException error, Duration took) {
            processor.countStuck(env.settings().stuckThreads());
            if (guard instanceof Guard.OfAttempt attempt) {
                processor.letGo(attempt.failure(), attempt.attempt());
                failures.recordAttempt(
                        attempt.failure(),
                        attempt.attempt(),
                        first.event().event(),
                        function,
                        FailureReason.HANDLER_TIMEOUT,
                        error);
                return;
            }
            try {
                if (several) {
                    singlyUpTo = move.to();
                } else if (failures.recordFirst(
                        new RunOrigin.FromSlot(move), subject(), FailureReason.HANDLER_TIMEOUT, error, took)) {
                    passedButHeld(move, first.key());
                } else {
                    distrust();
                }
            } catch (StoreUnavailableException e) {
                distrust();
                throw e;
            } finally {
                // Whatever became of the record: nobody else would ever let the slot go on.
                state.goOnWithout(SlotRunner.this::startGeneration);
            }
        }

        @Override
        public void returned() {
            processor.countReturned();
        }

        private FailureRecorder.Subject subject() {
            return new FailureRecorder.Subject(
                    first.event().event(), first.event().position(), first.key(), function);
        }
    }
}
