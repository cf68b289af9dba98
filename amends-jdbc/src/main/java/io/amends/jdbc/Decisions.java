package io.amends.jdbc;

import io.amends.core.causality.Advance;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks a decision about a record and writes what it says: locks the record, then its lane, and reads what the decision
 * depends on in a statement that begins after both locks.
 */
final class Decisions {
    private final FailureTable failures;
    private final LaneTable lanes;
    private final ProgressTable progress;
    private final WaitTable waits;

    Decisions(FailureTable failures, LaneTable lanes, ProgressTable progress, WaitTable waits) {
        this.failures = failures;
        this.lanes = lanes;
        this.progress = progress;
        this.waits = waits;
    }

    /**
     * What was decided and written.
     *
     * @param laneContinues whether the record's lane has a parked event that may run now
     * @param overtaken whether a stream that skips what is stale was further already
     * @param woken whether something that waited is due now
     */
    record Outcome(Change change, boolean laneContinues, boolean overtaken, boolean woken) {
        static Outcome refused(Change change) {
            return new Outcome(change, false, false, false);
        }

        boolean isWritten() {
            return change instanceof Change.Write;
        }

        FinishResult asFinish() {
            if (change instanceof Change.Refuse) {
                return FinishResult.REFUSED;
            }
            if (overtaken) {
                return FinishResult.OVERTAKEN;
            }
            return laneContinues ? FinishResult.DONE_LANE_CONTINUES : FinishResult.DONE;
        }
    }

    /** Decides about a record that does not end by it. */
    Outcome decide(Session session, FailureId id, Decision decision) throws SQLException {
        return decide(session, id, decision, false, DoneEvents.of(List.of()));
    }

    Outcome decide(Session session, FailureId id, Decision decision, boolean withPayload, DoneEvents done)
            throws SQLException {
        Optional<FailedExecution> found = failures.lock(session, id, withPayload);
        if (found.isEmpty()) {
            return Outcome.refused(new Change.Refuse(Refusal.NOT_FOUND));
        }
        FailedExecution current = found.get();
        String laneKey = current.laneKey();
        boolean holdsLane = laneKey != null && !current.status().isDone();
        if (laneKey != null && holdsLane) {
            lanes.lock(session, current.processor(), laneKey);
        }
        Change change = decision.decide(current, failures.situation(session, current));
        switch (change) {
            case Change.Write write -> failures.write(session, List.of(new FailureTable.Written(current, write)));
            case Change.Remove remove -> failures.remove(session, id);
            case Change.Refuse refuse -> {
                return Outcome.refused(change);
            }
        }
        boolean woken = false;
        boolean overtaken = false;
        if (ends(change)) {
            ProgressTable.Moved moved = progress.advance(session, current.processor(), done.advances());
            overtaken = moved.result() == FinishResult.OVERTAKEN;
            woken = wake(session, current, moved.awaited());
        }
        boolean laneContinues = laneKey != null
                && holdsLane
                && ends(change)
                && lanes.remove(session, current.processor(), laneKey, current.position());
        if (current.reason().isWait() && !stillWaits(change)) {
            endWait(session, current, laneKey != null && !ends(change) ? laneKey : null);
        }
        return new Outcome(change, laneContinues, overtaken, woken);
    }

    private boolean wake(Session session, FailedExecution record, List<Advance> awaited) throws SQLException {
        boolean woken = !awaited.isEmpty() && waits.wake(session, record.processor(), awaited);
        Set<String> keys = LaneKey.wakes(record.laneKey(), record.event());
        return (!keys.isEmpty() && waits.wakeNext(session, keys)) || woken;
    }

    /** The record does not wait any more: it is done, or its handler failed. */
    void endWait(Session session, FailedExecution record, @Nullable String laneKey) throws SQLException {
        waits.remove(session, record.processor(), record.position());
        if (laneKey != null) {
            lanes.markFailed(session, record.processor(), laneKey, record.position());
            lanes.refresh(session, record.processor(), laneKey);
        }
    }

    /** Whether a record that waited still does after the change. */
    static boolean stillWaits(Change change) {
        return change instanceof Change.Write write
                && !write.after().status().isDone()
                && write.after().reason().isWait();
    }

    /** Whether the record no longer holds its lane after the change. */
    static boolean ends(Change change) {
        return switch (change) {
            case Change.Write write -> write.after().status().isDone();
            case Change.Remove remove -> true;
            case Change.Refuse refuse -> false;
        };
    }
}
