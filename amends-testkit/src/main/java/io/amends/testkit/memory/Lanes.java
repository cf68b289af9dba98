package io.amends.testkit.memory;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailureId;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.SlotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The lanes: per processor and key the events that are not done, in order. The caller holds the lock. */
final class Lanes {

    /** The name of a lane. */
    record LaneId(String processor, String laneKey) implements Comparable<LaneId> {
        @Override
        public int compareTo(LaneId other) {
            int byProcessor = processor.compareTo(other.processor);
            return byProcessor != 0 ? byProcessor : laneKey.compareTo(other.laneKey);
        }
    }

    /** One row. */
    record Row(
            SlotId slot,
            LaneEvent.Kind kind,
            StoredEvent event,
            @Nullable FailureId failure,
            int lost,
            boolean stopsSlot) {
        boolean isParked() {
            return kind == LaneEvent.Kind.PARKED;
        }

        static Row parked(SlotId slot, StoredEvent event) {
            return new Row(slot, LaneEvent.Kind.PARKED, event, null, 0, false);
        }

        static Row failed(SlotId slot, StoredEvent event, FailureId failure, boolean stopsSlot) {
            return new Row(slot, LaneEvent.Kind.FAILED, event, failure, 0, stopsSlot);
        }

        Row lostOnceMore() {
            return new Row(slot, kind, event, failure, lost + 1, stopsSlot);
        }

        Row in(String processor) {
            return new Row(new SlotId(processor, slot.number()), kind, event, failure, lost, stopsSlot);
        }
    }

    private final TreeMap<LaneId, TreeMap<Long, Row>> lanes = new TreeMap<>();

    boolean isHeld(LaneId lane) {
        return lanes.containsKey(lane);
    }

    @Nullable Row row(LaneId lane, long position) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows == null ? null : rows.get(position);
    }

    /** The first row, null if nothing holds the lane. */
    @Nullable Row first(LaneId lane) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows == null ? null : rows.firstEntry().getValue();
    }

    void put(LaneId lane, Row row) {
        lanes.computeIfAbsent(lane, l -> new TreeMap<>()).put(row.event().position(), row);
    }

    void remove(LaneId lane, long position) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        if (rows != null) {
            rows.remove(position);
            if (rows.isEmpty()) {
                lanes.remove(lane);
            }
        }
    }

    /** Whether nothing is before this position. */
    boolean mayRun(LaneId lane, long position) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows == null || rows.headMap(position, false).isEmpty();
    }

    /** Whether a parked event would be first if the row at this position were gone. */
    boolean continuesWithout(LaneId lane, long position) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        if (rows == null) {
            return false;
        }
        return rows.entrySet().stream()
                .filter(row -> row.getKey() != position)
                .findFirst()
                .map(row -> row.getValue().isParked())
                .orElse(false);
    }

    /** The parked events behind this position. */
    long followers(LaneId lane, long position) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows == null
                ? 0
                : rows.tailMap(position, false).values().stream()
                        .filter(Row::isParked)
                        .count();
    }

    /** Lanes of a slot, by key. */
    List<HeldLane> inSlot(SlotId slot) {
        List<HeldLane> held = new ArrayList<>();
        lanes.forEach((lane, rows) -> {
            Row first = rows.firstEntry().getValue();
            if (first.slot().equals(slot)) {
                boolean stops = rows.values().stream().anyMatch(Row::stopsSlot);
                held.add(new HeldLane(slot, lane.laneKey(), first.isParked(), stops));
            }
        });
        return held;
    }

    /** Lanes of these slots whose first row is parked, the oldest first row first. */
    List<HeldLane> released(List<SlotId> slots, int limit) {
        record Found(long position, HeldLane lane) {}
        List<Found> found = new ArrayList<>();
        lanes.forEach((lane, rows) -> {
            Row first = rows.firstEntry().getValue();
            if (first.isParked() && slots.contains(first.slot())) {
                boolean stops = rows.values().stream().anyMatch(Row::stopsSlot);
                found.add(new Found(first.event().position(), new HeldLane(first.slot(), lane.laneKey(), true, stops)));
            }
        });
        return found.stream()
                .sorted(Comparator.comparingLong(Found::position))
                .limit(limit)
                .map(Found::lane)
                .toList();
    }

    /** Counts a lost run for the parked first row of each lane of the slot. */
    void countLost(SlotId slot) {
        lanes.forEach((lane, rows) -> {
            Map.Entry<Long, Row> first = rows.firstEntry();
            if (first.getValue().slot().equals(slot) && first.getValue().isParked()) {
                rows.put(first.getKey(), first.getValue().lostOnceMore());
            }
        });
    }

    /** The names of all lanes that something holds. */
    List<LaneId> all() {
        return List.copyOf(lanes.keySet());
    }

    /** The rows of a lane, in order. */
    List<Row> rows(LaneId lane) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows == null ? List.of() : List.copyOf(rows.values());
    }

    /** Lanes whose first row is not a parked event. */
    long blocked() {
        return lanes.values().stream()
                .filter(rows -> !rows.firstEntry().getValue().isParked())
                .count();
    }

    long parked(String processor) {
        return lanes.entrySet().stream()
                .filter(lane -> lane.getKey().processor().equals(processor))
                .flatMap(lane -> lane.getValue().values().stream())
                .filter(Row::isParked)
                .count();
    }

    void rename(String from, String to) {
        List<LaneId> old = lanes.keySet().stream()
                .filter(lane -> lane.processor().equals(from))
                .toList();
        for (LaneId lane : old) {
            TreeMap<Long, Row> rows = lanes.remove(lane);
            if (rows != null) {
                rows.replaceAll((position, row) -> row.in(to));
                lanes.put(new LaneId(to, lane.laneKey()), rows);
            }
        }
    }
}
