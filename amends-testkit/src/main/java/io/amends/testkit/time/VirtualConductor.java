package io.amends.testkit.time;

import io.amends.core.step.Conductor;
import io.amends.core.step.Step;
import java.io.Serial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conductor of one simulated process in a {@link VirtualLoop}: nothing runs beside anything else, time passes only
 * when nothing is due, ids are counted, and chance comes from the loop's seed.
 *
 * <p>Steps, groups and handles behave as those of production, growing pauses after failures included. A pause sees an
 * interrupt within {@link #INTERRUPT_LATENCY}. {@link #freeze} stops the whole process for a while, {@link #drop} ends
 * it as a crash does.
 */
public final class VirtualConductor implements Conductor {
    /** How long a paused task needs to see that it was interrupted. */
    public static final Duration INTERRUPT_LATENCY = Duration.ofMillis(250);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(VirtualConductor.class);

    private final VirtualLoop loop;
    private final String name;
    private final SplittableRandom random;
    private final Set<VirtualLoop.Item> parked = new LinkedHashSet<>();
    private BiConsumer<String, Throwable> errors = (task, error) -> LOG.warn("{} failed", task, error);
    private long frozenUntil;
    private boolean dropped;

    VirtualConductor(VirtualLoop loop, String name, long seed) {
        this.loop = loop;
        this.name = name;
        this.random = new SplittableRandom(seed);
    }

    /** Thrown out of a pause of a process that was dropped, to unwind its stack. */
    public static final class Dropped extends Error {
        @Serial
        private static final long serialVersionUID = 1L;

        /** Creates it for a process. */
        public Dropped(String name) {
            super(name + " was dropped", null, false, false);
        }
    }

    /** Tells what steps, tasks and timers throw; logged by default. What the listener throws ends the loop's run. */
    public void onError(BiConsumer<String, Throwable> listener) {
        errors = listener;
    }

    /** Ends the process as a crash does: nothing of it begins any more, and its paused tasks are unwound. */
    public void drop() {
        if (!dropped) {
            dropped = true;
            List.copyOf(parked).forEach(loop::hurry);
        }
    }

    /** Whether it was dropped. */
    public boolean isDropped() {
        return dropped;
    }

    /** Stops the whole process for this long, the calling task included; then all that was due meanwhile runs. */
    public void freeze(Duration duration) {
        frozenUntil = Math.max(frozenUntil, loop.clock().nanos() + duration.toNanos());
        if (loop.isInside()) {
            pauseUninterruptibly(Duration.ZERO);
        }
    }

    /** Like {@link #pause}, for code that does not see interrupts; they stay pending. */
    public void pauseUninterruptibly(Duration duration) {
        requireAlive();
        loop.park(this, loop.clock().nanos() + duration.toNanos());
        requireAlive();
    }

    @Override
    public Group group(String groupName, int concurrency) {
        return new LimitedGroup(concurrency);
    }

    @Override
    public Handle start(String stepName, Group group, Step step) {
        RunningStep running = new RunningStep(stepName, (LimitedGroup) group, step);
        running.wake();
        return running;
    }

    @Override
    public void submit(String taskName, Group group, Runnable task) {
        LimitedGroup limited = (LimitedGroup) group;
        limited.execute(() -> {
            try {
                runReporting(taskName, task);
            } finally {
                limited.release();
            }
        });
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        VirtualLoop.Item item =
                loop.schedule(this, loop.clock().nanos() + delay.toNanos(), () -> runReporting("timer", task));
        return () -> item.cancelled = true;
    }

    /** Lets other tasks run meanwhile; outside the loop it runs the loop. */
    @Override
    public void pause(Duration duration) throws InterruptedException {
        if (!loop.isInside()) {
            loop.runFor(duration);
            return;
        }
        requireAlive();
        long end = loop.clock().nanos() + duration.toNanos();
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long now = loop.clock().nanos();
            if (now >= end) {
                return;
            }
            loop.park(this, Math.min(end, now + INTERRUPT_LATENCY.toNanos()));
            requireAlive();
        }
    }

    @Override
    public long nanos() {
        return loop.clock().nanos();
    }

    @Override
    public Instant wallClock() {
        return loop.clock().instant();
    }

    @Override
    public String newId() {
        return loop.newId(name);
    }

    @Override
    public double random() {
        return random.nextDouble();
    }

    long frozenUntil() {
        return dropped ? 0 : frozenUntil;
    }

    void parked(VirtualLoop.Item item) {
        parked.add(item);
    }

    void resumed(VirtualLoop.Item item) {
        parked.remove(item);
    }

    private void requireAlive() {
        if (dropped) {
            throw new Dropped(name);
        }
    }

    private void fork(Runnable task) {
        if (!dropped) {
            loop.schedule(this, loop.clock().nanos(), task);
        }
    }

    private void runReporting(String taskName, Runnable task) {
        try {
            task.run();
        } catch (Dropped e) {
            throw e;
        } catch (RuntimeException | Error e) {
            errors.accept(taskName, e);
        }
    }

    private final class LimitedGroup implements Group {
        private final int concurrency;
        private final List<Runnable> waiting = new ArrayList<>();
        private int running;

        LimitedGroup(int concurrency) {
            this.concurrency = concurrency;
        }

        @Override
        public int concurrency() {
            return concurrency;
        }

        void execute(Runnable task) {
            if (running >= concurrency) {
                waiting.add(task);
            } else {
                running++;
                fork(task);
            }
        }

        void release() {
            if (waiting.isEmpty()) {
                running--;
            } else {
                fork(waiting.remove(0));
            }
        }
    }

    private final class RunningStep implements Handle {
        private final String stepName;
        private final LimitedGroup group;
        private final Step step;
        private boolean queued;
        private boolean running;
        private boolean woken;
        private boolean cancelled;
        private boolean detached;
        private long notBefore;
        private int failures;
        private VirtualLoop.@Nullable Item timer;

        RunningStep(String stepName, LimitedGroup group, Step step) {
            this.stepName = stepName;
            this.group = group;
            this.step = step;
            this.notBefore = nanos();
        }

        @Override
        public void wake() {
            if (cancelled || queued) {
                return;
            }
            if (running) {
                woken = true;
                return;
            }
            scheduleAt(notBefore);
        }

        @Override
        public void cancel() {
            cancelled = true;
            stopTimer();
        }

        @Override
        public void detach() {
            cancel();
            if (running && !detached) {
                group.release();
            }
            detached = true;
        }

        private void scheduleAt(long at) {
            stopTimer();
            if (at <= nanos()) {
                enqueue();
            } else {
                timer = loop.schedule(VirtualConductor.this, at, () -> {
                    timer = null;
                    if (!cancelled && !queued && !running) {
                        enqueue();
                    }
                });
            }
        }

        private void enqueue() {
            queued = true;
            group.execute(this::run);
        }

        private void stopTimer() {
            if (timer != null) {
                timer.cancelled = true;
                timer = null;
            }
        }

        private void run() {
            queued = false;
            if (cancelled) {
                group.release();
                return;
            }
            running = true;
            woken = false;
            Step.Next next = runStep();
            running = false;
            cancelled |= next.ended();
            if (!detached) {
                group.release();
            }
            if (cancelled) {
                return;
            }
            long now = nanos();
            notBefore = now + next.notBefore().toNanos();
            Duration atLatest = next.atLatest();
            if (woken) {
                scheduleAt(notBefore);
            } else if (atLatest != null) {
                scheduleAt(now + atLatest.toNanos());
            }
        }

        private Step.Next runStep() {
            try {
                Step.Next next = step.run();
                failures = 0;
                return next;
            } catch (Dropped e) {
                throw e;
            } catch (RuntimeException | Error e) {
                errors.accept(stepName, e);
                Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures++, 5));
                backoff = backoff.compareTo(LAST_BACKOFF) > 0 ? LAST_BACKOFF : backoff;
                return Step.Next.between(backoff, backoff);
            }
        }
    }
}
