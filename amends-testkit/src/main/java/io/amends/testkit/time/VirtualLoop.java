package io.amends.testkit.time;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of a simulation: runs what is due in virtual time, one piece at a time, and chooses among what is due at
 * the same moment by its seed. Equal seeds and equal work give equal runs.
 *
 * <p>One loop drives any number of {@link VirtualConductor}s, each of which stands for a process. A task that pauses
 * keeps its stack: the loop goes on on another thread and comes back to the task when its time has come. So tasks
 * interleave at their pauses in any order, not only nested in one another, and still exactly one thread runs at any
 * moment, handed on like a baton; nothing ever depends on real time or on the scheduler of the machine. A task that
 * blocks for real (on a lock that a pausing task holds) can never go on: that is reported, with its stack, after a minute.
 *
 * <p>{@code run…} is called from a thread outside the loop, and returns when no task is running. Not thread-safe beyond
 * that.
 */
public final class VirtualLoop implements AutoCloseable {
    /** Real time after which a loop that makes no step is taken to be blocked. */
    private static final long BLOCKED_AFTER_SECONDS = 60;

    private static final ThreadLocal<@Nullable Worker> WORKER = new ThreadLocal<>();

    private final VirtualClock clock;
    private final SplittableRandom random;
    private final PriorityQueue<Item> queue = new PriorityQueue<>(Comparator.<Item>comparingLong(i -> i.at)
            .thenComparingInt(i -> i.tie)
            .thenComparingLong(i -> i.number));
    private final ArrayDeque<Worker> idle = new ArrayDeque<>();
    private final Semaphore caller = new Semaphore(0);
    private Runnable afterEachStep = () -> {};
    private BooleanSupplier condition = () -> false;
    private long end;
    private boolean met;
    private boolean stepped;
    private boolean closed;
    private long numbers;
    private long ids;
    private int parked;
    private final AtomicLong steps = new AtomicLong();
    private volatile @Nullable Worker running;
    private @Nullable Throwable failure;

    /** Creates a loop that moves this clock. */
    public VirtualLoop(VirtualClock clock, long seed) {
        this.clock = clock;
        this.random = new SplittableRandom(seed);
    }

    /** Something to do at a time: a task to begin, or a parked one to go on with. */
    static final class Item {
        final VirtualConductor owner;
        final int tie;
        final long number;
        final @Nullable Runnable task;
        final @Nullable Worker parked;
        long at;
        boolean cancelled;

        Item(VirtualConductor owner, long at, int tie, long number, @Nullable Runnable task, @Nullable Worker parked) {
            this.owner = owner;
            this.at = at;
            this.tie = tie;
            this.number = number;
            this.task = task;
            this.parked = parked;
        }
    }

    /** A thread that holds the baton, waits for it in the middle of a task, or is idle. */
    static final class Worker {
        final VirtualLoop loop;
        final Semaphore turn = new Semaphore(0);

        @Nullable Item assigned;

        @Nullable Thread thread;

        long task;

        Worker(VirtualLoop loop) {
            this.loop = loop;
        }
    }

    /** A new process in this loop; names appear in ids. */
    public VirtualConductor conductor(String name) {
        return new VirtualConductor(this, name, random.nextLong());
    }

    /** The clock that it moves. */
    public VirtualClock clock() {
        return clock;
    }

    /** Pieces of work done so far. */
    public long steps() {
        return steps.get();
    }

    /** The number of the task that the calling thread runs, the same from its begin to its end; 0 outside the loop. */
    public long currentTask() {
        Worker me = worker();
        return me == null ? 0 : me.task;
    }

    /** Calls this after each piece of work, between two tasks; what it throws ends the run and is thrown from there. */
    public void afterEachStep(Runnable check) {
        afterEachStep = check;
    }

    /**
     * Lets this much time pass.
     *
     * @throws IllegalStateException if a task blocks for real
     */
    public void runFor(Duration duration) {
        runUntil(() -> false, duration);
    }

