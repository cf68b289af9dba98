package io.amends.jdbc;

import io.amends.core.flow.BuildSeen;
import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowDelta;
import io.amends.core.flow.FlowLevel;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowNumbers;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import io.amends.core.flow.FlowStage;
import io.amends.core.flow.FlowTimes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What flowed, by the minute, ten minutes and the hour.
 *
 * <p>Every number is added to all three at once: a late one is as right as any other, and nothing has to be rolled up.
 * Rows are written in the order of the key, so that nodes which add to the same ones wait for each other and never in a
 * circle.
 */
final class FlowTable {
    private static final int BUCKETS = FlowTimes.BOUNDS.size() + 1;
    private static final List<String> COUNTS =
            Stream.of(FlowCount.values()).map(FlowTable::column).toList();
    private static final List<String> TIMES =
            IntStream.range(0, BUCKETS).mapToObj(bucket -> "t" + bucket).toList();
    /** What adds up. */
    private static final List<String> SUMS =
            Stream.of(COUNTS, List.of("time_sum"), TIMES).flatMap(List::stream).toList();
    /** Of what the greatest counts. */
    private static final List<String> GREATEST = List.of("time_longest", "waiting", "oldest");

    private static final List<String> NUMBERS =
            Stream.of(SUMS, GREATEST).flatMap(List::stream).toList();

    private static final String LEVELS = Stream.of(FlowLevel.values())
            .map(level -> "(" + level.length().toMinutes() + ")")
            .collect(Collectors.joining(", ", "(values ", ") l(minutes)"));

    private static final Comparator<FlowPoint> ORDER = Comparator.comparing(FlowPoint::at)
            .thenComparing(FlowPoint::stage)
            .thenComparing(FlowPoint::processor, Comparator.nullsFirst(Comparator.naturalOrder()));

    private final SchemaName schema;
    private final String add;
    private final String beginSample;
    private final String sample;
    private final String seeBuilds;
    private final String keepBuilds;
    private final String prune;
    private final String forget;
    private final String now;
    private final String slots;
    private final String builds;

    FlowTable(SchemaName schema) {
        this.schema = schema;
        String adding = " on conflict (minutes, at, stage, processor) do update set "
                + each(SUMS, column -> column + " = f." + column + " + excluded." + column) + ", "
                + each(GREATEST, column -> column + " = greatest(f." + column + ", excluded." + column + ")");
        add = schema.in("with fresh as (insert into ${schema}.flow_writer as w (node, batch, at, relayed_at)"
                + " values (?, ?, now(), case when ? then now() end) on conflict (node) do update"
                + " set batch = excluded.batch, at = excluded.at, relayed_at = coalesce(excluded.relayed_at, w.relayed_at)"
                + " where w.batch < excluded.batch returning batch),"
                + " given as (select l.minutes, "
                + beginning("now() - d.age * interval '1 microsecond'", "l.minutes * 60")
                + " as at, d.stage, d.processor, "
                + each(SUMS, column -> "sum(d." + column + ") as " + column) + ", "
                + each(GREATEST, column -> "max(d." + column + ") as " + column)
                + " from fresh cross join json_to_recordset(?::json) as d(stage text, processor text, age bigint, "
                + each(NUMBERS, column -> column + " bigint") + ") cross join " + LEVELS + " group by 1, 2, 3, 4),"
                + " added as (insert into ${schema}.flow as f (minutes, at, stage, processor, "
                + String.join(", ", NUMBERS)
                + ") select minutes, at, stage, processor, " + String.join(", ", NUMBERS)
                + " from given order by minutes, at, stage collate \"C\", processor collate \"C\"" + adding + ")"
                + " select count(*) from fresh");
        beginSample = schema.in("with before as (select s.head from ${schema}.flow_sample s where s.at is null"
                + " or s.at <= now() - ? * interval '1 microsecond' for update skip locked)"
                + " update ${schema}.flow_sample s set at = now(), head = h.position, overdue = (select "
                + micros("now() - o.at") + " - ? from (select i.position, i.at from ${schema}.inbox i"
                + " where i.position >= h.log_start order by i.position limit 1) o where o.position <= coalesce("
                + "(select min(c.position) from ${schema}.cursor c), 9223372036854775807)) from ${schema}.head h, before b"
                + " returning s.head - b.head");
        sample = schema.in("with seen(stage, processor, events, waiting, oldest) as ("
                + "select 'OUTBOX', '', 0::bigint, (select count(*) from (select 1 from ${schema}.outbox limit "
                + FlowNow.CAP + ") o), (select " + micros("now() - o.at")
                + " from ${schema}.outbox o order by o.seq limit 1)"
                + " union all select 'TRANSPORT', '', 0, 0, null"
                + " union all select 'INBOX', '', ?, 0, null"
                + " union all select 'HANDLED', p.name, 0, 0, null from ${schema}.processor p"
                + " union all select 'INBOX', p.name, 0, greatest(0, h.position - c.position), "
                + micros("now() - o.at")
                + " from ${schema}.processor p cross join ${schema}.head h cross join lateral (select coalesce("
                + "min(c.position), 0) as position from ${schema}.cursor c where c.processor = p.name) c"
                + " left join lateral (select i.at from ${schema}.inbox i where i.position > c.position"
                + " order by i.position limit 1) o on true)"
                + " insert into ${schema}.flow as f (minutes, at, stage, processor, events, waiting, oldest)"
                + " select l.minutes, " + beginning("now()", "l.minutes * 60")
                + ", s.stage, s.processor, s.events, s.waiting,"
                + " case when s.oldest is not null then greatest(0, s.oldest) end from seen s cross join " + LEVELS
                + " order by l.minutes, s.stage collate \"C\", s.processor collate \"C\""
                + " on conflict (minutes, at, stage, processor) do update set events = f.events + excluded.events,"
                + " waiting = greatest(f.waiting, excluded.waiting), oldest = greatest(f.oldest, excluded.oldest)");
        String running = "(select distinct n.build from ${schema}.node n where n.expires_at > now())";
        seeBuilds = schema.in("insert into ${schema}.build_seen (at, build) select now(), n.build from " + running
                + " n, ${schema}.flow_sample s where n.build <> all (s.builds)");
        keepBuilds = schema.in("update ${schema}.flow_sample set builds = r.builds from (select array_agg(n.build) as"
                + " builds from " + running + " n) r where r.builds is not null");
        prune = schema.in("delete from ${schema}.flow where ctid = any(array(select ctid from ${schema}.flow"
                + " where minutes = ? and at < now() - ? * interval '1 microsecond' order by at limit ?))");
        forget = schema.in("with writers as (delete from ${schema}.flow_writer where at < now() - interval '1 day')"
                + " delete from ${schema}.build_seen where at < now() - ? * interval '1 microsecond'");
        now = schema.in("select now(), (select count(*) from (select 1 from ${schema}.outbox limit " + FlowNow.CAP
                + ") o), (select " + micros("now() - o.at")
                + " from ${schema}.outbox o order by o.seq limit 1), (select "
                + micros("now() - max(w.relayed_at)") + " from ${schema}.flow_writer w),"
                + " (select count(*) from (select 1 from ${schema}.rejected limit " + FlowNow.CAP + ") r),"
                + " (select count(*) from ${schema}.node n where n.expires_at > now()), s.overdue, "
                + micros("now() - s.at") + " from ${schema}.flow_sample s");
        slots = schema.in("select name, slots from ${schema}.processor order by name");
        builds = schema.in("select at, build from ${schema}.build_seen where at >= ? and at < ?"
                + " order by at desc, build limit ?");
    }

