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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The failed executions and their histories. */
final class FailureTable {
    private final SchemaName schema;
    private final String clock;
    private final String insert;
    private final String insertEntry;
    private final String find;
    private final String lock;
    private final String lockWithPayload;
    private final String update;
    private final String remove;
    private final String history;
    private final String followers;
    private final String situation;
    private final String prune;
    private final String rename;

    FailureTable(SchemaName schema) {
        this.schema = schema;
        clock = "select clock_timestamp()";
        insert = schema.in("insert into ${schema}.failed_execution (" + EventColumns.NAMES + ", " + FailureColumns.FIXED
                + ", " + FailureColumns.CHANGING + ") values (" + EventColumns.PARAMETERS + ", "
                + FailureColumns.FIXED_PARAMETERS + ", " + FailureColumns.CHANGING_PARAMETERS
                + ") on conflict do nothing");
        insertEntry = schema.in("insert into ${schema}.execution_history (failure_id, " + FailureColumns.ENTRY
                + ") values (?, " + FailureColumns.ENTRY_PARAMETERS + ")");
        find = schema.in(
                "select " + FailureColumns.WITH_PAYLOAD + " from ${schema}.failed_execution f where f.failure_id = ?");
        lock = schema.in("select " + FailureColumns.WITHOUT_PAYLOAD
                + " from ${schema}.failed_execution f where f.failure_id = ? for update");
        lockWithPayload = find + " for update";
        update = schema.in("update ${schema}.failed_execution set (" + FailureColumns.CHANGING + ") = row("
                + FailureColumns.CHANGING_PARAMETERS + "), done_at = case when ? then coalesce(done_at, now()) end"
                + " where failure_id = ?");
        remove = schema.in("with entries as (delete from ${schema}.execution_history where failure_id = ?)"
                + " delete from ${schema}.failed_execution where failure_id = ?");
        history = schema.in(
                "select " + FailureColumns.ENTRY + " from ${schema}.execution_history where failure_id = ? order by n");
        followers = schema.in("select count(*) from ${schema}.failed_execution f join ${schema}.lane_event e"
                + " on e.processor = f.processor and e.lane_key = f.lane_key and e.position > f.position"
                + " and e.kind = 'PARKED' where f.failure_id = ? and f.status in ('FAILED', 'PREPARED')");
        situation = schema.in("select clock_timestamp(), (select fence from ${schema}.cursor where processor = ?"
                + " and slot = ?), not exists (select 1 from ${schema}.lane where processor = ? and lane_key = ?"
                + " and head_position < ?), (select count(*) from ${schema}.lane_event where processor = ?"
                + " and lane_key = ? and position > ? and kind = 'PARKED')");
        prune = schema.in("with gone as (delete from ${schema}.failed_execution where failure_id = any(array("
                + "select failure_id from ${schema}.failed_execution where done_at <= now() - ? * interval '1 microsecond'"
                + " order by done_at limit ? for update skip locked)) returning failure_id),"
                + " entries as (delete from ${schema}.execution_history h using gone g"
                + " where h.failure_id = g.failure_id) select count(*) from gone");
        rename = schema.in("update ${schema}.failed_execution set processor = ? where processor = ?");
    }

    /** The database's time now, not that of the transaction's begin: it may have waited for locks. */
    Instant now(Session session) throws SQLException {
        return session.one(clock, Session.Binder.NONE, row -> Objects.requireNonNull(EventColumns.instant(row, 1)));
    }

    /** Writes a new record; false if it is there already. */
    boolean create(Session session, FailedExecution record, HistoryEntry entry) throws SQLException {
        int created = session.update(insert, statement -> {
            int next = EventColumns.bind(
                    statement, 1, record.event(), record.event().data());
            next = FailureColumns.bindFixed(statement, next, record);
            FailureColumns.bindChanging(statement, next, record);
        });
        if (created == 0) {
            return false;
        }
        session.update(insertEntry, statement -> bindEntry(statement, record.id(), entry));
        return true;
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
                },
                row -> new Situation(
                        Objects.requireNonNull(EventColumns.instant(row, 1)),
                        row.getBoolean(3),
                        row.getLong(2),
                        row.getLong(4)));
    }

    /** Writes records and their lines of history, in two round trips. */
    void write(Session session, List<Change.Write> changes) throws SQLException {
        session.batch(update, changes, (statement, change) -> {
            FailedExecution after = change.after();
            int next = FailureColumns.bindChanging(statement, 1, after);
            statement.setBoolean(next++, after.status().isDone());
            statement.setString(next, after.id().value());
        });
        session.batch(
                insertEntry,
                changes,
                (statement, change) -> bindEntry(statement, change.after().id(), change.entry()));
    }

    void remove(Session session, FailureId id) throws SQLException {
        session.update(remove, statement -> {
            statement.setString(1, id.value());
            statement.setString(2, id.value());
        });
    }

    private static void bindEntry(PreparedStatement statement, FailureId id, HistoryEntry entry) throws SQLException {
        statement.setString(1, id.value());
        FailureColumns.bindEntry(statement, 2, entry);
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
