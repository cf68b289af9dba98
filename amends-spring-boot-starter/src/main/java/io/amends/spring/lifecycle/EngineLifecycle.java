package io.amends.spring.lifecycle;

import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineReport;
import io.amends.core.store.StoreUnavailableException;
import java.util.function.Supplier;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the engine last and stops it first: handlers find the whole application, and requests that are still served
 * while it stops can still publish.
 *
 * <p>A stopped engine does not start again, so a restarted application (a paused test context, a checkpoint) gets a new
 * one; what the old one's publisher writes is found by the new one.
 */
public final class EngineLifecycle implements SmartLifecycle {
    private final Supplier<AmendsEngine> factory;
    private final DatabaseWait wait;
    private volatile AmendsEngine engine;
    private volatile boolean running;
    private boolean used;

    /** Creates it with a first engine and the way to a next one. */
    public EngineLifecycle(AmendsEngine first, Supplier<AmendsEngine> factory, DatabaseWait wait) {
        this.engine = first;
        this.factory = factory;
        this.wait = wait;
    }

    /** What an operator sees of the engine that runs, or ran last. */
    public EngineReport report() {
        return engine.report();
    }

    @Override
    public synchronized void start() {
        if (running) {
            return;
        }
        if (used) {
            engine = factory.get();
        }
        used = true;
        wait.until(
                () -> {
                    engine.start();
                    return engine;
                },
                StoreUnavailableException.class::isInstance);
        running = true;
    }

    @Override
    public synchronized void stop() {
        if (running) {
            running = false;
            engine.close();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the web server has started, and before it begins its graceful shutdown. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE - 512;
    }
}
