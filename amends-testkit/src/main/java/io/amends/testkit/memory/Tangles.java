package io.amends.testkit.memory;

import io.amends.core.causality.WaitFor;
import io.amends.core.store.Untangled;
import io.amends.testkit.memory.Lanes.LaneId;
import io.amends.testkit.memory.WaitRows.WaitId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Waits that hold up, by way of other waits and their lanes, what they wait for. The caller holds the lock. */
final class Tangles {
    private static final int MOST_FOLLOWED = 1000;

    private final Lanes lanes;
    private final WaitRows waits;

    Tangles(Lanes lanes, WaitRows waits) {
        this.lanes = lanes;
        this.waits = waits;
    }

    /** The waits whose turn it is to be looked at, oldest turn first. */
    List<WaitId> toLookAt(String processor, Instant now, int limit) {
        return waits.stream()
                .filter(wait -> wait.getKey().processor().equals(processor)
                        && isOpen(wait.getValue())
                        && !wait.getValue().lookAt().isAfter(now))
                .sorted(Comparator.<Map.Entry<WaitId, WaitRows.Row>, Instant>comparing(
                                wait -> wait.getValue().lookAt())
                        .thenComparing(Map.Entry::getKey))
                .limit(limit)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static boolean isOpen(WaitRows.Row wait) {
        return wait.request().what() instanceof WaitFor.Version && wait.dueAt() == null;
    }

    boolean isTangled(WaitId wait) {
        return isReached(wait, heldBy(wait));
    }

    private boolean isReached(WaitId wait, List<WaitId> from) {
        SortedSet<WaitId> reached = new TreeSet<>();
        ArrayDeque<WaitId> next = new ArrayDeque<>(from);
        while (!next.isEmpty() && reached.size() < MOST_FOLLOWED) {
            WaitId one = next.remove();
            if (one.equals(wait)) {
                return true;
            }
            if (reached.add(one)) {
                next.addAll(heldBy(one));
            }
        }
        return false;
    }

    /** The waits that hold up what a wait waits for: those before it in its lane that let nobody pass, and its own. */
    private List<WaitId> heldBy(WaitId of) {
        WaitRows.Row wait = waits.get(of);
        if (wait == null || !isOpen(wait) || !(wait.request().what() instanceof WaitFor.Version version)) {
            return List.of();
        }
        List<WaitId> holding = new ArrayList<>();
        lanes.providing(version.processor(), version.entity())
                .forEach((lane, rows) -> rows.forEach(row -> lanes.rows(lane).stream()
                        .filter(before -> holds(before, row))
                        .map(before ->
                                new WaitId(lane.processor(), before.event().position()))
                        .filter(this::isNotOver)
                        .forEach(holding::add)));
        return holding;
    }

    /** Whether a wait holds up the row, by way of those before it in its lane. */
    private boolean holdsUp(WaitId wait, LaneId lane, Lanes.Row row) {
        List<WaitId> before = lanes.rows(lane).stream()
                .filter(other -> other.event().position() < row.event().position() && holds(other, row))
                .map(other -> new WaitId(lane.processor(), other.event().position()))
                .filter(this::isNotOver)
                .toList();
        return isReached(wait, before);
    }

    private static boolean holds(Lanes.Row before, Lanes.Row row) {
        long position = row.event().position();
        return before.event().position() == position
                || (before.event().position() < position && !row.overtakes() && !before.yields());
    }

    private boolean isNotOver(WaitId id) {
        WaitRows.Row wait = waits.get(id);
        return wait != null && wait.dueAt() == null && !wait.timedOut();
    }

    /** Lets what a tangled wait waits for overtake the rest of its lane. */
    List<Untangled> untangle(WaitId id) {
        List<Untangled> untangled = new ArrayList<>();
        WaitRows.Row wait = waits.get(id);
        if (wait != null && wait.request().what() instanceof WaitFor.Version version) {
            lanes.providing(version.processor(), version.entity())
                    .forEach((lane, rows) -> rows.stream()
                            .filter(row -> !row.overtakes() && !row.isHandlersFailure())
                            .filter(row -> holdsUp(id, lane, row))
                            .forEach(row -> untangled.add(letGo(lane, row))));
        }
        return untangled;
    }

    private Untangled letGo(LaneId lane, Lanes.Row row) {
        lanes.put(lane, row.overtaking());
        return new Untangled(lane.processor(), lane.laneKey(), row.event().position());
    }
}
