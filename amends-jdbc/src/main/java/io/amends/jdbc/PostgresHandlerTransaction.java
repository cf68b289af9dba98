package io.amends.jdbc;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.RunOrigin;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The transaction of one handler run. */
final class PostgresHandlerTransaction implements HandlerTransaction {
    /** Taken along by the first statement of a finish that locks what others may hold. */
    private static final List<String> LOCK_LIMIT = List.of("set local lock_timeout = 5000");

    /** Its statements take arrays, whose plans would otherwise be made at each call. */
    private static final List<String> LOCK_LIMIT_OF_MANY =
            List.of("set local lock_timeout = 5000", "set local plan_cache_mode = force_generic_plan");

    private final JdbcTransaction transaction;
    private final CallerPublishing publishing;
    private final CursorTable cursors;
    private final LaneTable lanes;
    private final ProgressTable progress;
    private final WaitTable waits;
    private final Decisions decisions;

    /** Guards the connection against an abort after the transaction's end, when it is another one's. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean ended;
    private boolean aborted;
    private final Woken woken = new Woken();
    private @Nullable FinishResult finished;

    PostgresHandlerTransaction(
            JdbcTransaction transaction,
            CallerPublishing publishing,
            CursorTable cursors,
            LaneTable lanes,
            ProgressTable progress,
            WaitTable waits,
            Decisions decisions) {
        this.transaction = transaction;
        this.publishing = publishing;
        this.cursors = cursors;
        this.lanes = lanes;
        this.progress = progress;
        this.waits = waits;
        this.decisions = decisions;
    }

    @Override
    public SortedMap<StreamKey, StreamVersion> progress(String processor, SortedSet<StreamKey> entities) {
        try {
            return progress.done(Session.on(transaction.connection()), processor, entities);
        } catch (SQLException e) {
            throw StoreSqlException.of("progress", e);
        }
    }

    @Override
    public FinishResult finish(CursorMove move, DoneEvents done) {
        return finish(connection -> {
            if (done.advances().isEmpty()) {
                return switch (cursors.move(Session.on(connection), move, done.keys())) {
                    case NOT -> FinishResult.REFUSED;
                    case YES -> FinishResult.DONE;
                    case YES_AND_AWAITED -> {
                        wakeNext(Session.withSettings(connection, LOCK_LIMIT), done);
                        yield FinishResult.DONE;
                    }
                };
            }
            Session session = Session.withSettings(connection, LOCK_LIMIT);
            ProgressTable.Moved moved = progress.advanceMoving(session, move, done.advances());
            if (moved.result() == FinishResult.DONE) {
                wakeNext(session, done);
                wake(session, move.claim().slot().processor(), moved.awaited());
            }
            return moved.result();
        });
    }

    @Override
    public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
        return finish(connection -> {
            Session session = Session.withSettings(connection, LOCK_LIMIT);
            String processor = run.claim().slot().processor();
            if (!holds(session, run)) {
                return FinishResult.REFUSED;
            }
            ProgressTable.Moved moved = progress.advance(session, processor, done.advances());
            if (moved.result() == FinishResult.OVERTAKEN) {
                return FinishResult.OVERTAKEN;
            }
            boolean wakesFirst = run.ended() != null || !moved.awaited().isEmpty();
            if (wakesFirst) {
                wakeNext(session, done); // all lock what waits for the next before other waits, their own among them
            }
            // before what is woken, which may be its own wait: it may do itself what it went on without
            if (!waits.stillSays(session, run)) {
                return FinishResult.REFUSED;
            }
            wake(session, processor, moved.awaited());
            boolean[] continues = new boolean[1];
            Session.Together together = new Session.Together();
            if (!wakesFirst && !done.keys().isEmpty()) {
                waits.wakeNext(together, done.keys(), woken);
            }
            lanes.remove(together, processor, run.laneKey(), run.position(), row -> continues[0] = row.getBoolean(1));
            session.run(together);
            return continues[0] ? FinishResult.DONE_LANE_CONTINUES : FinishResult.DONE;
        });
    }

    /** Locks the lane, and then looks whether the event is still in it and its slot has this owner. */
    private boolean holds(Session session, RunOrigin.FromLane run) throws SQLException {
        boolean[] locked = new boolean[1];
        boolean[] parked = new boolean[1];
        Session.Together together = new Session.Together();
        lanes.lock(together, run.claim().slot().processor(), run.laneKey(), row -> locked[0] = true);
        cursors.holdsParked(together, run, row -> parked[0] = true);
        session.run(together);
        return locked[0] && parked[0];
    }

    private void wake(Session session, String processor, List<Advance> awaited) throws SQLException {
        if (!awaited.isEmpty()) {
            woken.addAll(waits.wake(session, processor, awaited));
        }
    }

    private void wakeNext(Session session, DoneEvents done) throws SQLException {
        if (!done.keys().isEmpty()) {
            woken.addAll(waits.wakeNext(session, done.keys()));
        }
    }

    @Override
    public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
        return finish(connection -> {
            Decisions.Outcome outcome = decide(connection, attempts, done);
            woken.addAll(outcome.woken());
            return outcome.asFinish();
        });
    }

    private Decisions.Outcome decide(Connection connection, SortedMap<FailureId, Decision> attempts, DoneEvents done)
            throws SQLException {
        if (attempts.size() != 1) {
            return decisions.decideAll(Session.withSettings(connection, LOCK_LIMIT_OF_MANY), attempts, done);
        }
        Map.Entry<FailureId, Decision> one = attempts.firstEntry();
        return decisions.decide(
                Session.withSettings(connection, LOCK_LIMIT), one.getKey(), one.getValue(), false, done);
    }

    /** Whom to tell, after its commit, of what it makes due that waited. */
    Woken woken() {
        return woken;
    }

    private FinishResult finish(Last last) {
        if (finished != null) {
            throw new IllegalStateException("finish: called twice (expected: once per transaction)");
        }
        publishing.writeAll(transaction);
        FinishResult result;
        try {
            result = last.write(transaction.connection());
        } catch (SQLException e) {
            throw StoreSqlException.of("finish", e);
        }
        finished = result;
        return result;
    }

    /** The last write before the commit. */
    @FunctionalInterface
    private interface Last {
        FinishResult write(Connection connection) throws SQLException;
    }

    /** Whether it may commit. */
    void requireFinished() {
        if (finished == null) {
            throw new IllegalStateException("commit: nothing was finished (expected: one call of finish before it)");
        }
        if (finished == FinishResult.REFUSED || finished == FinishResult.OVERTAKEN) {
            throw new IllegalStateException("commit: the finish was refused (expected: rollback)");
        }
    }

    @Override
    public void abort() {
        lock.lock();
        try {
            if (!ended && !aborted) {
                aborted = true;
                transaction.connection().abort(Runnable::run);
            }
        } catch (SQLException e) {
            throw StoreSqlException.of("abort", e);
        } finally {
            lock.unlock();
        }
    }

    boolean wasAborted() {
        lock.lock();
        try {
            return aborted;
        } finally {
            lock.unlock();
        }
    }

    /** Ends what others may do with it; before the transaction gives its connection back. */
    void end() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }
}
