package io.amends.jdbc;

import io.amends.api.OnTimeout;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
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
    record Outcome(Change change, boolean laneContinues, boolean overtaken, Woken woken) {
        static Outcome refused(Change change) {
            return new Outcome(change, false, false, new Woken());
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

    /** What was decided about a record, and is no refusal. */
    private record Decided(FailedExecution record, Change change) {}

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
        Decided decided = new Decided(current, change);
        Outcome outcome = write(session, List.of(decided), done);
        endWait(session, decided);
        return outcome;
    }

    /**
     * Decides about records of one processor, all in a few statements: all are written, or none. Their locks are taken in the
     * order of ids and lanes, so that of two who want some of the same ones only one waits.
     */
    Outcome decideAll(Session session, SortedMap<FailureId, Decision> attempts, DoneEvents done) throws SQLException {
        if (attempts.isEmpty()) {
            throw new IllegalArgumentException("finish: no attempts (expected: at least one)");
        }
        Map<FailureId, FailureTable.Locked> found = failures.lockAll(session, attempts.keySet());
        List<Decided> all = new ArrayList<>();
        for (Map.Entry<FailureId, Decision> attempt : attempts.entrySet()) {
            FailureTable.Locked locked = found.get(attempt.getKey());
            Change change = locked == null
                    ? new Change.Refuse(Refusal.NOT_FOUND)
                    : attempt.getValue().decide(locked.record(), locked.situation());
            if (locked == null || change instanceof Change.Refuse) {
                return Outcome.refused(change);
            }
            all.add(new Decided(locked.record(), change));
        }
        requireOneProcessor(all);
        Outcome outcome = write(session, all, done);
        for (Decided each : all) {
            endWait(session, each);
        }
        return outcome;
    }

    private static void requireOneProcessor(List<Decided> all) {
        List<String> processors =
                all.stream().map(each -> each.record().processor()).distinct().toList();
        if (processors.size() > 1) {
            throw new IllegalArgumentException("finish: attempts of " + processors + " (expected: of one processor)");
        }
    }

    /** Writes changes in as few round trips as there may be: streams must be moved before anybody is woken. */
    private Outcome write(Session session, List<Decided> all, DoneEvents done) throws SQLException {
        Session.Together together = new Session.Together();
        List<FailureTable.Written> writes = new ArrayList<>();
        List<FailedExecution> ended = new ArrayList<>();
        for (Decided each : all) {
            if (each.change() instanceof Change.Write write) {
                writes.add(new FailureTable.Written(each.record(), write));
            } else {
                failures.remove(session, each.record().id());
            }
            if (ends(each.change())) {
                ended.add(each.record());
            }
        }
        if (writes.size() == 1) {
            failures.write(together, writes.getFirst());
        } else if (!writes.isEmpty()) {
            failures.write(session, writes);
        }
        Change first = all.getFirst().change();
        if (ended.isEmpty()) {
            session.run(together);
            return new Outcome(first, false, false, new Woken());
        }
        String processor = ended.getFirst().processor();
        Woken woken = new Woken();
        boolean overtaken = false;
        SortedSet<String> keys = new TreeSet<>();
        ended.forEach(record -> keys.addAll(LaneKey.wakes(record.laneKey(), record.event())));
        if (!done.advances().isEmpty()) {
            session.run(together);
            together = new Session.Together();
            ProgressTable.Moved moved = progress.advance(session, processor, done.advances());
            overtaken = moved.result() == FinishResult.OVERTAKEN;
            if (!moved.awaited().isEmpty()) {
                // all lock what waits for the next before other waits
                if (!keys.isEmpty()) {
                    woken.addAll(waits.wakeNext(session, keys));
                    keys.clear();
                }
                if (done.dependents() != OnTimeout.PROCEED) {
                    waits.endDependents(session, processor, moved.awaited(), done.dependents());
                }
                woken.addAll(waits.wake(session, processor, moved.awaited()));
            }
        }
        if (!keys.isEmpty()) {
            waits.wakeNext(together, keys, woken);
        }
        boolean[] continues = new boolean[1];
        lanes.remove(
                together,
                ended.stream().filter(Decisions::holdsLane).toList(),
                row -> continues[0] = row.getBoolean(1));
        session.run(together);
        return new Outcome(first, continues[0], overtaken, woken);
    }

    private void endWait(Session session, Decided decided) throws SQLException {
        FailedExecution record = decided.record();
        if (record.reason().isWait() && !stillWaits(decided.change())) {
            endWait(session, record, ends(decided.change()) ? null : record.laneKey());
        }
    }

    /** Whether the record holds its lane. */
    static boolean holdsLane(FailedExecution record) {
        return record.laneKey() != null && !record.status().isDone();
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
