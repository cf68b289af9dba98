package io.amends.jdbc;

import io.amends.api.EventEnvelope;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a transaction has published and not yet written. Written by one INSERT as late as possible, so that the time
 * between an event's sequence number and its commit is short; what is published after that is written at once.
 */
final class PublishBuffer implements TransactionAttachment {
    /** Flushing publishes, what was published may change entities again; more rounds than this never come to an end. */
    private static final int MOST_ROUNDS = 100;

    /** An event to write. */
    record Published(EventEnvelope event, boolean dedupe) {}

    private final JdbcTransaction transaction;
    private final OutboxWriter outbox;
    private final Runnable committed;
    private final List<Published> waiting = new ArrayList<>();
    private final Map<Object, Integer> savepoints = new HashMap<>();
    private boolean written;
    private boolean wroteAny;

    PublishBuffer(JdbcTransaction transaction, OutboxWriter outbox, Runnable committed) {
        this.transaction = transaction;
        this.outbox = outbox;
        this.committed = committed;
    }

    void publish(EventEnvelope event, boolean dedupe) {
        waiting.add(new Published(event, dedupe));
        if (written) {
            write();
        }
    }

    /** Flushes until nothing new is published, then writes; once in a transaction. */
    void writeAll() {
        if (written) {
            return;
        }
        int before;
        int rounds = 0;
        do {
            if (rounds++ == MOST_ROUNDS) {
                throw new IllegalStateException(
                        "publish: every flush publishes more (" + MOST_ROUNDS + " flushes, expected: an end)");
            }
            before = waiting.size();
            transaction.flush();
        } while (waiting.size() != before);
        written = true;
        write();
    }

    private void write() {
        if (waiting.isEmpty()) {
            return;
        }
        try {
            outbox.write(transaction.connection(), waiting);
        } catch (SQLException e) {
            throw StoreSqlException.of("publish", e);
        }
        waiting.clear();
        wroteAny = true;
    }

    @Override
    public void beforeCommit() {
        writeAll();
    }

    @Override
    public void savepointMade(Object savepoint) {
        savepoints.put(savepoint, waiting.size());
    }

    @Override
    public void rolledBackTo(Object savepoint) {
        // not announced: older than the buffer
        int keep = Math.min(savepoints.getOrDefault(savepoint, 0), waiting.size());
        waiting.subList(keep, waiting.size()).clear();
    }

    @Override
    public void completed(boolean wasCommitted) {
        if (wasCommitted && wroteAny) {
            committed.run();
        }
    }
}
