package io.amends.jdbc;

import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.Signal;
import java.sql.SQLException;
import java.util.EnumSet;
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
     * @param woken whom to tell of what is due now and waited
     */
    record Outcome(Change change, boolean laneContinues, boolean overtaken, Set<Signal> woken) {
        static Outcome refused(Change change) {
            return new Outcome(change, false, false, Set.of());
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
        Optional<FailureTable.Locked> found = failures.lock(session, id, withPayload);
        if (found.isEmpty()) {
            return Outcome.refused(new Change.Refuse(Refusal.NOT_FOUND));
        }
        FailedExecution current = found.get().record();
        Change change = decision.decide(current, found.get().situation());
        if (change instanceof Change.Refuse) {
            return Outcome.refused(change);
        }
        Outcome outcome = write(session, current, change, done);
        if (current.reason().isWait() && !stillWaits(change)) {
            endWait(session, current, ends(change) ? null : current.laneKey());
        }
        return outcome;
    }

    /** Writes a change in as few round trips as there may be: streams must be moved before anybody is woken. */
    private Outcome write(Session session, FailedExecution current, Change change, DoneEvents done)
            throws SQLException {
        Session.Together together = new Session.Together();
        if (change instanceof Change.Write write) {
            failures.write(together, new FailureTable.Written(current, write));
        } else {
            failures.remove(session, current.id());
        }
        if (!ends(change)) {
            session.run(together);
            return new Outcome(change, false, false, Set.of());
        }
        EnumSet<Signal> woken = EnumSet.noneOf(Signal.class);
        boolean overtaken = false;
        if (!done.advances().isEmpty()) {
            session.run(together);
            together = new Session.Together();
            ProgressTable.Moved moved = progress.advance(session, current.processor(), done.advances());
            overtaken = moved.result() == FinishResult.OVERTAKEN;
            if (!moved.awaited().isEmpty()) {
                woken.addAll(waits.wake(session, current.processor(), moved.awaited()));
            }
        }
        Set<String> keys = LaneKey.wakes(current.laneKey(), current.event());
        if (!keys.isEmpty()) {
            waits.wakeNext(together, keys, woken::addAll);
        }
        boolean[] continues = new boolean[1];
        String laneKey = current.laneKey();
        if (laneKey != null && !current.status().isDone()) {
            lanes.remove(
                    together,
                    current.processor(),
                    laneKey,
                    current.position(),
                    row -> continues[0] = row.getBoolean(1));
        }
        session.run(together);
        return new Outcome(change, continues[0], overtaken, woken);
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
