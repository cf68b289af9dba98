package io.amends.jdbc;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.NewFailure;
import io.amends.core.store.CursorMove;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import java.sql.SQLException;
import java.time.Instant;

/** Records failures and parks events: what is written when an event can not be handled now, and its slot goes on. */
final class FailureRecording {
    private final ShortTransactions transactions;
    private final CursorTable cursors;
    private final LaneTable lanes;
    private final FailureTable failures;

    FailureRecording(ShortTransactions transactions, CursorTable cursors, LaneTable lanes, FailureTable failures) {
        this.transactions = transactions;
        this.cursors = cursors;
        this.lanes = lanes;
        this.failures = failures;
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
        if (!cursors.isAt(session, move)) {
            return false;
        }
        if (!create(session, failure)) {
            if (cursors.isAt(session, move)) {
                throw taken(failure);
            }
            return false; // the same record, written meanwhile by a call whose reply was lost
        }
        return hold(session, failure) && cursors.move(session, move);
    }

    private static SQLException taken(NewFailure failure) {
        return new SQLException("failed execution " + failure.id() + " exists already");
    }

    private boolean fromLane(Session session, RunOrigin.FromLane run, NewFailure failure) throws SQLException {
        String processor = run.claim().slot().processor();
        if (!lanes.lock(session, processor, run.laneKey())
                || !lanes.isParked(session, processor, run.laneKey(), run.position())
                || !cursors.hold(session, run.claim())) {
            return false;
        }
        if (!create(session, failure)) {
            throw taken(failure); // the lane is locked, and still has the event parked: nobody wrote this record for it
        }
        if (!run.laneKey().equals(failure.laneKey())) {
            lanes.remove(session, processor, run.laneKey(), run.position());
            return hold(session, failure);
        }
        lanes.turnFailed(session, held(failure, run.laneKey()));
        lanes.refresh(session, processor, run.laneKey());
        return true;
    }

    private boolean create(Session session, NewFailure failure) throws SQLException {
        Instant now = failures.now(session);
        return failures.create(session, failure.at(now), failure.entryAt(now));
    }

    private boolean hold(Session session, NewFailure failure) throws SQLException {
        String laneKey = failure.laneKey();
        if (laneKey == null) {
            return true;
        }
        SlotId slot = new SlotId(failure.processor(), failure.slot());
        lanes.lockOrCreate(session, slot, laneKey, failure.position(), failure.stopsSlot());
        boolean inserted = lanes.insertFailed(session, held(failure, laneKey));
        lanes.refresh(session, failure.processor(), laneKey);
        return inserted;
    }

    private static LaneTable.Held held(NewFailure failure, String laneKey) {
        return new LaneTable.Held(
                failure.processor(),
                laneKey,
                new StoredEvent(failure.position(), StoredEvent.LOCAL, failure.event()),
                failure.id(),
                failure.stopsSlot());
    }

    ParkResult park(CursorMove move, String laneKey, StoredEvent event) {
        try {
            return transactions.run("park", session -> {
                if (!lanes.lock(session, move.claim().slot().processor(), laneKey)) {
                    return cursors.isAt(session, move) ? ParkResult.LANE_FREE : ParkResult.LOST;
                }
                if (!lanes.parkMoving(session, move, laneKey, event)) {
                    throw new ShortTransactions.RolledBack();
                }
                return ParkResult.PARKED;
            });
        } catch (ShortTransactions.RolledBack lost) {
            return ParkResult.LOST;
        }
    }
}
