package io.amends.jdbc;

import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.failure.FailureId;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.store.Claim;
import io.amends.core.store.NewWait;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.Untangled;
import io.amends.core.store.WaitingEvent;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The waits: events that are too early, and failed executions that wait.
 *
 * <p>A row is written by whoever holds its lane or its record. Who does what it waits for only makes it due, and takes no
 * lane for that: the slot's owner finds what is due. Rows are locked after progress, in the order of their positions.
 */
final class WaitTable {
    private final String enter;
    private final String wake;
    private final String wakeNext;
    private final String takeOver;
    private final String removeOverruled;
    private final String says;
    private final String begin;
    private final String remove;
    private final String removeLane;
    private final String endWaits;
    private final String wakeForgotten;
    private final String noticeGrowth;
    private final String tangles;
    private final String untangle;
    private final String list;
    private final String inLane;
    private final String end;
    private final String endDependents;
    private final String dependents;
    private final String audit;
    private final String extend;
    private final String extendLane;
    private final String rename;
    private final String renameAwaited;

    WaitTable(SchemaName schema) {
        // what came while it was tried may not have been seen; a record is tried when something comes, an event by time
        // too
        String next = "case when w.kind <> 'NEXT' then now()"
                + " when excluded.failure_id is not null then case when w.due_at is not null then now() end"
                + " when w.wakes <> ? then now() else now() + case when w.tries <= 3 then (array[20, 100, 500])[w.tries]"
                + " else least(60000, 1000 << least(w.tries - 4, 6)) end * interval '1 millisecond' end";
        String due = "case excluded.kind when 'TIME' then now() + ? * interval '1 microsecond' when 'NEXT' then " + next
                + " end";
        enter = schema.in("insert into ${schema}.wait as w (processor, position, slot, lane_key, failure_id, kind,"
                + " awaited_processor, awaited_stream, awaited_key, awaited_epoch, awaited_version, next_key, what, since,"
                + " tries, timeout_at, then_what, due_at) select g.*, now(), 1,"
                + " case when g.failure_id is null then now() + ? * interval '1 microsecond' end, ?,"
                + " case g.kind when 'TIME' then now() + ? * interval '1 microsecond'"
                + " when 'NEXT' then now() end"
                + " from (values (?::text, ?::bigint, ?::int, ?::text, ?::text, ?::text, ?::text, ?::text, ?::text,"
                + " ?::bigint, ?::bigint, ?::text, ?::text)) as g(processor, position, slot, lane_key, failure_id, kind,"
                + " awaited_processor, awaited_stream, awaited_key, awaited_epoch, awaited_version, next_key, what)"
                + " on conflict (processor, position) do update set failure_id = excluded.failure_id,"
                + " kind = excluded.kind, awaited_processor = excluded.awaited_processor,"
                + " awaited_stream = excluded.awaited_stream, awaited_key = excluded.awaited_key,"
                + " awaited_epoch = excluded.awaited_epoch, awaited_version = excluded.awaited_version,"
                + " next_key = excluded.next_key, what = excluded.what, tries = w.tries + 1,"
                + " timeout_at = case when excluded.failure_id is null then w.since + ? * interval '1 microsecond' end,"
                + " timeout_head = null, timed_out = false, said_by_person = false, then_what = excluded.then_what,"
                + " look_at = now(), due_at = " + due + " where not w.timed_out or (w.kind = 'VERSION'"
                + " and w.due_at is not null and not w.said_by_person) or w.then_what = ?");
        wake = schema.in("select what, of_processor, in_slot, of_lane from ${schema}.woken_lanes(?, ?, ?, ?, ?)");
        wakeNext = schema.in("select case when exists (select 1 from ${schema}.wait w where w.next_key = any(k.keys))"
                + " then ${schema}.wake_next_waits(k.keys) else 0 end from (values (?::text[])) as k(keys)");
        takeOver = schema.in("update ${schema}.wait set failure_id = ?, timeout_at = null, timeout_head = null,"
                + " timed_out = false, said_by_person = false, due_at = case when kind <> 'NEXT' then due_at"
                + " when not said_by_person then now() end"
                + " where processor = ? and position = ?");
        removeOverruled = schema.in("delete from ${schema}.wait where processor = ? and position = ? and said_by_person"
                + " and kind = 'VERSION' and due_at is not null");
        // what it waits for may have come after all, and before it was told; what a person has said holds all the same
        String over = "timed_out and (said_by_person or not (kind = 'VERSION' and due_at is not null))";
        says = schema.in("select 1 from ${schema}.wait where processor = ? and position = ? and then_what = ? and "
                + over + " for update");
        begin = schema.in("update ${schema}.wait w set due_at = null from (select processor, position"
                + " from ${schema}.wait where processor = ? and position = any(?) and kind = 'NEXT' and due_at is not null"
                + " order by processor, position for update) g"
                + " where w.processor = g.processor and w.position = g.position");
        remove = schema.in("delete from ${schema}.wait where processor = ? and position = ?");
        removeLane = schema.in("with gone as (select processor, position from ${schema}.wait"
                + " where processor = ? and lane_key = ? order by processor, position for update)"
                + " delete from ${schema}.wait w using gone g"
                + " where w.processor = g.processor and w.position = g.position");
        endWaits = schema.in("select ${schema}.end_waits(?, ?::int[], ?::bigint[])");
        wakeForgotten = schema.in("select ${schema}.wake_forgotten(?, ?)");
        noticeGrowth = schema.in("select ${schema}.notice_growth()");
        tangles = schema.in("select at_position from ${schema}.tangles(?, ?)");
        untangle = schema.in("select let_processor, let_lane, let_position from ${schema}.untangle(?, ?)");
        String waiting = "select w.processor, w.slot, w.lane_key, w.position, coalesce(f.source, e.source),"
                + " coalesce(f.id, e.id), coalesce(f.type, e.type), case when f.id is null then e.key else f.key end,"
                + " w.what, w.since, w.timeout_at, w.due_at, w.tries, w.failure_id, (select count(*) from ${schema}.lane_event b"
                + " where b.processor = w.processor and b.lane_key = w.lane_key and b.position > w.position"
                + " and b.kind = 'PARKED'), w.kind, w.awaited_processor, w.awaited_stream, w.awaited_key, w.awaited_epoch,"
                + " w.awaited_version from ${schema}.wait w left join ${schema}.lane_event e"
                + " on e.processor = w.processor and e.lane_key = w.lane_key and e.position = w.position"
                + " left join ${schema}.failed_execution f on f.failure_id = w.failure_id";
        list = schema.in(waiting + " where (?::text is null or w.processor = ?) and w.position > ?"
                + " order by w.position, w.processor limit ?");
        inLane = schema.in(
                waiting + " where w.processor = ? and w.lane_key = ? and w.position > ? order by w.position limit ?");
        end = schema.in("update ${schema}.wait set timed_out = true, said_by_person = true, timeout_at = now(),"
                + " then_what = ?"
                + " where processor = ? and position = ? and failure_id is null");
        String dependent = "select w.processor, w.position from ${schema}.wait w"
                + " join unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[]) as d(stream, key, epoch, version)"
                + " on w.awaited_stream = d.stream and w.awaited_key = d.key"
                + " and (w.awaited_epoch, w.awaited_version) <= (d.epoch, d.version)"
                + " where w.awaited_processor = ? and w.kind = 'VERSION' and w.due_at is null and w.failure_id is null";
        endDependents = schema.in("update ${schema}.wait w set timed_out = true, said_by_person = true,"
                + " timeout_at = now(), then_what = ? from (" + dependent
                + " order by w.processor, w.position for update of w) g"
                + " where w.processor = g.processor and w.position = g.position");
        dependents = schema.in(dependent);
        audit = schema.in("insert into ${schema}.audit (action, processor, actor, reason, details)"
                + " values ('end wait', ?, ?, ?, ?::jsonb)");
        // what a paused lane adds when it is resumed is left out
        extend = schema.in("update ${schema}.wait w set timeout_at = w.timeout_at + greatest(interval '0',"
                + " coalesce((select l.paused_at from ${schema}.lane l where l.processor = w.processor"
                + " and l.lane_key = w.lane_key), now()) - p.paused_at), timeout_head = null"
                + " from ${schema}.processor p where p.name = ? and p.paused_at is not null and w.processor = p.name"
                + " and w.timeout_at is not null and not w.timed_out");
        extendLane = schema.in("update ${schema}.wait w set timeout_at = w.timeout_at + greatest(interval '0',"
                + " coalesce(p.paused_at, now()) - greatest(l.paused_at, w.since)), timeout_head = null"
                + " from ${schema}.lane l, ${schema}.processor p where l.processor = ? and l.lane_key = ?"
                + " and l.paused_at is not null and p.name = l.processor and w.processor = l.processor"
                + " and w.lane_key = l.lane_key and w.timeout_at is not null and not w.timed_out");
        rename = schema.in("update ${schema}.wait set processor = ? where processor = ?");
        renameAwaited = schema.in("update ${schema}.wait set awaited_processor = ? where awaited_processor = ?");
    }

