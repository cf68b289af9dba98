package io.amends.jdbc;

import io.amends.core.store.Signal;
import io.amends.core.store.SlotId;
import io.amends.core.store.WokenLane;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a transaction has made due that waited: whom to tell after its commit, and in which lanes, where that is known. */
final class Woken {
    /** As the server's functions say it. */
    private static final int EVENTS = 1;

    private static final int RECORDS = 2;

    private final EnumSet<Signal> signals = EnumSet.noneOf(Signal.class);
    private final List<WokenLane> lanes = new ArrayList<>();
    private boolean inOtherLanes;

    /** Adds events or records, or both, of lanes that are not known. */
    void add(int what) {
        if ((what & EVENTS) != 0) {
            signals.add(Signal.WAITS);
            inOtherLanes = true;
        }
        if ((what & RECORDS) != 0) {
            signals.add(Signal.COMPENSATION);
        }
    }

    /** Adds an event or a record with its processor, slot and lane: columns 1 to 4. */
    void addLane(ResultSet row) throws SQLException {
        if (row.getInt(1) == EVENTS) {
            signals.add(Signal.WAITS);
            lanes.add(new WokenLane(new SlotId(row.getString(2), row.getInt(3)), row.getString(4)));
        } else {
            signals.add(Signal.COMPENSATION);
        }
    }

    void addAll(Woken other) {
        signals.addAll(other.signals);
        lanes.addAll(other.lanes);
        inOtherLanes |= other.inOtherLanes;
    }

    /** The lanes of events, as far as they are known. */
    List<WokenLane> lanes() {
        return lanes;
    }

    /** What to say; without that events are due if all their lanes are known and have been begun. */
    Set<Signal> signals(boolean begun) {
        EnumSet<Signal> rest = EnumSet.copyOf(signals);
        if (begun && !inOtherLanes) {
            rest.remove(Signal.WAITS);
        }
        return rest;
    }
}
