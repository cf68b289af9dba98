package io.amends.jdbc;

import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;
import io.amends.core.store.CursorMove;
import io.amends.core.store.NewWait;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.WaitResult;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets events wait.
 *
 * <p>A wait for a version writes at the entity that it waits for, and reads there in the same statement what was done. Who
 * does the version writes the same row: whichever of the two comes second sees the other.
 */
final class WaitRecording {
    private final ShortTransactions transactions;
    private final CursorTable cursors;
    private final LaneTable lanes;
    private final ProgressTable progress;
    private final WaitTable waits;
    private final Decisions decisions;

    WaitRecording(
            ShortTransactions transactions,
            CursorTable cursors,
            LaneTable lanes,
            ProgressTable progress,
            WaitTable waits,
            Decisions decisions) {
        this.transactions = transactions;
        this.cursors = cursors;
        this.lanes = lanes;
        this.progress = progress;
        this.waits = waits;
        this.decisions = decisions;
    }

    /** Why a transaction is rolled back. */
    private static final class NotWritten extends ShortTransactions.RolledBack {
        private static final long serialVersionUID = 1L;
        private final transient WaitResult result;

        NotWritten(WaitResult result) {
            this.result = result;
        }
    }

    WaitResult enter(RunOrigin origin, NewWait wait) {
        try {
            return transactions.run("enter wait", session -> {
                switch (origin) {
                    case RunOrigin.FromSlot slot -> fromSlot(session, slot.move(), wait);
                    case RunOrigin.FromLane lane -> fromLane(session, lane, wait);
                }
                return WaitResult.WAITING;
            });
        } catch (NotWritten rolledBack) {
            return rolledBack.result;
        }
    }

    private void fromSlot(Session session, CursorMove move, NewWait wait) throws SQLException {
        if (cursors.timeIfAt(session, move).isEmpty()) {
            throw new NotWritten(WaitResult.LOST);
        }
        lanes.lockOrCreate(session, wait.slot(), wait.laneKey(), wait.event().position(), false);
        announce(session, wait, null, null);
        Optional<Boolean> amongOthers = lanes.insertWaitingMoving(session, move, wait);
        if (amongOthers.isEmpty()) {
            throw new NotWritten(WaitResult.LOST);
        }
        if (amongOthers.get()) {
            settle(session, wait);
        } else {
            lanes.refresh(session, wait.slot().processor(), wait.laneKey());
        }
    }

    private void fromLane(Session session, RunOrigin.FromLane run, NewWait wait) throws SQLException {
        String processor = wait.slot().processor();
        if (!lanes.lock(session, processor, run.laneKey())
                || cursors.timeIfParked(session, run).isEmpty()) {
            throw new NotWritten(WaitResult.LOST);
        }
        announce(session, wait, null, run);
        lanes.turnWaiting(session, wait);
        settle(session, wait);
    }

    /** Lets a failed execution wait whose attempt was too early. */
    WaitResult enter(FailureId failure, Decision decision, NewWait wait) {
        try {
            return transactions.run("enter wait of a record", session -> {
                if (!decisions.decide(session, failure, decision).isWritten()) {
                    throw new NotWritten(WaitResult.LOST);
                }
                announce(session, wait, failure, null);
                lanes.markByWait(session, wait, true);
                settle(session, wait);
                return WaitResult.WAITING;
            });
        } catch (NotWritten rolledBack) {
            return rolledBack.result;
        }
    }

    /** Writes where others look, and looks. */
    private void announce(Session session, NewWait wait, @Nullable FailureId failure, RunOrigin.@Nullable FromLane run)
            throws SQLException {
        if (wait.request().what() instanceof WaitFor.Version version) {
            StreamVersion done = progress.await(session, version.processor(), version.entity());
            if (version.isSatisfiedBy(done)) {
                throw new NotWritten(WaitResult.SATISFIED);
            }
        }
        if (!waits.enter(session, wait, failure, run)) {
            throw new NotWritten(WaitResult.LOST);
        }
    }

    /** Lets what is waited for overtake, if it is in the lane, and says whether something of the lane may run. */
    private void settle(Session session, NewWait wait) throws SQLException {
        String processor = wait.slot().processor();
        if (wait.request().what() instanceof WaitFor.Version version
                && version.processor().equals(processor)) {
            lanes.letOvertake(session, processor, wait.laneKey(), version.entity());
        }
        lanes.refresh(session, processor, wait.laneKey());
    }
}
