package io.amends.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs statements on one connection, inside whatever transaction that has. */
final class Session {
    private final Connection connection;
    private List<String> prefix;

    private Session(Connection connection, List<String> prefix) {
        this.connection = connection;
        this.prefix = prefix;
    }

    /** Statements on this connection. */
    static Session on(Connection connection) {
        return new Session(connection, List.of());
    }

    /**
     * Statements on this connection whose first takes these settings along, in the same round trip. They end with the
     * transaction, so that a shared pool keeps nothing of them.
     */
    static Session withSettings(Connection connection, List<String> settings) {
        return new Session(connection, settings);
    }

    /** All rows of a query. */
    <T> List<T> query(String sql, Binder binder, RowReader<T> reader) throws SQLException {
        int skip = prefix.size();
        try (PreparedStatement statement = prepare(sql)) {
            binder.bind(statement);
            execute(statement, skip);
            List<T> rows = new ArrayList<>();
            try (ResultSet result = statement.getResultSet()) {
                while (result.next()) {
                    rows.add(reader.read(result));
                }
            }
            return rows;
        }
    }

    /** Shows each row of a query to the reader. */
    void each(String sql, Binder binder, RowConsumer reader) throws SQLException {
        query(sql, binder, row -> {
            reader.read(row);
            return true;
        });
    }

    /** The first row of a query. */
    <T> Optional<T> first(String sql, Binder binder, RowReader<T> reader) throws SQLException {
        List<T> rows = query(sql, binder, reader);
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0));
    }

    /** The one row of a query that always has one. */
    <T> T one(String sql, Binder binder, RowReader<T> reader) throws SQLException {
        return first(sql, binder, reader).orElseThrow(() -> new SQLException("no row: " + sql));
    }

    /** How many rows a statement wrote. */
    int update(String sql, Binder binder) throws SQLException {
        int skip = prefix.size();
        try (PreparedStatement statement = prepare(sql)) {
            binder.bind(statement);
            execute(statement, skip);
            return statement.getUpdateCount();
        }
    }

    /** Runs a statement for each of the values, in one round trip; how many rows each wrote. */
    <T> int[] batch(String sql, Collection<T> values, BatchBinder<T> binder) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (T value : values) {
                binder.bind(statement, value);
                statement.addBatch();
            }
            return statement.executeBatch();
        }
    }

    /** Runs statements in one round trip, in order, each on a snapshot of its own. */
    void run(Together statements) throws SQLException {
        if (statements.parts.isEmpty()) {
            return;
        }
        int skip = prefix.size();
        try (PreparedStatement statement =
                prepare(statements.parts.stream().map(Part::sql).collect(Collectors.joining("; ")))) {
            int next = 1;
            for (Part part : statements.parts) {
                next = part.binder().bind(statement, next);
            }
            execute(statement, skip);
            for (Part part : statements.parts) {
                try (ResultSet result = statement.getResultSet()) {
                    while (result != null && result.next()) {
                        part.reader().read(result);
                    }
                }
                statement.getMoreResults();
            }
        }
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        String text = prefix.isEmpty() ? sql : String.join("; ", prefix) + "; " + sql;
        prefix = List.of();
        return connection.prepareStatement(text);
    }

    private static void execute(PreparedStatement statement, int skip) throws SQLException {
        statement.execute();
        for (int i = 0; i < skip; i++) {
            statement.getMoreResults();
        }
    }

    /** Sets an array of texts. */
    static void setTexts(PreparedStatement statement, int index, Collection<String> values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("text", values.toArray()));
    }

    /** Sets an array of truth values. */
    static void setBooleans(PreparedStatement statement, int index, Collection<Boolean> values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("boolean", values.toArray()));
    }

    /** Sets an array of numbers. */
    static void setLongs(PreparedStatement statement, int index, long... values) throws SQLException {
        statement.setArray(
                index,
                statement
                        .getConnection()
                        .createArrayOf("bigint", Arrays.stream(values).boxed().toArray()));
    }

    /**
     * Statements that go to the database together. What one of them locks holds when the next one begins, and the next one
     * sees what was committed until then, as if each were sent by itself.
     */
    static final class Together {
        private final List<Part> parts = new ArrayList<>();

        /** Adds a statement; the reader is shown its rows, if it has any. */
        void add(String sql, PartBinder binder, RowConsumer reader) {
            parts.add(new Part(sql, binder, reader));
        }

        /** Adds a statement whose rows nobody needs. */
        void add(String sql, PartBinder binder) {
            add(sql, binder, row -> {});
        }
    }

    private record Part(String sql, PartBinder binder, RowConsumer reader) {}

    /** Sets the parameters of one of several statements. */
    @FunctionalInterface
    interface PartBinder {
        /** Sets them from this index on; returns the next one's index. */
        int bind(PreparedStatement statement, int first) throws SQLException;
    }

    /** Sets a statement's parameters. */
    @FunctionalInterface
    interface Binder {
        /** No parameters. */
        Binder NONE = statement -> {};

        void bind(PreparedStatement statement) throws SQLException;
    }

    /** Sets a statement's parameters for one of several values. */
    @FunctionalInterface
    interface BatchBinder<T> {
        void bind(PreparedStatement statement, T value) throws SQLException;
    }

    /** Takes what it needs of the current row. */
    @FunctionalInterface
    interface RowConsumer {
        void read(ResultSet row) throws SQLException;
    }

    /** Makes a value of the current row. */
    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }
}
