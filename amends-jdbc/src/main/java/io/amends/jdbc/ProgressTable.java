package io.amends.jdbc;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.SlotId;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What was done of each entity, by processor, stream and key.
 *
 * <p>A row is asked for without a lock before the handler runs, and written after it on the condition that it is what it
 * was, and older: two events of one entity that are handled at the same time, in two lanes, can not both be the newer one,
 * and the newer one has seen what the other did. Rows are
 * locked in the order of stream and key, after the lane and before the cursor.
 */
final class ProgressTable {
    private static final char BETWEEN = '\u001f';

    private final String done;
    private final String advance;
    private final String advanceMoving;
    private final String forget;
    private final String rename;

    ProgressTable(SchemaName schema) {
        done = schema.in("select p.stream, p.key, p.epoch, p.version from ${schema}.progress p"
                + " join unnest(?::text[], ?::text[]) as g(stream, key) on p.stream = g.stream and p.key = g.key"
                + " where p.processor = ?");
        String given =
                "with given as (select * from unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::boolean[],"
                        + " ?::boolean[], ?::boolean[], ?::bigint[], ?::bigint[])"
                        + " as g(stream, key, epoch, version, deletes, equal, asked, was_epoch, was_version)),"
                        + " newer as ("
                        + upsert("not equal", "<")
                        + "), newer_or_equal as (" + upsert("equal", "<=") + ")";
        String advanced = "array(select n.stream || chr(31) || n.key from newer n"
                + " union all select n.stream || chr(31) || n.key from newer_or_equal n)";
        advance = schema.in(given + " select " + advanced);
        // the streams are moved first: the cursor's row is joined to what they answer
        advanceMoving = schema.in(given + ", moved as (select " + advanced + " as streams)"
                + " update ${schema}.cursor c set position = ?, suspects = 0, needed_type = null from moved"
                + " where c.processor = ? and c.slot = ? and c.fence = ? and c.position = ? returning moved.streams");
        forget = schema.in("delete from ${schema}.progress where ctid = any(array(select ctid from ${schema}.progress"
                + " where deleted_at < now() - ? * interval '1 millisecond' limit ? for update skip locked))");
        rename = schema.in("update ${schema}.progress set processor = ? where processor = ?");
    }

    private static String upsert(String which, String compared) {
        return "insert into ${schema}.progress as p (processor, stream, key, epoch, version, deleted_at)"
                + " select ?::text, stream, key, epoch, version, case when deletes then now() end from given where "
                + which + " order by stream, key on conflict (processor, stream, key) do update"
                + " set epoch = excluded.epoch, version = excluded.version, deleted_at = excluded.deleted_at"
                + " where (p.epoch, p.version) " + compared
                + " (excluded.epoch, excluded.version) and not exists (select 1 from given g"
                + " where g.stream = excluded.stream and g.key = excluded.key and g.asked"
                + " and (g.was_epoch, g.was_version) is distinct from (p.epoch, p.version)) returning p.stream, p.key";
    }

    /** The versions of those entities of which something was done. */
    SortedMap<StreamKey, StreamVersion> done(Session session, String processor, SortedSet<StreamKey> entities)
            throws SQLException {
        SortedMap<StreamKey, StreamVersion> found = new TreeMap<>();
        session.each(
                done,
                statement -> {
                    Session.setTexts(
                            statement,
                            1,
                            entities.stream().map(StreamKey::stream).toList());
                    Session.setTexts(
                            statement, 2, entities.stream().map(StreamKey::key).toList());
                    statement.setString(3, processor);
                },
                row -> found.put(
                        new StreamKey(row.getString(1), row.getString(2)),
                        new StreamVersion(row.getLong(3), row.getLong(4))));
        return found;
    }

    /** Moves streams forward; false if one that skips what is stale is further by now. */
    boolean advance(Session session, String processor, Collection<Advance> advances) throws SQLException {
        if (advances.isEmpty()) {
            return true;
        }
        return allMoved(advances, session.one(advance, statement -> bind(statement, processor, advances), row ->
                (String[]) row.getArray(1).getArray()));
    }

    /** Moves streams and then the cursor, in one statement. */
    FinishResult advanceMoving(Session session, CursorMove move, Collection<Advance> advances) throws SQLException {
        SlotId slot = move.claim().slot();
        Optional<String[]> moved = session.first(
                advanceMoving,
                statement -> {
                    int next = bind(statement, slot.processor(), advances);
                    statement.setLong(next, move.to());
                    statement.setString(next + 1, slot.processor());
                    statement.setInt(next + 2, slot.number());
                    statement.setLong(next + 3, move.claim().fence());
                    statement.setLong(next + 4, move.from());
                },
                row -> (String[]) row.getArray(1).getArray());
        if (moved.isEmpty()) {
            return FinishResult.REFUSED;
        }
        return allMoved(advances, moved.get()) ? FinishResult.DONE : FinishResult.OVERTAKEN;
    }

    private static boolean allMoved(Collection<Advance> advances, String[] moved) {
        Set<String> entities = new HashSet<>(List.of(moved));
        return advances.stream()
                .filter(Advance::isGuarded)
                .allMatch(advance -> entities.contains(
                        advance.entity().stream() + BETWEEN + advance.entity().key()));
    }

    private static int bind(PreparedStatement statement, String processor, Collection<Advance> advances)
            throws SQLException {
        Session.setTexts(
                statement, 1, advances.stream().map(a -> a.entity().stream()).toList());
        Session.setTexts(
                statement, 2, advances.stream().map(a -> a.entity().key()).toList());
        Session.setLongs(
                statement,
                3,
                advances.stream().mapToLong(a -> a.version().epoch()).toArray());
        Session.setLongs(
                statement,
                4,
                advances.stream().mapToLong(a -> a.version().version()).toArray());
        Session.setBooleans(
                statement, 5, advances.stream().map(Advance::deletes).toList());
        Session.setBooleans(
                statement,
                6,
                advances.stream().map(a -> a.rule() == Advance.Rule.SKIP_OLDER).toList());
        Session.setBooleans(
                statement, 7, advances.stream().map(a -> a.since() != null).toList());
        Session.setLongs(
                statement, 8, advances.stream().mapToLong(a -> since(a).epoch()).toArray());
        Session.setLongs(
                statement,
                9,
                advances.stream().mapToLong(a -> since(a).version()).toArray());
        statement.setString(10, processor);
        statement.setString(11, processor);
        return 12;
    }

    private static StreamVersion since(Advance advance) {
        StreamVersion since = advance.since();
        return since == null ? StreamVersion.NOTHING : since;
    }

    int forgetTombstones(Session session, Duration keep, int limit) throws SQLException {
        return session.update(forget, statement -> {
            statement.setLong(1, keep.toMillis());
            statement.setInt(2, limit);
        });
    }

    void rename(Session session, String from, String to) throws SQLException {
        session.update(rename, statement -> {
            statement.setString(1, to);
            statement.setString(2, from);
        });
    }
}
