package io.amends.jdbc;

import io.amends.core.failure.FailureId;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.AuditTicket;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** What persons did; lines are added and ended, never changed, and in the end removed. */
final class AuditTable {
    private final SchemaName schema;
    private final String insert;
    private final String repeated;
    private final String end;
    private final String prune;
    private final String forgetKeys;

    AuditTable(SchemaName schema) {
        this.schema = schema;
        insert = schema.in("insert into ${schema}.audit (action, actor, address, processor, failure_id, target, reason,"
                + " details, result, request_key, request_hash) values (?, ?, ?, ?, ?, ?, ?, ?::jsonb, 'unknown', ?, ?)"
                + " on conflict (actor, request_key) where request_key is not null do nothing returning n");
        repeated = schema.in(
                "select request_hash, answer_status, answer from ${schema}.audit where actor = ? and request_key = ?");
        end = schema.in("update ${schema}.audit set result = ?, code = ?, before = ?::jsonb, after = ?::jsonb,"
                + " answer_status = ?, answer = ? where n = ? and result = 'unknown'");
        String old =
                " where n = any(array(select n from ${schema}.audit where at < now() - ? * interval '1 microsecond'"
                        + " and result <> 'unknown'%s order by at limit ? for update skip locked))";
        prune = schema.in("delete from ${schema}.audit" + old.formatted(""));
        forgetKeys = schema.in(
                "update ${schema}.audit set request_key = null, request_hash = null, answer_status = null, answer = null"
                        + old.formatted(" and request_key is not null"));
    }

    int prune(Session session, Duration keep, int limit) throws SQLException {
        return older(session, prune, keep, limit);
    }

    int forgetKeys(Session session, Duration keep, int limit) throws SQLException {
        return older(session, forgetKeys, keep, limit);
    }

    private static int older(Session session, String sql, Duration keep, int limit) throws SQLException {
        return session.update(sql, statement -> {
            statement.setLong(1, InboxReader.micros(keep));
            statement.setInt(2, limit);
        });
    }

    AuditTicket begin(Session session, AuditEntry entry, AuditTicket.@Nullable Key key) throws SQLException {
        Optional<Long> n = session.first(
                insert,
                statement -> {
                    int i = 1;
                    FailureId failure = entry.failure();
                    statement.setString(i++, entry.action());
                    statement.setString(i++, entry.actor());
                    statement.setString(i++, entry.address());
                    statement.setString(i++, entry.processor());
                    statement.setString(i++, failure == null ? null : failure.value());
                    statement.setString(i++, entry.target());
                    statement.setString(i++, entry.reason());
                    statement.setString(i++, JsonText.write(entry.parameters()));
                    statement.setString(i++, key == null ? null : key.key());
                    statement.setString(i++, key == null ? null : key.hash());
                },
                row -> row.getLong(1));
        if (n.isPresent()) {
            return new AuditTicket.Begun(n.get());
        }
        String sent = Objects.requireNonNull(key, "only a key conflicts").key();
        return session.one(
                repeated,
                statement -> {
                    statement.setString(1, entry.actor());
                    statement.setString(2, sent);
                },
                row -> {
                    String body = row.getString(3);
                    return new AuditTicket.Repeated(
                            row.getString(1), body == null ? null : new AuditOutcome.Answer(row.getInt(2), body));
                });
    }

    int end(Session session, long n, AuditOutcome outcome) throws SQLException {
        return session.update(end, statement -> {
            int i = 1;
            AuditOutcome.Answer answer = outcome.answer();
            statement.setString(i++, outcome.result().name().toLowerCase(Locale.ROOT));
            statement.setString(i++, outcome.code());
            statement.setString(i++, JsonText.write(outcome.before()));
            statement.setString(i++, JsonText.write(outcome.after()));
            statement.setObject(i++, answer == null ? null : answer.status(), java.sql.Types.INTEGER);
            statement.setString(i++, answer == null ? null : answer.body());
            statement.setLong(i++, n);
        });
    }

    List<AuditLine> list(Session session, AuditSearch search, @Nullable Long before, int limit) throws SQLException {
        List<String> conditions = new ArrayList<>(List.of("true"));
        List<Object> values = new ArrayList<>();
        add(conditions, values, "actor = ?", search.actor());
        add(conditions, values, "action = ?", search.action());
        add(conditions, values, "processor = ?", search.processor());
        FailureId failure = search.failure();
        add(conditions, values, "failure_id = ?", failure == null ? null : failure.value());
        add(conditions, values, "target = ?", search.target());
        add(conditions, values, "at >= ?", search.from());
        add(conditions, values, "at < ?", search.to());
        add(conditions, values, "n < ?", before);
        ScopeCondition scope = ScopeCondition.on("processor", search.scope());
        conditions.add(scope.sql());
        String sql = schema.in("select n, at, action, actor, address, processor, failure_id, target, reason, details,"
                + " result, code, before, after from ${schema}.audit where " + String.join(" and ", conditions)
                + " order by n desc limit ?");
        return session.query(
                sql,
                statement -> {
                    int i = 1;
                    for (Object value : values) {
                        bind(statement, i++, value);
                    }
                    statement.setInt(scope.bind(statement, i), limit);
                },
                AuditTable::read);
    }

    private static void add(List<String> conditions, List<Object> values, String condition, @Nullable Object value) {
        if (value != null) {
            conditions.add(condition);
            values.add(value);
        }
    }

    private static void bind(PreparedStatement statement, int i, Object value) throws SQLException {
        switch (value) {
            case Instant instant -> EventColumns.setInstant(statement, i, instant);
            case Long number -> statement.setLong(i, number);
            default -> statement.setString(i, (String) value);
        }
    }

    private static AuditLine read(ResultSet row) throws SQLException {
        String failure = row.getString("failure_id");
        return new AuditLine(
                row.getLong("n"),
                Objects.requireNonNull(EventColumns.instant(row, row.findColumn("at"))),
                new AuditEntry(
                        row.getString("action"),
                        row.getString("actor"),
                        row.getString("address"),
                        row.getString("processor"),
                        failure == null ? null : new FailureId(failure),
                        row.getString("target"),
                        row.getString("reason"),
                        JsonText.strings(row.getString("details"))),
                new AuditOutcome(
                        AuditOutcome.Result.valueOf(row.getString("result").toUpperCase(Locale.ROOT)),
                        row.getString("code"),
                        strings(row.getString("before")),
                        strings(row.getString("after")),
                        null));
    }

    private static SortedMap<String, String> strings(@Nullable String json) {
        return json == null ? Collections.emptySortedMap() : JsonText.strings(json);
    }
}
