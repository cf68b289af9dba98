package io.amends.jdbc;

import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.TakenSlot;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cursor rows: dedupe marker and fence at once.
 *
 * <p>Moves update the row and so take a NO KEY UPDATE lock. Whoever changes fences takes FOR UPDATE first. Whoever needs a
 * fence to hold until its commit, and does not move the cursor, takes FOR KEY SHARE, which bars the second and not the
 * first. Several rows are locked in the order of their slots.
 */
final class CursorTable {
    private static final String MOVE = " set position = ?, suspects = 0, needed_type = null"
            + " where processor = ? and slot = ? and fence = ? and position = ?";

    private static final String WITHOUT_LIVE_OWNER = " (c.owner is null or not exists"
            + " (select 1 from ${schema}.node n where n.id = c.owner and n.expires_at > now()))";

    private final String move;
    private final String moveLooking;
    private final String holdsParked;
    private final String holdsAt;
    private final String carry;
    private final String hold;
    private final String lockFree;
    private final String take;
    private final String lockMine;
    private final String raise;
    private final String giveBack;
    private final String giveBackAll;
    private final String owned;
    private final String lockProcessor;
    private final String raiseAll;
    private final String lockSlot;
    private final String raiseOne;
    private final String create;
    private final String rename;
    private final String countLost;

    CursorTable(SchemaName schema) {
        move = schema.in("update ${schema}.cursor" + MOVE);
        moveLooking = schema.in("update ${schema}.cursor" + MOVE
                + " returning exists (select 1 from ${schema}.wait w where w.next_key = any(?))");
        holdsParked = schema.in("select clock_timestamp() from ${schema}.cursor c"
                + " where c.processor = ? and c.slot = ? and c.fence = ? and exists (select 1 from ${schema}.lane_event e"
                + " where e.processor = ? and e.lane_key = ? and e.position = ? and e.failure_id is null)"
                + " for key share of c");
        holdsAt = schema.in(
                "select clock_timestamp() from ${schema}.cursor where processor = ? and slot = ? and fence = ? and position = ?");
        // a locked row is being moved by someone else: skipped, its owner will see
        carry = schema.in(
                "with moves as (select * from unnest(?::text[], ?::int[], ?::bigint[], ?::bigint[], ?::bigint[])"
                        + " as m(processor, slot, fence, moved_from, moved_to)), mine as (select c.processor, c.slot, m.moved_to"
                        + " from ${schema}.cursor c join moves m on m.processor = c.processor and m.slot = c.slot"
                        + " and m.fence = c.fence and m.moved_from = c.position order by c.processor, c.slot"
                        + " for no key update of c skip locked) update ${schema}.cursor c set position = m.moved_to, suspects = 0,"
                        + " needed_type = null from mine m where c.processor = m.processor and c.slot = m.slot"
                        + " returning c.processor, c.slot");
        // not joined: each slot is looked up in the list, and not each in each
        hold = schema.in("select c.slot, c.fence from (values (?::int[], ?::bigint[])) as m(slots, fences)"
                + " join ${schema}.cursor c on c.slot = any(m.slots) and c.fence = m.fences[array_position(m.slots, c.slot)]"
                + " where c.processor = ? order by c.slot for key share of c skip locked");
        lockFree = schema.in("select c.slot from ${schema}.cursor c where c.processor = ? and" + WITHOUT_LIVE_OWNER
                + " and (c.needed_type is null or c.needed_type = any(?))"
                + " order by c.slot limit ? for update skip locked");
        take = schema.in("with free as (select c.slot, c.owner is not null as died from ${schema}.cursor c"
                + " where c.processor = ? and c.slot = any(?) and" + WITHOUT_LIVE_OWNER
                + " and (c.needed_type is null or c.needed_type = any(?))"
                + " and exists (select 1 from ${schema}.node n where n.id = ? and n.expires_at > now()))"
                + " update ${schema}.cursor c set owner = ?, fence = c.fence + 1,"
                + " suspects = c.suspects + free.died::int from free where c.processor = ? and c.slot = free.slot"
                + " returning c.slot, c.fence, c.position, c.suspects, free.died");
        lockMine =
                schema.in("select 1 from ${schema}.cursor where processor = ? and slot = ? and fence = ? and owner = ?"
                        + " for update");
        raise = schema.in("update ${schema}.cursor set fence = fence + 1, suspects = suspects + 1"
                + " where processor = ? and slot = ? returning fence, position, suspects");
        giveBack = schema.in("with mine as (select c.processor, c.slot from ${schema}.cursor c"
                + " join unnest(?::text[], ?::int[], ?::bigint[]) as m(processor, slot, fence)"
                + " on m.processor = c.processor and m.slot = c.slot and m.fence = c.fence"
                + " order by c.processor, c.slot for update of c)"
                + " update ${schema}.cursor c set owner = null, needed_type = ? from mine m"
                + " where c.processor = m.processor and c.slot = m.slot");
        giveBackAll = schema.in("with mine as (select processor, slot from ${schema}.cursor where owner = ?"
                + " order by processor, slot for update)"
                + " update ${schema}.cursor c set owner = null from mine m"
                + " where c.processor = m.processor and c.slot = m.slot");
        owned = schema.in(
                "select processor, slot, fence from ${schema}.cursor where owner = ? order by processor, slot");
        lockProcessor = schema.in("select slot from ${schema}.cursor where processor = ? order by slot for update");
        raiseAll = schema.in("update ${schema}.cursor set fence = fence + 1, owner = null where processor = ?");
        lockSlot = schema.in("select 1 from ${schema}.cursor where processor = ? and slot = ? for update");
        raiseOne = schema.in(
                "update ${schema}.cursor set fence = fence + 1, owner = null where processor = ? and slot = ?");
        create = schema.in("insert into ${schema}.cursor (processor, slot, position)"
                + " select ?, slot, ? from generate_series(0, ? - 1) as slot");
        rename = schema.in("update ${schema}.cursor set processor = ? where processor = ?");
        // a lane that is locked is being worked on: nothing to count
        countLost = schema.in("update ${schema}.lane_event e set lost = e.lost + 1 from (select processor, lane_key,"
                + " head_position from ${schema}.lane where processor = ? and slot = any(?) and released"
                + " order by lane_key for update skip locked) l where e.processor = l.processor"
                + " and e.lane_key = l.lane_key and e.position = l.head_position and e.kind = 'PARKED'");
    }

