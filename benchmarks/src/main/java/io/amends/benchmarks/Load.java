package io.amends.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Publishing threads: as fast as the events are handled, or at a rate. */
final class Load implements AutoCloseable {
    static final int THREADS = 8;
    static final int KEYS = 2000;
    /** The key that fails where one is poisoned. */
    static final String POISONED = "key-0";

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
    private volatile boolean stopped;

    private Load() {}

    /** Publishes as fast as it can, as long as there is room under way. */
    static Load closed(Mode.Session session, Meter meter, int keys) {
        return closed(session, meter, keys, "");
    }

    /** The same, where nothing of one key is ever handled. */
    static Load closed(Mode.Session session, Meter meter, int keys, String poisoned) {
        Load load = new Load();
        load.start(() -> {
            meter.awaitRoom();
            if (load.publish(session, meter, keys).equals(poisoned)) {
                meter.forget();
            }
        });
        return load;
    }

    /** Publishes so many events a second, however long they take. */
    static Load paced(Mode.Session session, Meter meter, int keys, int perSecond) {
        Load load = new Load();
        AtomicLong tick = new AtomicLong();
        long begin = System.nanoTime();
        load.start(() -> {
            long due = begin + tick.getAndIncrement() * 1_000_000_000L / perSecond;
            while (System.nanoTime() - due < 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            load.publish(session, meter, keys);
        });
        return load;
    }

    private interface Turn {
        void take() throws Exception;
    }

    private String publish(Mode.Session session, Meter meter, int keys) throws Exception {
        String key = "key-" + ThreadLocalRandom.current().nextInt(keys);
        long n = meter.nextNumber();
        session.publish(n, key);
        meter.committed(n);
        return key;
    }

    private void start(Turn turn) {
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofPlatform().name("publisher-" + i).start(() -> {
                try {
                    while (!stopped) {
                        turn.take();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (Exception | Error e) {
                    error.compareAndSet(null, e);
                }
            }));
        }
    }

    /** Goes on for a time, and ends. */
    void closeAfter(int seconds) throws InterruptedException {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } finally {
            close();
        }
    }

    /** Ends publishing; throws what a publisher met with. */
    @Override
    public void close() {
        stopped = true;
        try {
            for (Thread thread : threads) {
                thread.join(1000);
                thread.interrupt(); // it may wait for room
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Throwable met = error.get();
        if (met != null) {
            throw new IllegalStateException("a publisher failed", met);
        }
    }
}