    /**
     * Lets an event wait, for the first time or once more; of a record if there is one. False if its wait was ended meanwhile
     * by something else than the run was begun for.
     */
    boolean enter(Session session, NewWait wait, @Nullable FailureId failure, RunOrigin.@Nullable FromLane run)
            throws SQLException {
        WaitFor what = wait.request().what();
        long timeout = InboxReader.micros(wait.request().timeout());
        long duration = what instanceof WaitFor.Elapsed elapsed ? InboxReader.micros(elapsed.duration()) : 0;
        int written = session.update(enter, statement -> {
            statement.setLong(1, timeout);
            statement.setString(2, wait.request().onTimeout().name());
            statement.setLong(3, duration);
            statement.setString(4, wait.slot().processor());
            statement.setLong(5, wait.event().position());
            statement.setInt(6, wait.slot().number());
            statement.setString(7, wait.laneKey());
            statement.setString(8, failure == null ? null : failure.value());
            bindWhat(statement, 9, what);
            statement.setString(15, wait.nextKey());
            statement.setString(16, what.text());
            statement.setLong(17, timeout);
            statement.setLong(18, duration);
            statement.setInt(19, run == null ? 0 : run.wakes());
            OnTimeout ended = run == null ? null : run.ended();
            statement.setString(20, ended == null ? null : ended.name());
        });
        return written == 1;
    }

