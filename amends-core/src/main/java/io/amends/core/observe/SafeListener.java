package io.amends.core.observe;

import io.amends.core.failure.FailureReason;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what a listener throws away from the engine. */
public final class SafeListener implements EngineListener {
    private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

    private final EngineListener listener;

    /** Wraps a listener. */
    public SafeListener(EngineListener listener) {
        this.listener = listener;
    }

    @Override
    public void published(String eventType, int count) {
        tell(() -> listener.published(eventType, count));
    }

    @Override
    public void relayed(int moved, int duplicates, int rejected) {
        tell(() -> listener.relayed(moved, duplicates, rejected));
    }

    @Override
    public void stale(String processor, String function) {
        tell(() -> listener.stale(processor, function));
    }

    @Override
    public void handled(String processor, String function, Duration took) {
        tell(() -> listener.handled(processor, function, took));
    }

    @Override
    public void passedUnknownType(String processor, String eventType) {
        tell(() -> listener.passedUnknownType(processor, eventType));
    }

    @Override
    public void failed(String processor, String function, FailureReason reason) {
        tell(() -> listener.failed(processor, function, reason));
    }

    @Override
    public void reran(String processor, String function) {
        tell(() -> listener.reran(processor, function));
    }

    @Override
    public void retried(String processor, String function, boolean succeeded) {
        tell(() -> listener.retried(processor, function, succeeded));
    }

    @Override
    public void parked(String processor) {
        tell(() -> listener.parked(processor));
    }

    @Override
    public void foundForgotten(String processor, int waits) {
        tell(() -> listener.foundForgotten(processor, waits));
    }

    @Override
    public void untangled(String processor) {
        tell(() -> listener.untangled(processor));
    }

    @Override
    public void waiting(String processor, String function) {
        tell(() -> listener.waiting(processor, function));
    }

    @Override
    public void leaseChanged(String processor, LeaseChange change) {
        tell(() -> listener.leaseChanged(processor, change));
    }

    @Override
    public void refused(String processor) {
        tell(() -> listener.refused(processor));
    }

    private static void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.warn("a listener failed; the engine goes on", e);
        }
    }
}
