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

    /** Lets each that listens begin what is its own; whether one of them has begun all. */
    boolean begin(List<WokenLane> lanes) {
        boolean all = false;
        for (SignalListener listener : listeners) {
            all |= listener.woken(lanes);
        }
        return all;
    }

    void tell(Signal signal) {
        listeners.forEach(listener -> listener.heard(EnumSet.of(signal)));
    }
}
