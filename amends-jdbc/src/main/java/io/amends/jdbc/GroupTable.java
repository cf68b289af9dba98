package io.amends.jdbc;

import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.FailureGroup.Acknowledgement;
import io.amends.core.operate.FailureGroup.Numbers;
import io.amends.core.operate.FailureGroup.Remarks;
import io.amends.core.operate.FailureGroup.SeenIn;
import io.amends.core.operate.GroupSearch;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Failed executions by cause.
 *
 * <p>A counter that every failing handler updates would make all of them wait for one row. So triggers append what
 * changed, and a fold, which one node at a time runs, brings the changes into the groups. A reader adds the changes that
 * are not folded yet, in one statement and so from one snapshot: its answer is exact whether anybody folds or not, and
 * only costs more the more is left to fold. The changes also say whose texts changed, and the fold brings these to where
 * they are searched.
 *
 * <p>Records without a fingerprint are counted under an empty one, which is no group; so the sum is that of all records.
 */
final class GroupTable {
    private static final int KEEP_HOURS = 8 * 24;

    private final String select;
    private final String hours;
    private final String seenIn;
    private final String note;
    private final String acknowledge;
    private final String lock;
    private final String fold;
    private final String forget;
    private final String prune;

    GroupTable(SchemaName schema) {
        select = schema.in("with pending as (select fingerprint, max(processor) as processor,"
                + " (array_agg(error_code order by sample_id desc, n desc) filter (where failures > 0))[1] as error_code,"
                + " (array_agg(message order by sample_id desc, n desc) filter (where failures > 0))[1] as message,"
                + " max(sample_id) filter (where failures > 0) as sample_id, max(error_code) as any_code,"
                + " max(message) as any_message, max(sample_id) as any_sample, max(at) as any_at,"
                + " min(at) filter (where failures > 0) as first_seen, max(at) filter (where failures > 0) as last_seen,"
                + " sum(scheduled) as scheduled, sum(stopped) as stopped, sum(running) as running,"
                + " sum(handled) as handled, sum(skipped) as skipped, sum(failures) as failures"
                + " from ${schema}.failure_group_change c where fingerprint <> '' and (?::text is null or fingerprint = ?)"
                + " group by fingerprint),"
                + " grouped as (select fingerprint, coalesce(p.processor, g.processor) as processor,"
                + " coalesce(p.error_code, g.error_code, p.any_code) as error_code,"
                + " coalesce(p.message, g.message, p.any_message) as message,"
                + " coalesce(p.sample_id, g.sample_id, p.any_sample) as sample_id,"
                + " coalesce(least(g.first_seen, p.first_seen), p.any_at) as first_seen,"
                + " coalesce(greatest(g.last_seen, p.last_seen), p.any_at) as last_seen,"
                + " coalesce(g.scheduled, 0) + coalesce(p.scheduled, 0) as scheduled,"
                + " coalesce(g.stopped, 0) + coalesce(p.stopped, 0) as stopped,"
                + " coalesce(g.running, 0) + coalesce(p.running, 0) as running,"
                + " coalesce(g.handled, 0) + coalesce(p.handled, 0) as handled,"
                + " coalesce(g.skipped, 0) + coalesce(p.skipped, 0) as skipped,"
                + " coalesce(g.failures, 0) + coalesce(p.failures, 0) as failures"
                + " from (select * from ${schema}.failure_group where fingerprint <> '' and (?::text is null or fingerprint = ?)) g"
                + " full join pending p using (fingerprint))"
                + " select g.*, n.note, n.noted_by, n.noted_at, n.acknowledged_by, n.acknowledged_at,"
                + " n.acknowledged_until, n.acknowledged_above,"
                + " n.acknowledged_by is not null and coalesce(n.acknowledged_until > now(), true)"
                + " and coalesce(g.failures <= n.acknowledged_above, true) as acknowledged,"
                + " floor(extract(epoch from now()) / 3600)::bigint as hour"
                + " from grouped g left join ${schema}.failure_group_note n using (fingerprint)");
        hours = schema.in("select fingerprint, hour, sum(failures)::bigint from ("
                + "select fingerprint, hour, failures from ${schema}.failure_group_hour"
                + " where fingerprint = any(?) and hour > ? union all"
                + " select fingerprint, hour, failures from ${schema}.failure_group_change"
                + " where fingerprint = any(?) and hour > ? and failures > 0) h group by fingerprint, hour");
        seenIn = schema.in("select build, min(first_seen), max(last_seen) as last_seen, sum(failures)::bigint from ("
                + "select build, first_seen, last_seen, failures from ${schema}.failure_group_build"
                + " where fingerprint = ? union all select build, at, at, failures"
                + " from ${schema}.failure_group_change where fingerprint = ? and failures > 0) b"
                + " group by build order by last_seen desc, build limit 100");
        note = schema.in("insert into ${schema}.failure_group_note (fingerprint, note, noted_by, noted_at)"
                + " values (?, ?, ?, now()) on conflict (fingerprint) do update set note = excluded.note,"
                + " noted_by = excluded.noted_by, noted_at = excluded.noted_at");
        acknowledge = schema.in(
                "insert into ${schema}.failure_group_note (fingerprint, acknowledged_by,"
                        + " acknowledged_at, acknowledged_until, acknowledged_above)"
                        + " values (?, ?, now(), now() + ?::bigint * interval '1 microsecond', ?) on conflict (fingerprint) do update"
                        + " set acknowledged_by = excluded.acknowledged_by, acknowledged_at = excluded.acknowledged_at,"
                        + " acknowledged_until = excluded.acknowledged_until, acknowledged_above = excluded.acknowledged_above");
        lock = schema.in("select pg_try_advisory_xact_lock(hashtext('amends.groups'), hashtext('${schema}'))");
        fold = schema.in("with gone as (delete from ${schema}.failure_group_change where n = any(array("
                + "select n from ${schema}.failure_group_change order by n limit ?)) returning *),"
                + " groups as (insert into ${schema}.failure_group as g (fingerprint, processor, error_code, message,"
                + " sample_id, first_seen, last_seen, scheduled, stopped, running, handled, skipped, failures, exhausted,"
                + " unrecoverable, switched_off, waiting, timed_out)"
                + " select fingerprint, max(processor),"
                + " coalesce((array_agg(error_code order by sample_id desc, n desc) filter (where failures > 0))[1],"
                + " max(error_code)),"
                + " coalesce((array_agg(message order by sample_id desc, n desc) filter (where failures > 0))[1],"
                + " max(message)), coalesce(max(sample_id) filter (where failures > 0), max(sample_id)),"
                + " coalesce(min(at) filter (where failures > 0), max(at)),"
                + " coalesce(max(at) filter (where failures > 0), max(at)),"
                + " sum(scheduled), sum(stopped), sum(running), sum(handled), sum(skipped), sum(failures), sum(exhausted),"
                + " sum(unrecoverable), sum(switched_off), sum(waiting), sum(timed_out) from gone group by fingerprint"
                + " on conflict (fingerprint) do update set processor = excluded.processor,"
                + " error_code = case when excluded.failures > 0 then excluded.error_code else g.error_code end,"
                + " message = case when excluded.failures > 0 then excluded.message else g.message end,"
                + " sample_id = case when excluded.failures > 0 then excluded.sample_id else g.sample_id end,"
                + " first_seen = case when excluded.failures > 0 then least(g.first_seen, excluded.first_seen)"
                + " else g.first_seen end,"
                + " last_seen = case when excluded.failures > 0 then greatest(g.last_seen, excluded.last_seen)"
                + " else g.last_seen end,"
                + " scheduled = g.scheduled + excluded.scheduled, stopped = g.stopped + excluded.stopped,"
                + " running = g.running + excluded.running, handled = g.handled + excluded.handled,"
                + " skipped = g.skipped + excluded.skipped, failures = g.failures + excluded.failures,"
                + " exhausted = g.exhausted + excluded.exhausted,"
                + " unrecoverable = g.unrecoverable + excluded.unrecoverable,"
                + " switched_off = g.switched_off + excluded.switched_off,"
                + " waiting = g.waiting + excluded.waiting, timed_out = g.timed_out + excluded.timed_out),"
                + " hours as (insert into ${schema}.failure_group_hour as h (fingerprint, hour, failures)"
                + " select fingerprint, hour, sum(failures) from gone where failures > 0 group by fingerprint, hour"
                + " on conflict (fingerprint, hour) do update set failures = h.failures + excluded.failures),"
                + " builds as (insert into ${schema}.failure_group_build as b (fingerprint, build, first_seen,"
                + " last_seen, failures) select fingerprint, build, min(at), max(at), sum(failures) from gone"
                + " where failures > 0 group by fingerprint, build on conflict (fingerprint, build) do update"
                + " set first_seen = least(b.first_seen, excluded.first_seen),"
                + " last_seen = greatest(b.last_seen, excluded.last_seen), failures = b.failures + excluded.failures),"
                + " touched as (select distinct unnest(touched) as failure_id from gone),"
                + " texts as (insert into ${schema}.failure_text as t (failure_id, text) select f.failure_id, "
                + FailureConditions.SEARCHED + " from touched join ${schema}.failed_execution f using (failure_id)"
                + " on conflict (failure_id) do update set text = excluded.text where t.text <> excluded.text),"
                + " untexts as (delete from ${schema}.failure_text t using touched c where t.failure_id = c.failure_id"
                + " and not exists (select 1 from ${schema}.failed_execution f where f.failure_id = c.failure_id))"
                + " select count(*) from gone");
        forget = schema.in("delete from ${schema}.failure_group_hour"
                + " where hour < floor(extract(epoch from now()) / 3600)::bigint - " + KEEP_HOURS);
        prune = schema.in("with gone as (delete from ${schema}.failure_group where fingerprint = any(array("
                + "select g.fingerprint from ${schema}.failure_group g where g.last_seen < now() - ? * interval '1 microsecond'"
                + " and g.fingerprint <> '' and g.scheduled + g.stopped + g.running + g.handled + g.skipped = 0"
                + " and not exists (select 1 from ${schema}.failure_group_change c where c.fingerprint = g.fingerprint)"
                + " and not exists (select 1 from ${schema}.failure_group_note n where n.fingerprint = g.fingerprint"
                + " and n.acknowledged_by is not null and coalesce(n.acknowledged_until > now(), true)"
                + " and coalesce(g.failures <= n.acknowledged_above, true))"
                + " limit ? for update skip locked)) returning fingerprint),"
                + " hours as (delete from ${schema}.failure_group_hour h using gone g where h.fingerprint = g.fingerprint),"
                + " builds as (delete from ${schema}.failure_group_build b using gone g where b.fingerprint = g.fingerprint),"
                + " whys as (delete from ${schema}.failure_group_why w using gone g where w.fingerprint = g.fingerprint),"
                + " notes as (delete from ${schema}.failure_group_note n using gone g where n.fingerprint = g.fingerprint)"
                + " select count(*) from gone");
    }