    private static String column(FlowCount count) {
        return count.name().toLowerCase(Locale.ROOT);
    }

    private static String each(List<String> columns, UnaryOperator<String> text) {
        return columns.stream().map(text).collect(Collectors.joining(", "));
    }

    private static String micros(String interval) {
        return "(extract(epoch from " + interval + ") * 1000000)::bigint";
    }

    private static String beginning(String moment, String seconds) {
        return "to_timestamp(floor(extract(epoch from " + moment + ") / (" + seconds + ")) * (" + seconds + "))";
    }

    boolean add(Session session, String node, long batch, List<FlowDelta> deltas) throws SQLException {
        boolean relayed = deltas.stream()
                .anyMatch(delta ->
                        delta.stage() == FlowStage.TRANSPORT && delta.numbers().count(FlowCount.EVENTS) > 0);
        return session.one(
                        add,
                        statement -> {
                            statement.setString(1, node);
                            statement.setLong(2, batch);
                            statement.setBoolean(3, relayed);
                            statement.setString(
                                    4,
                                    JsonText.write(
                                            deltas.stream().map(FlowTable::json).toList()));
                        },
                        row -> row.getLong(1))
                > 0;
    }

    private static SortedMap<String, String> json(FlowDelta delta) {
        FlowNumbers numbers = delta.numbers();
        TreeMap<String, String> columns = new TreeMap<>();
        columns.put("stage", delta.stage().name());
        columns.put("processor", delta.processor() == null ? "" : delta.processor());
        columns.put("age", Long.toString(InboxReader.micros(delta.age())));
        for (FlowCount count : FlowCount.values()) {
            columns.put(column(count), Long.toString(numbers.count(count)));
        }
        columns.put("time_sum", Long.toString(InboxReader.micros(numbers.times().sum())));
        columns.put(
                "time_longest", Long.toString(InboxReader.micros(numbers.times().longest())));
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            columns.put(
                    TIMES.get(bucket), Long.toString(numbers.times().buckets().get(bucket)));
        }
        columns.put("waiting", Long.toString(numbers.waiting()));
        Duration oldest = numbers.oldest();
        if (oldest != null) {
            columns.put("oldest", Long.toString(InboxReader.micros(oldest)));
        }
        return columns;
    }

    boolean sample(Session session, Duration pace, Duration keepPassed) throws SQLException {
        List<Long> arrived = session.query(
                beginSample,
                statement -> {
                    statement.setLong(1, InboxReader.micros(pace));
                    statement.setLong(2, InboxReader.micros(keepPassed));
                },
                row -> row.getLong(1));
        if (arrived.isEmpty()) {
            return false;
        }
        session.update(sample, statement -> statement.setLong(1, arrived.getFirst()));
        session.update(seeBuilds, Session.Binder.NONE);
        session.update(keepBuilds, Session.Binder.NONE);
        return true;
    }

    int prune(Session session, int limit) throws SQLException {
        int most = 0;
        for (FlowLevel level : FlowLevel.values()) {
            int removed = session.update(prune, statement -> {
                statement.setInt(1, minutes(level));
                statement.setLong(2, InboxReader.micros(level.kept()));
                statement.setInt(3, limit);
            });
            most = Math.max(most, removed);
        }
        session.update(forget, statement -> statement.setLong(1, InboxReader.micros(FlowLevel.HOUR.kept())));
        return most;
    }

    private static int minutes(FlowLevel level) {
        return Math.toIntExact(level.length().toMinutes());
    }

    FlowNow now(Session session) throws SQLException {
        TreeMap<String, Integer> bySlots = new TreeMap<>();
        session.each(slots, Session.Binder.NONE, row -> bySlots.put(row.getString(1), row.getInt(2)));
        return session.one(now, Session.Binder.NONE, row -> {
            Duration overdue = duration(row, 7);
            return new FlowNow(
                    Objects.requireNonNull(EventColumns.instant(row, 1)),
                    row.getLong(2),
                    duration(row, 3),
                    duration(row, 4),
                    row.getLong(5),
                    row.getInt(6),
                    bySlots,
                    overdue == null || !overdue.isPositive() ? null : overdue,
                    duration(row, 8));
        });
    }

    private static @Nullable Duration duration(ResultSet row, int column) throws SQLException {
        long micros = row.getLong(column);
        return row.wasNull() ? null : Duration.ofNanos(Math.max(0, micros) * 1_000);
    }

    List<FlowPoint> points(Session session, FlowSearch search) throws SQLException {
        String processor = search.byProcessor() ? "processor" : "''::text";
        String sql = "select " + beginning("at", "?::bigint") + " as piece, stage, " + processor + " as of_processor, "
                + each(SUMS, column -> "sum(" + column + ")::bigint as " + column) + ", "
                + each(GREATEST, column -> "max(" + column + ") as " + column)
                + " from ${schema}.flow where minutes = ? and at >= ? and at < ?"
                + (search.processor() == null ? "" : " and processor in ('', ?)")
                + " group by 1, 2, 3";
        List<FlowPoint> points = new ArrayList<>(session.query(
                schema.in(sql),
                statement -> {
                    statement.setLong(1, search.step().toSeconds());
                    statement.setLong(2, search.step().toSeconds());
                    statement.setInt(3, minutes(search.level()));
                    EventColumns.setInstant(statement, 4, search.from());
                    EventColumns.setInstant(statement, 5, search.to());
                    if (search.processor() != null) {
                        statement.setString(6, search.processor());
                    }
                },
                FlowTable::point));
        points.sort(ORDER);
        return points;
    }

    private static FlowPoint point(ResultSet row) throws SQLException {
        String processor = row.getString(3);
        return new FlowPoint(
                Objects.requireNonNull(EventColumns.instant(row, 1)),
                FlowStage.valueOf(row.getString(2)),
                processor.isEmpty() ? null : processor,
                numbers(row));
    }

    private static FlowNumbers numbers(ResultSet row) throws SQLException {
        TreeMap<FlowCount, Long> counts = new TreeMap<>();
        for (FlowCount count : FlowCount.values()) {
            counts.put(count, row.getLong(column(count)));
        }
        List<Long> buckets = new ArrayList<>();
        for (String column : TIMES) {
            buckets.add(row.getLong(column));
        }
        long oldest = row.getLong("oldest");
        Duration age = row.wasNull() ? null : Duration.ofNanos(oldest * 1_000);
        return new FlowNumbers(
                counts,
                new FlowTimes(
                        Duration.ofNanos(row.getLong("time_sum") * 1_000),
                        Duration.ofNanos(row.getLong("time_longest") * 1_000),
                        buckets),
                row.getLong("waiting"),
                age);
    }

    List<BuildSeen> builds(Session session, Instant from, Instant to, int limit) throws SQLException {
        return session.query(
                builds,
                statement -> {
                    EventColumns.setInstant(statement, 1, from);
                    EventColumns.setInstant(statement, 2, to);
                    statement.setInt(3, limit);
                },
                row -> new BuildSeen(Objects.requireNonNull(EventColumns.instant(row, 1)), row.getString(2)));
    }
}
