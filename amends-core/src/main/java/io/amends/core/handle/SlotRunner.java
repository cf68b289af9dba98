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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the events of one owned slot, in order.
 *
 * <p>What it believes about the slot (position, held lanes) is only a belief: each write is guarded in the database by
 * fence and previous position, and parking decides there whether the lane is still held. So a belief may be out of date
 * in one direction without harm: a lane believed held that is free costs one statement. The other direction can not
 * happen, since only the owner adds to a lane, and lanes are loaded after the fence was raised. After any refusal or
 * lost connection the belief is dropped: the fence is raised and everything is read again. A lane that a person has
 * paused counts as held from the next heartbeat on; one that held nothing before has nothing that it could be out of order
 * with until then.
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

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Queued> queue = new ArrayDeque<>();
    private final Set<String> held = new HashSet<>();
    private Claim claim;
    private long position;
    private long readTo;
    private volatile int suspects;
    private volatile long singlyUpTo;
    private int generation;
    private boolean loaded;
    private boolean needsReclaim;
    private boolean stopped;
    private boolean busy;
    private boolean carrying;
    private boolean closing;
    private long givenBackBy;
    private int beside;
    private boolean closed;
    private @Nullable String neededType;
    private Conductor.@Nullable Handle handle;

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

        /** A lane has no turn any more, for which an attempt could not be prepared while it had one. */
        void laneIsFree(SlotRunner slot);

        /** A record became PREPARED apart from its slot and waits to be run. */
        void runApart(SlotRunner slot, Guard.OfAttempt guard, StoredEvent event, LaneKey key);
    }

    private record Queued(StoredEvent event, LaneKey key) {}

    private enum Turn {
        GO_ON,
        IDLE,
        ENDED
    }

    /** Creates it for a slot that was just taken. */
    public SlotRunner(HandlerEnvironment env, LocalProcessor processor, TakenSlot taken, Neighbours neighbours) {
        this.env = env;
        this.processor = processor;
        this.failures = new FailureRecorder(env, processor);
        this.neighbours = neighbours;
        this.claim = taken.claim();
        this.position = taken.position();
        this.readTo = taken.position();
        this.suspects = taken.suspects();
    }

    /** Starts handling. */
    public void start() {
        lock.lock();
        try {
            startGeneration();
        } finally {
            lock.unlock();
        }
    }

    /** The ownership that holds now, as far as is known. */
    public Claim claim() {
        lock.lock();
        try {
            return claim;
        } finally {
            lock.unlock();
        }
    }

    /** The processor it belongs to. */
    public LocalProcessor processor() {
        return processor;
    }

    /** The last position that passed, as far as is known. */
    public long position() {
        lock.lock();
        try {
            return position;
        } finally {
            lock.unlock();
        }
    }

    /** Runs it soon. */
    public void wake() {
        lock.lock();
        try {
            if (handle != null) {
                handle.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- reading --------------------------------------------------------------------------------------------------

    /** From where it wants events: all up to this position were offered. Empty if it has no room. */
    public Optional<Long> wantsAfter() {
        lock.lock();
        try {
            boolean room = !closing
                    && !closed
                    && !needsReclaim
                    && loaded
                    && queue.size() <= env.settings().slotQueue() / 2;
            return room ? Optional.of(readTo) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** An event of this slot with its place, on its way from the reader. */
    public record Offer(StoredEvent event, LaneKey key) {}

    /**
     * Offers the slot's events of a stretch of the log; those that were offered before, or have no room, are left out.
     *
     * @param fence of the claim at the time of {@link #wantsAfter}
     * @param after the position after which the stretch begins
     * @param upTo its last position
     */
    public void offer(long fence, long after, List<Offer> offers, long upTo) {
        boolean added = false;
        lock.lock();
        try {
            if (closing || closed || needsReclaim || claim.fence() != fence || readTo < after || readTo >= upTo) {
                return;
            }
            for (Offer offer : offers) {
                if (offer.event().position() <= readTo) {
                    continue;
                }
                if (queue.size() >= env.settings().slotQueue()) {
                    return;
                }
                queue.add(new Queued(offer.event(), offer.key()));
                readTo = offer.event().position();
                added = true;
            }
            readTo = upTo;
        } finally {
            if (added && handle != null) {
                handle.wake();
            }
            lock.unlock();
        }
    }

    /** Takes the slot out of handling for a move past events that are not its own; null if there is nothing to move. */
    public @Nullable CursorMove beginCarry() {
        lock.lock();
        try {
            if (busy
                    || carrying
                    || closing
                    || closed
                    || needsReclaim
                    || stopped
                    || !loaded
                    || !queue.isEmpty()
                    || readTo <= position) {
                return null;
            }
            carrying = true;
            return new CursorMove(claim, position, readTo);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a carry; {@code moved} is false if it is not known to have been written. */
    public void endCarry(CursorMove move, boolean moved) {
        lock.lock();
        try {
            carrying = false;
            if (moved) {
                position = Math.max(position, move.to());
                suspects = 0;
            } else {
                needsReclaim = true;
            }
            if (handle != null) {
                handle.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- ownership ------------------------------------------------------------------------------------------------

    /** Lets what runs finish, here and for {@code patience} in its lanes, and reports {@link Neighbours#atRest}. */
    public void close() {
        lock.lock();
        try {
            if (!closing) {
                closing = true;
                givenBackBy =
                        env.conductor().nanos() + env.settings().patience().toNanos();
            }
            if (handle != null) {
                handle.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Like {@link #close}, for something that the slot holds and only another build has a function for. */
    public void handOver(String type) {
        lock.lock();
        try {
            neededType = type;
        } finally {
            lock.unlock();
        }
        LOG.info("{}: given to a node with a function for {}, which it holds", claim().slot(), type);
        close();
    }

    /** Counts a run of one of its lanes that begins: the slot is not given back under it. */
    public void beginBeside() {
        lock.lock();
        try {
            beside++;
        } finally {
            lock.unlock();
        }
    }

    /** Such a run has ended. */
    public void endBeside() {
        lock.lock();
        try {
            beside--;
            if (beside == 0 && closing && handle != null) {
                handle.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is to be given back, so that nothing new begins. */
    boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Stops at once: the slot belongs to somebody else. Runs under way are refused by their guards. */
    public void abandon() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            if (handle != null) {
                handle.cancel();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops what is believed; the next step raises the fence and reads again. */
    public void distrust() {
        lock.lock();
        try {
            needsReclaim = true;
            if (handle != null) {
                handle.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the slot stands still behind a failed execution. */
    public boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    /** Looks again whether a failed execution still stops the slot. */
    public void recheckStop() {
        boolean still = env.store().heldLanes(claim()).stream().anyMatch(HeldLane::stopsSlot);
        lock.lock();
        try {
            stopped = still;
            if (handle != null) {
                handle.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is believed, for logs. */
    @Override
    public String toString() {
        lock.lock();
        try {
            return claim.slot() + "^" + claim.fence() + " at " + position + ", read to " + readTo + ", " + queue.size()
                    + " queued, lanes held " + held.size() + (loaded ? "" : ", not loaded")
                    + (needsReclaim ? ", distrusted" : "") + (stopped ? ", stopped" : "") + (busy ? ", busy" : "")
                    + (carrying ? ", carrying" : "") + (closing ? ", closing" : "") + (closed ? ", closed" : "");
        } finally {
            lock.unlock();
        }
    }

    // ---- the step -------------------------------------------------------------------------------------------------

    private void startGeneration() {
        int mine = ++generation;
        handle = env.conductor()
                .start(processor.definition().name() + "/" + claim.slot().number(), processor.group(), () -> run(mine));
    }

    private Next run(int mine) {
        for (int i = 0; i < BURST; i++) {
            lock.lock();
            try {
                if (closed || mine != generation) {
                    return Next.ENDED;
                }
                if (carrying) {
                    return Next.WHEN_WOKEN;
                }
                busy = true;
            } finally {
                lock.unlock();
            }
            Turn turn;
            try {
                turn = turn(mine);
            } catch (StoreUnavailableException e) {
                distrust();
                throw e;
            } finally {
                lock.lock();
                try {
                    if (mine == generation) {
                        busy = false;
                    }
                } finally {
                    lock.unlock();
                }
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
        Duration rest = untilGivenBack();
        return rest.isZero() ? Next.AGAIN : Next.after(rest);
    }

    private Turn turn(int mine) {
        if (needsReclaimNow() && !reclaim()) {
            return Turn.ENDED;
        }
        if (isClosing()) {
            if (!untilGivenBack().isZero()) {
                return Turn.IDLE;
            }
            neighbours.atRest(this, neededType());
            return Turn.ENDED;
        }
        if (!loaded) {
            loadHeldLanes();
        }
        if (processor.isHalted() || isStopped()) {
            return Turn.IDLE;
        }
        Queued next = peek();
        return next == null ? Turn.IDLE : handleNext(mine, next);
    }

    private Turn handleNext(int mine, Queued next) {
        StoredEvent event = next.event();
        LaneKey key = next.key();
        String type = event.event().type();
        LaneDecision decision = LaneDecision.decide(
                processor.definition(), key, type, processor.registered(), this::isHeld, processor.othersHave(type));
        return switch (decision) {
            case LaneDecision.Pass pass -> {
                env.listener().passedUnknownType(processor.definition().name(), type);
                removeHead();
                yield Turn.GO_ON;
            }
            case LaneDecision.HandOver handOver -> {
                LOG.info("{}: handed to a node with a function for {}", claim().slot(), type);
                neighbours.atRest(this, type);
                yield Turn.ENDED;
            }
            case LaneDecision.Park park -> park(event, park.lane());
            case LaneDecision.Fail fail -> {
                CursorMove move = moveTo(event.position());
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
        CursorMove move = moveTo(event.position());
        FunctionDefinition function =
                processor.definition().functionFor(event.event().type());
        List<StreamKey> provides =
                function == null ? List.of() : function.causality().provides(event.event());
        ParkResult result = env.store().park(move, lane, event, provides);
        switch (result) {
            case PARKED -> {
                hold(lane);
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
                free(lane);
            }
            case LOST -> distrust();
        }
        return Turn.GO_ON;
    }

    private Turn handle(int mine, Queued next, FunctionDefinition function) {
        List<Queued> taken = new ArrayList<>();
        List<Call> calls = new ArrayList<>();
        try {
            calls.add(new Call(function, new ArrayList<>(List.of(decoded(function, next)))));
            taken.add(next);
        } catch (CodecException e) {
            CursorMove move = moveTo(next.event().position());
            var subject = new FailureRecorder.Subject(
                    next.event().event(), next.event().position(), next.key(), function);
            boolean recorded = failures.recordFirst(
                    new RunOrigin.FromSlot(move), subject, FailureReason.UNDECODABLE, e, Duration.ZERO);
            return afterRecording(recorded, move, next.key());
        }
        if (suspects >= SUSPECTS) {
            return runApart(next, function);
        }
        if (processor.definition().batch() > 1 && next.event().position() > singlyUpTo) {
            addToBatch(taken, calls);
        }
        return runInSlot(mine, taken, calls);
    }

    /** Adds consecutive events that would be handled too, as long as each can be decoded. */
    private void addToBatch(List<Queued> taken, List<Call> calls) {
        for (Queued more : peekMore(processor.definition().batch())) {
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
            HandledEvent decoded;
            try {
                decoded = decoded(function, more);
            } catch (CodecException e) {
                return; // alone, it becomes a failed execution in its turn
            }
            Call last = calls.get(calls.size() - 1);
            if (function.batch() && last.function().name().equals(function.name())) {
                last.events().add(decoded);
            } else {
                calls.add(new Call(function, new ArrayList<>(List.of(decoded))));
            }
            taken.add(more);
        }
    }

    private Turn runInSlot(int mine, List<Queued> taken, List<Call> calls) {
        Queued first = taken.get(0);
        CursorMove move = moveTo(taken.get(taken.size() - 1).event().position());
        FunctionDefinition function = calls.get(0).function();
        SlotRun owner = new SlotRun(move, first, function, taken.size() > 1);
        SortedSet<String> keys = new TreeSet<>();
        taken.forEach(queued ->
                keys.addAll(LaneKey.wakes(queued.key().lane(), queued.event().event())));
        HandlerRun run = new HandlerRun(
                env,
                new HandlerRun.Work(processor.definition(), calls, keys, HandlerRun.Work.NOTHING, false),
                new Attempt(1, 0, 0, processor.policyOf(function).maxRetries()),
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
                    enterWait(move, first, function, early.request());
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
        return mine == currentGeneration() ? Turn.GO_ON : Turn.ENDED;
    }

    /** Lets the event wait; if what it waits for was done meanwhile, it stays the next one. */
    private void enterWait(CursorMove move, Queued next, FunctionDefinition function, WaitRequest request) {
        NewWait wait = Waits.newWait(claim().slot(), next.key().lane(), next.event(), request, function);
        switch (env.store().enterWait(new RunOrigin.FromSlot(move), wait)) {
            case WAITING -> {
                hold(wait.laneKey());
                advance(move);
                env.listener().waiting(processor.definition().name(), function.name());
                if (!(request.what() instanceof WaitFor.Version)) {
                    neighbours.laneContinues(this, wait.laneKey());
                }
            }
            case SATISFIED -> {
                // run it again
            }
            case LOST -> {
                env.listener().refused(processor.definition().name());
                distrust();
            }
        }
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
    private Turn runApart(Queued next, FunctionDefinition function) {
        CursorMove move = moveTo(next.event().position());
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

    private HandledEvent decoded(FunctionDefinition function, Queued queued) {
        return function.read(queued.event().event());
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

    // ---- the belief -----------------------------------------------------------------------------------------------

    private boolean reclaim() {
        Optional<TakenSlot> again = env.store().reclaim(env.settings().nodeId(), claim());
        if (again.isEmpty()) {
            abandon();
            neighbours.lost(this);
            env.listener().leaseChanged(processor.definition().name(), LeaseChange.LOST);
            return false;
        }
        lock.lock();
        try {
            claim = again.get().claim();
            position = again.get().position();
            suspects = again.get().suspects();
            readTo = position;
            queue.clear();
            needsReclaim = false;
            loaded = false;
        } finally {
            lock.unlock();
        }
        env.listener().leaseChanged(processor.definition().name(), LeaseChange.RECLAIMED);
        return true;
    }

    private void loadHeldLanes() {
        List<HeldLane> lanes = env.store().heldLanes(claim());
        lock.lock();
        try {
            held.clear();
            lanes.forEach(lane -> held.add(lane.laneKey()));
            stopped = lanes.stream().anyMatch(HeldLane::stopsSlot);
            loaded = true;
        } finally {
            lock.unlock();
        }
        lanes.stream().filter(HeldLane::released).forEach(lane -> neighbours.laneContinues(this, lane.laneKey()));
        neighbours.wantsEvents();
    }

    private CursorMove moveTo(long to) {
        lock.lock();
        try {
            return new CursorMove(claim, position, to);
        } finally {
            lock.unlock();
        }
    }

    private void advance(CursorMove move) {
        boolean wants;
        lock.lock();
        try {
            if (claim.fence() != move.claim().fence()) {
                return;
            }
            position = move.to();
            suspects = 0;
            while (!queue.isEmpty() && queue.peek().event().position() <= position) {
                queue.remove();
            }
            wants = queue.size() == env.settings().slotQueue() / 2 || queue.isEmpty();
        } finally {
            lock.unlock();
        }
        if (wants) {
            neighbours.wantsEvents();
        }
    }

    private void hold(String lane) {
        lock.lock();
        try {
            held.add(lane);
        } finally {
            lock.unlock();
        }
    }

    private void passedButHeld(CursorMove move, LaneKey key) {
        lock.lock();
        try {
            String lane = key.lane();
            if (lane != null) {
                held.add(lane);
            }
            stopped |= processor.definition().onFailure() == OnFailure.STOP;
        } finally {
            lock.unlock();
        }
        advance(move);
    }

    private boolean isHeld(String lane) {
        if (processor.isPausedLane(lane)) {
            return true;
        }
        lock.lock();
        try {
            return held.contains(lane);
        } finally {
            lock.unlock();
        }
    }

    private void free(String lane) {
        lock.lock();
        try {
            held.remove(lane);
        } finally {
            lock.unlock();
        }
    }

    private void removeHead() {
        lock.lock();
        try {
            queue.poll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Queued peek() {
        lock.lock();
        try {
            while (!queue.isEmpty() && queue.peek().event().position() <= position) {
                queue.remove();
            }
            return queue.peek();
        } finally {
            lock.unlock();
        }
    }

    private List<Queued> peekMore(int most) {
        lock.lock();
        try {
            return queue.stream().skip(1).limit(most - 1L).toList();
        } finally {
            lock.unlock();
        }
    }

    /** How long runs of its lanes still hold up a slot that is to be given back. */
    private Duration untilGivenBack() {
        lock.lock();
        try {
            long left = givenBackBy - env.conductor().nanos();
            return closing && beside > 0 && left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    private boolean needsReclaimNow() {
        lock.lock();
        try {
            return needsReclaim;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable String neededType() {
        lock.lock();
        try {
            return neededType;
        } finally {
            lock.unlock();
        }
    }

    private int currentGeneration() {
        lock.lock();
        try {
            return generation;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the slot go on without the run that holds this generation. */
    private void goOnWithout() {
        lock.lock();
        try {
            if (handle != null) {
                handle.detach();
            }
            busy = false;
            startGeneration();
        } finally {
            lock.unlock();
        }
    }

    /** The slot's side of a run: called from timers while the run's thread is inside the function. */
    private final class SlotRun implements HandlerRun.Owner {
        private final CursorMove move;
        private final Queued first;
        private final FunctionDefinition function;
        private final boolean several;

        SlotRun(CursorMove move, Queued first, FunctionDefinition function, boolean several) {
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
                goOnWithout();
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
                goOnWithout();
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
