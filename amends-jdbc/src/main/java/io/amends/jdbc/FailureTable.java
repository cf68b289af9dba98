package io.amends.jdbc;

import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Situation;
import io.amends.core.store.SlotId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The failed executions and their histories. */
final class FailureTable {
    private final SchemaName schema;
    private final String insert;
    private final String find;
    private final String lock;
    private final String lockWithPayload;
    private final String lockLane;
    private final String lockAll;
    private final String lockLanes;
    private final String updateState;
    private final String updateStates;
    private final String updateMoved;
    private final String updateAll;
    private final String remove;
    private final String history;
    private final String followers;
    private final String situation;
    private final String situations;
    private final String prune;
    private final String rename;

    FailureTable(SchemaName schema) {
        this.schema = schema;
        String entry = "insert into ${schema}.execution_history (failure_id, " + FailureColumns.ENTRY + ")";
        insert = schema.in("with created as (insert into ${schema}.failed_execution (" + EventColumns.NAMES + ", "
                + FailureColumns.FIXED + ", " + FailureColumns.ERROR + ", " + FailureColumns.STATE + ") values ("
                + EventColumns.PARAMETERS + ", " + FailureColumns.FIXED_PARAMETERS + ", "
                + FailureColumns.ERROR_PARAMETERS + ", " + FailureColumns.STATE_PARAMETERS
                + ") on conflict do nothing returning failure_id) " + entry + " select failure_id, "
                + FailureColumns.ENTRY_PARAMETERS + " from created");
        String update = "with entry as (" + entry + " values (?, " + FailureColumns.ENTRY_PARAMETERS
                + ")) update ${schema}.failed_execution set (" + FailureColumns.STATE + ") = row("
                + FailureColumns.STATE_PARAMETERS + "), done_at = case when ? then coalesce(done_at, now()) end";
        updateState = schema.in(update + " where failure_id = ?");
        String updateMany = "with given as (select * from unnest(?::text[], ?::boolean[], "
                + FailureColumns.ENTRY_ARRAYS + ", " + FailureColumns.STATE_ARRAYS + ") as g(id, done, e_"
                + FailureColumns.ENTRY.replace(", ", ", e_") + ", s_"
                + FailureColumns.STATE.replace(", ", ", s_")
                + ")), entries as (" + entry + " select id, e_" + FailureColumns.ENTRY.replace(", ", ", e_")
                + " from given) update ${schema}.failed_execution f set (" + FailureColumns.STATE
                + ") = row(g.s_"
                + FailureColumns.STATE.replace(", ", ", g.s_")
                + "), done_at = case when g.done then coalesce(f.done_at, now()) end%s from given g where"
                + " f.failure_id = g.id";
        updateStates = schema.in(updateMany.formatted(""));
        // at once, so that they are counted in one processor or the other
        updateMoved = schema.in(updateMany.formatted(", processor = ?, slot = ?, stops_slot = false"));
        updateAll = schema.in(update + ", (" + FailureColumns.ERROR + ") = row(" + FailureColumns.ERROR_PARAMETERS
                + ") where failure_id = ?");
        find = schema.in(
                "select " + FailureColumns.WITH_PAYLOAD + " from ${schema}.failed_execution f where f.failure_id = ?");
        lock = schema.in("select " + FailureColumns.WITHOUT_PAYLOAD
                + " from ${schema}.failed_execution f where f.failure_id = ? for update");
        lockWithPayload = find + " for update";
        remove = schema.in("with entries as (delete from ${schema}.execution_history where failure_id = ?)"
                + " delete from ${schema}.failed_execution where failure_id = ?");
        history = schema.in(
                "select " + FailureColumns.ENTRY + " from ${schema}.execution_history where failure_id = ? order by n");
        followers = schema.in("select count(*) from ${schema}.failed_execution f join ${schema}.lane_event e"
                + " on e.processor = f.processor and e.lane_key = f.lane_key and e.position > f.position"
                + " and e.kind = 'PARKED' where f.failure_id = ? and f.status in ('FAILED', 'PREPARED')");
        lockLane = schema.in("select 1 from ${schema}.lane l join ${schema}.failed_execution f"
                + " on l.processor = f.processor and l.lane_key = f.lane_key"
                + " where f.failure_id = ? and f.status in ('FAILED', 'PREPARED') for update of l");
        lockAll = schema.in("select " + FailureColumns.WITHOUT_PAYLOAD + " from ${schema}.failed_execution f"
                + " where f.failure_id = any(?) order by f.failure_id for update");
        lockLanes = schema.in("select 1 from ${schema}.lane l join ${schema}.failed_execution f"
                + " on l.processor = f.processor and l.lane_key = f.lane_key"
                + " where f.failure_id = any(?) and f.status in ('FAILED', 'PREPARED')"
                + " order by l.lane_key for update of l");
        String lane = " from ${schema}.lane l where l.processor = f.processor and l.lane_key = k.lane_key";
        String ofRecord = "select f.failure_id, clock_timestamp(), (select c.fence from ${schema}.cursor c"
                + " where c.processor = f.processor and c.slot = f.slot), k.lane_key is null or not exists (select 1"
                + lane + " and (l.head_position < f.position or l.paused_at is not null))"
                + " or ${schema}.lane_may_run(f.processor, k.lane_key, f.position),"
                + " exists (select 1 from ${schema}.wait w where w.processor = f.processor and w.position = f.position"
                + " and w.failure_id = f.failure_id and w.due_at <= clock_timestamp()), (select count(*)"
                + " from ${schema}.lane_event e where e.processor = f.processor and e.lane_key = k.lane_key"
                + " and e.position > f.position and e.kind = 'PARKED'), exists (select 1" + lane
                + " and l.paused_at is not null) from ${schema}.failed_execution f cross join lateral"
                + " (select case when f.status in ('FAILED', 'PREPARED') then f.lane_key end as lane_key) k"
                + " where f.failure_id = ";
        // a plan for an array would be made anew at each call: one for its known length seems to be the cheaper one
        situation = schema.in(ofRecord + "?");
        situations = schema.in(ofRecord + "any(?)");
        prune = schema.in("with gone as (delete from ${schema}.failed_execution where failure_id = any(array("
                + "select failure_id from ${schema}.failed_execution where done_at <= now() - ? * interval '1 microsecond'"
                + " order by done_at limit ? for update skip locked)) returning failure_id),"
                + " entries as (delete from ${schema}.execution_history h using gone g"
                + " where h.failure_id = g.failure_id) select count(*) from gone");
        rename = schema.in("update ${schema}.failed_execution set processor = ? where processor = ?");
    }

