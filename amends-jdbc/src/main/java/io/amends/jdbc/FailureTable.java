package io.amends.jdbc;

import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Situation;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private final String updateState;
    private final String updateAll;
    private final String remove;
    private final String history;
    private final String followers;
    private final String situation;
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
        situation = schema.in("select clock_timestamp(), (select fence from ${schema}.cursor where processor = ?"
                + " and slot = ?), not exists (select 1 from ${schema}.lane where processor = ? and lane_key = ?"
                + " and (head_position < ? or paused_at is not null)) or ${schema}.lane_may_run(?, ?, ?),"
                + " exists (select 1 from ${schema}.wait where processor = ? and position = ? and failure_id = ?"
                + " and due_at <= clock_timestamp()), (select count(*) from ${schema}.lane_event where processor = ?"
                + " and lane_key = ? and position > ? and kind = 'PARKED'), exists (select 1 from ${schema}.lane"
                + " where processor = ? and lane_key = ? and paused_at is not null)");
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

    /** Locks and reads a record; the payload only where it is needed, it may be long. */
    Optional<FailedExecution> lock(Session session, FailureId id, boolean withPayload) throws SQLException {
        return session.first(
                withPayload ? lockWithPayload : lock,
                statement -> statement.setString(1, id.value()),
                FailureColumns::read);
    }

    /** What a decision about a locked record may depend on; to be read after its lane was locked. */
    Situation situation(Session session, FailedExecution record) throws SQLException {
        return session.one(
                situation,
                statement -> {
                    statement.setString(1, record.processor());
                    statement.setInt(2, record.slot());
                    String laneKey = record.status().isDone() ? null : record.laneKey();
                    statement.setString(3, record.processor());
                    statement.setString(4, laneKey);
                    statement.setLong(5, record.position());
                    statement.setString(6, record.processor());
                    statement.setString(7, laneKey);
                    statement.setLong(8, record.position());
                    statement.setString(9, record.processor());
                    statement.setLong(10, record.position());
                    statement.setString(11, record.id().value());
                    statement.setString(12, record.processor());
                    statement.setString(13, laneKey);
                    statement.setLong(14, record.position());
                    statement.setString(15, record.processor());
                    statement.setString(16, laneKey);
                },
                row -> new Situation(
                        Objects.requireNonNull(EventColumns.instant(row, 1)),
                        row.getBoolean(3),
                        row.getLong(2),
                        row.getLong(5),
                        row.getBoolean(4),
                        row.getBoolean(6)));
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

    /** Writes records and their lines of history, in a round trip for those with the same error as before and one for others. */
    void write(Session session, List<Written> changes) throws SQLException {
        List<Written> newErrors = changes.stream().filter(Written::hasNewError).toList();
        List<Written> sameErrors =
                changes.stream().filter(change -> !change.hasNewError()).toList();
        if (!newErrors.isEmpty()) {
            session.batch(updateAll, newErrors, (statement, written) -> {
                int next = bindState(statement, written.change());
                next = FailureColumns.bindError(
                        statement, next, written.change().after().error());
                statement.setString(next, written.before().id().value());
            });
        }
        if (!sameErrors.isEmpty()) {
            session.batch(updateState, sameErrors, (statement, written) -> {
                int next = bindState(statement, written.change());
                statement.setString(next, written.before().id().value());
            });
        }
    }

    private static int bindState(PreparedStatement statement, Change.Write change) throws SQLException {
        FailedExecution after = change.after();
        statement.setString(1, after.id().value());
        int next = FailureColumns.bindEntry(statement, 2, change.entry());
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
