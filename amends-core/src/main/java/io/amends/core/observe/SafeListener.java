package io.amends.core.observe;

import io.amends.core.failure.FailureReason;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells several listeners, in order, and keeps what one of them throws away from the engine and the others. */
public final class SafeListener implements EngineListener {
    private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

    private final List<EngineListener> listeners;

    /** Wraps listeners. */
    public SafeListener(List<EngineListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public void published(String eventType, int count) {
        tell(listener -> listener.published(eventType, count));
    }

    @Override
    public void relayed(int moved, int duplicates, int rejected) {
        tell(listener -> listener.relayed(moved, duplicates, rejected));
    }

    @Override
    public void leftOutbox(Duration took, List<Duration> waited) {
        tell(listener -> listener.leftOutbox(took, waited));
    }

    @Override
    public void leftInbox(String processor, Duration waited) {
        tell(listener -> listener.leftInbox(processor, waited));
    }

    @Override
    public void released(String processor) {
        tell(listener -> listener.released(processor));
    }

    @Override
    public void skipped(String processor, String function) {
        tell(listener -> listener.skipped(processor, function));
    }

    @Override
    public void stale(String processor, String function) {
        tell(listener -> listener.stale(processor, function));
    }

    @Override
    public void handled(String processor, String function, Duration took) {
        tell(listener -> listener.handled(processor, function, took));
    }

    @Override
    public void passedUnknownType(String processor, String eventType) {
        tell(listener -> listener.passedUnknownType(processor, eventType));
    }

    @Override
    public void failed(String processor, String function, FailureReason reason) {
        tell(listener -> listener.failed(processor, function, reason));
    }

    @Override
    public void reran(String processor, String function) {
        tell(listener -> listener.reran(processor, function));
    }

    @Override
    public void retried(String processor, String function, boolean succeeded) {
        tell(listener -> listener.retried(processor, function, succeeded));
    }

    @Override
    public void parked(String processor) {
        tell(listener -> listener.parked(processor));
    }

    @Override
    public void foundForgotten(String processor, int waits) {
        tell(listener -> listener.foundForgotten(processor, waits));
    }

    @Override
    public void untangled(String processor) {
        tell(listener -> listener.untangled(processor));
    }

    @Override
    public void waiting(String processor, String function) {
        tell(listener -> listener.waiting(processor, function));
    }

    @Override
    public void leaseChanged(String processor, LeaseChange change) {
        tell(listener -> listener.leaseChanged(processor, change));
    }

    @Override
    public void refused(String processor) {
        tell(listener -> listener.refused(processor));
    }

    private void tell(Consumer<EngineListener> news) {
        for (EngineListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException e) {
                LOG.warn(
                        "listener {} failed; the engine goes on",
                        listener.getClass().getName(),
                        e);
            }
        }
    }
}
