package io.amends.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/** A transaction of {@link PlainJdbcTransactions}; hands out a connection that leaves its end to the transaction. */
final class PlainTransaction implements JdbcTransaction, InvocationHandler {
    private final Connection target;
    private final Connection guarded;
    private @Nullable TransactionAttachment attachment;

    PlainTransaction(Connection target) {
        this.target = target;
        guarded = (Connection)
                Proxy.newProxyInstance(Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
    }

    @Override
    public Connection connection() {
        return guarded;
    }

    @Override
    public void flush() {
        // plain JDBC holds nothing back
    }

    @Override
    public @Nullable TransactionAttachment attachment() {
        return attachment;
    }

    @Override
    public void attach(TransactionAttachment attached) {
        if (attachment != null) {
            throw new IllegalStateException("attach: called twice (expected: once in a transaction)");
        }
        attachment = attached;
    }

    void beforeCommit() {
        if (attachment != null) {
            attachment.beforeCommit();
        }
    }

    void completed(boolean committed) {
        if (attachment != null) {
            attachment.completed(committed);
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself only
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        int count = arguments == null ? 0 : arguments.length;
        switch (method.getName()) {
            case "close" -> {
                return null;
            }
            case "commit", "setAutoCommit" -> throw refused(method);
            case "rollback" -> {
                if (count == 0) {
                    throw refused(method);
                }
            }
            case "equals" -> {
                return arguments != null && proxy == arguments[0];
            }
            case "hashCode" -> {
                return System.identityHashCode(proxy);
            }
            default -> {
                // goes to the connection
            }
        }
        Object result;
        try {
            result = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
        if (attachment != null) {
            if (method.getName().equals("setSavepoint") && result != null) {
                attachment.savepointMade(result);
            } else if (method.getName().equals("rollback") && arguments != null) {
                attachment.rolledBackTo((Savepoint) arguments[0]);
            }
        }
        return result;
    }

    private static SQLException refused(Method method) {
        return new SQLException(
                method.getName() + ": the transaction ends with its work (expected: return, or throw to roll back)",
                "25000");
    }
}
