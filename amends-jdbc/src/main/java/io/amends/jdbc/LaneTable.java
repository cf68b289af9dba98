package io.amends.jdbc;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailureId;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.HeldLane;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.SlotId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The lanes: per processor and key the events that are not done.
 *
 * <p>The lane row is the lock: who adds, removes or changes a lane's events holds it, and reads them in a statement that
 * begins after the lock. It exists exactly while the lane has events; {@code released} says that the first of them is a
 * parked one, which may run. Both are brought in line by {@link #refresh} in the transaction that changed the events.
 */
final class LaneTable {
    private final String lockOrCreate;
    private final String lock;
    private final String lockSome;
    private final String parkMoving;
    private final String insertFailed;
    private final String insertFailedMoving;
    private final String turnFailed;
    private final String remove;
    private final String refresh;
    private final String drop;
    private final String inSlot;
    private final String released;
    private final String head;
    private final String rename;
    private final String renameEvents;

    LaneTable(SchemaName schema) {
        String lane = " where processor = ? and lane_key = ?";
        lockOrCreate = schema.in("insert into ${schema}.lane as l (processor, lane_key, slot, head_position, released,"
                + " stops_slot) values (?, ?, ?, ?, false, ?) on conflict (processor, lane_key) do update"
                + " set stops_slot = l.stops_slot or excluded.stops_slot");
        lock = schema.in("select 1 from ${schema}.lane" + lane + " for update");
        lockSome = schema.in("select lane_key from ${schema}.lane where processor = ? and lane_key = any(?)"
                + " order by lane_key for update skip locked");
        // the cursor moves with it: no row if it does not
        String moved = "with moved as (update ${schema}.cursor set position = ?, suspects = 0,"
                + " needed_type = null where processor = ? and slot = ? and fence = ? and position = ? returning 1) ";
        parkMoving = schema.in(moved + "insert into ${schema}.lane_event (processor, lane_key, position, origin, kind, "
                + EventColumns.NAMES + ") select ?::text, ?::text, ?::bigint, ?::text, 'PARKED', "
                + EventColumns.TYPED_PARAMETERS + " from moved");
        String insert = "insert into ${schema}.lane_event (processor, lane_key, position, origin, kind,"
                + " failure_id, stops_slot, " + EventColumns.NAMES + ") select ?::text, ?::text, ?::bigint,"
                + " coalesce((select origin from ${schema}.inbox where position = ?), '" + StoredEvent.LOCAL
                + "'), 'FAILED', ?::text, ?::boolean, " + EventColumns.TYPED_PARAMETERS;
        insertFailed = schema.in(insert + " on conflict do nothing");
        insertFailedMoving = schema.in(moved + insert + " from moved on conflict do nothing");
        turnFailed = schema.in("update ${schema}.lane_event set kind = 'FAILED', failure_id = ?, stops_slot = ?,"
                + " data = null, lost = 0" + lane + " and position = ?");
        // the removed event is still in the statement's snapshot
        String first = "update ${schema}.lane l set head_position = e.position, released = e.kind = 'PARKED',"
                + " stops_slot = exists (select 1 from ${schema}.lane_event s where s.processor = l.processor"
                + " and s.lane_key = l.lane_key and s.stops_slot and s.position <> ?)"
                + " from (select position, kind from ${schema}.lane_event" + lane + " and position <> ?"
                + " order by position limit 1) e where l.processor = ? and l.lane_key = ? returning l.released";
        refresh = schema.in(first);
        remove = schema.in("with gone as (delete from ${schema}.lane_event" + lane + " and position = ?) " + first);
        drop = schema.in("delete from ${schema}.lane" + lane);
        inSlot = schema.in("select slot, lane_key, released, stops_slot from ${schema}.lane"
                + " where processor = ? and slot = ? order by lane_key");
        released = schema.in("select l.slot, l.lane_key, l.released, l.stops_slot from ${schema}.cursor c"
                + " join unnest(?::int[], ?::bigint[]) as m(slot, fence) on m.slot = c.slot and m.fence = c.fence"
                + " cross join lateral (select * from ${schema}.lane l where l.processor = c.processor"
                + " and l.slot = c.slot and l.released order by l.head_position limit ?) l"
                + " where c.processor = ? order by l.head_position limit ?");
        head = schema.in("select kind, failure_id, lost, position, origin, " + EventColumns.NAMES
                + " from ${schema}.lane_event" + lane + " order by position limit 1");
        rename = schema.in("update ${schema}.lane set processor = ? where processor = ?");
        renameEvents = schema.in("update ${schema}.lane_event set processor = ? where processor = ?");
    }

    /** Locks a lane; false if nothing holds it. */
    boolean lock(Session session, String processor, String laneKey) throws SQLException {
        return session.first(lock, statement -> bind(statement, 1, processor, laneKey), row -> true)
                .isPresent();
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

    /** Parks an event behind the lane that is locked, and moves the cursor; false if that can not be moved. */
    boolean parkMoving(Session session, CursorMove move, String laneKey, StoredEvent event) throws SQLException {
        return session.update(parkMoving, statement -> {
                    int next = bind(statement, move);
                    bind(statement, next, move.claim().slot().processor(), laneKey);
                    statement.setLong(next + 2, event.position());
                    statement.setString(next + 3, event.origin());
                    EventColumns.bind(
                            statement, next + 4, event.event(), event.event().data());
                })
                == 1;
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

    /** Turns a parked event of the lane that is locked into a failed one. */
    void turnFailed(Session session, Held held) throws SQLException {
        session.update(turnFailed, statement -> {
            statement.setString(1, held.failure().value());
            statement.setBoolean(2, held.stopsSlot());
            bind(statement, 3, held.processor(), held.laneKey());
            statement.setLong(5, held.event().position());
        });
    }

    /** Removes an event from the lane that is locked; returns whether the lane's first event is a parked one now. */
    boolean remove(Session session, String processor, String laneKey, long position) throws SQLException {
        return first(
                session,
                remove,
                statement -> {
                    bind(statement, 1, processor, laneKey);
                    statement.setLong(3, position);
                    bindFirst(statement, 4, new LaneId(processor, laneKey), position);
                },
                new LaneId(processor, laneKey));
    }

    /** Brings the lane row in line with its events; returns whether the first of them is parked. */
    boolean refresh(Session session, String processor, String laneKey) throws SQLException {
        LaneId lane = new LaneId(processor, laneKey);
        return first(session, refresh, statement -> bindFirst(statement, 1, lane, NONE), lane);
    }

    /** No event has this position. */
    private static final long NONE = -1;

    private record LaneId(String processor, String laneKey) {}

    private static void bindFirst(PreparedStatement statement, int first, LaneId lane, long without)
            throws SQLException {
        statement.setLong(first, without);
        bind(statement, first + 1, lane.processor(), lane.laneKey());
        statement.setLong(first + 3, without);
        bind(statement, first + 4, lane.processor(), lane.laneKey());
    }

    private boolean first(Session session, String sql, Session.Binder binder, LaneId lane) throws SQLException {
        Optional<Boolean> nowReleased = session.first(sql, binder, row -> row.getBoolean(1));
        if (nowReleased.isEmpty()) {
            session.update(drop, statement -> bind(statement, 1, lane.processor(), lane.laneKey()));
        }
        return nowReleased.orElse(false);
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
                    Session.setLongs(
                            statement,
                            1,
                            claims.stream()
                                    .mapToLong(claim -> claim.slot().number())
                                    .toArray());
                    Session.setLongs(
                            statement,
                            2,
                            claims.stream().mapToLong(Claim::fence).toArray());
                    statement.setInt(3, limit);
                    statement.setString(4, processor);
                    statement.setInt(5, limit);
                },
                row -> heldLane(row, processor));
    }

    private static HeldLane heldLane(ResultSet row, String processor) throws SQLException {
        return new HeldLane(
                new SlotId(processor, row.getInt(1)), row.getString(2), row.getBoolean(3), row.getBoolean(4));
    }

    Optional<LaneEvent> head(Session session, String processor, String laneKey) throws SQLException {
        return session.first(head, statement -> bind(statement, 1, processor, laneKey), row -> {
            String failure = row.getString(2);
            return new LaneEvent(
                    LaneEvent.Kind.valueOf(row.getString(1)),
                    new StoredEvent(row.getLong(4), row.getString(5), EventColumns.read(row, 6)),
                    failure == null ? null : new FailureId(failure),
                    row.getInt(3));
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