    private static void bindWhat(PreparedStatement statement, int first, WaitFor what) throws SQLException {
        switch (what) {
            case WaitFor.Version version -> {
                statement.setString(first, "VERSION");
                statement.setString(first + 1, version.processor());
                statement.setString(first + 2, version.entity().stream());
                statement.setString(first + 3, version.entity().key());
                statement.setLong(first + 4, version.atLeast().epoch());
                statement.setLong(first + 5, version.atLeast().version());
            }
            case WaitFor.Next next -> bindNoVersion(statement, first, "NEXT");
            case WaitFor.Elapsed elapsed -> bindNoVersion(statement, first, "TIME");
        }
    }

    private static void bindNoVersion(PreparedStatement statement, int first, String kind) throws SQLException {
        statement.setString(first, kind);
        for (int i = first + 1; i <= first + 3; i++) {
            statement.setNull(i, Types.VARCHAR);
        }
        statement.setNull(first + 4, Types.BIGINT);
        statement.setNull(first + 5, Types.BIGINT);
    }

    /** Makes due what waits for these versions; the transaction has written them. */
    Woken wake(Session session, String processor, Collection<Advance> awaited) throws SQLException {
        Woken woken = new Woken();
        session.each(
                wake,
                statement -> {
                    statement.setString(1, processor);
                    bind(statement, 2, awaited);
                },
                woken::addLane);
        return woken;
    }

    private static void bind(PreparedStatement statement, int first, Collection<Advance> awaited) throws SQLException {
        Session.setTexts(
                statement, first, awaited.stream().map(a -> a.entity().stream()).toList());
        Session.setTexts(
                statement,
                first + 1,
                awaited.stream().map(a -> a.entity().key()).toList());
        Session.setLongs(
                statement,
                first + 2,
                awaited.stream().mapToLong(a -> a.version().epoch()).toArray());
        Session.setLongs(
                statement,
                first + 3,
                awaited.stream().mapToLong(a -> a.version().version()).toArray());
    }

