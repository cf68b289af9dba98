package io.amends.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** What the application itself writes, the same in all modes. */
final class Statements {
    static final String INSERT_BUSINESS = "insert into bench.business (key, note) values (?, 'a note of some length')";
    static final String INSERT_EFFECT = "insert into bench.effect (n, key) values (?, ?)";

    private Statements() {}

    static void insertBusiness(Connection connection, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT_BUSINESS)) {
            statement.setString(1, key);
            statement.executeUpdate();
        }
    }

    static void insertEffect(Connection connection, long n, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT_EFFECT)) {
            statement.setLong(1, n);
            statement.setString(2, key);
            statement.executeUpdate();
        }
    }

    /** Several effects in one statement, as a batch function writes them. */
    static void insertEffects(Connection connection, List<Line> lines) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into bench.effect (n, key) select * from unnest(?::bigint[], ?::text[])")) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", lines.stream().map(Line::n).toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", lines.stream().map(Line::key).toArray()));
            statement.executeUpdate();
        }
    }
}
