package io.amends.jdbc;

import io.amends.api.EventEnvelope;
import io.amends.api.NoTransactionException;
import io.amends.core.store.CallerTransaction;
import java.sql.SQLException;

/** Publishes into the calling thread's transaction. */
final class CallerPublishing implements CallerTransaction {
    private final JdbcTransactions transactions;
    private final OutboxWriter outbox;
    private final Runnable committed;

    /**
     * @param committed called after each commit that published
     */
    CallerPublishing(JdbcTransactions transactions, OutboxWriter outbox, Runnable committed) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.committed = committed;
    }

    @Override
    public boolean isActive() {
        return transactions.current().isPresent();
    }

    @Override
    public void publish(EventEnvelope event, boolean dedupe) {
        JdbcTransaction transaction = transactions
                .current()
                .orElseThrow(() -> new NoTransactionException(
                        "publish: the thread has no transaction (expected: inside one, or publishNow)"));
        buffer(transaction).publish(event, dedupe);
    }

    /** The transaction's buffer, attached when it is asked for first. */
    PublishBuffer buffer(JdbcTransaction transaction) {
        TransactionAttachment attached = transaction.attachment();
        if (attached instanceof PublishBuffer buffer) {
            return buffer;
        }
        if (attached != null) {
            throw new IllegalStateException(
                    "the transaction has an attachment of another kind: " + attached.getClass());
        }
        PublishBuffer buffer = new PublishBuffer(transaction, outbox, committed);
        transaction.attach(buffer);
        return buffer;
    }

    /** Writes what persistence contexts and the buffer hold, until nothing new is published. */
    void writeAll(JdbcTransaction transaction) {
        if (transaction.attachment() instanceof PublishBuffer buffer) {
            buffer.writeAll();
            return;
        }
        // a flush may publish, and so attach a buffer
        transaction.flush();
        if (transaction.attachment() instanceof PublishBuffer buffer) {
            buffer.writeAll();
        }
    }

    @Override
    public void inNew(Runnable work) {
        try {
            transactions.inNew(transaction -> {
                work.run();
                return true;
            });
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (SQLException e) {
            throw StoreSqlException.of("transaction", e);
        } catch (Throwable e) {
            throw new IllegalStateException("transaction: " + e.getMessage(), e);
        }
    }
}