    /** Ends the waits of events for these versions as a person says; before they are woken by them. */
    void endDependents(Session session, String processor, Collection<Advance> awaited, OnTimeout then)
            throws SQLException {
        session.update(endDependents, statement -> {
            statement.setString(1, then.name());
            bind(statement, 2, awaited);
            statement.setString(6, processor);
        });
    }

    /** How many events wait for these versions, up to {@code most}. */
    int dependents(Session session, String processor, Collection<Advance> awaited, ProcessorScope processors, int most)
            throws SQLException {
        ScopeCondition scope = ScopeCondition.on("w.processor", processors);
        return session.one(
                "select count(*) from (" + dependents + " and " + scope.sql() + " limit ?) d",
                statement -> {
                    bind(statement, 1, awaited);
                    statement.setString(5, processor);
                    statement.setInt(scope.bind(statement, 6), most);
                },
                row -> row.getInt(1));
    }

    /** Makes due what waits for whatever comes next for these keys. */
    Woken wakeNext(Session session, Collection<String> keys) throws SQLException {
        Woken woken = new Woken();
        session.each(wakeNext, statement -> Session.setTexts(statement, 1, keys), row -> woken.add(row.getInt(1)));
        return woken;
    }

    /** Adds the same to other statements. */
    void wakeNext(Session.Together together, Collection<String> keys, Woken woken) {
        together.add(
                wakeNext,
                (statement, first) -> {
                    Session.setTexts(statement, first, keys);
                    return first + 1;
                },
                row -> woken.add(row.getInt(1)));
    }

    /**
     * Lets a record take the place of its event's wait: only what it waits for wakes it now. If that has come, and a person has
     * said that it is to fail all the same, nothing wakes it.
     */
    void takeOver(Session session, String processor, long position, FailureId failure) throws SQLException {
        session.update(removeOverruled, statement -> {
            statement.setString(1, processor);
            statement.setLong(2, position);
        });
        session.update(takeOver, statement -> {
            statement.setString(1, failure.value());
            statement.setString(2, processor);
            statement.setLong(3, position);
        });
    }

    /** Whether a wait that was too long, which is why the run was begun, is still to end like that; true for other runs. */
    boolean stillSays(Session session, RunOrigin.FromLane run) throws SQLException {
        OnTimeout ended = run.ended();
        return ended == null
                || session.first(
                                says,
                                statement -> {
                                    statement.setString(1, run.claim().slot().processor());
                                    statement.setLong(2, run.position());
                                    statement.setString(3, ended.name());
                                },
                                row -> true)
                        .isPresent();
    }

    /** Takes note that records that wait for whatever comes next are tried: what comes meanwhile shows when they wait on. */
    void begin(Session session, String processor, List<Long> positions) throws SQLException {
        session.update(begin, statement -> {
            statement.setString(1, processor);
            Session.setLongs(
                    statement, 2, positions.stream().mapToLong(Long::longValue).toArray());
        });
    }

    void remove(Session session, String processor, long position) throws SQLException {
        session.update(remove, statement -> {
            statement.setString(1, processor);
            statement.setLong(2, position);
        });
    }

    /** Removes the waits of a lane. */
    void removeLane(Session session, String processor, String laneKey) throws SQLException {
        session.update(removeLane, statement -> {
            statement.setString(1, processor);
            statement.setString(2, laneKey);
        });
    }

    @Nullable Duration endWaits(Session session, String processor, List<Claim> claims) throws SQLException {
        long micros = session.one(
                endWaits,
                statement -> {
                    statement.setString(1, processor);
                    Session.setLongs(
                            statement,
                            2,
                            claims.stream()
                                    .mapToLong(claim -> claim.slot().number())
                                    .toArray());
                    Session.setLongs(
                            statement,
                            3,
                            claims.stream().mapToLong(Claim::fence).toArray());
                },
                row -> {
                    long value = row.getLong(1);
                    return row.wasNull() ? -1L : Math.max(0, value);
                });
        return micros < 0 ? null : Duration.ofNanos(micros * 1_000);
    }

    /** Makes due what is satisfied, of the waits whose turn it is to be looked at; how many were. */
    int wakeForgotten(Session session, String processor, int limit) throws SQLException {
        return session.one(
                wakeForgotten,
                statement -> {
                    statement.setString(1, processor);
                    statement.setInt(2, limit);
                },
                row -> row.getInt(1));
    }