    /** What became of a move: none, made, or made while something waits for whatever comes next for one of the keys. */
    enum Moved {
        NOT,
        YES,
        YES_AND_AWAITED
    }

    /** Moves a cursor, and looks whether something waits for what comes next for these keys. */
    Moved move(Session session, CursorMove move, Collection<String> keys) throws SQLException {
        if (keys.isEmpty()) {
            return move(session, move) ? Moved.YES : Moved.NOT;
        }
        return session.first(
                        moveLooking,
                        statement -> {
                            bindMove(statement, move);
                            Session.setTexts(statement, 6, keys);
                        },
                        row -> row.getBoolean(1) ? Moved.YES_AND_AWAITED : Moved.YES)
                .orElse(Moved.NOT);
    }

    /** Moves a cursor; false if the fence or the position is another one. */
    boolean move(Session session, CursorMove move) throws SQLException {
        return session.update(this.move, statement -> bindMove(statement, move)) == 1;
    }

    private static void bindMove(PreparedStatement statement, CursorMove move) throws SQLException {
        SlotId slot = move.claim().slot();
        statement.setLong(1, move.to());
        statement.setString(2, slot.processor());
        statement.setInt(3, slot.number());
        statement.setLong(4, move.claim().fence());
        statement.setLong(5, move.from());
    }

