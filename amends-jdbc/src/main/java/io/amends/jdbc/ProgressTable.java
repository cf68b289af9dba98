package io.amends.jdbc;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.SlotId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was done of each entity, by processor, stream and key.
 *
 * <p>A row is asked for without a lock before the handler runs, and written after it on the condition that it is what it
 * was, and older: two events of one entity that are handled at the same time, in two lanes, can not both be the newer one,
 * and the newer one has seen what the other did. Rows are
 * locked in the order of stream and key, after the lane and before the cursor.
 */
final class ProgressTable {
    static final char BETWEEN = '\u001f';

    /** The epoch, and the version, of an entity of which nothing was done: it is awaited only. */
    private static final String NOTHING = "(-9223372036854775807 - 1)";

    private final String done;
    private final String advance;
    private final String advanceMoving;
    private final String await;
    private final String forget;
    private final String lockTombstones;
    private final String lockAwaited;
    private final String rename;

    ProgressTable(SchemaName schema) {
        done = schema.in("select p.stream, p.key, p.epoch, p.version from ${schema}.progress p"
                + " join unnest(?::text[], ?::text[]) as g(stream, key) on p.stream = g.stream and p.key = g.key"
                + " where p.processor = ? and p.epoch > " + NOTHING);
        String given =
                "with given as (select * from unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::boolean[],"
                        + " ?::boolean[], ?::boolean[], ?::bigint[], ?::bigint[])"
                        + " as g(stream, key, epoch, version, deletes, equal, asked, was_epoch, was_version)),"
                        + " newer as ("
                        + upsert("not equal", "<")
                        + "), newer_or_equal as (" + upsert("equal", "<=") + ")";
        // one that is awaited says so behind its key
        String entity = "select n.stream || chr(31) || n.key || case when n.awaited then chr(31) else '' end from ";
        String advanced = "array(" + entity + "newer n union all " + entity + "newer_or_equal n)";
        advance = schema.in(given + " select " + advanced);
        // the streams are moved first: the cursor's row is joined to what they answer
        advanceMoving = schema.in(given + ", moved as (select " + advanced + " as streams)"
                + " update ${schema}.cursor c set position = ?, suspects = 0, needed_type = null from moved"
                + " where c.processor = ? and c.slot = ? and c.fence = ? and c.position = ? returning moved.streams");
        await = schema.in("insert into ${schema}.progress as p (processor, stream, key, epoch, version, awaited)"
                + " values (?, ?, ?, " + NOTHING + ", " + NOTHING + ", true)"
                + " on conflict (processor, stream, key) do update set awaited = true returning epoch, version, epoch > "
                + NOTHING);
        String awaited = " exists (select 1 from ${schema}.wait w where w.awaited_processor = p.processor"
                + " and w.awaited_stream = p.stream and w.awaited_key = p.key)";
        String lock = "select p.processor, p.stream, p.key from ${schema}.progress p where %s and not" + awaited
                + " limit ? for update of p skip locked";
        lockTombstones = schema.in(lock.formatted("p.deleted_at <= now() - ? * interval '1 millisecond'"));
        lockAwaited = schema.in(lock.formatted("p.awaited and p.epoch = " + NOTHING));
        // a new statement, after the lock: whoever has announced itself meanwhile is seen
        forget = schema.in("delete from ${schema}.progress p using unnest(?::text[], ?::text[], ?::text[])"
                + " as g(processor, stream, key) where p.processor = g.processor and p.stream = g.stream"
                + " and p.key = g.key and not" + awaited);
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
                + " and p.epoch > " + NOTHING
                + " and (g.was_epoch, g.was_version) is distinct from (p.epoch, p.version)) returning p.stream, p.key, p.awaited";
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

    /** Says that somebody waits for an entity; what was done of it, null if nothing. */
    @Nullable StreamVersion await(Session session, String processor, StreamKey entity) throws SQLException {
        return session.first(
                        await,
                        statement -> {
                            statement.setString(1, processor);
                            statement.setString(2, entity.stream());
                            statement.setString(3, entity.key());
                        },
                        row -> row.getBoolean(3)
                                ? Optional.of(new StreamVersion(row.getLong(1), row.getLong(2)))
                                : Optional.<StreamVersion>empty())
                .flatMap(done -> done)
                .orElse(null);
    }

    /**
     * How streams were moved.
     *
     * @param result whether they were, and the cursor with them
     * @param awaited those for which somebody waits
     */
    record Moved(FinishResult result, List<Advance> awaited) {}

    /** Moves streams forward; overtaken if one that skips what is stale is further by now. */
    Moved advance(Session session, String processor, Collection<Advance> advances) throws SQLException {
        if (advances.isEmpty()) {
            return new Moved(FinishResult.DONE, List.of());
        }
        return moved(advances, session.one(advance, statement -> bind(statement, processor, advances), row ->
                (String[]) row.getArray(1).getArray()));
    }

    /** Moves streams and then the cursor, in one statement. */
    Moved advanceMoving(Session session, CursorMove move, Collection<Advance> advances) throws SQLException {
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
        return moved.isEmpty() ? new Moved(FinishResult.REFUSED, List.of()) : moved(advances, moved.get());
    }

    private static Moved moved(Collection<Advance> advances, String[] moved) {
        Set<String> entities = new HashSet<>(List.of(moved));
        List<Advance> awaited = new ArrayList<>();
        boolean all = true;
        for (Advance advance : advances) {
            String entity =
                    advance.entity().stream() + BETWEEN + advance.entity().key();
            if (entities.contains(entity + BETWEEN)) {
                awaited.add(advance);
            } else if (advance.isGuarded()) {
                all &= entities.contains(entity);
            }
        }
        return new Moved(all ? FinishResult.DONE : FinishResult.OVERTAKEN, awaited);
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

    /** Forgets what nobody waits for any more, and tombstones for which nobody waits; returns how many tombstones. */
    int forgetTombstones(Session session, Duration keep, int limit) throws SQLException {
        forget(session, session.query(lockAwaited, statement -> statement.setInt(1, limit), ProgressTable::names));
        return forget(
                session,
                session.query(
                        lockTombstones,
                        statement -> {
                            statement.setLong(1, keep.toMillis());
                            statement.setInt(2, limit);
                        },
                        ProgressTable::names));
    }

    private static String[] names(ResultSet row) throws SQLException {
        return new String[] {row.getString(1), row.getString(2), row.getString(3)};
    }

    private int forget(Session session, List<String[]> locked) throws SQLException {
        if (locked.isEmpty()) {
            return 0;
        }
        return session.update(forget, statement -> {
            for (int i = 0; i < 3; i++) {
                int column = i;
                Session.setTexts(
                        statement,
                        i + 1,
                        locked.stream().map(row -> row[column]).toList());
            }
        });
    }

    void rename(Session session, String from, String to) throws SQLException {
        session.update(rename, statement -> {
            statement.setString(1, to);
            statement.setString(2, from);
        });
    }
}