    /** Has the tables analysed that have grown; how many had. */
    int noticeGrowth(Session session) throws SQLException {
        return session.one(noticeGrowth, Session.Binder.NONE, row -> row.getInt(1));
    }

    /** The positions of waits that hold up what they wait for, of those whose turn it is to be looked at. */
    List<Long> tangles(Session session, String processor, int limit) throws SQLException {
        return session.query(
                tangles,
                statement -> {
                    statement.setString(1, processor);
                    statement.setInt(2, limit);
                },
                row -> row.getLong(1));
    }

    /** Lets what such a wait waits for overtake its lane. */
    List<Untangled> untangle(Session session, String processor, long position) throws SQLException {
        return session.query(
                untangle,
                statement -> {
                    statement.setString(1, processor);
                    statement.setLong(2, position);
                },
                row -> new Untangled(row.getString(1), row.getString(2), row.getLong(3)));
    }

    List<WaitingEvent> list(Session session, @Nullable String processor, long after, int limit) throws SQLException {
        return session.query(
                list,
                statement -> {
                    statement.setString(1, processor);
                    statement.setString(2, processor);
                    statement.setLong(3, after);
                    statement.setInt(4, limit);
                },
                WaitTable::waiting);
    }

    /** The waits of a lane behind this position, in order. */
    List<WaitingEvent> inLane(Session session, String processor, String laneKey, long after, int limit)
            throws SQLException {
        return session.query(
                inLane,
                statement -> {
                    statement.setString(1, processor);
                    statement.setString(2, laneKey);
                    statement.setLong(3, after);
                    statement.setInt(4, limit);
                },
                WaitTable::waiting);
    }

    private static WaitingEvent waiting(ResultSet row) throws SQLException {
        String failure = row.getString(14);
        WaitFor.Version awaited = awaited(row, 16);
        return new WaitingEvent(
                row.getString(1),
                row.getInt(2),
                row.getString(3),
                row.getLong(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                awaited,
                awaited == null ? WaitingEvent.Kind.valueOf(row.getString(16)) : WaitingEvent.Kind.of(awaited),
                Objects.requireNonNull(EventColumns.instant(row, 10)),
                EventColumns.instant(row, 11),
                EventColumns.instant(row, 12),
                row.getInt(13),
                failure == null ? null : new FailureId(failure),
                row.getLong(15));
    }

    /** The version that is waited for; null if it is something else. Whether an unknown one satisfies is not kept. */
    private static WaitFor.@Nullable Version awaited(ResultSet row, int kind) throws SQLException {
        return row.getString(kind).equals("VERSION")
                ? new WaitFor.Version(
                        row.getString(kind + 1),
                        new StreamKey(row.getString(kind + 2), row.getString(kind + 3)),
                        new StreamVersion(row.getLong(kind + 4), row.getLong(kind + 5)),
                        false)
                : null;
    }

    boolean end(
            Session session,
            String processor,
            long position,
            OnTimeout then,
            String actor,
            @Nullable String reason,
            boolean audited)
            throws SQLException {
        int found = session.update(end, statement -> {
            statement.setString(1, then.name());
            statement.setString(2, processor);
            statement.setLong(3, position);
        });
        if (found == 0 || audited) {
            return found > 0;
        }
        session.update(audit, statement -> {
            statement.setString(1, processor);
            statement.setString(2, actor);
            statement.setString(3, reason);
            statement.setString(4, JsonText.write(Map.of("position", Long.toString(position), "then", then.name())));
        });
        return true;
    }

    /** Gives the waits of a processor that is resumed as much more time as it was paused. */
    void extend(Session session, String processor) throws SQLException {
        session.update(extend, statement -> statement.setString(1, processor));
    }

    /** Gives the waits of a lane that is resumed as much more time as it was paused, its processor's pause left out. */
    void extend(Session session, String processor, String laneKey) throws SQLException {
        session.update(extendLane, statement -> {
            statement.setString(1, processor);
            statement.setString(2, laneKey);
        });
    }

    void rename(Session session, String from, String to) throws SQLException {
        for (String sql : List.of(rename, renameAwaited)) {
            session.update(sql, statement -> {
                statement.setString(1, to);
                statement.setString(2, from);
            });
        }
    }
}
