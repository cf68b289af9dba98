package io.amends.jdbc.protocol;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.UnaryOperator;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Hands out connections that ask a gate before every statement, commit and rollback, and may rewrite statements. */
final class SteppedDataSource implements DataSource {
    private final DataSource real;
    private final UnaryOperator<String> rewrite;
    private final Gate gate;

    /** Decides when a statement may run. */
    interface Gate {
        /** The session uses the backend with this process id now. */
        void connected(int pid);

        /** Returns when the statement may run. */
        void before(String statement);
    }

    SteppedDataSource(DataSource real, UnaryOperator<String> rewrite, Gate gate) {
        this.real = real;
        this.rewrite = rewrite;
        this.gate = gate;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = real.getConnection();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            gate.connected(row.getInt(1));
        }
        return proxy(Connection.class, (method, args) -> onConnection(connection, method, args));
    }

    private @Nullable Object onConnection(Connection connection, Method method, Object[] args) throws Throwable {
        switch (method.getName()) {
            case "commit", "rollback" -> {
                if (!connection.getAutoCommit()) {
                    gate.before(method.getName());
                }
                return call(method, connection, args);
            }
            case "prepareStatement", "prepareCall" -> {
                args[0] = rewrite.apply((String) args[0]);
                Object statement = call(method, connection, args);
                String sql = (String) args[0];
                return proxy(
                        (Class<?>) method.getReturnType(), (m, a) -> onStatement((Statement) statement, sql, m, a));
            }
            case "createStatement" -> {
                Object statement = call(method, connection, args);
                return proxy(Statement.class, (m, a) -> onStatement((Statement) statement, "", m, a));
            }
            default -> {
                return call(method, connection, args);
            }
        }
    }

    private @Nullable Object onStatement(Statement statement, String sql, Method method, @Nullable Object[] args)
            throws Throwable {
        if (method.getName().startsWith("execute")) {
            String text = sql;
            if (args != null && args.length > 0 && args[0] instanceof String given) {
                text = rewrite.apply(given);
                args[0] = text;
            }
            if (touchesWhatIsShared(text)) {
                gate.before(text);
            }
        }
        return call(method, statement, args);
    }

    /** Settings of a session and inserts of a test's own rows take part in no race: gates there only multiply orders. */
    private static boolean touchesWhatIsShared(String sql) {
        return sql.contains("amends") && !sql.startsWith("insert into effects");
    }

    private interface Call {
        @Nullable Object on(Method method, Object[] args) throws Throwable;
    }

    @SuppressWarnings("unchecked")
    private static <T> T proxy(Class<T> type, Call call) {
        return (T) Proxy.newProxyInstance(
                SteppedDataSource.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, args) -> call.on(method, args));
    }

    private static @Nullable Object call(Method method, Object target, @Nullable Object[] args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return real.getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        real.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        real.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return real.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return real.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return real.isWrapperFor(type);
    }
}
