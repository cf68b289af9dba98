package io.amends.jdbc;

import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.RetryState;
import io.amends.core.failure.Status;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The columns of failed executions and their histories. */
final class FailureColumns {
    /** What never changes, without the event's columns. */
    static final String FIXED = "failure_id, processor, slot, lane_key, stops_slot, position, first_failed_at, tenant";

    static final String FIXED_PARAMETERS = "?, ?, ?, ?, ?, ?, ?, ?";

    /** The error, which may be long: written only where it changed. */
    static final String ERROR = "error_code, error_message, error_causes, error_bindings, error_stack";

    static final String ERROR_PARAMETERS = "?, ?, ?::jsonb, ?::jsonb, ?";

    /** What else a change may write. */
    static final String STATE = "function, reason, fingerprint, executed_at, retry_enabled, max_retries,"
            + " min_backoff_ms, execution_timeout_ms, max_backoff_ms, jitter, attempt, retries, lost_attempts,"
            + " requested, retry_at, timeout_at, next_retry_at, node, fence, status, recoverability,"
            + " recoverability_by, build, due_at";

    static final String STATE_PARAMETERS = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

    private static final String ALL = FIXED + ", " + ERROR + ", " + STATE;

    /** Columns for {@link #read}, with the payload. */
    static final String WITH_PAYLOAD = EventColumns.of("f") + ", f." + ALL.replace(", ", ", f.");

    /** Columns for {@link #read}, without it. */
    static final String WITHOUT_PAYLOAD = EventColumns.withoutPayload("f") + ", f." + ALL.replace(", ", ", f.");

    private FailureColumns() {}

    static int bindFixed(PreparedStatement statement, int first, FailedExecution record) throws SQLException {
        int i = first;
        statement.setString(i++, record.id().value());
        statement.setString(i++, record.processor());
        statement.setInt(i++, record.slot());
        statement.setString(i++, record.laneKey());
        statement.setBoolean(i++, record.stopsSlot());
        statement.setLong(i++, record.position());
        EventColumns.setInstant(statement, i++, record.firstFailedAt());
        statement.setString(i++, record.tenant());
        return i;
    }

    static int bindError(PreparedStatement statement, int first, ErrorDetails error) throws SQLException {
        int i = first;
        statement.setString(i++, error.code());
        statement.setString(i++, error.message());
        statement.setString(i++, causes(error));
        statement.setString(i++, bindings(error));
        statement.setString(i++, error.stack());
        return i;
    }

    static int bindState(PreparedStatement statement, int first, FailedExecution record) throws SQLException {
        RetryPolicy policy = record.policy();
        RetryState retry = record.retry();
        int i = first;
        statement.setString(i++, record.function());
        statement.setString(i++, record.reason().name());
        statement.setString(i++, record.fingerprint());
        EventColumns.setInstant(statement, i++, record.executedAt());
        statement.setBoolean(i++, policy.enabled());
        statement.setInt(i++, policy.maxRetries());
        statement.setLong(i++, policy.minBackoff().toMillis());
        statement.setLong(i++, policy.executionTimeout().toMillis());
        statement.setLong(i++, policy.maxBackoff().toMillis());
        statement.setDouble(i++, policy.jitter());
        statement.setInt(i++, retry.attempt());
        statement.setInt(i++, retry.retries());
        statement.setInt(i++, retry.lostAttempts());
        statement.setBoolean(i++, retry.requested());
        EventColumns.setInstant(statement, i++, retry.retryAt());
        EventColumns.setInstant(statement, i++, retry.timeoutAt());
        EventColumns.setInstant(statement, i++, retry.nextRetryAt());
        statement.setString(i++, retry.node());
        statement.setLong(i++, retry.fence());
        statement.setString(i++, record.status().name());
        statement.setString(i++, record.recoverability().name());
        statement.setString(i++, record.recoverabilityBy());
        statement.setString(i++, record.build());
        EventColumns.setInstant(statement, i++, record.dueAt());
        return i;
    }

