package io.amends.jdbc;

import io.amends.api.OnTimeout;
import io.amends.core.causality.StreamKey;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.NewFailure;
import io.amends.core.store.CursorMove;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records failures and parks events: what is written when an event can not be handled now, and its slot goes on. */
final class FailureRecording {
    private final ShortTransactions transactions;
    private final CursorTable cursors;
    private final LaneTable lanes;
    private final FailureTable failures;
    private final WaitTable waits;

    FailureRecording(
            ShortTransactions transactions,
            CursorTable cursors,
            LaneTable lanes,
            FailureTable failures,
            WaitTable waits) {
        this.transactions = transactions;
        this.cursors = cursors;
        this.lanes = lanes;
        this.failures = failures;
        this.waits = waits;
    }

    boolean record(RunOrigin origin, NewFailure failure) {
        try {
            return transactions.run("record failure", session -> {
                boolean written = switch (origin) {
                    case RunOrigin.FromSlot slot -> fromSlot(session, slot.move(), failure);
                    case RunOrigin.FromLane lane -> fromLane(session, lane, failure);
                };
                if (!written) {
                    throw new ShortTransactions.RolledBack();
                }
                return true;
            });
        } catch (ShortTransactions.RolledBack lost) {
            return false;
        }
    }

    private boolean fromSlot(Session session, CursorMove move, NewFailure failure) throws SQLException {
        // what was done already ends here, and not at a key that exists; the move decides
        Optional<Instant> now = cursors.timeIfAt(session, move);
        if (now.isEmpty()) {
            return false;
        }
        if (!create(session, failure, now.get(), null)) {
            if (cursors.timeIfAt(session, move).isPresent()) {
                throw taken(failure);
            }
            return false; // the same record, written meanwhile by a call whose reply was lost
        }
        String laneKey = failure.laneKey();
        if (laneKey == null) {
            return cursors.move(session, move);
        }
        // behind all others of its lane, since the cursor was: whether the first of them may run does not change
        lock(session, failure, laneKey);
        return lanes.insertFailedMoving(session, move, held(failure, laneKey));
    }

    private static SQLException taken(NewFailure failure) {
        return new SQLException("failed execution " + failure.id() + " exists already");
    }

    private boolean fromLane(Session session, RunOrigin.FromLane run, NewFailure failure) throws SQLException {
        String processor = run.claim().slot().processor();
        if (!lanes.lock(session, processor, run.laneKey())) {
            return false;
        }
        Optional<Instant> now = cursors.timeIfParked(session, run);
        if (now.isEmpty()) {
            return false;
        }
        if (!create(session, failure, now.get(), run.ended())) {
            throw taken(failure); // the lane is locked, and still has the event parked: nobody wrote this record for it
        }
        if (!this.waits.stillSays(session, run)) {
            return false;
        }
        String laneKey = failure.laneKey();
        if (run.laneKey().equals(laneKey)) {
            boolean waits = failure.reason().isWait();
            lanes.turnFailed(session, held(failure, run.laneKey()), waits);
            if (waits) {
                this.waits.takeOver(session, processor, run.position(), failure.id());
            } else {
                this.waits.remove(session, processor, run.position());
            }
            lanes.refresh(session, processor, run.laneKey());
            return true;
        }
        lanes.remove(session, processor, run.laneKey(), run.position());
        if (laneKey == null) {
            return true;
        }
        lock(session, failure, laneKey);
        boolean inserted = lanes.insertFailed(session, held(failure, laneKey));
        lanes.refresh(session, failure.processor(), laneKey);
        return inserted;
    }

    private boolean create(Session session, NewFailure failure, Instant now, @Nullable OnTimeout waitEnded)
            throws SQLException {
        return failures.create(session, failure.at(now), failure.entryAt(now, waitEnded));
    }

    private void lock(Session session, NewFailure failure, String laneKey) throws SQLException {
        SlotId slot = new SlotId(failure.processor(), failure.slot());
        lanes.lockOrCreate(session, slot, laneKey, failure.position(), failure.stopsSlot());
    }

    private static LaneTable.Held held(NewFailure failure, String laneKey) {
        return new LaneTable.Held(
                failure.processor(),
                laneKey,
                new StoredEvent(failure.position(), StoredEvent.LOCAL, failure.event()),
                failure.id(),
                failure.stopsSlot());
    }

    ParkResult park(CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides) {
        try {
            return transactions.run("park", session -> {
                if (!lanes.lock(session, move.claim().slot().processor(), laneKey)) {
                    return cursors.timeIfAt(session, move).isPresent() ? ParkResult.LANE_FREE : ParkResult.LOST;
                }
                Optional<Boolean> mayPerhapsRun = lanes.parkMoving(session, move, laneKey, event, provides);
                if (mayPerhapsRun.isEmpty()) {
                    throw new ShortTransactions.RolledBack();
                }
                String processor = move.claim().slot().processor();
                if (!mayPerhapsRun.get()) {
                    return ParkResult.PARKED;
                }
                // also the first event of a lane that is paused
                boolean mayRun = lanes.mayRun(session, processor, laneKey, event.position());
                lanes.settle(session, move.claim().slot(), laneKey);
                lanes.refresh(session, processor, laneKey);
                return mayRun ? ParkResult.PARKED_MAY_RUN : ParkResult.PARKED;
            });
        } catch (ShortTransactions.RolledBack lost) {
            return ParkResult.LOST;
        }
    }
}
