package io.amends.spring;

import io.amends.core.failure.FailureReason;
import io.amends.core.observe.EngineListener;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells several listeners, also those after one that throws.
 *
 * @param listeners in the order in which they hear
 */
record AllListeners(List<EngineListener> listeners) implements EngineListener {
    private static final Logger log = LoggerFactory.getLogger(AllListeners.class);

    AllListeners {
        listeners = List.copyOf(listeners);
    }

    private void tell(Consumer<EngineListener> news) {
        for (EngineListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException e) {
                log.warn("listener {} failed", listener.getClass().getName(), e);
            }
        }
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
    public void waiting(String processor, String function) {
        tell(listener -> listener.waiting(processor, function));
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
    public void leaseChanged(String processor, LeaseChange change) {
        tell(listener -> listener.leaseChanged(processor, change));
    }

    @Override
    public void refused(String processor) {
        tell(listener -> listener.refused(processor));
    }
}
