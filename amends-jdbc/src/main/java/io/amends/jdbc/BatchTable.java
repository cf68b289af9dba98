package io.amends.jdbc;

import io.amends.core.failure.FailureId;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchOutcomes;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.BatchSkip;
import io.amends.core.operate.CommandText;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.QueueCounts;
import io.amends.core.operate.TextScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Batches and their items. The counters change in the statement that changes the items, under the lock of the batch's row,
 * and a check of the table holds their sum.
 *
 * <p>The frozen set is stored in parts of {@value #PART} ids, because a row for each would cost most of the plan. Items
 * begin in order, so those up to the number {@code begun} have rows, and all behind it wait, or were cancelled.
 */
final class BatchTable {
    private static final String COLUMNS = "id, state, action, parameters, filter, reason, created_by, created_at,"
            + " started_at, ended_at, stopped_by, stopped_why, stopped_code, stopped_failed, stopped_of, canary, canary_percent, per_second, in_flight,"
            + " pause_percent, canary_from, canary_passed, total, waiting, running, handled, failed_again, skipped";

    /** Ids in a part. */
    private static final int PART = 1000;

    /** A plan that takes long is no plan that a person waits for. */
    private static final int FOLLOWERS_OF = 10_000;

    /** The frozen set as rows {@code i} of number and id, beside the batch {@code b}. */
    private static final String PARTS = " from ${schema}.batch b join ${schema}.batch_part p on p.batch_id = b.id"
            + " cross join lateral (select p.n + u.k::int - 1 as n, u.failure_id"
            + " from unnest(p.failure_ids) with ordinality u(failure_id, k)) i";

    private final SchemaName schema;
    private final String plan;
    private final String find;
    private final String followers;
    private final String outcomes;
    private final String change;
    private final String cancel;
    private final String take;
    private final String lockOwn;
    private final String settle;
    private final String begin;
    private final String uncommanded;
    private final String end;
    private final String prune;

    BatchTable(SchemaName schema) {
        this.schema = schema;
        plan = schema.in(
                "insert into ${schema}.batch (id, state, action, parameters, filter, reason, created_by, total,"
                        + " waiting) values (?, 'PLANNED', ?, ?::jsonb, ?::jsonb, ?, ?, ?, ?)");
        // heads of lanes that are not paused, as the command would find them
        followers = schema.in("select count(*) from (select 1 from ${schema}.batch_part p"
                + " cross join lateral unnest(p.failure_ids) i(failure_id)"
                + " join ${schema}.failed_execution f on f.failure_id = i.failure_id and f.status in ('FAILED', 'PREPARED')"
                + " join ${schema}.lane l on l.processor = f.processor and l.lane_key = f.lane_key"
                + " and l.head_position >= f.position and l.paused_at is null"
                + " join ${schema}.lane_event e on e.processor = l.processor and e.lane_key = l.lane_key"
                + " and e.position > f.position and e.kind = 'PARKED'"
                + " where p.batch_id = ? and p.n <= " + FOLLOWERS_OF
                + " and not (? and f.status = 'PREPARED' and f.timeout_at > now())"
                + " and not (? and (f.recoverability = 'UNRECOVERABLE' or f.retries >= f.max_retries))"
                + " limit " + QueueCounts.CAP + ") e");
        // what was cancelled before it began has no row
        outcomes = schema.in("select state, code, count(*)::int from ${schema}.batch_item"
                + " where batch_id = ? and state in ('FAILED_AGAIN', 'SKIPPED') and code is not null group by state, code"
                + " union all select 'SKIPPED', 'cancelled', (total - begun)::int from ${schema}.batch"
                + " where id = ? and state = 'CANCELLED' and total > begun");
        find = schema.in("select " + COLUMNS + " from ${schema}.batch where id = ?");
        change = schema.in("update ${schema}.batch set state = ?, stopped_by = ?, stopped_why = ?,"
                + " stopped_code = ?, stopped_failed = ?, stopped_of = ?, canary = ?,"
                + " canary_percent = ?, per_second = ?, in_flight = ?, pause_percent = ?, canary_from = ?,"
                + " canary_passed = ?, started_at = case when ? in ('CANARY', 'RUNNING') then coalesce(started_at, now())"
                + " else started_at end, ended_at = case when ? in ('CANCELLED', 'DONE') then now() end where id = ?");
        cancel = schema.in("update ${schema}.batch set skipped = skipped + waiting, waiting = 0 where id = ?");
        take = schema.in("update ${schema}.batch set owner = ?, owned_until = now() + ? * interval '1 microsecond'"
                + " where (state in ('CANARY', 'RUNNING') or running > 0)"
                + " and (owner = ? or owner is null or owned_until < now()) returning " + COLUMNS);
        lockOwn = schema.in("select state from ${schema}.batch where id = ? and owner = ? for update");
        String count = "(select count(*) from marked where state = '%s')";
        String counters = " handled = handled + " + count.formatted("HANDLED") + ", failed_again = failed_again + "
                + count.formatted("FAILED_AGAIN") + ", skipped = skipped + " + count.formatted("SKIPPED");
        settle = schema.in("with judged as (select i.n, case when f.failure_id is null then 'SKIPPED'"
                + " when f.status = 'SUCCEEDED' then 'HANDLED' when f.status = 'SKIPPED' then 'SKIPPED'"
                + " when f.status = 'FAILED' and f.attempt > i.attempt and not f.requested then 'FAILED_AGAIN' end as state,"
                + " case when f.failure_id is null then 'not-found' when f.status = 'SKIPPED' then 'skipped-by-person'"
                + " when f.status = 'FAILED' then f.error_code end as code"
                + " from ${schema}.batch_item i left join ${schema}.failed_execution f on f.failure_id = i.failure_id"
                + " where i.batch_id = ? and i.state = 'RUNNING'),"
                + " marked as (update ${schema}.batch_item i set state = j.state, code = j.code from judged j"
                + " where i.batch_id = ? and i.n = j.n and j.state is not null returning i.n, i.state),"
                + " counted as (update ${schema}.batch set running = running - (select count(*) from marked),"
                + counters + " where id = ?)"
                + " select state from marked order by n");
        begin = schema.in("with picked as (select i.n, i.failure_id" + PARTS
                + " where p.batch_id = ? and p.n > b.begun - " + PART
                + " and p.n <= b.begun + ? and i.n > b.begun order by i.n limit ?),"
                + " marked as (insert into ${schema}.batch_item (batch_id, n, failure_id, state, code, attempt)"
                + " select ?, p.n, p.failure_id,"
                + " case when f.failure_id is null or f.status in ('SUCCEEDED', 'SKIPPED') then 'SKIPPED'"
                + " else 'RUNNING' end,"
                + " case when f.failure_id is null then 'not-found'"
                + " when f.status in ('SUCCEEDED', 'SKIPPED') then 'already-done' end, f.attempt"
                + " from picked p left join ${schema}.failed_execution f on f.failure_id = p.failure_id"
                + " returning state)"
                + " update ${schema}.batch set begun = begun + (select count(*) from marked),"
                + " waiting = waiting - (select count(*) from marked), running = running + "
                + count.formatted("RUNNING") + ", skipped = skipped + " + count.formatted("SKIPPED")
                + " where id = ? returning (select count(*)::int from marked)");
        uncommanded = schema.in("select i.n, i.failure_id, i.attempt from ${schema}.batch_item i"
                + " join ${schema}.batch b on b.id = i.batch_id"
                + " join ${schema}.failed_execution f on f.failure_id = i.failure_id"
                + " where i.batch_id = ? and b.owner = ? and i.state = 'RUNNING'"
                + " and (b.action not in ('prepare', 'force-prepare')"
                + " or (f.status = 'FAILED' and f.attempt = i.attempt and not f.requested)) order by i.n limit ?");
        end = schema.in("with given as (select unnest(?::int[]) as n, unnest(?::text[]) as state,"
                + " unnest(?::text[]) as code),"
                + " marked as (update ${schema}.batch_item i set state = g.state, code = nullif(g.code, '') from given g"
                + " where i.batch_id = ? and i.n = g.n and i.state = 'RUNNING' returning i.state)"
                + " update ${schema}.batch set running = running - (select count(*) from marked)," + counters
                + " where id = ?");
        prune = schema.in("with gone as (delete from ${schema}.batch where id = any(array("
                + "select id from ${schema}.batch where (state = 'PLANNED' and created_at < now() - interval '1 hour')"
                + " or (running = 0 and ended_at < now() - ? * interval '1 microsecond') limit ?)) returning id),"
                + " items as (delete from ${schema}.batch_item i using gone g where i.batch_id = g.id),"
                + " parts as (delete from ${schema}.batch_part p using gone g where p.batch_id = g.id)"
                + " select count(*)::int from gone");
    }

    BatchPlan plan(Session session, BatchPlan.Draft draft) throws SQLException {
        FailureConditions conditions = FailureConditions.of(draft.search()).within(session, schema);
        TextScope scope =
                FailureConditions.scopeOf(session, schema, draft.search().text());
        FailureCommand command = draft.command();
        boolean retry = command instanceof FailureCommand.Prepare;
        boolean force = command instanceof FailureCommand.Prepare prepare && prepare.force();
        String freeze = schema.in(
                "with found as materialized (select f.failure_id, f.processor, f.lane_key, f.position,"
                        + " case when f.status in ('SUCCEEDED', 'SKIPPED') then 'ALREADY_DONE'"
                        + " when ? and f.status = 'PREPARED' and f.timeout_at > now() then 'RUNNING'"
                        + " when ? and not exists (select 1 from unnest(?::text[], ?::text[]) t(processor, type)"
                        + " where t.processor = f.processor and t.type = f.type) then 'UNKNOWN_FUNCTION'"
                        + " end as before_lane,"
                        + " case when ? and f.recoverability = 'UNRECOVERABLE' then 'UNRECOVERABLE'"
                        + " when ? and f.retries >= f.max_retries then 'RETRIES_SPENT' end as after_lane"
                        + conditions.from(scope) + " order by f.failure_id limit " + OperatorStore.MOST_ITEMS + "),"
                        + " numbered as (select failure_id, row_number() over (order by failure_id) - 1 as n from found),"
                        + " parts as (insert into ${schema}.batch_part (batch_id, n, failure_ids)"
                        + " select ?, n / " + PART + " * " + PART
                        + " + 1, array_agg(failure_id order by n) from numbered"
                        + " group by n / " + PART + ")"
                        + " select coalesce(f.before_lane, case when ? then case when l.paused_at is not null then 'LANE_PAUSED'"
                        + " when l.head_position < f.position then 'NOT_FIRST_IN_LANE' end end,"
                        + " f.after_lane) as code, count(*)::int from found f"
                        + " left join ${schema}.lane l on l.processor = f.processor and l.lane_key = f.lane_key group by 1");
        SortedMap<BatchSkip, Integer> refused = new TreeMap<>();
        List<String> processors = new ArrayList<>();
        List<String> types = new ArrayList<>();
        draft.takes()
                .forEach((processor, taken) -> taken.forEach(type -> {
                    processors.add(processor);
                    types.add(type);
                }));
        int[] total = new int[1];
        session.each(
                freeze,
                statement -> {
                    // a mark is taken while an attempt runs
                    statement.setBoolean(1, !(command instanceof FailureCommand.Mark));
                    statement.setBoolean(2, command instanceof FailureCommand.Redirect);
                    Session.setTexts(statement, 3, processors);
                    Session.setTexts(statement, 4, types);
                    statement.setBoolean(5, retry && !force);
                    statement.setBoolean(6, retry && !force);
                    int i = conditions.bind(statement, scope, 7);
                    statement.setString(i++, draft.id());
                    statement.setBoolean(i, retry);
                },
                row -> {
                    total[0] += row.getInt(2);
                    String code = row.getString(1);
                    if (code != null) {
                        refused.put(BatchSkip.valueOf(code), row.getInt(2));
                    }
                });
        session.update(plan, statement -> {
            int i = 1;
            statement.setString(i++, draft.id());
            statement.setString(i++, command.name());
            statement.setString(i++, JsonText.write(CommandText.parameters(command)));
            statement.setString(i++, JsonText.write(draft.filter()));
            statement.setString(i++, draft.reason());
            statement.setString(i++, draft.actor());
            statement.setInt(i++, total[0]);
            statement.setInt(i, total[0]);
        });
        return new BatchPlan(find(session, draft.id()).orElseThrow(), refused, followers(session, draft));
    }

    private long followers(Session session, BatchPlan.Draft draft) throws SQLException {
        boolean retry = draft.command() instanceof FailureCommand.Prepare;
        if (!retry && !(draft.command() instanceof FailureCommand.Skip)) {
            return 0;
        }
        boolean limits = draft.command() instanceof FailureCommand.Prepare prepare && !prepare.force();
        return session.one(
                followers,
                statement -> {
                    statement.setString(1, draft.id());
                    statement.setBoolean(2, retry);
                    statement.setBoolean(3, limits);
                },
                row -> row.getLong(1));
    }

    BatchOutcomes outcomes(Session session, String batch) throws SQLException {
        SortedMap<String, Integer> failed = new TreeMap<>();
        SortedMap<String, Integer> skipped = new TreeMap<>();
        session.each(
                outcomes,
                statement -> {
                    statement.setString(1, batch);
                    statement.setString(2, batch);
                },
                row -> (row.getString(1).equals("FAILED_AGAIN") ? failed : skipped)
                        .merge(row.getString(2), row.getInt(3), Integer::sum));
        return new BatchOutcomes(failed, skipped);
    }

    Optional<Batch> find(Session session, String id) throws SQLException {
        return session.first(find, statement -> statement.setString(1, id), BatchTable::read);
    }

    BatchDecision.Result change(Session session, String id, BatchDecision decision) throws SQLException {
        Optional<Batch> current =
                session.first(find + " for update", statement -> statement.setString(1, id), BatchTable::read);
        if (current.isEmpty()) {
            return new BatchDecision.Result.Refuse("no such batch");
        }
        BatchDecision.Result result = decision.decide(current.get());
        if (!(result instanceof BatchDecision.Result.Write write)) {
            return result;
        }
        Batch after = write.after();
        session.update(change, statement -> {
            int i = 1;
            Batch.Stop stop = after.stopped();
            statement.setString(i++, after.state().name());
            statement.setString(i++, stop == null ? null : stop.by());
            statement.setString(i++, stop == null ? null : stop.reason());
            statement.setString(i++, stop == null ? null : stop.code().name());
            statement.setInt(i++, stop == null ? 0 : stop.failed());
            statement.setInt(i++, stop == null ? 0 : stop.of());
            statement.setInt(i++, after.pace().canary());
            statement.setInt(i++, after.pace().canaryPercent());
            statement.setInt(i++, after.pace().perSecond());
            statement.setInt(i++, after.pace().inFlight());
            statement.setInt(i++, after.pace().pausePercent());
            statement.setLong(i++, after.canaryFrom());
            statement.setBoolean(i++, after.canaryPassed());
            statement.setString(i++, after.state().name());
            statement.setString(i++, after.state().name());
            statement.setString(i, id);
        });
        if (after.state() == Batch.State.CANCELLED) {
            session.update(cancel, statement -> statement.setString(1, id));
        }
        return new BatchDecision.Result.Write(find(session, id).orElseThrow());
    }

    List<Batch> list(Session session, ProcessorScope processors, @Nullable String before, int limit)
            throws SQLException {
        ScopeCondition scope = ScopeCondition.on("(filter ->> 'processor')", processors);
        String sql = schema.in("select " + COLUMNS + " from ${schema}.batch where state <> 'PLANNED' and " + scope.sql()
                + (before == null ? "" : " and id < ?") + " order by id desc limit ?");
        return session.query(
                sql,
                statement -> {
                    int i = scope.bind(statement, 1);
                    if (before != null) {
                        statement.setString(i++, before);
                    }
                    statement.setInt(i, limit);
                },
                BatchTable::read);
    }

    List<Batch.Item> items(Session session, String batch, Batch.@Nullable ItemState state, int after, int limit)
            throws SQLException {
        String sql = schema.in("select * from (select n, failure_id, state, code from ${schema}.batch_item"
                + " where batch_id = ? and n > ? union all select i.n, i.failure_id,"
                + " case b.state when 'CANCELLED' then 'SKIPPED' else 'WAITING' end,"
                + " case b.state when 'CANCELLED' then 'cancelled' end" + PARTS
                + " where p.batch_id = ? and p.n > greatest(b.begun, ?) - " + PART
                + " and p.n <= greatest(b.begun, ?) + ? and i.n > greatest(b.begun, ?)) i"
                + (state == null ? "" : " where state = ?") + " order by n limit ?");
        return session.query(
                sql,
                statement -> {
                    int i = 1;
                    statement.setString(i++, batch);
                    statement.setInt(i++, after);
                    statement.setString(i++, batch);
                    statement.setInt(i++, after);
                    statement.setInt(i++, after);
                    statement.setInt(i++, limit);
                    statement.setInt(i++, after);
                    if (state != null) {
                        statement.setString(i++, state.name());
                    }
                    statement.setInt(i, limit);
                },
                BatchTable::item);
    }

    List<Batch> take(Session session, String node, Duration lease) throws SQLException {
        return session.query(
                take,
                statement -> {
                    statement.setString(1, node);
                    statement.setLong(2, InboxReader.micros(lease));
                    statement.setString(3, node);
                },
                BatchTable::read);
    }

    /** Locks a batch that belongs to this node; empty if it does not. */
    private Optional<Batch.State> lockOwn(Session session, String batch, String node) throws SQLException {
        return session.first(
                lockOwn,
                statement -> {
                    statement.setString(1, batch);
                    statement.setString(2, node);
                },
                row -> Batch.State.valueOf(row.getString(1)));
    }

    List<Batch.ItemState> settle(Session session, String batch, String node) throws SQLException {
        if (lockOwn(session, batch, node).isEmpty()) {
            return List.of();
        }
        Batch current = find(session, batch).orElseThrow();
        if (!(current.command() instanceof FailureCommand.Prepare)
                || current.numbers().running() == 0) {
            return List.of();
        }
        return session.query(
                settle,
                statement -> {
                    statement.setString(1, batch);
                    statement.setString(2, batch);
                    statement.setString(3, batch);
                },
                row -> Batch.ItemState.valueOf(row.getString(1)));
    }

    int begin(Session session, String batch, String node, int limit) throws SQLException {
        Batch.State state = lockOwn(session, batch, node).orElse(Batch.State.DONE);
        if (state != Batch.State.CANARY && state != Batch.State.RUNNING) {
            return 0;
        }
        return session.one(
                begin,
                statement -> {
                    statement.setString(1, batch);
                    statement.setInt(2, limit);
                    statement.setInt(3, limit);
                    statement.setString(4, batch);
                    statement.setString(5, batch);
                },
                row -> row.getInt(1));
    }

    List<Batch.Begun> uncommanded(Session session, String batch, String node, int limit) throws SQLException {
        return session.query(
                uncommanded,
                statement -> {
                    statement.setString(1, batch);
                    statement.setString(2, node);
                    statement.setInt(3, limit);
                },
                row -> new Batch.Begun(row.getInt(1), new FailureId(row.getString(2)), row.getInt(3)));
    }

    int end(Session session, String batch, String node, List<Batch.Item> items) throws SQLException {
        if (lockOwn(session, batch, node).isEmpty()) {
            return 0;
        }
        return session.update(end, statement -> {
            statement.setArray(
                    1,
                    statement
                            .getConnection()
                            .createArrayOf(
                                    "int", items.stream().map(Batch.Item::n).toArray()));
            Session.setTexts(
                    statement,
                    2,
                    items.stream().map(item -> item.state().name()).toList());
            Session.setTexts(
                    statement,
                    3,
                    items.stream()
                            .map(item -> Objects.requireNonNullElse(item.code(), ""))
                            .toList());
            statement.setString(4, batch);
            statement.setString(5, batch);
        });
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

    private static Batch.Item item(ResultSet row) throws SQLException {
        return new Batch.Item(
                row.getInt(1),
                new FailureId(row.getString(2)),
                Batch.ItemState.valueOf(row.getString(3)),
                row.getString(4));
    }

    private static Batch.Stop stop(String by, ResultSet row) throws SQLException {
        String code = row.getString("stopped_code");
        // schema 4 wrote sentences
        Batch.StopCode why = code != null
                ? Batch.StopCode.valueOf(code)
                : by.equals(Batch.Stop.RULE) ? Batch.StopCode.TOO_MANY_FAILED : Batch.StopCode.PERSON;
        String said = row.getString("stopped_why");
        return new Batch.Stop(
                by,
                why,
                why != Batch.StopCode.PERSON || said == null || said.isEmpty() ? null : said,
                row.getInt("stopped_failed"),
                row.getInt("stopped_of"));
    }

    private static Batch read(ResultSet row) throws SQLException {
        String stoppedBy = row.getString("stopped_by");
        Batch.State state = Batch.State.valueOf(row.getString("state"));
        return new Batch(
                row.getString("id"),
                state,
                CommandText.read(row.getString("action"), JsonText.strings(row.getString("parameters"))),
                JsonText.strings(row.getString("filter")),
                row.getString("reason"),
                row.getString("created_by"),
                Objects.requireNonNull(EventColumns.instant(row, row.findColumn("created_at"))),
                EventColumns.instant(row, row.findColumn("started_at")),
                EventColumns.instant(row, row.findColumn("ended_at")),
                stoppedBy == null ? null : stop(stoppedBy, row),
                row.getInt("per_second") == 0
                        ? Batch.Pace.DEFAULT
                        : new Batch.Pace(
                                row.getInt("canary"),
                                row.getInt("canary_percent"),
                                row.getInt("per_second"),
                                row.getInt("in_flight"),
                                row.getInt("pause_percent")),
                row.getLong("canary_from"),
                row.getBoolean("canary_passed"),
                new Batch.Numbers(
                        row.getInt("total"),
                        row.getInt("waiting"),
                        row.getInt("running"),
                        row.getInt("handled"),
                        row.getInt("failed_again"),
                        row.getInt("skipped")));
    }
}
