package io.amends.core.compensate;

import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.LaneDrain;
import io.amends.core.handle.SlotRunner;
import io.amends.core.store.StoreUnavailableException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs what a held lane has to run beside its slot: its released events, and the attempts of its failed executions.
 *
 * <p>Each lane takes its turns one after the other in one task, so two events of a key never run together, even where the
 * lane's rules would let both: the retry of a failed execution that waited, and an event that may overtake it. The slot
 * itself runs nothing of a lane that is held. A turn whose run ignores its interrupt is given up: the next one begins
 * without it.
 */
public final class LaneTurns {
    /** Turns of one lane in a row before other work of the processor gets its place. */
    private static final int BURST = 16;

    private final HandlerEnvironment env;
    private final SlotRunner.Neighbours neighbours;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Lane> lanes = new HashMap<>();

    /** What runs an attempt: on the calling thread, and calling {@code abandoned} from another one if it never ends. */
    public interface AttemptRun {
        /** Runs it. */
        void run(Runnable abandoned);
    }

    /** Creates it without lanes. */
    public LaneTurns(HandlerEnvironment env, SlotRunner.Neighbours neighbours) {
        this.env = env;
        this.neighbours = neighbours;
    }

    /** Runs the lane's released events as far as they may run. */
    public void drain(SlotRunner slot, String lane) {
        lock.lock();
        try {
            Lane turns = laneOf(slot, lane);
            turns.drains = true;
            turns.begin();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs an attempt of a failed execution in its lane's turn, or at once if it has no lane. Its slot is not given back before
     * it has run, unless that takes too long.
     */
    public void attempt(SlotRunner slot, @Nullable String lane, String name, AttemptRun attempt) {
        slot.beginBeside();
        if (lane == null) {
            env.conductor().submit(name, slot.processor().group(), () -> end(slot, () -> attempt.run(() -> {})));
            return;
        }
        lock.lock();
        try {
            Lane turns = laneOf(slot, lane);
            turns.attempts.add(new Queued(slot, attempt));
            turns.begin();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps a lane for one attempt that is about to be prepared, so that nothing else of it begins until {@link #release}: what
     * may run in a lane depends on what became of the rest. False if it has a turn already; {@link
     * SlotRunner.Neighbours#laneIsFree} says when that is over.
     */
    public boolean reserve(SlotRunner slot, String lane) {
        lock.lock();
        try {
            Lane turns = laneOf(slot, lane);
            if (turns.underWay) {
                turns.wanted = true;
                return false;
            }
            turns.underWay = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the lane go on that was kept. */
    public void release(SlotRunner slot, String lane) {
        lock.lock();
        try {
            // of whoever asked for it last: this slot may have been lost and taken again meanwhile
            Lane turns = lanes.get(nameOf(slot, lane));
            if (turns == null) {
                throw new IllegalStateException("lane " + lane + ": not reserved (expected: by the caller)");
            }
            turns.underWay = false;
            if (turns.drains || !turns.attempts.isEmpty()) {
                turns.begin();
            } else {
                turns.end();
            }
        } finally {
            lock.unlock();
        }
    }

    private Lane laneOf(SlotRunner slot, String lane) {
        String name = nameOf(slot, lane);
        Lane turns = lanes.computeIfAbsent(name, absent -> new Lane(name, lane, slot));
        turns.slot = slot; // it may have been lost and taken again meanwhile
        return turns;
    }

    private static String nameOf(SlotRunner slot, String lane) {
        return slot.processor().definition().name() + "\n" + lane;
    }

    private static void beside(SlotRunner slot, Runnable run) {
        slot.beginBeside();
        end(slot, run);
    }

    /** Ends what has begun beside the slot. */
    private static void end(SlotRunner slot, Runnable run) {
        try {
            run.run();
        } catch (StoreUnavailableException e) {
            slot.distrust();
        } finally {
            slot.endBeside();
        }
    }

    /** An attempt that waits for its lane's turn, counted as beside its slot. */
    private record Queued(SlotRunner slot, AttemptRun attempt) {}

    /** What a lane has to run; guarded by the lock, but for what its one task does. */
    private final class Lane {
        private final String name;
        private final String lane;
        private final ArrayDeque<Queued> attempts = new ArrayDeque<>();
        private SlotRunner slot;
        private boolean drains;
        private boolean underWay;
        private boolean wanted;
        private int task;

        Lane(String name, String lane, SlotRunner slot) {
            this.name = name;
            this.lane = lane;
            this.slot = slot;
        }

        void end() {
            lanes.remove(name, this);
            if (wanted) {
                neighbours.laneIsFree(slot);
            }
        }

        void begin() {
            if (!underWay) {
                underWay = true;
                submit();
            }
        }

        private void submit() {
            int mine = task;
            env.conductor().submit("lane " + lane, slot.processor().group(), () -> run(mine));
        }

        private void run(int mine) {
            try {
                for (int i = 0; i < BURST; i++) {
                    Runnable turn = next(mine);
                    if (turn == null) {
                        return;
                    }
                    turn.run();
                }
            } catch (RuntimeException | Error e) {
                goOnWithout(mine);
                throw e;
            }
            lock.lock();
            try {
                if (mine == task) {
                    submit();
                }
            } finally {
                lock.unlock();
            }
        }

        /** What comes next in this task; null if there is nothing, or another task has taken over. */
        private @Nullable Runnable next(int mine) {
            lock.lock();
            try {
                if (mine != task) {
                    return null;
                }
                Queued queued = attempts.poll();
                if (queued != null) {
                    return () ->
                            LaneTurns.end(queued.slot(), () -> queued.attempt().run(() -> goOnWithout(mine)));
                }
                SlotRunner of = slot;
                if (drains) {
                    drains = false;
                    return () -> beside(of, () -> drain(of, mine));
                }
                underWay = false;
                end();
                return null;
            } finally {
                lock.unlock();
            }
        }

        private void drain(SlotRunner of, int mine) {
            boolean more = new LaneDrain(env, of, neighbours, lane, () -> goOnWithout(mine)).runNext();
            lock.lock();
            try {
                drains |= more && mine == task;
            } finally {
                lock.unlock();
            }
        }

        /** Lets another task go on: this one has thrown, or is in a run that may never come back. */
        private void goOnWithout(int mine) {
            lock.lock();
            try {
                if (mine == task) {
                    task++;
                    submit();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
