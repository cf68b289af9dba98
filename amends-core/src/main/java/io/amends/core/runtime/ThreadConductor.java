package io.amends.core.runtime;

import io.amends.core.step.Conductor;
import io.amends.core.step.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conductor of production: each run of a step, task or timer on a virtual thread of its own, one platform thread
 * that only tells time.
 */
public final class ThreadConductor implements Conductor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadConductor.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(2);

    private final ScheduledThreadPoolExecutor clock;
    private final TimeOrderedIds ids = new TimeOrderedIds();
    private final ThreadFactory threads;
    private volatile boolean closed;

    /** Creates it; thread names begin with {@code name}. */
    public ThreadConductor(String name) {
        threads = Thread.ofVirtual().name(name + "-", 0).factory();
        ThreadFactory timer = Thread.ofPlatform().daemon().name(name + "-clock").factory();
        clock = new ScheduledThreadPoolExecutor(1, timer);
        clock.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Group group(String name, int concurrency) {
        return new LimitedGroup(concurrency);
    }

    @Override
    public Handle start(String name, Group group, Step step) {
        RunningStep running = new RunningStep(name, (LimitedGroup) group, step);
        running.wake();
        return running;
    }

    @Override
    public void submit(String name, Group group, Runnable task) {
        LimitedGroup limited = (LimitedGroup) group;
        limited.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.error("{} failed", name, e);
            } finally {
                limited.release();
            }
        });
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        Future<?> future = schedule(
                delay,
                () -> fork(() -> {
                    try {
                        task.run();
                    } catch (RuntimeException | Error e) {
                        LOG.error("a timer's task failed", e);
                    }
                }));
        return () -> future.cancel(false);
    }

    @Override
    public void pause(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Instant wallClock() {
        return Instant.now();
    }

    @Override
    public String newId() {
        return ids.next();
    }

    @Override
    public double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    /** Starts nothing more; what runs goes on until it ends. */
    @Override
    public void close() {
        closed = true;
        clock.shutdownNow();
    }

    private Future<?> schedule(Duration delay, Runnable task) {
        try {
            return clock.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null); // closed: nothing starts any more
        }
    }

    private void fork(Runnable task) {
        if (!closed) {
            threads.newThread(task).start();
        }
    }

    /** At most so many at a time; the others wait in order. */
    private final class LimitedGroup implements Group {
        private final ReentrantLock lock = new ReentrantLock();
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
        private final int concurrency;
        private int running;

        LimitedGroup(int concurrency) {
            this.concurrency = concurrency;
        }

        @Override
        public int concurrency() {
            return concurrency;
        }

        /** Runs it now or when there is room; it must call {@link #release} once. */
        void execute(Runnable task) {
            lock.lock();
            try {
                if (running >= concurrency) {
                    waiting.add(task);
                    return;
                }
                running++;
            } finally {
                lock.unlock();
            }
            fork(task);
        }

        void release() {
            Runnable next;
            lock.lock();
            try {
                next = waiting.poll();
                if (next == null) {
                    running--;
                    return;
                }
            } finally {
                lock.unlock();
            }
            fork(next);
        }
    }

    private final class RunningStep implements Handle {
        private final String name;
        private final LimitedGroup group;
        private final Step step;
        private final ReentrantLock lock = new ReentrantLock();
        private boolean queued;
        private boolean running;
        private boolean woken;
        private boolean cancelled;
        private boolean detached;
        private long notBefore;
        private int failures;
        private @Nullable Future<?> timer;

        RunningStep(String name, LimitedGroup group, Step step) {
            this.name = name;
            this.group = group;
            this.step = step;
            this.notBefore = System.nanoTime();
        }

        @Override
        public void wake() {
            lock.lock();
            try {
                if (cancelled || queued) {
                    return;
                }
                if (running) {
                    woken = true;
                    return;
                }
                scheduleAt(notBefore);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                cancelled = true;
                stopTimer();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void detach() {
            boolean release;
            lock.lock();
            try {
                cancelled = true;
                stopTimer();
                release = running && !detached;
                detached = true;
            } finally {
                lock.unlock();
            }
            if (release) {
                group.release();
            }
        }

        /** Called under the lock, when neither queued nor running. */
        private void scheduleAt(long nanos) {
            stopTimer();
            long delay = nanos - System.nanoTime();
            if (delay <= 0) {
                queued = true;
                group.execute(this::run);
            } else {
                timer = schedule(Duration.ofNanos(delay), this::fire);
            }
        }

        private void fire() {
            lock.lock();
            try {
                timer = null;
                if (!cancelled && !queued && !running) {
                    queued = true;
                    group.execute(this::run);
                }
            } finally {
                lock.unlock();
            }
        }

        private void stopTimer() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }

        private void run() {
            lock.lock();
            try {
                queued = false;
                if (cancelled) {
                    group.release();
                    return;
                }
                running = true;
                woken = false;
            } finally {
                lock.unlock();
            }
            Step.Next next = runStep();
            boolean release;
            lock.lock();
            try {
                running = false;
                release = !detached;
                cancelled |= next.ended();
            } finally {
                lock.unlock();
            }
            if (release) {
                group.release();
            }
            lock.lock();
            try {
                if (cancelled || queued || running) {
                    return;
                }
                long now = System.nanoTime();
                notBefore = now + next.notBefore().toNanos();
                if (woken) {
                    scheduleAt(notBefore);
                } else if (next.atLatest() != null) {
                    scheduleAt(now + next.atLatest().toNanos());
                }
            } finally {
                lock.unlock();
            }
        }

        private Step.Next runStep() {
            try {
                Step.Next next = step.run();
                if (failures > 0) {
                    LOG.info("{} works again", name);
                }
                failures = 0;
                return next;
            } catch (RuntimeException | Error e) {
                Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures, 5));
                backoff = backoff.compareTo(LAST_BACKOFF) > 0 ? LAST_BACKOFF : backoff;
                if (failures++ == 0) {
                    LOG.warn("{} failed, and is tried again", name, e);
                } else {
                    LOG.debug("{} failed again", name, e);
                }
                return Step.Next.between(backoff, backoff);
            }
        }
    }
}
