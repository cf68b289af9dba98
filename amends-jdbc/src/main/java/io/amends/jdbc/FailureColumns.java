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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

    /** The types of {@link #STATE}; its values are sent as texts, so that one record and many are written alike. */
    private static final List<String> STATE_TYPES = List.of(
            "text",
            "text",
            "text",
            "timestamptz",
            "boolean",
            "int",
            "bigint",
            "bigint",
            "bigint",
            "float8",
            "int",
            "int",
            "int",
            "boolean",
            "timestamptz",
            "timestamptz",
            "timestamptz",
            "text",
            "bigint",
            "text",
            "text",
            "text",
            "text",
            "timestamptz");

    static final String STATE_PARAMETERS =
            STATE_TYPES.stream().map(type -> "?::text::" + type).collect(Collectors.joining(", "));

    /** The same for arrays, a value for each record. */
    static final String STATE_ARRAYS =
            STATE_TYPES.stream().map(type -> "?::text[]::" + type + "[]").collect(Collectors.joining(", "));

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
        int i = first;
        for (String value : state(record)) {
            statement.setString(i++, value);
        }
        return i;
    }

    /** Sets {@link #STATE_ARRAYS}. */
    static int bindStates(PreparedStatement statement, int first, List<FailedExecution> records) throws SQLException {
        return bindTexts(
                statement, first, records.stream().map(FailureColumns::state).toList(), STATE_TYPES.size());
    }

    /** Sets {@link #ENTRY_ARRAYS}. */
    static int bindEntries(PreparedStatement statement, int first, List<HistoryEntry> entries) throws SQLException {
        return bindTexts(
                statement, first, entries.stream().map(FailureColumns::entry).toList(), ENTRY_TYPES.size());
    }

    private static int bindTexts(PreparedStatement statement, int first, List<List<@Nullable String>> rows, int columns)
            throws SQLException {
        for (int column = 0; column < columns; column++) {
            int at = column;
            statement.setArray(
                    first + column,
                    statement
                            .getConnection()
                            .createArrayOf(
                                    "text",
                                    rows.stream().map(row -> row.get(at)).toArray()));
        }
        return first + columns;
    }

    private static List<@Nullable String> state(FailedExecution record) {
        RetryPolicy policy = record.policy();
        RetryState retry = record.retry();
        return Arrays.asList(
                record.function(),
                record.reason().name(),
                record.fingerprint(),
                time(record.executedAt()),
                Boolean.toString(policy.enabled()),
                Integer.toString(policy.maxRetries()),
                Long.toString(policy.minBackoff().toMillis()),
                Long.toString(policy.executionTimeout().toMillis()),
                Long.toString(policy.maxBackoff().toMillis()),
                Double.toString(policy.jitter()),
                Integer.toString(retry.attempt()),
                Integer.toString(retry.retries()),
                Integer.toString(retry.lostAttempts()),
                Boolean.toString(retry.requested()),
                time(retry.retryAt()),
                time(retry.timeoutAt()),
                time(retry.nextRetryAt()),
                retry.node(),
                Long.toString(retry.fence()),
                record.status().name(),
                record.recoverability().name(),
                record.recoverabilityBy(),
                record.build(),
                time(record.dueAt()));
    }

    private static List<@Nullable String> entry(HistoryEntry entry) {
        return Arrays.asList(
                entry.type().wireName(),
                time(entry.at()),
                Integer.toString(entry.attempt()),
                entry.actor(),
                entry.reason(),
                JsonText.write(entry.details()));
    }

    private static @Nullable String time(@Nullable Instant at) {
        return at == null ? null : EventColumns.micros(at).toString();
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

    private static final List<String> ENTRY_TYPES = List.of("text", "timestamptz", "int", "text", "text", "jsonb");

    static final String ENTRY_PARAMETERS =
            ENTRY_TYPES.stream().map(type -> "?::text::" + type).collect(Collectors.joining(", "));

    /** The same for arrays, a value for each record. */
    static final String ENTRY_ARRAYS =
            ENTRY_TYPES.stream().map(type -> "?::text[]::" + type + "[]").collect(Collectors.joining(", "));

    static int bindEntry(PreparedStatement statement, int first, HistoryEntry entry) throws SQLException {
        int i = first;
        for (String value : entry(entry)) {
            statement.setString(i++, value);
        }
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
