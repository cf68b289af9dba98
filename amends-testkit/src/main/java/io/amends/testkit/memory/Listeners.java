package io.amends.testkit.memory;

import io.amends.core.store.Signal;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who hears signals; called by the thread that signals, in the order of their registration. */
final class Listeners {
    private final List<Consumer<Collection<Signal>>> listeners = new CopyOnWriteArrayList<>();

    AutoCloseable add(Consumer<Collection<Signal>> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void tell(Signal signal) {
        listeners.forEach(listener -> listener.accept(EnumSet.of(signal)));
    }
}
