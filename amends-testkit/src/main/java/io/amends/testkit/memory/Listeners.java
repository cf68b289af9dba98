package io.amends.testkit.memory;

import io.amends.core.store.Signal;
import io.amends.core.store.SignalListener;
import io.amends.core.store.WokenLane;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who hears signals; called by the thread that signals, in the order of their registration. */
final class Listeners {
    private final List<SignalListener> listeners = new CopyOnWriteArrayList<>();

    AutoCloseable add(SignalListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Tells each node that listens: it begins those of its own. */
    void woken(List<WokenLane> lanes) {
        listeners.forEach(listener -> listener.woken(lanes));
    }

    void tell(Signal signal) {
        listeners.forEach(listener -> listener.heard(EnumSet.of(signal)));
    }
}