    private record Row(FailureGroup group, long hour) {}

    List<FailureGroup> list(Session session, GroupSearch search, int limit) throws SQLException {
        List<String> conditions = new ArrayList<>(List.of("true"));
        String processor = search.processor();
        if (processor != null) {
            conditions.add("g.processor = ?");
        }
        ScopeCondition scope = ScopeCondition.on("g.processor", search.scope());
        conditions.add(scope.sql());
        if (search.active()) {
            conditions.add("g.scheduled + g.stopped + g.running > 0");
        }
        String order = switch (search.sort()) {
            case COUNT -> "scheduled + stopped + running desc";
            case NEWEST -> "first_seen desc";
            case OLDEST -> "first_seen";
            case RECENT -> "last_seen desc";
        };
        String sql = "select * from (" + select + " where " + String.join(" and ", conditions) + ") g"
                + (search.acknowledged() ? "" : " where not acknowledged") + " order by " + order
                + ", fingerprint limit ?";
        List<Row> rows = session.query(
                sql,
                statement -> {
                    int i = 1;
                    for (; i <= 4; i++) {
                        statement.setString(i, null);
                    }
                    if (processor != null) {
                        statement.setString(i++, processor);
                    }
                    statement.setInt(scope.bind(statement, i), limit);
                },
                GroupTable::read);
        return withHours(session, rows);
    }

