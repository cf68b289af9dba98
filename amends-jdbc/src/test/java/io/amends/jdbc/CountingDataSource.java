package io.amends.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.sql.DataSource;

/** Writes down every statement, commit and rollback that goes to the database. */
final class CountingDataSource {
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final DataSource target;

    CountingDataSource(DataSource target) {
        this.target = target;
    }

    DataSource dataSource() {
        return proxy(
                DataSource.class,
                target,
                (method, arguments, result) ->
                        result instanceof Connection connection ? connection(connection) : result);
    }

    /** What was seen since the last call. */
    List<String> take() {
        synchronized (seen) {
            List<String> taken = List.copyOf(seen);
            seen.clear();
            return taken;
        }
    }

    private Connection connection(Connection connection) {
        return proxy(Connection.class, connection, (method, arguments, result) -> {
            switch (method.getName()) {
                case "commit" -> seen.add("COMMIT");
                case "rollback" -> seen.add("ROLLBACK");
                case "getTransactionIsolation", "setTransactionIsolation", "isValid" -> seen.add(method.getName());
                default -> {
                    if (result instanceof PreparedStatement statement) {
                        return prepared(statement, (String) arguments[0]);
                    }
                    if (result instanceof Statement statement) {
                        return proxy(Statement.class, statement, (called, with, answer) -> {
                            if (called.getName().startsWith("execute")) {
                                seen.add((String) with[0]);
                            }
                            return answer;
                        });
                    }
                }
            }
            return result;
        });
    }

    private PreparedStatement prepared(PreparedStatement statement, String sql) {
        return proxy(PreparedStatement.class, statement, (called, with, answer) -> {
            if (called.getName().startsWith("execute")) {
                seen.add(sql);
            }
            return answer;
        });
    }

    /** Sees a call after it was made, and may answer something else. */
    private interface Seen {
        Object after(Method method, Object[] arguments, Object result) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, T target, Seen seen) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    try {
                        return seen.after(method, arguments, method.invoke(target, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