    /**
     * The database's time if the claim holds and this event of its slot is parked or waiting, else empty; the claim holds until the
     * transaction's end then. The lane is locked.
     */
    Optional<Instant> timeIfParked(Session session, RunOrigin.FromLane run) throws SQLException {
        return session.first(
                holdsParked,
                statement -> bindParked(statement, 1, run),
                row -> Objects.requireNonNull(EventColumns.instant(row, 1)));
    }

    /** Adds the same question; a row is shown if the event is there and the claim holds. */
    void holdsParked(Session.Together together, RunOrigin.FromLane run, Session.RowConsumer reader) {
        together.add(holdsParked, (statement, first) -> bindParked(statement, first, run), reader);
    }

    private static int bindParked(PreparedStatement statement, int first, RunOrigin.FromLane run) throws SQLException {
        bind(statement, first, run.claim());
        statement.setString(first + 3, run.claim().slot().processor());
        statement.setString(first + 4, run.laneKey());
        statement.setLong(first + 5, run.position());
        return first + 6;
    }

    /** The database's time if the move could be made now, else empty. */
    Optional<Instant> timeIfAt(Session session, CursorMove move) throws SQLException {
        return session.first(
                holdsAt,
                statement -> {
                    bind(statement, 1, move.claim());
                    statement.setLong(4, move.from());
                },
                row -> Objects.requireNonNull(EventColumns.instant(row, 1)));
    }

    private static void bind(PreparedStatement statement, int first, Claim claim) throws SQLException {
        statement.setString(first, claim.slot().processor());
        statement.setInt(first + 1, claim.slot().number());
        statement.setLong(first + 2, claim.fence());
    }

    /** Makes those of the moves that can be made. */
    List<CursorMove> carry(Session session, List<CursorMove> moves) throws SQLException {
        Set<SlotId> moved = Set.copyOf(session.query(
                carry,
                statement -> {
                    Session.setTexts(
                            statement,
                            1,
                            moves.stream()
                                    .map(move -> move.claim().slot().processor())
                                    .toList());
                    Session.setLongs(
                            statement,
                            2,
                            moves.stream()
                                    .mapToLong(move -> move.claim().slot().number())
                                    .toArray());
                    Session.setLongs(
                            statement,
                            3,
                            moves.stream()
                                    .mapToLong(move -> move.claim().fence())
                                    .toArray());
                    Session.setLongs(
                            statement,
                            4,
                            moves.stream().mapToLong(CursorMove::from).toArray());
                    Session.setLongs(
                            statement,
                            5,
                            moves.stream().mapToLong(CursorMove::to).toArray());
                },
                row -> new SlotId(row.getString(1), row.getInt(2))));
        return moves.stream()
                .filter(move -> moved.contains(move.claim().slot()))
                .toList();
    }

    /** Those of the claims that hold; they do until the transaction's end then. One that is being lost is left out. */
    List<Claim> hold(Session session, String processor, List<Claim> claims) throws SQLException {
        return session.query(
                hold,
                statement -> {
                    Session.setLongs(statement, 1, slots(claims));
                    Session.setLongs(
                            statement,
                            2,
                            claims.stream().mapToLong(Claim::fence).toArray());
                    statement.setString(3, processor);
                },
                row -> new Claim(new SlotId(processor, row.getInt(1)), row.getLong(2)));
    }

    private static long[] slots(Collection<Claim> claims) {
        return claims.stream().mapToLong(claim -> claim.slot().number()).toArray();
    }

