package io.amends.core.handle;

import io.amends.core.lane.LaneKey;
import io.amends.core.step.Conductor;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.HeldLane;
import io.amends.core.store.TakenSlot;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node believes about a slot that it owns, and what it is doing with it; safe for use by many threads.
 *
 * <p>Position and held lanes are only a belief: each write is guarded in the database by fence and previous position,
 * and parking decides there whether the lane is still held. So a belief may be out of date in one direction without harm:
 * a lane believed held that is free costs one statement. The other direction can not happen, since only the owner adds
 * to a lane, and lanes are loaded after the fence was raised. After any refusal or lost connection the belief is
 * dropped ({@link #distrust}): the fence is raised and everything is read again.
 */
final class SlotState {
    private final HandlerEnvironment env;

    private final ReentrantLock lock = new ReentrantLock();

    // what is believed
    private final ArrayDeque<SlotEvent> queue = new ArrayDeque<>();
    private final Set<String> held = new HashSet<>();
    private Claim claim;
    private long position;
    private long readTo;
    private int suspects;
    private boolean loaded;
    private boolean needsReclaim;
    private boolean stopped;

    // what is being done
    private int generation;
    private Conductor.@Nullable Handle handle;
    private boolean busy;
    private boolean carrying;
    private int beside;

    // how it ends
    private boolean closing;
    private long givenBackBy;
    private boolean givenBack;
    private boolean closed;
    private @Nullable String neededType;

    SlotState(HandlerEnvironment env, TakenSlot taken) {
        this.env = env;
        claim = taken.claim();
        position = taken.position();
        readTo = taken.position();
        suspects = taken.suspects();
    }

    Claim claim() {
        return locked(() -> claim);
    }

    long position() {
        return locked(() -> position);
    }

    /** Owners in a row that died at this position. */
    int suspects() {
        return locked(() -> suspects);
    }

    // ---- generations ----------------------------------------------------------------------------------------------

    /** What a turn finds when it begins. */
    enum Entry {
        /** The turn has begun, and ends with {@link SlotState#leave}. */
        ENTERED,
        /** The slot is being moved past events that are not its own. */
        CARRYING,
        /** The slot goes on without this generation, or not at all. */
        ENDED
    }

    /** Starts the next generation of the slot's step. */
    void startGeneration(IntFunction<Conductor.Handle> start) {
        lock.lock();
        try {
            handle = start.apply(++generation);
        } finally {
            lock.unlock();
        }
    }

    /** Starts another generation beside the one that now runs, which is told to end when its run does. */
    void goOnWithout(IntFunction<Conductor.Handle> start) {
        lock.lock();
        try {
            if (handle != null) {
                handle.detach();
            }
            busy = false;
            startGeneration(start);
        } finally {
            lock.unlock();
        }
    }

    Entry enter(int mine) {
        lock.lock();
        try {
            if (closed || mine != generation) {
                return Entry.ENDED;
            }
            if (carrying) {
                return Entry.CARRYING;
            }
            busy = true;
            return Entry.ENTERED;
        } finally {
            lock.unlock();
        }
    }

    void leave(int mine) {
        lock.lock();
        try {
            if (mine == generation) {
                busy = false;
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isCurrent(int mine) {
        return locked(() -> mine == generation);
    }

    void wake() {
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

    /** See {@link SlotRunner#wantsAfter}. */
    Optional<Long> wantsAfter() {
        return locked(() -> {
            boolean room = !closing && !closed && !needsReclaim && loaded && queue.size() <= room() / 2;
            return room ? Optional.of(readTo) : Optional.empty();
        });
    }

    /** See {@link SlotRunner#offer}. */
    void offer(long fence, long after, List<SlotEvent> offers, long upTo) {
        boolean added = false;
        lock.lock();
        try {
            if (closing || closed || needsReclaim || claim.fence() != fence || readTo < after || readTo >= upTo) {
                return;
            }
            for (SlotEvent offer : offers) {
                if (offer.event().position() <= readTo) {
                    continue;
                }
                if (queue.size() >= room()) {
                    return;
                }
                queue.add(offer);
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

    /** See {@link SlotRunner#beginCarry}. */
    @Nullable CursorMove beginCarry() {
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

    /** See {@link SlotRunner#endCarry}. */
    void endCarry(CursorMove move, boolean moved) {
        lock.lock();
        try {
            carrying = false;
            if (moved) {
                position = Math.max(position, move.to());
                suspects = 0;
            } else {
                needsReclaim = true;
            }
            wake();
        } finally {
            lock.unlock();
        }
    }

    // ---- the next events ------------------------------------------------------------------------------------------

    /** The next event, which stays the next one until the position passes it. */
    @Nullable SlotEvent peek() {
        lock.lock();
        try {
            dropPassed();
            return queue.peek();
        } finally {
            lock.unlock();
        }
    }

    /** The events after the next one, so many that they are {@code most} with it. */
    List<SlotEvent> peekMore(int most) {
        return locked(() -> queue.stream().skip(1).limit(most - 1L).toList());
    }

    void removeHead() {
        lock.lock();
        try {
            queue.poll();
        } finally {
            lock.unlock();
        }
    }

    CursorMove moveTo(long to) {
        return locked(() -> new CursorMove(claim, position, to));
    }

    /** The move was written. Returns whether more events are wanted. */
    boolean advance(CursorMove move) {
        lock.lock();
        try {
            if (claim.fence() != move.claim().fence()) {
                return false;
            }
            position = move.to();
            suspects = 0;
            dropPassed();
            return queue.size() == room() / 2 || queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void dropPassed() {
        while (!queue.isEmpty() && queue.peek().event().position() <= position) {
            queue.remove();
        }
    }

    // ---- held lanes -----------------------------------------------------------------------------------------------

    boolean isHeld(String lane) {
        return locked(() -> held.contains(lane));
    }

    void hold(String lane) {
        lock.lock();
        try {
            held.add(lane);
        } finally {
            lock.unlock();
        }
    }

    void free(String lane) {
        lock.lock();
        try {
            held.remove(lane);
        } finally {
            lock.unlock();
        }
    }

    /** A failed execution holds the event's lane now, or the whole slot. */
    void holdFailed(LaneKey key, boolean stops) {
        lock.lock();
        try {
            String lane = key.lane();
            if (lane != null) {
                held.add(lane);
            }
            stopped |= stops;
        } finally {
            lock.unlock();
        }
    }

    boolean isStopped() {
        return locked(() -> stopped);
    }

    void setStopped(boolean still) {
        lock.lock();
        try {
            stopped = still;
            wake();
        } finally {
            lock.unlock();
        }
    }

    // ---- reading it again -----------------------------------------------------------------------------------------

    /** Drops what is believed; the next turn raises the fence and reads again. */
    void distrust() {
        lock.lock();
        try {
            needsReclaim = true;
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** The same, if nothing was read again since this claim was made; whether that was so. */
    boolean distrust(Claim under) {
        lock.lock();
        try {
            boolean newest = claim.equals(under);
            if (newest) {
                distrust();
            }
            return newest;
        } finally {
            lock.unlock();
        }
    }

    boolean needsReclaim() {
        return locked(() -> needsReclaim);
    }

    void reclaimed(TakenSlot again) {
        lock.lock();
        try {
            claim = again.claim();
            position = again.position();
            suspects = again.suspects();
            readTo = position;
            queue.clear();
            needsReclaim = false;
            loaded = false;
            givenBack = false; // that has failed; if it is still to be, it is so again in this turn
        } finally {
            lock.unlock();
        }
    }

    boolean isLoaded() {
        return locked(() -> loaded);
    }

    void load(List<HeldLane> lanes) {
        lock.lock();
        try {
            held.clear();
            lanes.forEach(lane -> held.add(lane.laneKey()));
            stopped = lanes.stream().anyMatch(HeldLane::stopsSlot);
            loaded = true;
        } finally {
            lock.unlock();
        }
    }

    // ---- giving it back -------------------------------------------------------------------------------------------

    void close() {
        lock.lock();
        try {
            if (!closing) {
                closing = true;
                givenBackBy =
                        env.conductor().nanos() + env.settings().patience().toNanos();
            }
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Says that only a build with a function for the type can go on. */
    void need(String type) {
        lock.lock();
        try {
            neededType = type;
        } finally {
            lock.unlock();
        }
    }

    @Nullable String neededType() {
        lock.lock();
        try {
            return neededType;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosing() {
        return locked(() -> closing);
    }

    void beginBeside() {
        lock.lock();
        try {
            beside++;
        } finally {
            lock.unlock();
        }
    }

    void endBeside() {
        lock.lock();
        try {
            beside--;
            if (beside == 0 && closing) {
                wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long runs of its lanes still hold up a slot that is to be given back. */
    Duration untilGivenBack() {
        return locked(() -> {
            long left = givenBackBy - env.conductor().nanos();
            return closing && beside > 0 && left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
        });
    }

    /** From here on nothing of it may begin: it is being given back, which is tried again if it fails. */
    void giveBack() {
        lock.lock();
        try {
            givenBack = true;
        } finally {
            lock.unlock();
        }
    }

    boolean isGivenBack() {
        return locked(() -> givenBack || closed);
    }

    void abandon() {
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

    /** What is believed, for logs. */
    @Override
    public String toString() {
        return locked(() -> claim.slot() + "^" + claim.fence() + " at " + position + ", read to " + readTo + ", "
                + queue.size() + " queued, lanes held " + held.size() + (loaded ? "" : ", not loaded")
                + (needsReclaim ? ", distrusted" : "") + (stopped ? ", stopped" : "") + (busy ? ", busy" : "")
                + (carrying ? ", carrying" : "") + (closing ? ", closing" : "") + (closed ? ", closed" : ""));
    }

    private int room() {
        return env.settings().slotQueue();
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }
}
