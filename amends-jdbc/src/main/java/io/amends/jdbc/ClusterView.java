package io.amends.jdbc;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.NodeStatus;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.QueueCounts;
import io.amends.core.store.LanePause;
import io.amends.core.store.WaitingEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Lanes that something holds, and nodes, as operators see them. */
final class ClusterView {
    /** Columns behind those of the failed execution at the head, which may be null. */
    private static final String LANE = "l.processor as lane_processor, l.lane_key as lane_name, l.slot as lane_slot,"
            + " l.since, l.head_position, l.stops_slot as lane_stops, l.released, c.n,"
            + " l.paused_by, l.paused_reason, l.paused_at";

    private static final int KEYS_LOOKED_AT = 1000;

    /** What belongs to a lane {@code l}: its head, and how many events it has. */
    private static final String REST =
            " left join ${schema}.lane_event e on e.processor = l.processor and e.lane_key = l.lane_key"
                    + " and e.position = l.head_position"
                    + " left join ${schema}.failed_execution f on f.failure_id = e.failure_id"
                    + " cross join lateral (select count(*) as n from (select 1 from ${schema}.lane_event e"
                    + " where e.processor = l.processor and e.lane_key = l.lane_key limit " + QueueCounts.CAP
                    + ") e) c";

    private final String blocked;
    private final String lane;
    private final String events;
    private final String lastDone;
    private final String mark;
    private final String nodes;
    private final String slots;
    private final WaitTable waits;
    private final SchemaName schema;

    ClusterView(SchemaName schema) {
        this.schema = schema;
        blocked = "select " + FailureColumns.WITHOUT_PAYLOAD + ", " + LANE
                + " from (select * from ${schema}.lane where not released%s order by since, processor, lane_key limit ?) l"
                + REST + " order by l.since, l.processor, l.lane_key";
        lane = schema.in("select " + FailureColumns.WITHOUT_PAYLOAD + ", " + LANE
                + " from (select * from ${schema}.lane where processor = ? and lane_key = ?) l" + REST);
        events = schema.in("select e.position, case when e.kind <> 'FAILED' then e.kind when f.status = 'PREPARED' then"
                + " 'PREPARED' when e.by_wait then 'WAITING' else 'FAILED' end, e.failure_id, e.id, e.source, e.type, e.time"
                + " from ${schema}.lane_event e left join ${schema}.failed_execution f on f.failure_id = e.failure_id"
                + " where e.processor = ? and e.lane_key = ? and e.position > ? order by e.position limit ?");
        lastDone = lastDone(schema);
        waits = new WaitTable(schema);
        mark = schema.in(
                "select concat_ws(' ', (select string_agg(name, ',' order by name) from ${schema}.processor where paused),"
                        + " '/', (select concat(count(*), '.', max(paused_at)) from ${schema}.lane where paused_at is not null), '/',"
                        + " (select concat(count(*), '.', sum(position), '.', sum(tries)) from (select position, tries from"
                        + " ${schema}.wait order by processor, position limit " + QueueCounts.CAP + ") w), '/',"
                        + " (select count(*) from (select 1 from ${schema}.lane_event where kind = 'PARKED' limit "
                        + QueueCounts.CAP
                        + ") e))");
        nodes = schema.in("select id, host, build, started_at, expires_at, expires_at > now() from ${schema}.node"
                + " order by started_at desc, id limit 1000");
        slots = schema.in("select owner, processor, count(*)::int from ${schema}.cursor where owner is not null"
                + " group by owner, processor");
    }

    /**
     * Finds the lanes of a key: three times the key with what the condition needs behind it, then how many at most.
     *
     * @param condition on the column {@code processor}
     */
    static String ofKey(SchemaName schema, String condition) {
        // each part has an index; of events with one key only so many are looked at, for they may all be in one lane
        return schema.in("with found as (select l.processor, l.lane_key from (select name as processor"
                + " from ${schema}.processor) p join ${schema}.lane l using (processor) where l.lane_key = ? and "
                + condition
                + " union (select processor, lane_key from ${schema}.lane where strpos(lane_key, '/') > 0"
                + " and substr(lane_key, strpos(lane_key, '/') + 1) = ? and " + condition + " limit " + KEYS_LOOKED_AT
                + ") union (select processor, lane_key from ${schema}.lane_event where key = ? and key <> lane_key and "
                + condition + " limit " + KEYS_LOOKED_AT + "))"
                + " select " + FailureColumns.WITHOUT_PAYLOAD + ", " + LANE
                + " from (select l.* from found join ${schema}.lane l using (processor, lane_key)"
                + " order by l.released, l.since, l.processor, l.lane_key limit ?) l" + REST
                + " order by l.released, l.since, l.processor, l.lane_key");
    }

    /** Finds what was done last in the lane of a processor, the first parameter, and of a key, the second. */
    static String lastDone(SchemaName schema) {
        // a slice of the inbox by its position, the newest first
        String slice = "(select i.position, i.id, i.source, i.type, i.at, i.key, i.headers from ${schema}.inbox i"
                + " where i.position > greatest(p.begun, %1$s - " + LaneSummary.LOOK_BACK
                + ") and i.position <= %1$s order by i.position desc)";
        String escaped = "replace(replace(%s, '\\', '\\\\'), '/', '\\/')";
        return schema.in("with asked as (select ?::text as processor, ?::text as key), place as materialized (select"
                + " a.processor, a.key, p.registered_position as begun, l.head_position - 1 as before_head,"
                + " (select min(c.position) from ${schema}.cursor c where c.processor = p.name"
                + " and (l.slot is null or l.head_position = " + LaneTable.NO_EVENT + " or c.slot = l.slot)) as passed"
                + " from asked a join ${schema}.processor p on p.name = a.processor"
                + " left join ${schema}.lane l on l.processor = a.processor and l.lane_key = a.key"
                // other mappings make a lane's key of something that is no column
                + " where p.mapping !~ ' key=[^ ]'),"
                + " types as materialized (select array(select f.event_type from ${schema}.processor_function f, asked a"
                + " where f.processor = a.processor and not f.dropped) as taken)"
                + " select i.position, i.id, i.source, i.type, i.at from place p cross join types t cross join lateral ("
                + slice.formatted("p.passed") + " union all " + slice.formatted("least(p.before_head, p.passed)")
                + ") i where i.type = any(t.taken) and p.key = coalesce("
                + escaped.formatted("i.headers ->> 'tenantid'") + " || '/' || " + escaped.formatted("i.key")
                + ", i.key) and not exists (select 1 from ${schema}.lane_event e where e.processor = p.processor"
                + " and e.lane_key = p.key and e.position = i.position) order by i.position desc limit 1");
    }