    List<FailureGroup> find(Session session, String fingerprint) throws SQLException {
        return withHours(
                session,
                session.query(
                        select + " where g.fingerprint = ?",
                        statement -> {
                            for (int i = 1; i <= 5; i++) {
                                statement.setString(i, fingerprint);
                            }
                        },
                        GroupTable::read));
    }

    private static Row read(ResultSet row) throws SQLException {
        return new Row(
                new FailureGroup(
                        row.getString("fingerprint"),
                        row.getString("processor"),
                        row.getString("error_code"),
                        row.getString("message"),
                        row.getString("sample_id"),
                        Objects.requireNonNull(instant(row, "first_seen")),
                        Objects.requireNonNull(instant(row, "last_seen")),
                        new Numbers(
                                row.getLong("scheduled"),
                                row.getLong("stopped"),
                                row.getLong("running"),
                                row.getLong("handled"),
                                row.getLong("skipped"),
                                row.getLong("failures")),
                        List.of(),
                        remarks(row)),
                row.getLong("hour"));
    }

    private static Remarks remarks(ResultSet row) throws SQLException {
        String text = row.getString("note");
        return new Remarks(
                text,
                text == null ? null : row.getString("noted_by"),
                text == null ? null : instant(row, "noted_at"),
                row.getBoolean("acknowledged") ? acknowledgement(row) : null);
    }

