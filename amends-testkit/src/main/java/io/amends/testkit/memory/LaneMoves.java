package io.amends.testkit.memory;

import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.store.LaneMove;
import io.amends.testkit.memory.Lanes.LaneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gives lanes to other processors. The caller holds the lock. */
final class LaneMoves {
    private final State state;

    LaneMoves(State state) {
        this.state = state;
    }

    private record Held(String type, long position) {}

    Change move(FailureId id, LaneMove move) {
        FailedExecution record = state.failures.get(id);
        if (record == null) {
            return new Change.Refuse(Refusal.NOT_FOUND);
        }
        Change change = state.decide(id, move.decision());
        if (change instanceof Change.Refuse) {
            return change;
        }
        LaneId lane = State.laneOf(record);
        List<Lanes.Row> rows = lane == null ? List.of() : state.lanes.rows(lane);
        Map<FailureId, Change> changes = new LinkedHashMap<>();
        for (Lanes.Row row : rows) {
            FailureId failure = row.failure();
            if (failure != null) {
                Change its = failure.equals(id) ? change : state.decide(failure, move.decision());
                if (its instanceof Change.Refuse) {
                    return its;
                }
                changes.put(failure, its);
            }
        }
        changes.put(id, change);
        List<Held> events = lane == null
                ? List.of(new Held(record.event().type(), record.position()))
                : rows.stream()
                        .map(row ->
                                new Held(row.event().event().type(), row.event().position()))
                        .toList();
        Change.Refuse refused = refused(record, lane, events, move);
        if (refused != null) {
            return refused;
        }
        changes.forEach((failure, its) -> {
            if (its instanceof Change.Write write) {
                state.failures.write(write.after(), write.entry(), state.now());
            }
        });
        events.forEach(event -> state.waits.remove(record.processor(), event.position()));
        if (lane != null) {
            LaneId to = new LaneId(move.target().processor(), lane.laneKey());
            rows.forEach(row -> {
                state.lanes.remove(lane, row.event().position());
                state.lanes.put(to, row.movedTo(move.target()));
            });
            state.cursors.raiseFence(move.target());
        }
        return change;
    }

    private Change.@Nullable Refuse refused(
            FailedExecution record, @Nullable LaneId lane, List<Held> events, LaneMove move) {
        String target = move.target().processor();
        String mapping = state.registrations.mapping(target);
        if (mapping == null) {
            return new Change.Refuse(Refusal.UNKNOWN_PROCESSOR, target);
        }
        if (lane != null
                && !LaneMove.sameLanes(
                        mapping, Objects.requireNonNullElse(state.registrations.mapping(record.processor()), ""))) {
            return new Change.Refuse(Refusal.TARGET_LANE_DIFFERS);
        }
        List<String> unknown = events.stream()
                .map(Held::type)
                .filter(type -> !state.registrations.takes(target, type)
                        || !move.types().contains(type))
                .distinct()
                .sorted()
                .toList();
        if (!unknown.isEmpty()) {
            return new Change.Refuse(Refusal.UNKNOWN_FOLLOWER, String.join(", ", unknown));
        }
        long begun = state.cursors.begun(target);
        TreeMap<String, Long> had = new TreeMap<>();
        events.stream()
                .filter(event -> event.position() > state.registrations.since(target, event.type(), begun))
                .forEach(event -> had.merge(event.type(), event.position(), Math::max));
        if (!had.isEmpty()) {
            return new Change.Refuse(
                    Refusal.TARGET_HAS_EVENT,
                    LaneMove.had(had.firstKey(), had.firstEntry().getValue()));
        }
        return lane != null && state.lanes.isHeld(new LaneId(target, lane.laneKey()))
                ? new Change.Refuse(Refusal.TARGET_LANE_HELD)
                : null;
    }
}