    /** Writes a new record with its first line of history; false if it is there already. */
    boolean create(Session session, FailedExecution record, HistoryEntry entry) throws SQLException {
        return session.update(insert, statement -> {
                    int next = EventColumns.bind(
                            statement, 1, record.event(), record.event().data());
                    next = FailureColumns.bindFixed(statement, next, record);
                    next = FailureColumns.bindError(statement, next, record.error());
                    next = FailureColumns.bindState(statement, next, record);
                    FailureColumns.bindEntry(statement, next, entry);
                })
                == 1;
    }

    Optional<FailedExecution> find(Session session, FailureId id) throws SQLException {
        return session.first(find, statement -> statement.setString(1, id.value()), FailureColumns::read);
    }

    /**
     * A record that is locked, as its lane is.
     *
     * @param situation read after both were locked
     */
    record Locked(FailedExecution record, Situation situation) {}

    /** Locks and reads a record, then its lane, then its situation; the payload only where it is needed, it may be long. */
    Optional<Locked> lock(Session session, FailureId id, boolean withPayload) throws SQLException {
        List<FailedExecution> records = new ArrayList<>();
        List<Situation> found = new ArrayList<>();
        Session.Together together = new Session.Together();
        Session.PartBinder ofId = (statement, first) -> {
            statement.setString(first, id.value());
            return first + 1;
        };
        together.add(withPayload ? lockWithPayload : lock, ofId, row -> records.add(FailureColumns.read(row)));
        together.add(lockLane, ofId);
        together.add(situation, ofId, row -> found.add(situation(row)));
        session.run(together);
        return records.isEmpty() ? Optional.empty() : Optional.of(new Locked(records.getFirst(), found.getFirst()));
    }

    /** What decisions about locked records may depend on; to be read after their lanes were locked. */
    Map<String, Situation> situations(Session session, Collection<String> ids) throws SQLException {
        Map<String, Situation> found = new HashMap<>();
        session.each(
                situations,
                statement -> Session.setTexts(statement, 1, ids),
                row -> found.put(row.getString(1), situation(row)));
        return found;
    }

    /** The same for several, those that there are. */
    Map<FailureId, Locked> lockAll(Session session, Collection<FailureId> failures) throws SQLException {
        List<String> ids = failures.stream().map(FailureId::value).toList();
        Map<String, FailedExecution> records = new HashMap<>();
        Map<FailureId, Locked> locked = new HashMap<>();
        Session.PartBinder ofIds = (statement, first) -> {
            Session.setTexts(statement, first, ids);
            return first + 1;
        };
        Session.Together together = new Session.Together();
        together.add(lockAll, ofIds, row -> {
            FailedExecution record = FailureColumns.read(row);
            records.put(record.id().value(), record);
        });
        together.add(lockLanes, ofIds);
        together.add(situations, ofIds, row -> {
            FailedExecution record = records.get(row.getString(1));
            if (record != null) {
                locked.put(record.id(), new Locked(record, situation(row)));
            }
        });
        session.run(together);
        return locked;
    }