    Optional<LaneSummary.Done> lastDone(Session session, String processor, String key) throws SQLException {
        return session.first(
                lastDone,
                statement -> {
                    statement.setString(1, processor);
                    statement.setString(2, key);
                },
                row -> new LaneSummary.Done(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        Objects.requireNonNull(EventColumns.instant(row, 5))));
    }

    List<LaneSummary> blocked(
            Session session,
            @Nullable String processor,
            ProcessorScope processors,
            LaneSummary.@Nullable Cursor after,
            int limit)
            throws SQLException {
        ScopeCondition scope = ScopeCondition.on("processor", processors);
        String conditions = " and " + scope.sql() + (processor == null ? "" : " and processor = ?")
                + (after == null ? "" : " and (since, processor, lane_key) > (?, ?, ?)");
        return session.query(
                schema.in(blocked.formatted(conditions)),
                statement -> {
                    int i = scope.bind(statement, 1);
                    if (processor != null) {
                        statement.setString(i++, processor);
                    }
                    if (after != null) {
                        EventColumns.setInstant(statement, i++, after.since());
                        statement.setString(i++, after.processor());
                        statement.setString(i++, after.key());
                    }
                    statement.setInt(i, limit);
                },
                ClusterView::summary);
    }

    List<LaneSummary> ofKey(
            Session session, String key, @Nullable String processor, ProcessorScope processors, int limit)
            throws SQLException {
        ScopeCondition scope = ScopeCondition.on("processor", processors);
        return session.query(
                ofKey(schema, scope.sql() + (processor == null ? "" : " and processor = ?")),
                statement -> {
                    int i = 1;
                    for (int part = 0; part < 3; part++) {
                        statement.setString(i, key);
                        i = scope.bind(statement, i + 1);
                        if (processor != null) {
                            statement.setString(i++, processor);
                        }
                    }
                    statement.setInt(i, limit);
                },
                ClusterView::summary);
    }

    Optional<LaneSummary> lane(Session session, String processor, String key) throws SQLException {
        return session.first(
                lane,
                statement -> {
                    statement.setString(1, processor);
                    statement.setString(2, key);
                },
                ClusterView::summary);
    }

    private static LaneSummary summary(ResultSet row) throws SQLException {
        FailedExecution first = row.getString("failure_id") == null ? null : FailureColumns.read(row);
        long head = row.getLong("head_position");
        Instant pausedAt = EventColumns.instant(row, row.findColumn("paused_at"));
        return new LaneSummary(
                row.getString("lane_processor"),
                row.getString("lane_name"),
                head == LaneTable.NO_EVENT ? null : Integer.valueOf(row.getInt("lane_slot")),
                Objects.requireNonNull(EventColumns.instant(row, row.findColumn("since"))),
                head == LaneTable.NO_EVENT ? null : Long.valueOf(head),
                row.getBoolean("lane_stops"),
                !row.getBoolean("released"),
                row.getLong("n"),
                first,
                pausedAt == null
                        ? null
                        : new LanePause(row.getString("paused_by"), row.getString("paused_reason"), pausedAt));
    }

    List<LaneSummary.Entry> events(Session session, String processor, String key, long after, int limit)
            throws SQLException {
        Map<Long, WaitingEvent> waiting = new TreeMap<>();
        waits.inLane(session, processor, key, after, limit).forEach(wait -> waiting.put(wait.position(), wait));
        return session.query(
                events,
                statement -> {
                    statement.setString(1, processor);
                    statement.setString(2, key);
                    statement.setLong(3, after);
                    statement.setInt(4, limit);
                },
                row -> {
                    String failure = row.getString(3);
                    LaneSummary.Kind kind = LaneSummary.Kind.valueOf(row.getString(2));
                    return new LaneSummary.Entry(
                            row.getLong(1),
                            kind,
                            failure == null ? null : new FailureId(failure),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            EventColumns.instant(row, 7),
                            kind == LaneSummary.Kind.WAITING ? waiting.get(row.getLong(1)) : null);
                });
    }

    String mark(Session session) throws SQLException {
        return session.one(mark, Session.Binder.NONE, row -> row.getString(1));
    }

    List<NodeStatus> nodes(Session session) throws SQLException {
        Map<String, SortedMap<String, Integer>> owned = new TreeMap<>();
        session.each(
                slots,
                Session.Binder.NONE,
                row -> owned.computeIfAbsent(row.getString(1), n -> new TreeMap<>())
                        .put(row.getString(2), row.getInt(3)));
        return session.query(
                nodes,
                Session.Binder.NONE,
                row -> new NodeStatus(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        Objects.requireNonNull(EventColumns.instant(row, 4)),
                        Objects.requireNonNull(EventColumns.instant(row, 5)),
                        row.getBoolean(6),
                        owned.getOrDefault(row.getString(1), new TreeMap<>())));
    }
}
