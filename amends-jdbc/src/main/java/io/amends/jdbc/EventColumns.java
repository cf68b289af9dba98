package io.amends.jdbc;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The event's columns, the same in every table that holds events, and in this order in every statement. */
final class EventColumns {
    /** The columns. */
    static final String NAMES = "id, source, type, subject, time, datacontenttype, data, key, version, epoch,"
            + " correlationid, causationid, traceparent, headers";

    /** One parameter for each. */
    static final String PARAMETERS = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb";

    /** The same with their types, for places that do not say them. */
    static final String TYPED_PARAMETERS = "?::text, ?::text, ?::text, ?::text, ?::timestamptz, ?::text, ?::bytea,"
            + " ?::text, ?::bigint, ?::bigint, ?::text, ?::text, ?::text, ?::jsonb";

    /** One array parameter for each, for {@code unnest}. */
    static final String ARRAYS = "?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::bytea[],"
            + " ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[]";

    private EventColumns() {}

    /** The columns of a table with this alias. */
    static String of(String alias) {
        return alias + "." + NAMES.replace(", ", ", " + alias + ".");
    }

    /** The columns of a table with this alias, without the payload. */
    static String withoutPayload(String alias) {
        return of(alias).replace(alias + ".data,", "null::bytea,");
    }

    /** Sets the parameters from {@code first} on; returns the next one's index. */
    static int bind(PreparedStatement statement, int first, EventEnvelope event, byte @Nullable [] data)
            throws SQLException {
        int i = first;
        statement.setString(i++, event.id());
        statement.setString(i++, event.source());
        statement.setString(i++, event.type());
        statement.setString(i++, event.subject());
        setInstant(statement, i++, event.time());
        statement.setString(i++, event.dataContentType());
        statement.setBytes(i++, data);
        statement.setString(i++, event.key());
        setLong(statement, i++, event.version());
        setLong(statement, i++, event.epoch());
        statement.setString(i++, event.correlationId());
        statement.setString(i++, event.causationId());
        statement.setString(i++, event.traceParent());
        statement.setString(i++, headers(event));
        return i;
    }

    /** Sets the array parameters from {@code first} on; returns the next one's index. */
    static int bindArrays(PreparedStatement statement, int first, List<EventEnvelope> events) throws SQLException {
        Connection connection = statement.getConnection();
        int i = first;
        statement.setArray(i++, texts(connection, events, EventEnvelope::id));
        statement.setArray(i++, texts(connection, events, EventEnvelope::source));
        statement.setArray(i++, texts(connection, events, EventEnvelope::type));
        statement.setArray(i++, texts(connection, events, EventEnvelope::subject));
        statement.setArray(
                i++,
                texts(
                        connection,
                        events,
                        event -> event.time() == null
                                ? null
                                : micros(event.time()).toString()));
        statement.setArray(i++, texts(connection, events, EventEnvelope::dataContentType));
        statement.setArray(
                i++,
                connection.createArrayOf(
                        "bytea", events.stream().map(EventEnvelope::data).toArray(byte[][]::new)));
        statement.setArray(i++, texts(connection, events, EventEnvelope::key));
        statement.setArray(i++, longs(connection, events, EventEnvelope::version));
        statement.setArray(i++, longs(connection, events, EventEnvelope::epoch));
        statement.setArray(i++, texts(connection, events, EventEnvelope::correlationId));
        statement.setArray(i++, texts(connection, events, EventEnvelope::causationId));
        statement.setArray(i++, texts(connection, events, EventEnvelope::traceParent));
        statement.setArray(i++, texts(connection, events, EventColumns::headers));
        return i;
    }

    private static Array texts(
            Connection connection, List<EventEnvelope> events, Function<EventEnvelope, @Nullable String> column)
            throws SQLException {
        return connection.createArrayOf("text", events.stream().map(column).toArray());
    }

    private static Array longs(
            Connection connection, List<EventEnvelope> events, Function<EventEnvelope, @Nullable Long> column)
            throws SQLException {
        return connection.createArrayOf("bigint", events.stream().map(column).toArray());
    }

    /** Reads the columns from {@code first} on. */
    static EventEnvelope read(ResultSet row, int first) throws SQLException {
        int i = first;
        return new EventEnvelope(
                row.getString(i++),
                row.getString(i++),
                row.getString(i++),
                row.getString(i++),
                instant(row, i++),
                row.getString(i++),
                row.getBytes(i++),
                row.getString(i++),
                number(row, i++),
                number(row, i++),
                row.getString(i++),
                row.getString(i++),
                row.getString(i++),
                readHeaders(row.getString(i)));
    }

    private static @Nullable String headers(EventEnvelope event) {
        return event.headers().values().isEmpty()
                ? null
                : JsonText.write(event.headers().values());
    }

    private static Headers readHeaders(@Nullable String json) {
        return json == null ? Headers.NONE : new Headers(JsonText.strings(json));
    }

    static void setInstant(PreparedStatement statement, int index, @Nullable Instant value) throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.TIMESTAMP_WITH_TIMEZONE);
        } else {
            statement.setObject(index, micros(value).atOffset(ZoneOffset.UTC));
        }
    }

    /** Cut to what the column keeps; the driver would round, also into the future. */
    static Instant micros(Instant value) {
        return value.truncatedTo(ChronoUnit.MICROS);
    }

    static @Nullable Instant instant(ResultSet row, int index) throws SQLException {
        OffsetDateTime value = row.getObject(index, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    static void setLong(PreparedStatement statement, int index, @Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.BIGINT);
        } else {
            statement.setLong(index, value);
        }
    }

    private static @Nullable Long number(ResultSet row, int index) throws SQLException {
        long value = row.getLong(index);
        return row.wasNull() ? null : value;
    }

    /** SHA-256 over what a repetition has in common; time, trace and headers may differ when a sender tries again. */
    static byte[] contentHash(EventEnvelope event) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        part(digest, bytes(event.type()));
        part(digest, bytes(event.subject()));
        part(digest, bytes(event.dataContentType()));
        part(digest, bytes(event.key()));
        part(digest, bytes(event.version() == null ? null : event.version().toString()));
        part(digest, bytes(event.epoch() == null ? null : event.epoch().toString()));
        part(digest, event.data());
        return digest.digest();
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    /** Length first, so that parts can not run into each other; null is not empty. */
    private static void part(MessageDigest digest, byte @Nullable [] part) {
        int length = part == null ? -1 : part.length;
        digest.update(
                new byte[] {(byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length});
        if (part != null) {
            digest.update(part);
        }
    }
}
