package io.amends.jdbc;

import io.amends.core.causality.Advance;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.store.FinishResult;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Asks a decision about a record and writes what it says: locks the record, then its lane, and reads what the decision
 * depends on in a statement that begins after both locks.
 */
final class Decisions {
    private final FailureTable failures;
    private final LaneTable lanes;
    private final ProgressTable progress;

    Decisions(FailureTable failures, LaneTable lanes, ProgressTable progress) {
        this.failures = failures;
        this.lanes = lanes;
        this.progress = progress;
    }

    /**
     * What was decided and written.
     *
     * @param laneContinues whether the record's lane begins with a parked event now
     * @param overtaken whether a stream that skips what is stale was further already
     */
    record Outcome(Change change, boolean laneContinues, boolean overtaken) {
        static Outcome refused(Change change) {
            return new Outcome(change, false, false);
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

    Outcome decide(Session session, FailureId id, Decision decision, boolean withPayload, Collection<Advance> advances)
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
        boolean overtaken = ends(change) && !progress.advance(session, current.processor(), advances);
        boolean laneContinues = laneKey != null
                && holdsLane
                && ends(change)
                && lanes.remove(session, current.processor(), laneKey, current.position());
        return new Outcome(change, laneContinues, overtaken);
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
