package io.amends.core.store;

import java.util.Collection;
import java.util.List;

/** Hears what there may be to do; it must not block. All of it are hints: losing one costs only time. */
@FunctionalInterface
public interface SignalListener {

    /** Signals of other nodes, and of local commits. */
    void heard(Collection<Signal> signals);

    /**
     * A local commit has ended the waits of events in these lanes; told before anybody hears {@link Signal#WAITS}, for which it
     * is the short way. By default it does nothing.
     *
     * @return whether all of them have been begun here, so that nobody has to be told
     */
    default boolean woken(List<WokenLane> lanes) {
        return false;
    }
}
