package io.amends.jdbc;

import io.amends.api.EventEnvelope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes events into the outbox, one statement for all events of a transaction. */
final class OutboxWriter {
    private final String insertOne;
    private final String insertMany;

    OutboxWriter(SchemaName schema) {
        insertOne = schema.in("insert into ${schema}.outbox (" + EventColumns.NAMES + ", content_hash) values ("
                + EventColumns.PARAMETERS + ", ?)");
        // an INSERT … SELECT … ORDER BY numbers its rows in that order
        insertMany = schema.in("insert into ${schema}.outbox (" + EventColumns.NAMES + ", content_hash) select "
                + EventColumns.of("e").replace("e.headers", "e.headers::jsonb") + ", e.content_hash from unnest("
                + EventColumns.ARRAYS + ", ?::bytea[]) with ordinality as e(" + EventColumns.NAMES
                + ", content_hash, n) order by e.n");
    }

    void write(Connection connection, List<PublishBuffer.Published> events) throws SQLException {
        if (events.size() == 1) {
            writeOne(connection, events.get(0));
        } else {
            writeMany(connection, events);
        }
    }

    private void writeOne(Connection connection, PublishBuffer.Published published) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(insertOne)) {
            EventEnvelope event = published.event();
            int next = EventColumns.bind(insert, 1, event, event.data());
            insert.setBytes(next, hash(published));
            insert.executeUpdate();
        }
    }

    private void writeMany(Connection connection, List<PublishBuffer.Published> events) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(insertMany)) {
            int next = EventColumns.bindArrays(
                    insert,
                    1,
                    events.stream().map(PublishBuffer.Published::event).toList());
            insert.setArray(
                    next,
                    connection.createArrayOf(
                            "bytea", events.stream().map(OutboxWriter::hash).toArray(byte[][]::new)));
            insert.executeUpdate();
        }
    }

    private static byte @Nullable [] hash(PublishBuffer.Published published) {
        return published.dedupe() ? EventColumns.contentHash(published.event()) : null;
    }
}
