package io.amends.benchmarks;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Notes when each event was committed and when it was handled, by the number in its payload. */
class Meter {
    private final AtomicLongArray committed;
    private final AtomicLongArray handled;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong handledCount = new AtomicLong();
    private final Semaphore inFlight;

    /**
     * Creates it.
     *
     * @param most events that can be numbered
     * @param inFlight events that may be committed and not handled, for closed loops
     */
    Meter(int most, int inFlight) {
        this.committed = new AtomicLongArray(most);
        this.handled = new AtomicLongArray(most);
        this.inFlight = new Semaphore(inFlight);
    }

    /** The number of the next event. */
    long nextNumber() {
        return next.getAndIncrement();
    }

    /** Waits until there is room for one more event under way. */
    void awaitRoom() throws InterruptedException {
        inFlight.acquire();
    }

    /** The publisher's COMMIT has returned. */
    void committed(long n) {
        committed.set((int) n, System.nanoTime());
    }

    /** The COMMIT of the handler's transaction has returned. */
    void handled(long n) {
        if (handled.compareAndSet((int) n, 0, System.nanoTime())) {
            handledCount.incrementAndGet();
            inFlight.release();
        } else {
            throw new IllegalStateException("event " + n + " was handled twice");
        }
    }

    /** An event that will never be handled. */
    void forget() {
        inFlight.release();
    }

    long handledCount() {
        return handledCount.get();
    }

    long publishedCount() {
        return next.get();
    }

    /** Waits until so many events were handled in all. */
    void awaitHandled(long count, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (handledCount.get() < count) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "handled: " + handledCount.get() + " after " + limit + " (expected: " + count + ")");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Commit to handled in microseconds, of the events from the first number to before the second. */
    Histogram latencies(long from, long to) {
        Histogram histogram = new Histogram(3);
        for (long n = from; n < to; n++) {
            long begin = committed.get((int) n);
            long end = handled.get((int) n);
            if (begin != 0 && end != 0) {
                // A handler may be done before the publisher's thread has seen its own commit.
                histogram.recordValue(Math.max(0, (end - begin) / 1000));
            }
        }
        return histogram;
    }
}
