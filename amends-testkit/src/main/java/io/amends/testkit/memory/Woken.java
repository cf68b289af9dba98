package io.amends.testkit.memory;

import io.amends.core.store.Signal;
import io.amends.core.store.WokenLane;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a transaction has made due that waited. */
final class Woken {
    private final EnumSet<Signal> signals = EnumSet.noneOf(Signal.class);
    private final List<WokenLane> lanes = new ArrayList<>();

    void add(WaitRows.Row wait) {
        if (wait.failure() == null) {
            signals.add(Signal.WAITS);
            lanes.add(new WokenLane(wait.slot(), wait.laneKey()));
        } else {
            signals.add(Signal.COMPENSATION);
        }
    }

    void addAll(Woken other) {
        signals.addAll(other.signals);
        lanes.addAll(other.lanes);
    }

    Set<Signal> signals() {
        return signals;
    }

    List<WokenLane> lanes() {
        return lanes;
    }
}