    /**
     * Runs until the condition holds, which is asked after each piece of work; false if this much time has passed before.
     *
     * @throws IllegalStateException if a task blocks for real
     */
    public boolean runUntil(BooleanSupplier newCondition, Duration bound) {
        if (isInside()) {
            throw new IllegalStateException("run: called from inside the loop (expected: from another thread)");
        }
        condition = newCondition;
        end = clock.nanos() + bound.toNanos();
        met = false;
        stepped = false;
        handOn(null);
        awaitCaller();
        Throwable thrown = failure;
        failure = null;
        switch (thrown) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(thrown);
        }
        return met;
    }

    /** Drops what waits, unwinds paused tasks, and ends all threads. */
    @Override
    public void close() {
        closed = true;
        queue.removeIf(item -> item.parked == null);
        List.copyOf(queue).forEach(item -> item.owner.drop());
        if (parked > 0) {
            handOn(null);
            awaitCaller();
        }
        for (Worker one : idle) {
            one.turn.release();
        }
        idle.clear();
    }

    // ---- for conductors -------------------------------------------------------------------------------------------

    boolean isInside() {
        return worker() != null;
    }

    private @Nullable Worker worker() {
        Worker mine = WORKER.get();
        return mine == null || mine.loop != this ? null : mine;
    }

    /** Generated in order, so they sort by time. */
    String newId(String name) {
        String digits = Long.toString(++ids);
        return "0".repeat(Math.max(0, 9 - digits.length())) + digits + "-" + name;
    }

    Item schedule(VirtualConductor owner, long at, Runnable task) {
        Item item = new Item(owner, at, random.nextInt(), ++numbers, task, null);
        if (!closed) {
            queue.add(item);
        }
        return item;
    }

    /** Parks the running task until this moment of its conductor's time; keeps the thread's interrupt. */
    void park(VirtualConductor owner, long until) {
        Worker me = worker();
        if (me == null) {
            throw new IllegalStateException("park: called outside the loop");
        }
        Item item = new Item(owner, until, random.nextInt(), ++numbers, null, me);
        queue.add(item);
        parked++;
        owner.parked(item);
        Item next = takeNext();
        if (next != item) {
            if (next == null) {
                caller.release();
            } else {
                handOn(next);
            }
            me.turn.acquireUninterruptibly();
            running = me;
        }
        parked--;
        owner.resumed(item);
    }

    /** Lets a parked task go on now. */
    void hurry(Item item) {
        if (queue.remove(item)) {
            item.at = clock.nanos();
            queue.add(item);
        }
    }

    // ---- the loop -------------------------------------------------------------------------------------------------

    /** Gives the baton to a worker that goes on with this item, or with what is next. */
    private void handOn(@Nullable Item next) {
        if (next != null && next.parked != null) {
            next.parked.turn.release();
            return;
        }
        Worker one = idle.poll();
        boolean fresh = one == null;
        if (one == null) {
            one = new Worker(this);
        }
        one.assigned = next;
        if (fresh) {
            Worker started = one;
            started.thread = Thread.ofVirtual().name("virtual-loop").unstarted(() -> lead(started));
            started.thread.start();
        } else {
            one.turn.release();
        }
    }

    private void lead(Worker me) {
        WORKER.set(me);
        while (true) {
            running = me;
            Item next = me.assigned != null ? me.assigned : takeNext();
            me.assigned = null;
            if (next != null && next.parked == null) {
                me.task = next.number;
                begin(next);
                continue;
            }
            idle.push(me);
            if (next == null) {
                caller.release();
            } else {
                handOn(next);
            }
            me.turn.acquireUninterruptibly();
            if (closed && parked == 0) {
                return;
            }
        }
    }

    private void begin(Item item) {
        boolean ignored = Thread.interrupted(); // an interrupt was meant for an earlier task
        try {
            Runnable task = item.task;
            if (task != null) {
                task.run();
            }
        } catch (VirtualConductor.Dropped e) {
            // its process is gone
        } catch (Throwable e) {
            if (failure == null) {
                failure = e;
            }
        }
    }

    /** What is next, with the clock at its time; null if this run ends here. */
    private @Nullable Item takeNext() {
        if (stepped) {
            steps.incrementAndGet();
            if (!closed && failure == null) {
                try {
                    afterEachStep.run();
                } catch (Throwable e) {
                    failure = e;
                }
            }
        }
        stepped = true;
        if (!closed && (failure != null || conditionHolds())) {
            return null;
        }
        while (true) {
            Item item = queue.peek();
            if (item == null || (item.at > end && !closed)) {
                advanceTo(end);
                return null;
            }
            queue.remove();
            if (item.cancelled || (item.parked == null && item.owner.isDropped())) {
                continue;
            }
            long frozenUntil = item.owner.frozenUntil();
            if (frozenUntil > item.at) {
                item.at = frozenUntil;
                queue.add(item);
                continue;
            }
            advanceTo(item.at);
            return item;
        }
    }

    private boolean conditionHolds() {
        try {
            met = condition.getAsBoolean();
        } catch (Throwable e) {
            failure = e;
            return true;
        }
        return met;
    }

    private void advanceTo(long nanos) {
        long left = nanos - clock.nanos();
        if (left > 0 && !closed) {
            clock.advance(Duration.ofNanos(left));
        }
    }

    private void awaitCaller() {
        long before;
        do {
            before = steps.get();
            try {
                if (caller.tryAcquire(BLOCKED_AFTER_SECONDS, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the loop runs", e);
            }
        } while (steps.get() != before);
        Worker blocked = running;
        IllegalStateException error = new IllegalStateException("a task blocks for real, so virtual time stands still");
        if (blocked != null && blocked.thread != null) {
            error.setStackTrace(blocked.thread.getStackTrace());
        }
        throw error;
    }
}
