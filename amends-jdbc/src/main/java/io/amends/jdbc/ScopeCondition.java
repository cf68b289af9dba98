package io.amends.jdbc;

import io.amends.core.operate.ProcessorScope;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * That a column names a processor of a scope, as SQL: before any LIMIT, so that a page is full if there is as much.
 *
 * @param values its parameters, in order: texts or arrays of texts
 */
record ScopeCondition(String sql, List<Object> values) {

    /** The condition; true for every processor, and then also for a column that is null. */
    static ScopeCondition on(String column, ProcessorScope scope) {
        if (scope.isAll()) {
            return new ScopeCondition("true", List.of());
        }
        if (scope.beginnings().isEmpty() && scope.names().size() == 1) {
            // with an index on processor and place a page is read in order
            return new ScopeCondition(column + " = ?", List.of(scope.names().first()));
        }
        return new ScopeCondition("(" + column + " = any(?) or " + column + " like any(?))", arrays(scope));
    }

    /** The parameters of {@code = any(?)} and {@code like any(?)}. */
    static List<Object> arrays(ProcessorScope scope) {
        return List.of(
                scope.names().toArray(String[]::new),
                scope.beginnings().stream()
                        .map(beginning -> beginning
                                        .replace("\\", "\\\\")
                                        .replace("%", "\\%")
                                        .replace("_", "\\_")
                                + '%')
                        .toArray(String[]::new));
    }

    /** Sets its parameters; returns the next one's index. */
    int bind(PreparedStatement statement, int first) throws SQLException {
        return bind(statement, first, values);
    }

    static int bind(PreparedStatement statement, int first, List<Object> values) throws SQLException {
        int i = first;
        for (Object value : values) {
            if (value instanceof String[] texts) {
                statement.setArray(i++, statement.getConnection().createArrayOf("text", texts));
            } else {
                statement.setString(i++, (String) value);
            }
        }
        return i;
    }
}