    /** Takes slots without a live owner: locks candidates, then looks again in a new statement. */
    List<TakenSlot> takeOver(Session session, String nodeId, String processor, Set<String> types, int most)
            throws SQLException {
        List<Integer> free = session.query(
                lockFree,
                statement -> {
                    statement.setString(1, processor);
                    Session.setTexts(statement, 2, types);
                    statement.setInt(3, most);
                },
                row -> row.getInt(1));
        if (free.isEmpty()) {
            return List.of();
        }
        List<Integer> fromTheDead = new ArrayList<>();
        List<TakenSlot> taken = new ArrayList<>(session.query(
                take,
                statement -> {
                    statement.setString(1, processor);
                    statement.setArray(2, statement.getConnection().createArrayOf("int", free.toArray()));
                    Session.setTexts(statement, 3, types);
                    statement.setString(4, nodeId);
                    statement.setString(5, nodeId);
                    statement.setString(6, processor);
                },
                row -> {
                    if (row.getBoolean(5)) {
                        fromTheDead.add(row.getInt(1));
                    }
                    return new TakenSlot(
                            new Claim(new SlotId(processor, row.getInt(1)), row.getLong(2)),
                            row.getLong(3),
                            row.getInt(4));
                }));
        if (!fromTheDead.isEmpty()) {
            countLost(session, processor, fromTheDead);
        }
        taken.sort(Comparator.comparingInt(slot -> slot.claim().slot().number()));
        return taken;
    }

    Optional<TakenSlot> reclaim(Session session, String nodeId, Claim claim) throws SQLException {
        boolean mine = session.first(
                        lockMine,
                        statement -> {
                            bind(statement, 1, claim);
                            statement.setString(4, nodeId);
                        },
                        row -> true)
                .isPresent();
        if (!mine) {
            return Optional.empty();
        }
        SlotId slot = claim.slot();
        Optional<TakenSlot> taken = session.first(
                raise,
                statement -> {
                    statement.setString(1, slot.processor());
                    statement.setInt(2, slot.number());
                },
                row -> new TakenSlot(new Claim(slot, row.getLong(1)), row.getLong(2), row.getInt(3)));
        countLost(session, slot.processor(), List.of(slot.number()));
        return taken;
    }

    private void countLost(Session session, String processor, List<Integer> slots) throws SQLException {
        session.update(countLost, statement -> {
            statement.setString(1, processor);
            statement.setArray(2, statement.getConnection().createArrayOf("int", slots.toArray()));
        });
    }

    void giveBack(Session session, List<Claim> claims, @Nullable String neededType) throws SQLException {
        session.update(giveBack, statement -> {
            Session.setTexts(
                    statement,
                    1,
                    claims.stream().map(claim -> claim.slot().processor()).toList());
            Session.setLongs(statement, 2, slots(claims));
            Session.setLongs(
                    statement, 3, claims.stream().mapToLong(Claim::fence).toArray());
            statement.setString(4, neededType);
        });
    }

    void giveBackAll(Session session, String nodeId) throws SQLException {
        session.update(giveBackAll, statement -> statement.setString(1, nodeId));
    }

    /** The slots that name this node as their owner. */
    List<Claim> owned(Session session, String nodeId) throws SQLException {
        return session.query(
                owned,
                statement -> statement.setString(1, nodeId),
                row -> new Claim(new SlotId(row.getString(1), row.getInt(2)), row.getLong(3)));
    }

    /** Takes every slot of the processor from its owner. */
    void raiseFences(Session session, String processor) throws SQLException {
        session.query(lockProcessor, statement -> statement.setString(1, processor), row -> row.getInt(1));
        session.update(raiseAll, statement -> statement.setString(1, processor));
    }

    /** Takes a slot from its owner; false if there is no such slot. */
    boolean raiseFence(Session session, SlotId slot) throws SQLException {
        List<Boolean> there = session.query(
                lockSlot,
                statement -> {
                    statement.setString(1, slot.processor());
                    statement.setInt(2, slot.number());
                },
                row -> true);
        session.update(raiseOne, statement -> {
            statement.setString(1, slot.processor());
            statement.setInt(2, slot.number());
        });
        return !there.isEmpty();
    }

    void create(Session session, String processor, int slots, long position) throws SQLException {
        session.update(create, statement -> {
            statement.setString(1, processor);
            statement.setLong(2, position);
            statement.setInt(3, slots);
        });
    }

    void rename(Session session, String from, String to) throws SQLException {
        session.update(rename, statement -> {
            statement.setString(1, to);
            statement.setString(2, from);
        });
    }
}
