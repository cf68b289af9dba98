package io.amends.testkit.memory;

import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.Situation;
import io.amends.core.failure.Status;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.LanePause;
import io.amends.core.store.SlotId;
import io.amends.testkit.memory.Lanes.LaneId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** All rows of the store, and what concerns several kinds of them. The caller holds the lock. */
final class State {
    final EventLog log = new EventLog();
    final Cursors cursors = new Cursors();
    final Lanes lanes = new Lanes();
    final Failures failures = new Failures();
    final Streams streams = new Streams();
    final WaitRows waits = new WaitRows();
    final Nodes nodes = new Nodes();
    final Registrations registrations = new Registrations();
    final Audit audit = new Audit();
    final Batches batches = new Batches(this);
    final Flow flow = new Flow(this);
    private final InstantSource clock;

    State(InstantSource clock) {
        this.clock = clock;
    }

    /** The time in the resolution that databases keep. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    static SlotId slotOf(FailedExecution record) {
        return new SlotId(record.processor(), record.slot());
    }

    /** The lane that a record holds now, null if it holds none. */
    static @Nullable LaneId laneOf(FailedExecution record) {
        String laneKey = record.laneKey();
        return laneKey == null || record.status().isDone() ? null : new LaneId(record.processor(), laneKey);
    }

    Situation situationOf(FailedExecution record) {
        LaneId lane = laneOf(record);
        return new Situation(
                now(),
                lane == null || lanes.mayRun(lane, record.position()),
                cursors.fence(slotOf(record)),
                followers(record),
                isWoken(record),
                lane != null && lanes.pause(lane) != null);
    }

    /** Whether what the record waited for has come. */
    boolean isWoken(FailedExecution record) {
        WaitRows.Row wait = waits.get(record.processor(), record.position());
        return wait != null && record.id().equals(wait.failure()) && wait.isOver(now());
    }

    /** Gives the waits of a lane that is resumed as much more time as it was paused, its processor's pause left out. */
    void extendWaits(LaneId lane, LanePause pause) {
        Instant processorsPause = registrations.pausedAt(lane.processor());
        Instant to = processorsPause == null ? now() : processorsPause;
        waits.replaceAll((id, row) -> {
            Instant until = row.timeoutAt();
            if (!id.processor().equals(lane.processor())
                    || !row.laneKey().equals(lane.laneKey())
                    || until == null
                    || row.timedOut()) {
                return row;
            }
            Instant from = row.since().isAfter(pause.since()) ? row.since() : pause.since();
            return to.isAfter(from)
                    ? row.until(until.plus(Duration.between(from, to))).forgettingHead()
                    : row.forgettingHead();
        });
    }

    /** Gives the waits of a processor that is resumed as much more time, what their paused lanes add later left out. */
    void extendWaits(String processor, Instant pausedAt) {
        waits.replaceAll((id, row) -> {
            Instant until = row.timeoutAt();
            if (!id.processor().equals(processor) || until == null || row.timedOut()) {
                return row;
            }
            LanePause pause = lanes.pause(new LaneId(processor, row.laneKey()));
            Instant to = pause == null ? now() : pause.since();
            return to.isAfter(pausedAt)
                    ? row.until(until.plus(Duration.between(pausedAt, to))).forgettingHead()
                    : row.forgettingHead();
        });
    }

    /** Whether the wait of a lane's row is over. */
    boolean waitIsOver(LaneId lane, Lanes.Row row) {
        WaitRows.Row wait = waits.get(lane.processor(), row.event().position());
        return wait != null && wait.isOver(now());
    }

    /** Moves streams, and wakes what waited for that; whom to tell of it. */
    Woken done(String processor, DoneEvents done) {
        List<Advance> moved = streams.advance(processor, done.advances(), now());
        if (done.dependents() != OnTimeout.PROCEED) {
            waits.endDependents(processor, moved, done.dependents(), now());
        }
        return waits.wake(processor, moved, done.keys(), now());
    }

    private static SortedSet<String> keysOf(FailedExecution record) {
        return LaneKey.wakes(record.laneKey(), record.event());
    }

    long followers(FailedExecution record) {
        LaneId lane = laneOf(record);
        return lane == null ? 0 : lanes.followers(lane, record.position());
    }

    Change decide(FailureId id, Decision decision) {
        FailedExecution current = failures.get(id);
        return current == null ? new Change.Refuse(Refusal.NOT_FOUND) : decision.decide(current, situationOf(current));
    }

    /** Whether the record is gone from its lane after the change. */
    static boolean ends(Change change) {
        return switch (change) {
            case Change.Write write -> write.after().status().isDone();
            case Change.Remove remove -> true;
            case Change.Refuse refuse -> false;
        };
    }

    /** Writes a change; whom to tell of what was woken by it. */
    Woken apply(FailureId id, Change change, Collection<Advance> advances) {
        return apply(id, change, advances, OnTimeout.PROCEED);
    }

    Woken apply(FailureId id, Change change, Collection<Advance> advances, OnTimeout dependents) {
        FailedExecution before = failures.get(id);
        if (before == null) {
            return new Woken();
        }
        switch (change) {
            case Change.Write write -> failures.write(write.after(), write.entry(), now());
            case Change.Remove remove -> failures.remove(id);
            case Change.Refuse refuse -> {
                return new Woken();
            }
        }
        LaneId lane = laneOf(before);
        Woken woken = ends(change)
                ? done(before.processor(), new DoneEvents(advances, keysOf(before), dependents))
                : new Woken();
        if (before.reason().isWait() && !stillWaits(change)) {
            waits.remove(before.processor(), before.position());
            Lanes.Row row = lane == null ? null : lanes.row(lane, before.position());
            if (lane != null && row != null) {
                lanes.put(lane, row.byWait(false, false, List.of()));
            }
        }
        if (before.reason().isWait()
                && change instanceof Change.Write write
                && write.after().status() == Status.PREPARED) {
            waits.begin(before.processor(), before.position());
        }
        if (ends(change) && lane != null) {
            lanes.remove(lane, before.position());
        }
        return woken;
    }

    private static boolean stillWaits(Change change) {
        return change instanceof Change.Write write
                && !write.after().status().isDone()
                && write.after().reason().isWait();
    }
}
