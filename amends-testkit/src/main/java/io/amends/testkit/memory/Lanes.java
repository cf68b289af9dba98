package io.amends.testkit.memory;

import io.amends.core.causality.StreamKey;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailureId;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.LanePause;
import io.amends.core.store.LaneState;
import io.amends.core.store.SlotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
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

    /**
     * One row.
     *
     * @param yields whether it waits for whatever comes next, so that others may run before it
     * @param overtakes whether something before it waits for what it provides
     * @param byWait whether its record is one that waits
     * @param provides the entities that it moves when it is done
     */
    record Row(
            SlotId slot,
            LaneEvent.Kind kind,
            StoredEvent event,
            @Nullable FailureId failure,
            int lost,
            boolean stopsSlot,
            boolean yields,
            boolean overtakes,
            boolean byWait,
            List<StreamKey> provides) {
        boolean isParked() {
            return kind == LaneEvent.Kind.PARKED;
        }

        boolean isHandlersFailure() {
            return kind == LaneEvent.Kind.FAILED && !byWait;
        }

        static Row parked(SlotId slot, StoredEvent event, boolean overtakes, List<StreamKey> provides) {
            return new Row(slot, LaneEvent.Kind.PARKED, event, null, 0, false, false, overtakes, false, provides);
        }

        static Row waiting(
                SlotId slot, StoredEvent event, boolean yields, boolean overtakes, List<StreamKey> provides) {
            return new Row(slot, LaneEvent.Kind.WAITING, event, null, 0, false, yields, overtakes, false, provides);
        }

        static Row failed(SlotId slot, StoredEvent event, FailureId failure, boolean stopsSlot) {
            return new Row(slot, LaneEvent.Kind.FAILED, event, failure, 0, stopsSlot, false, false, false, List.of());
        }

        Row keeping(Row before, boolean nowByWait) {
            return new Row(
                    slot,
                    kind,
                    event,
                    failure,
                    lost,
                    stopsSlot,
                    nowByWait && before.yields,
                    before.overtakes,
                    nowByWait,
                    before.provides);
        }

        Row byWait(boolean now, boolean nowYields, List<StreamKey> nowProvides) {
            return new Row(
                    slot,
                    kind,
                    event,
                    failure,
                    lost,
                    stopsSlot,
                    now && nowYields,
                    overtakes,
                    now,
                    nowProvides.isEmpty() ? provides : nowProvides);
        }

        Row overtaking() {
            return new Row(slot, kind, event, failure, lost, stopsSlot, yields, true, byWait, provides);
        }

        Row lostOnceMore() {
            return new Row(slot, kind, event, failure, lost + 1, stopsSlot, yields, overtakes, byWait, provides);
        }

        /** The same row where its new processor says what it waits for. */
        Row movedTo(SlotId target) {
            LaneEvent.Kind moved = kind == LaneEvent.Kind.WAITING ? LaneEvent.Kind.PARKED : kind;
            return new Row(target, moved, event, failure, 0, false, false, false, false, provides);
        }

        Row in(String processor) {
            return new Row(
                    new SlotId(processor, slot.number()),
                    kind,
                    event,
                    failure,
                    lost,
                    stopsSlot,
                    yields,
                    overtakes,
                    byWait,
                    provides);
        }
    }

    private final TreeMap<LaneId, TreeMap<Long, Row>> lanes = new TreeMap<>();

    private final TreeMap<LaneId, LanePause> pauses = new TreeMap<>();

    /** Whether events or a person hold it. */
    boolean isHeld(LaneId lane) {
        return lanes.containsKey(lane) || pauses.containsKey(lane);
    }

    /** Who has paused the lane, null if nobody has. */
    @Nullable LanePause pause(LaneId lane) {
        return pauses.get(lane);
    }

    LaneState state(LaneId lane) {
        Row first = first(lane);
        return new LaneState(first == null ? null : first.event().position(), pauses.get(lane));
    }

    void pause(LaneId lane, LanePause pause) {
        pauses.put(lane, pause);
    }

    void resume(LaneId lane) {
        pauses.remove(lane);
    }

    /** Keys of a processor's paused lanes. */
    SortedSet<String> paused(String processor) {
        TreeSet<String> keys = new TreeSet<>();
        pauses.keySet().stream()
                .filter(lane -> lane.processor().equals(processor))
                .forEach(lane -> keys.add(lane.laneKey()));
        return keys;
    }

    @Nullable Row row(LaneId lane, long position) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows == null ? null : rows.get(position);
    }

    /** The first row, null if no event holds the lane. */
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

    /**
     * Whether nothing in the lane holds up the event of this position: no earlier row but those that let others go first, or
     * something waits for it and no earlier handler failed.
     */
    boolean mayRun(LaneId lane, long position) {
        return !pauses.containsKey(lane) && mayRun(lane, position, NONE);
    }

    private static final long NONE = -1;

    private boolean mayRun(LaneId lane, long position, long without) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        if (rows == null) {
            return true;
        }
        List<Row> earlier = rows.headMap(position, false).values().stream()
                .filter(row -> row.event().position() != without)
                .toList();
        Row row = rows.get(position);
        return earlier.stream().allMatch(Row::yields)
                || (row != null && row.overtakes() && earlier.stream().noneMatch(Row::isHandlersFailure));
    }

    /** Whether a parked event may run if the row at this position is gone. */
    boolean continuesWithout(LaneId lane, long position) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows != null
                && !pauses.containsKey(lane)
                && rows.values().stream()
                        .anyMatch(row -> row.event().position() != position
                                && row.isParked()
                                && mayRun(lane, row.event().position(), position));
    }

    /** The first row that may run now, null if there is none; a waiting one may when its wait is over. */
    @Nullable Row next(LaneId lane, Predicate<Row> waitIsOver) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        if (rows == null) {
            return null;
        }
        return rows.values().stream()
                .filter(row -> row.isParked() || (row.kind() == LaneEvent.Kind.WAITING && waitIsOver.test(row)))
                .filter(row -> mayRun(lane, row.event().position()))
                .findFirst()
                .orElse(null);
    }

    /** Lets what provides the entity overtake the rest of its lane. */
    void letOvertake(LaneId lane, StreamKey entity) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        if (rows != null) {
            rows.replaceAll((position, row) -> row.provides().contains(entity) ? row.overtaking() : row);
        }
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
                held.add(new HeldLane(slot, lane.laneKey(), continuesWithout(lane, NONE), stops));
            }
        });
        return held;
    }

    /** Lanes of these slots that have a row which may run now; the oldest first row first. */
    List<HeldLane> released(List<SlotId> slots, int limit, BiPredicate<LaneId, Row> waitIsOver) {
        record Found(long position, HeldLane lane) {}
        List<Found> found = new ArrayList<>();
        lanes.forEach((lane, rows) -> {
            Row first = rows.firstEntry().getValue();
            if (slots.contains(first.slot()) && next(lane, row -> waitIsOver.test(lane, row)) != null) {
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

    /** What provides the entity, in all lanes of the processor. */
    SortedMap<LaneId, List<Row>> providing(String processor, StreamKey entity) {
        SortedMap<LaneId, List<Row>> providing = new TreeMap<>();
        lanes.forEach((lane, rows) -> {
            List<Row> found = lane.processor().equals(processor)
                    ? rows.values().stream()
                            .filter(row -> row.provides().contains(entity))
                            .toList()
                    : List.of();
            if (!found.isEmpty()) {
                providing.put(lane, found);
            }
        });
        return providing;
    }

    /** The names of all lanes that something holds. */
    List<LaneId> all() {
        TreeSet<LaneId> all = new TreeSet<>(lanes.keySet());
        all.addAll(pauses.keySet());
        return List.copyOf(all);
    }

    /** The rows of a lane, in order. */
    List<Row> rows(LaneId lane) {
        TreeMap<Long, Row> rows = lanes.get(lane);
        return rows == null ? List.of() : List.copyOf(rows.values());
    }

    /** Whether it is paused, or none of its parked events may run. */
    boolean isBlocked(LaneId lane) {
        return !continuesWithout(lane, NONE);
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
        for (LaneId lane : List.copyOf(pauses.keySet())) {
            LanePause pause = pauses.get(lane);
            if (lane.processor().equals(from) && pause != null) {
                pauses.remove(lane);
                pauses.put(new LaneId(to, lane.laneKey()), pause);
            }
        }
    }
}
