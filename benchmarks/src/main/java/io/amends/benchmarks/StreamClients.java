package io.amends.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.console.LiveStream;
import io.amends.jdbc.PostgresOperatorStore;
import io.amends.jdbc.SchemaName;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Clients of one live stream, and what they cost the database; no engine runs beside them. */
final class StreamClients implements AutoCloseable {
    private static final long SECOND = 1_000_000_000;
    private static final int SETTLING_SECONDS = 3;
    /** More streams of one user are refused. */
    private static final int OF_ONE_USER = 4;

    private final Database database;
    private final HikariDataSource pool;
    private final LiveStream stream;
    private final AtomicLong heard = new AtomicLong();

    StreamClients(Database database, int clients) {
        this.database = database;
        pool = database.pool(4);
        stream = new LiveStream(new PostgresOperatorStore(pool, SchemaName.DEFAULT));
        for (int i = 0; i < clients; i++) {
            if (!stream.listen("user-" + i / OF_ONE_USER, null, new Counting())) {
                throw new IllegalStateException("client " + i + " was refused");
            }
        }
    }

    private final class Counting implements LiveStream.Sink {
        @Override
        public void send(LiveStream.@Nullable Message message) {
            if (message != null) {
                heard.incrementAndGet();
            }
        }

        @Override
        public void end() {
            // nothing is kept
        }
    }

    /**
     * What clients cost.
     *
     * @param messagesPerSecond that all of them heard together
     * @param statementsPerSecond that the server was sent, one of them the change
     */
    record Cost(double messagesPerSecond, double statementsPerSecond, double commitsPerSecond) {}

    Cost measure(int seconds) throws SQLException {
        changeEachSecond(SETTLING_SECONDS);
        long heardBefore = heard.get();
        Database.Work before = database.work();
        long begin = System.nanoTime();
        changeEachSecond(seconds);
        Database.Work work = database.work().since(before);
        double took = (System.nanoTime() - begin) / (double) SECOND;
        if (heard.get() == heardBefore) {
            throw new IllegalStateException("nobody has heard of a change in " + took + " s");
        }
        return new Cost((heard.get() - heardBefore) / took, work.statements() / took, work.commits() / took);
    }

    /** A lane is paused anew, of which all clients are told. */
    private void changeEachSecond(int seconds) throws SQLException {
        for (int i = 0; i < seconds; i++) {
            long next = System.nanoTime() + SECOND;
            database.execute("update amends.lane set paused_at = clock_timestamp(), paused_by = 'bench'"
                    + " where lane_key = (select min(lane_key) from amends.lane)");
            while (System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
        }
    }

    @Override
    public void close() {
        stream.close();
        pool.close();
    }
}
