package io.amends.core.step;

import java.time.Duration;
import java.time.Instant;

/**
 * Everything that is not determined by the data: threads, timers, clock, ids and chance. Production has one that owns
 * virtual threads; a simulation has one that runs everything in one thread under virtual time from a seed.
 */
public interface Conductor {

    /** Makes a group of which at most {@code concurrency} steps and tasks run at the same time. */
    Group group(String name, int concurrency);

    /** Starts a step; it runs at once for the first time. */
    Handle start(String name, Group group, Step step);

    /** Runs a task once, as soon as its group has room. */
    void submit(String name, Group group, Runnable task);

    /** Runs a short task after a delay, outside any group. */
    Timer after(Duration delay, Runnable task);

    /**
     * Blocks the calling thread.
     *
     * @throws InterruptedException if it was interrupted
     */
    void pause(Duration duration) throws InterruptedException;

    /** Monotonic nanoseconds. */
    long nanos();

    /** The wall clock, for what people read; never for a decision. */
    Instant wallClock();

    /** A new unique id that sorts by time, at most 36 characters. */
    String newId();

    /** A number from 0 (inclusive) to 1 (exclusive). */
    double random();

    /** A limit of concurrency. */
    interface Group {
        /** The most that runs at the same time. */
        int concurrency();
    }

    /** A started step. */
    interface Handle {
        /** Runs it soon; if it runs right now, once more after that. */
        void wake();

        /** Lets it end: no further run begins. */
        void cancel();

        /** Like {@link #cancel}, and a run that goes on no longer counts in its group: another may run in its place. */
        void detach();
    }

    /** A timer that was set. */
    @FunctionalInterface
    interface Timer {
        /** Stops it if it has not fired. */
        void cancel();
    }
}
