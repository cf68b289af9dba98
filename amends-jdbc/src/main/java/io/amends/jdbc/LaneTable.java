package io.amends.jdbc;

import io.amends.api.OnTimeout;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.WaitFor;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.LanePause;
import io.amends.core.store.LaneState;
import io.amends.core.store.NewWait;
import io.amends.core.store.SlotId;
import io.amends.core.store.TimedOut;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The lanes: per processor and key the events that are not done.
 *
 * <p>The lane row is the lock: who adds, removes or changes a lane's events holds it, and reads them in a statement that
 * begins after the lock. It exists exactly while the lane has events or is paused; {@code released} says that one of them is
 * parked and may run. A lane that is paused has a row without events too, and none of its events may run. All are brought in line by {@link #refresh} in the transaction that changed the events.
 */
final class LaneTable {
    /** The slot and the first event of a lane that only a pause holds. */
    static final int NO_SLOT = -1;

    static final long NO_EVENT = Long.MAX_VALUE;

    private final String lockOrCreate;
    private final String lock;
    private final String lockSome;
    private final String parkMoving;
    private final String insertWaitingMoving;
    private final String turnWaiting;
    private final String markByWait;
    private final String letOvertake;
    private final String mayRun;
    private final String next;
    private final String insertFailed;
    private final String insertFailedMoving;
    private final String turnFailed;
    private final String remove;
    private final String removeAll;
    private final String refresh;
    private final String inSlot;
    private final String released;
    private final String head;
    private final String settle;
    private final String state;
    private final String pause;
    private final String resume;
    private final String rename;
    private final String renameEvents;

    LaneTable(SchemaName schema) {
        String lane = " where processor = ? and lane_key = ?";
        lockOrCreate = schema.in("insert into ${schema}.lane as l (processor, lane_key, slot, head_position, released,"
                + " stops_slot) values (?, ?, ?, ?, false, ?) on conflict (processor, lane_key) do update"
                // a lane that only a pause holds knows neither
                + " set stops_slot = l.stops_slot or excluded.stops_slot, slot = excluded.slot,"
                + " head_position = least(l.head_position, excluded.head_position)");
        lock = schema.in("select 1 from ${schema}.lane" + lane + " for update");
        lockSome = schema.in("select lane_key from ${schema}.lane where processor = ? and lane_key = any(?)"
                + " order by lane_key for update skip locked");
        // the cursor moves with it: no row if it does not
        String moved = "with moved as (update ${schema}.cursor set position = ?, suspects = 0,"
                + " needed_type = null where processor = ? and slot = ? and fence = ? and position = ? returning 1) ";
        // something in the lane waits for what the event provides
        String overtakes = "g.provides is not null and exists (select 1 from ${schema}.wait w where w.processor = ?"
                + " and w.lane_key = ? and w.awaited_processor = ?"
                + " and w.awaited_stream || chr(31) || w.awaited_key = any(g.provides)), ";
        parkMoving = schema.in(moved + "insert into ${schema}.lane_event (processor, lane_key, position, origin, kind,"
                + " provides, overtakes, " + EventColumns.NAMES
                + ") select ?::text, ?::text, ?::bigint, ?::text, 'PARKED',"
                + " g.provides, " + overtakes + EventColumns.TYPED_PARAMETERS
                + " from moved, (values (?::text[])) as g(provides)"
                + " returning overtakes or not exists (select 1 from ${schema}.lane_event e"
                + " where e.processor = ? and e.lane_key = ? and not e.yields)");
        insertWaitingMoving = schema.in(moved
                + "insert into ${schema}.lane_event (processor, lane_key, position, origin,"
                + " kind, yields, provides, overtakes, " + EventColumns.NAMES
                + ") select ?::text, ?::text, ?::bigint, ?::text, 'WAITING', ?::boolean, g.provides, " + overtakes
                + EventColumns.TYPED_PARAMETERS + " from moved, (values (?::text[])) as g(provides)"
                + " returning exists (select 1 from ${schema}.lane_event e where e.processor = ? and e.lane_key = ?)");
        turnWaiting = schema.in("update ${schema}.lane_event set kind = 'WAITING', yields = ?, provides = ?, lost = 0"
                + lane + " and position = ?");
        // what failed in its slot never said what it provides
        markByWait = schema.in("update ${schema}.lane_event set by_wait = ?, yields = ?,"
                + " provides = coalesce(?, provides)" + lane + " and position = ?");
        letOvertake = schema.in("update ${schema}.lane_event set overtakes = true" + lane
                + " and provides @> array[?::text] and not overtakes");
        mayRun = schema.in("select ${schema}.lane_may_run(?, ?, ?)");
        String insert = "insert into ${schema}.lane_event (processor, lane_key, position, origin, kind,"
                + " failure_id, stops_slot, " + EventColumns.NAMES + ") select ?::text, ?::text, ?::bigint,"
                + " coalesce((select origin from ${schema}.inbox where position = ?), '" + StoredEvent.LOCAL
                + "'), 'FAILED', ?::text, ?::boolean, " + EventColumns.TYPED_PARAMETERS;
        insertFailed = schema.in(insert + " on conflict do nothing");
        insertFailedMoving = schema.in(moved + insert + " from moved on conflict do nothing");
        turnFailed = schema.in("update ${schema}.lane_event set kind = 'FAILED', failure_id = ?, stops_slot = ?,"
                + " by_wait = ?, yields = yields and ?, data = null, lost = 0" + lane + " and position = ?");
        refresh = schema.in("select ${schema}.lane_refresh(?, ?)");
        remove = schema.in("select ${schema}.lane_remove(?, ?, ?)");
        removeAll = schema.in("select bool_or(${schema}.lane_remove(?, g.lane_key, g.position))"
                + " from unnest(?::text[], ?::bigint[]) as g(lane_key, position)");
        inSlot = schema.in("select slot, lane_key, released, stops_slot from ${schema}.lane"
                + " where processor = ? and slot = ? order by lane_key");
        released = schema.in(
                "select in_slot, of_lane, true, stops from ${schema}.released_lanes(?, ?::int[], ?::bigint[], ?)");
        String row =
                "select e.kind, e.failure_id, e.lost, e.position, e.origin, w.what, w.lasted, w.then_what, w.wakes, "
                        + EventColumns.NAMES + " from (select e.* from ${schema}.lane_event e";
        // what it waits for may have come after all, and before it was told; what a person has said holds all the same
        String itsWait = ") e left join lateral (select w.what, case when w.timed_out and (w.said_by_person"
                + " or not (w.kind = 'VERSION' and w.due_at is not null)) then w.then_what end as then_what,"
                + " extract(epoch from w.timeout_at - w.since) * 1000000 as lasted, w.wakes from ${schema}.wait w"
                + " where w.processor = ? and w.position = e.position) w on true";
        head = schema.in(row + lane + " order by position limit 1" + itsWait);
        next = schema.in(row + lane + " and position = (select ${schema}.lane_next(?, ?, false))" + itsWait);
        settle = schema.in("update ${schema}.lane set slot = ?" + lane + " and slot <> ?");
        state = schema.in(
                "select head_position, paused_by, paused_reason, paused_at from ${schema}.lane" + lane + " for update");
        pause = schema.in("insert into ${schema}.lane as l (processor, lane_key, slot, head_position, released,"
                + " stops_slot, paused_by, paused_reason, paused_at) select name, ?, " + NO_SLOT + ", " + NO_EVENT
                + ", false, false, ?, ?, now() from ${schema}.processor where name = ?"
                + " on conflict (processor, lane_key) do update set released = false, paused_by = excluded.paused_by,"
                + " paused_reason = excluded.paused_reason, paused_at = excluded.paused_at where l.paused_at is null");
        resume = schema.in("update ${schema}.lane set paused_by = null, paused_reason = null, paused_at = null" + lane);
        rename = schema.in("update ${schema}.lane set processor = ? where processor = ?");
        renameEvents = schema.in("update ${schema}.lane_event set processor = ? where processor = ?");
    }

    /** Locks a lane; false if nothing holds it. */
    boolean lock(Session session, String processor, String laneKey) throws SQLException {
        return session.first(lock, statement -> bind(statement, 1, processor, laneKey), row -> true)
                .isPresent();
    }

    /** Adds that a lane is locked; a row is shown if something holds it. */
    void lock(Session.Together together, String processor, String laneKey, Session.RowConsumer reader) {
        together.add(
                lock,
                (statement, first) -> {
                    bind(statement, first, processor, laneKey);
                    return first + 2;
                },
                reader);
    }

    /** Locks those of the lanes that no one else has locked; returns their keys. */
    Set<String> lockSome(Session session, String processor, Collection<String> laneKeys) throws SQLException {
        return new HashSet<>(session.query(
                lockSome,
                statement -> {
                    statement.setString(1, processor);
                    Session.setTexts(statement, 2, laneKeys);
                },
                row -> row.getString(1)));
    }

    /** Locks a lane that is about to get an event, making its row where nothing holds it. */
    void lockOrCreate(Session session, SlotId slot, String laneKey, long position, boolean stopsSlot)
            throws SQLException {
        session.update(lockOrCreate, statement -> {
            bind(statement, 1, slot.processor(), laneKey);
            statement.setInt(3, slot.number());
            statement.setLong(4, position);
            statement.setBoolean(5, stopsSlot);
        });
    }

    /**
     * Parks an event behind the lane that is locked, and moves the cursor.
     *
     * @return whether the event may perhaps run at once; empty if the cursor can not be moved
     */
    Optional<Boolean> parkMoving(
            Session session, CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides)
            throws SQLException {
        String processor = move.claim().slot().processor();
        return session.first(
                parkMoving,
                statement -> {
                    int next = bind(statement, move);
                    bind(statement, next, processor, laneKey);
                    statement.setLong(next + 2, event.position());
                    statement.setString(next + 3, event.origin());
                    bind(statement, next + 4, processor, laneKey);
                    statement.setString(next + 6, processor);
                    next = EventColumns.bind(
                            statement, next + 7, event.event(), event.event().data());
                    setProvides(statement, next, provides);
                    bind(statement, next + 1, processor, laneKey);
                },
                row -> row.getBoolean(1));
    }

    private static void setProvides(PreparedStatement statement, int index, List<StreamKey> provides)
            throws SQLException {
        if (provides.isEmpty()) {
            statement.setNull(index, Types.ARRAY);
        } else {
            Session.setTexts(
                    statement, index, provides.stream().map(LaneTable::text).toList());
        }
    }

    private static String text(StreamKey entity) {
        return entity.stream() + ProgressTable.BETWEEN + entity.key();
    }

    /**
     * Lets an event wait in the lane that is locked, and moves the cursor.
     *
     * @return whether the lane holds other events; empty if the cursor can not be moved
     */
    Optional<Boolean> insertWaitingMoving(Session session, CursorMove move, NewWait wait) throws SQLException {
        String processor = wait.slot().processor();
        return session.first(
                insertWaitingMoving,
                statement -> {
                    int next = bind(statement, move);
                    bind(statement, next, processor, wait.laneKey());
                    statement.setLong(next + 2, wait.event().position());
                    statement.setString(next + 3, wait.event().origin());
                    statement.setBoolean(next + 4, yields(wait));
                    bind(statement, next + 5, processor, wait.laneKey());
                    statement.setString(next + 7, processor);
                    next = EventColumns.bind(
                            statement,
                            next + 8,
                            wait.event().event(),
                            wait.event().event().data());
                    setProvides(statement, next, wait.provides());
                    bind(statement, next + 1, processor, wait.laneKey());
                },
                row -> row.getBoolean(1));
    }

    private static boolean yields(NewWait wait) {
        return wait.request().what() instanceof WaitFor.Next;
    }

    /** Turns a parked event of the lane that is locked into a waiting one. */
    void turnWaiting(Session session, NewWait wait) throws SQLException {
        session.update(turnWaiting, statement -> {
            statement.setBoolean(1, yields(wait));
            setProvides(statement, 2, wait.provides());
            bind(statement, 3, wait.slot().processor(), wait.laneKey());
            statement.setLong(5, wait.event().position());
        });
    }

    /** Says of a record's event in the lane that is locked whether the record waits, and for whatever comes next. */
    void markByWait(Session session, NewWait wait, boolean byWait) throws SQLException {
        session.update(markByWait, statement -> {
            statement.setBoolean(1, byWait);
            statement.setBoolean(2, yields(wait));
            setProvides(statement, 3, wait.provides());
            bind(statement, 4, wait.slot().processor(), wait.laneKey());
            statement.setLong(6, wait.event().position());
        });
    }

    /** Says of a record's event that its handler failed, whatever it waited for before. */
    void markFailed(Session session, String processor, String laneKey, long position) throws SQLException {
        session.update(markByWait, statement -> {
            statement.setBoolean(1, false);
            statement.setBoolean(2, false);
            statement.setNull(3, Types.ARRAY);
            bind(statement, 4, processor, laneKey);
            statement.setLong(6, position);
        });
    }

    /** Lets what provides the entity overtake the rest of the lane that is locked. */
    void letOvertake(Session session, String processor, String laneKey, StreamKey entity) throws SQLException {
        session.update(letOvertake, statement -> {
            bind(statement, 1, processor, laneKey);
            statement.setString(3, text(entity));
        });
    }

    /** Whether nothing in the lane holds up the event of this position. */
    boolean mayRun(Session session, String processor, String laneKey, long position) throws SQLException {
        return session.one(
                mayRun,
                statement -> {
                    bind(statement, 1, processor, laneKey);
                    statement.setLong(3, position);
                },
                row -> row.getBoolean(1));
    }

    /** Puts the event of a record into the lane that is locked; false if it is there already. */
    boolean insertFailed(Session session, Held held) throws SQLException {
        return session.update(insertFailed, statement -> bind(statement, 1, held)) == 1;
    }

    /**
     * Puts the event of a record behind all others of the lane that is locked, and moves the cursor; false if that can not
     * be moved.
     */
    boolean insertFailedMoving(Session session, CursorMove move, Held held) throws SQLException {
        return session.update(insertFailedMoving, statement -> bind(statement, bind(statement, move), held)) == 1;
    }

    private static int bind(PreparedStatement statement, CursorMove move) throws SQLException {
        SlotId slot = move.claim().slot();
        statement.setLong(1, move.to());
        statement.setString(2, slot.processor());
        statement.setInt(3, slot.number());
        statement.setLong(4, move.claim().fence());
        statement.setLong(5, move.from());
        return 6;
    }

    private static void bind(PreparedStatement statement, int first, Held held) throws SQLException {
        bind(statement, first, held.processor(), held.laneKey());
        statement.setLong(first + 2, held.event().position());
        statement.setLong(first + 3, held.event().position());
        statement.setString(first + 4, held.failure().value());
        statement.setBoolean(first + 5, held.stopsSlot());
        // the payload is in the record
        EventColumns.bind(statement, first + 6, held.event().event(), null);
    }

    /**
     * A failed event of a lane.
     *
     * @param event the event; its origin is looked up
     */
    record Held(String processor, String laneKey, StoredEvent event, FailureId failure, boolean stopsSlot) {}

    /** Turns a parked or waiting event of the lane that is locked into a failed one; {@code byWait} if its record waits. */
    void turnFailed(Session session, Held held, boolean byWait) throws SQLException {
        session.update(turnFailed, statement -> {
            statement.setString(1, held.failure().value());
            statement.setBoolean(2, held.stopsSlot());
            statement.setBoolean(3, byWait);
            statement.setBoolean(4, byWait);
            bind(statement, 5, held.processor(), held.laneKey());
            statement.setLong(7, held.event().position());
        });
    }

    /**
     * Adds that the events of records of one processor, and their waits, are removed from their lanes, which are locked; shown is
     * whether a parked one may run now.
     */
    void remove(Session.Together together, List<FailedExecution> records, Session.RowConsumer reader) {
        if (records.size() == 1) {
            FailedExecution record = records.getFirst();
            // one by one its plan is made once; for arrays that are known at each call
            remove(together, record.processor(), Objects.requireNonNull(record.laneKey()), record.position(), reader);
        } else if (!records.isEmpty()) {
            together.add(
                    removeAll,
                    (statement, first) -> {
                        statement.setString(first, records.getFirst().processor());
                        Session.setTexts(
                                statement,
                                first + 1,
                                records.stream()
                                        .map(record -> Objects.requireNonNull(record.laneKey()))
                                        .toList());
                        Session.setLongs(
                                statement,
                                first + 2,
                                records.stream()
                                        .mapToLong(FailedExecution::position)
                                        .toArray());
                        return first + 3;
                    },
                    reader);
        }
    }

    /** Adds that an event and its wait are removed from the lane that is locked; shown is whether a parked one may run now. */
    void remove(
            Session.Together together, String processor, String laneKey, long position, Session.RowConsumer reader) {
        together.add(
                remove,
                (statement, first) -> {
                    bind(statement, first, processor, laneKey);
                    statement.setLong(first + 2, position);
                    return first + 3;
                },
                reader);
    }

    /** Removes an event and its wait from the lane that is locked; returns whether a parked one may run now. */
    boolean remove(Session session, String processor, String laneKey, long position) throws SQLException {
        return session.one(
                remove,
                statement -> {
                    bind(statement, 1, processor, laneKey);
                    statement.setLong(3, position);
                },
                row -> row.getBoolean(1));
    }

    /** Brings the lane row in line with its events; returns whether a parked one may run. */
    boolean refresh(Session session, String processor, String laneKey) throws SQLException {
        return session.one(refresh, statement -> bind(statement, 1, processor, laneKey), row -> row.getBoolean(1));
    }

    List<HeldLane> inSlot(Session session, SlotId slot) throws SQLException {
        return session.query(
                inSlot,
                statement -> {
                    statement.setString(1, slot.processor());
                    statement.setInt(2, slot.number());
                },
                row -> heldLane(row, slot.processor()));
    }

    List<HeldLane> released(Session session, String processor, List<Claim> claims, int limit) throws SQLException {
        return session.query(
                released,
                statement -> {
                    statement.setString(1, processor);
                    bindClaims(statement, 2, claims);
                    statement.setInt(4, limit);
                },
                row -> heldLane(row, processor));
    }

    private static void bindClaims(PreparedStatement statement, int first, List<Claim> claims) throws SQLException {
        Session.setLongs(
                statement,
                first,
                claims.stream().mapToLong(claim -> claim.slot().number()).toArray());
        Session.setLongs(
                statement, first + 1, claims.stream().mapToLong(Claim::fence).toArray());
    }

    private static HeldLane heldLane(ResultSet row, String processor) throws SQLException {
        return new HeldLane(
                new SlotId(processor, row.getInt(1)), row.getString(2), row.getBoolean(3), row.getBoolean(4));
    }

    Optional<LaneEvent> head(Session session, String processor, String laneKey) throws SQLException {
        return session.first(
                head,
                statement -> {
                    bind(statement, 1, processor, laneKey);
                    statement.setString(3, processor);
                },
                LaneTable::laneEvent);
    }

    /** The first row that may run now. */
    Optional<LaneEvent> next(Session session, String processor, String laneKey) throws SQLException {
        return session.first(
                next,
                statement -> {
                    bind(statement, 1, processor, laneKey);
                    bind(statement, 3, processor, laneKey);
                    statement.setString(5, processor);
                },
                LaneTable::laneEvent);
    }

    private static LaneEvent laneEvent(ResultSet row) throws SQLException {
        String failure = row.getString(2);
        String then = row.getString(8);
        return new LaneEvent(
                LaneEvent.Kind.valueOf(row.getString(1)),
                new StoredEvent(row.getLong(4), row.getString(5), EventColumns.read(row, 10)),
                failure == null ? null : new FailureId(failure),
                row.getInt(3),
                then == null
                        ? null
                        : new TimedOut(
                                row.getString(6), Duration.ofNanos(row.getLong(7) * 1_000), OnTimeout.valueOf(then)),
                row.getInt(9));
    }

    /** What a person sees of the lane, which is locked if there is one. */
    LaneState state(Session session, String processor, String laneKey) throws SQLException {
        return session.first(state, statement -> bind(statement, 1, processor, laneKey), row -> {
                    long head = row.getLong(1);
                    Instant since = EventColumns.instant(row, 4);
                    return new LaneState(
                            head == NO_EVENT ? null : head,
                            since == null ? null : new LanePause(row.getString(2), row.getString(3), since));
                })
                .orElse(LaneState.FREE);
    }

    /** Pauses a lane; false if it is paused, or there is no such processor. */
    boolean pause(Session session, LaneCommand command) throws SQLException {
        return session.update(pause, statement -> {
                    statement.setString(1, command.laneKey());
                    statement.setString(2, command.actor());
                    statement.setString(3, command.reason());
                    statement.setString(4, command.processor());
                })
                == 1;
    }

    /** Resumes a lane that is locked. */
    void resume(Session session, LaneCommand command) throws SQLException {
        session.update(resume, statement -> bind(statement, 1, command.processor(), command.laneKey()));
        refresh(session, command.processor(), command.laneKey());
    }

    /** Says to which slot a lane that is locked belongs, now that it has an event. */
    void settle(Session session, SlotId slot, String laneKey) throws SQLException {
        session.update(settle, statement -> {
            statement.setInt(1, slot.number());
            bind(statement, 2, slot.processor(), laneKey);
            statement.setInt(4, slot.number());
        });
    }

    void rename(Session session, String from, String to) throws SQLException {
        for (String sql : List.of(rename, renameEvents)) {
            session.update(sql, statement -> {
                statement.setString(1, to);
                statement.setString(2, from);
            });
        }
    }

    private static void bind(PreparedStatement statement, int first, String processor, String laneKey)
            throws SQLException {
        statement.setString(first, processor);
        statement.setString(first + 1, laneKey);
    }
}
