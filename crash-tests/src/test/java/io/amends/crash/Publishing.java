package io.amends.crash;

import io.amends.api.EventPublisher;
import io.amends.api.OutgoingEvent;
import io.amends.crash.Work.Trouble;
import io.amends.jdbc.JdbcTransactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes, and keeps a ledger of what it published in the same transaction. Some transactions are rolled back after
 * they published. A key's numbers are given out under a row lock, so that they are in commit order.
 */
final class Publishing implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Publishing.class);
    static final int KEYS = 60;
    private static final Duration PACE = Duration.ofMillis(25);

    private final JdbcTransactions transactions;
    private final EventPublisher publisher;
    private final Random random;
    private volatile boolean stopped;

    Publishing(JdbcTransactions transactions, EventPublisher publisher, Random random) {
        this.transactions = transactions;
        this.publisher = publisher;
        this.random = random;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                transactions.inNew(tx -> {
                    publishSome(tx.connection());
                    return random.nextInt(10) != 0;
                });
            } catch (Throwable e) {
                // The database is away, or a paused process holds the key: whatever was not committed is in no ledger.
                LOG.info("not published: {}", e.toString());
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
            LockSupport.parkNanos(random.nextLong(2 * PACE.toNanos()));
        }
    }

    private void publishSome(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local lock_timeout = '1s'");
        }
        TreeSet<String> keys = new TreeSet<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            keys.add("k" + random.nextInt(KEYS));
        }
        for (String key : keys) {
            long seq = nextNumber(connection, key);
            Work work = troubled(UUID.randomUUID().toString(), key, seq);
            Ledger.enter(connection, "work", work);
            publisher.publish(OutgoingEvent.of(work).withType("work").withKey(key));
        }
    }

    private Work troubled(String uid, String key, long seq) {
        int dice = random.nextInt(1000);
        if (dice < 30) {
            return new Work(uid, key, seq, Trouble.FAIL, 1 + random.nextInt(3));
        }
        if (dice < 33) {
            return new Work(uid, key, seq, Trouble.HOPELESS, 1);
        }
        if (dice < 40) {
            return new Work(uid, key, seq, Trouble.SLOW, 1 + random.nextInt(2));
        }
        if (dice < 42) {
            return new Work(uid, key, seq, Trouble.HANG, 1);
        }
        return new Work(uid, key, seq, Trouble.NONE, 0);
    }

    private static long nextNumber(Connection connection, String key) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("insert into key_number (key, last) values (?, 1)"
                        + " on conflict (key) do update set last = key_number.last + 1 returning last")) {
            statement.setString(1, key);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }
}