    private static Situation situation(ResultSet row) throws SQLException {
        return new Situation(
                Objects.requireNonNull(EventColumns.instant(row, 2)),
                row.getBoolean(4),
                row.getLong(3),
                row.getLong(6),
                row.getBoolean(5),
                row.getBoolean(7));
    }

    /**
     * A record to write.
     *
     * @param before as it is
     * @param change what becomes of it
     */
    record Written(FailedExecution before, Change.Write change) {
        boolean hasNewError() {
            return !before.error().equals(change.after().error());
        }
    }

    /** Writes records and their lines of history, those with the same error as before in one statement. */
    void write(Session session, List<Written> changes) throws SQLException {
        Session.Together together = new Session.Together();
        changes.stream().filter(Written::hasNewError).forEach(change -> write(together, change));
        session.run(together);
        List<Written> sameErrors =
                changes.stream().filter(change -> !change.hasNewError()).toList();
        if (!sameErrors.isEmpty()) {
            session.update(updateStates, statement -> bindStates(statement, sameErrors));
        }
    }

    /** Writes records that go to another processor with the same errors, and their lines of history. */
    void writeMoved(Session session, List<Written> changes, SlotId target) throws SQLException {
        session.update(updateMoved, statement -> {
            int next = bindStates(statement, changes);
            statement.setString(next, target.processor());
            statement.setInt(next + 1, target.number());
        });
    }

    private static int bindStates(PreparedStatement statement, List<Written> changes) throws SQLException {
        List<FailedExecution> after =
                changes.stream().map(written -> written.change().after()).toList();
        Session.setTexts(
                statement, 1, after.stream().map(record -> record.id().value()).toList());
        Session.setBooleans(
                statement,
                2,
                after.stream().map(record -> record.status().isDone()).toList());
        int next = FailureColumns.bindEntries(
                statement,
                3,
                changes.stream().map(written -> written.change().entry()).toList());
        return FailureColumns.bindStates(statement, next, after);
    }

    /** Adds that a record and its line of history are written. */
    void write(Session.Together together, Written written) {
        together.add(written.hasNewError() ? updateAll : updateState, (statement, first) -> {
            int next = bindState(statement, first, written.change());
            if (written.hasNewError()) {
                next = FailureColumns.bindError(
                        statement, next, written.change().after().error());
            }
            statement.setString(next, written.before().id().value());
            return next + 1;
        });
    }

    private static int bindState(PreparedStatement statement, int first, Change.Write change) throws SQLException {
        FailedExecution after = change.after();
        statement.setString(first, after.id().value());
        int next = FailureColumns.bindEntry(statement, first + 1, change.entry());
        next = FailureColumns.bindState(statement, next, after);
        statement.setBoolean(next++, after.status().isDone());
        return next;
    }

    void remove(Session session, FailureId id) throws SQLException {
        session.update(remove, statement -> {
            statement.setString(1, id.value());
            statement.setString(2, id.value());
        });
    }

    List<FailedExecution> list(Session session, FailureFilter filter, @Nullable FailureId before, int limit)
            throws SQLException {
        List<String> conditions = new ArrayList<>();
        List<String> values = new ArrayList<>();
        add(conditions, values, "f.failure_id < ?", before == null ? null : before.value());
        add(conditions, values, "f.processor = ?", filter.processor());
        add(conditions, values, "f.lane_key = ?", filter.key());
        add(conditions, values, "f.type = ?", filter.eventType());
        add(conditions, values, "f.fingerprint = ?", filter.fingerprint());
        if (!filter.statuses().isEmpty()) {
            // literals, so that the partial index of open records can be used
            conditions.add(filter.statuses().stream()
                    .map(status -> "'" + status.name() + "'")
                    .sorted()
                    .collect(Collectors.joining(", ", "f.status in (", ")")));
        }
        String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
        return session.query(
                schema.in("select " + FailureColumns.WITHOUT_PAYLOAD + " from ${schema}.failed_execution f" + where
                        + " order by f.failure_id desc limit ?"),
                statement -> {
                    int i = 1;
                    for (String value : values) {
                        statement.setString(i++, value);
                    }
                    statement.setInt(i, limit);
                },
                FailureColumns::read);
    }

    private static void add(List<String> conditions, List<String> values, String condition, @Nullable String value) {
        if (value != null) {
            conditions.add(condition);
            values.add(value);
        }
    }

    List<HistoryEntry> history(Session session, FailureId id) throws SQLException {
        return session.query(history, statement -> statement.setString(1, id.value()), FailureColumns::readEntry);
    }

    long followers(Session session, FailureId id) throws SQLException {
        return session.one(followers, statement -> statement.setString(1, id.value()), row -> row.getLong(1));
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

    void rename(Session session, String from, String to) throws SQLException {
        session.update(rename, statement -> {
            statement.setString(1, to);
            statement.setString(2, from);
        });
    }
}