    private static Acknowledgement acknowledgement(ResultSet row) throws SQLException {
        long above = row.getLong("acknowledged_above");
        boolean bounded = !row.wasNull();
        return new Acknowledgement(
                row.getString("acknowledged_by"),
                Objects.requireNonNull(instant(row, "acknowledged_at")),
                instant(row, "acknowledged_until"),
                bounded ? above : null);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        return EventColumns.instant(row, row.findColumn(column));
    }

    private List<FailureGroup> withHours(Session session, List<Row> rows) throws SQLException {
        if (rows.isEmpty()) {
            return List.of();
        }
        long now = rows.getFirst().hour();
        List<String> fingerprints =
                rows.stream().map(row -> row.group().fingerprint()).toList();
        Map<String, long[]> trends = new TreeMap<>();
        session.each(
                hours,
                statement -> {
                    Session.setTexts(statement, 1, fingerprints);
                    statement.setLong(2, now - FailureGroup.HOURS);
                    Session.setTexts(statement, 3, fingerprints);
                    statement.setLong(4, now - FailureGroup.HOURS);
                },
                row -> {
                    int hour = (int) (row.getLong(2) - now + FailureGroup.HOURS - 1);
                    if (hour < FailureGroup.HOURS) {
                        trends.computeIfAbsent(row.getString(1), f -> new long[FailureGroup.HOURS])[hour] =
                                row.getLong(3);
                    }
                });
        return rows.stream().map(row -> withHours(row.group(), trends)).toList();
    }

    private static FailureGroup withHours(FailureGroup group, Map<String, long[]> trends) {
        long[] trend = trends.getOrDefault(group.fingerprint(), new long[FailureGroup.HOURS]);
        List<Long> hours = new ArrayList<>();
        for (long failures : trend) {
            hours.add(failures);
        }
        return new FailureGroup(
                group.fingerprint(),
                group.processor(),
                group.errorCode(),
                group.message(),
                group.sample(),
                group.firstSeen(),
                group.lastSeen(),
                group.numbers(),
                hours,
                group.remarks());
    }

    List<SeenIn> seenIn(Session session, String fingerprint) throws SQLException {
        return session.query(
                seenIn,
                statement -> {
                    statement.setString(1, fingerprint);
                    statement.setString(2, fingerprint);
                },
                row -> new SeenIn(
                        row.getString(1),
                        Objects.requireNonNull(EventColumns.instant(row, 2)),
                        Objects.requireNonNull(EventColumns.instant(row, 3)),
                        row.getLong(4)));
    }

    int note(Session session, String fingerprint, String actor, @Nullable String text) throws SQLException {
        return session.update(note, statement -> {
            statement.setString(1, fingerprint);
            statement.setString(2, text);
            statement.setString(3, actor);
        });
    }

    int acknowledge(
            Session session,
            String fingerprint,
            @Nullable String actor,
            @Nullable Duration duration,
            @Nullable Long above)
            throws SQLException {
        return session.update(acknowledge, statement -> {
            statement.setString(1, fingerprint);
            statement.setString(2, actor);
            statement.setObject(3, duration == null ? null : InboxReader.micros(duration), java.sql.Types.BIGINT);
            statement.setObject(4, above, java.sql.Types.BIGINT);
        });
    }

    int fold(Session session, int limit) throws SQLException {
        if (!session.one(lock, Session.Binder.NONE, row -> row.getBoolean(1))) {
            return 0;
        }
        int folded = session.one(fold, statement -> statement.setInt(1, limit), row -> row.getInt(1));
        session.update(forget, Session.Binder.NONE);
        return folded;
    }

    int prune(Session session, Duration keep, int limit) throws SQLException {
        return session.one(
                prune,
                statement -> {
                    statement.setLong(1, InboxReader.micros(keep));
                    statement.setInt(2, limit);
                },
                row -> row.getInt(1));
    }
}