    static FailedExecution read(ResultSet row) throws SQLException {
        return new FailedExecution(
                new FailureId(row.getString("failure_id")),
                EventColumns.read(row, 1),
                row.getLong("position"),
                row.getString("processor"),
                row.getInt("slot"),
                row.getString("lane_key"),
                row.getBoolean("stops_slot"),
                row.getString("function"),
                FailureReason.valueOf(row.getString("reason")),
                error(row),
                row.getString("fingerprint"),
                instant(row, "first_failed_at"),
                instant(row, "executed_at"),
                policy(row),
                retry(row),
                Status.valueOf(row.getString("status")),
                Recoverability.valueOf(row.getString("recoverability")),
                row.getString("recoverability_by"),
                row.getString("tenant"),
                row.getString("build"));
    }

    private static ErrorDetails error(ResultSet row) throws SQLException {
        return new ErrorDetails(
                row.getString("error_code"),
                row.getString("error_message"),
                JsonText.list(JsonText.read(row.getString("error_causes"))).stream()
                        .map(JsonText::map)
                        .map(cause -> new ErrorDetails.Cause(text(cause, "type"), text(cause, "message")))
                        .toList(),
                JsonText.list(JsonText.read(row.getString("error_bindings"))).stream()
                        .map(JsonText::map)
                        .map(binding -> new ErrorDetails.Binding(text(binding, "path"), text(binding, "message")))
                        .toList(),
                row.getString("error_stack"));
    }

    private static String text(Map<String, Object> object, String name) {
        return (String) Objects.requireNonNull(object.get(name));
    }

    private static String causes(ErrorDetails error) {
        return JsonText.write(error.causes().stream()
                .map(cause -> new TreeMap<>(Map.of("type", cause.type(), "message", cause.message())))
                .toList());
    }

    private static String bindings(ErrorDetails error) {
        return JsonText.write(error.bindings().stream()
                .map(binding -> new TreeMap<>(Map.of("path", binding.path(), "message", binding.message())))
                .toList());
    }

    private static RetryPolicy policy(ResultSet row) throws SQLException {
        return new RetryPolicy(
                row.getBoolean("retry_enabled"),
                row.getInt("max_retries"),
                Duration.ofMillis(row.getLong("min_backoff_ms")),
                Duration.ofMillis(row.getLong("execution_timeout_ms")),
                Duration.ofMillis(row.getLong("max_backoff_ms")),
                row.getDouble("jitter"));
    }

    private static RetryState retry(ResultSet row) throws SQLException {
        return new RetryState(
                row.getInt("attempt"),
                row.getInt("retries"),
                row.getInt("lost_attempts"),
                row.getBoolean("requested"),
                instant(row, "retry_at"),
                EventColumns.instant(row, row.findColumn("timeout_at")),
                EventColumns.instant(row, row.findColumn("next_retry_at")),
                row.getString("node"),
                row.getLong("fence"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(EventColumns.instant(row, row.findColumn(column)), column);
    }

    /** The columns of a history entry. */
    static final String ENTRY = "type, at, attempt, actor, reason, details";

    static final String ENTRY_PARAMETERS = "?::text, ?::timestamptz, ?::int, ?::text, ?::text, ?::jsonb";

    static int bindEntry(PreparedStatement statement, int first, HistoryEntry entry) throws SQLException {
        int i = first;
        statement.setString(i++, entry.type().wireName());
        EventColumns.setInstant(statement, i++, entry.at());
        statement.setInt(i++, entry.attempt());
        statement.setString(i++, entry.actor());
        statement.setString(i++, entry.reason());
        statement.setString(i++, JsonText.write(entry.details()));
        return i;
    }

    static HistoryEntry readEntry(ResultSet row) throws SQLException {
        String wireName = row.getString("type");
        HistoryEntry.Type type = List.of(HistoryEntry.Type.values()).stream()
                .filter(candidate -> candidate.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new SQLException("history: unknown type " + wireName));
        return new HistoryEntry(
                type,
                instant(row, "at"),
                row.getInt("attempt"),
                row.getString("actor"),
                row.getString("reason"),
                JsonText.strings(row.getString("details")));
    }
}
