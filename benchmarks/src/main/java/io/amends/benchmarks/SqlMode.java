package io.amends.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The ceiling: the same statements in the same transactions, by as many threads, with nothing around them. The handlers
 * hear of an event through a queue in memory; a thread moves outbox rows to the inbox as the relay does.
 */
final class SqlMode implements Mode {
    private static final int HANDLERS = 16;
    private static final int SLOTS = 128;
    private static final String INSERT_OUTBOX = "insert into amends.outbox (id, source, type, time, datacontenttype,"
            + " data, key, correlationid, headers) values (?, '/bench', 'bench.line', ?, 'text/plain', ?, ?, ?, null)";
    private static final String MOVE_CURSOR = "update amends.cursor set position = ?, suspects = 0"
            + " where processor = 'bench' and slot = ? and fence = 1 and position = ?";
    private static final String RELAY = "select moved from amends.relay(500, false)";

    private final boolean relaying;

    /** Creates it, with or without the relay's share of the work. */
    SqlMode(boolean relaying) {
        this.relaying = relaying;
    }

    @Override
    public String name() {
        return relaying ? "SQL" : "SQL, no relay";
    }

    @Override
    public Session open(Database database, Plan plan, Meter meter) throws SQLException {
        database.execute("insert into amends.cursor (processor, slot, position, fence) select 'bench', slot, 0, 1"
                + " from generate_series(0, " + (SLOTS - 1) + ") as slot");
        SqlSession session = new SqlSession(database.pool(40), meter, plan.handling());
        session.start(relaying);
        return session;
    }

    private static final class SqlSession implements Session {
        private final HikariDataSource pool;
        private final Meter meter;
        private final boolean handling;
        private final List<BlockingQueue<Line>> queues = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
        private volatile boolean stopped;

        SqlSession(HikariDataSource pool, Meter meter, boolean handling) {
            this.pool = pool;
            this.meter = meter;
            this.handling = handling;
        }

        void start(boolean relaying) {
            for (int i = 0; handling && i < HANDLERS; i++) {
                BlockingQueue<Line> queue = new ArrayBlockingQueue<>(100_000);
                queues.add(queue);
                int number = i;
                threads.add(Thread.ofPlatform().name("handler-" + i).start(() -> guarded(() -> handle(number, queue))));
            }
            if (relaying) {
                threads.add(Thread.ofPlatform().name("relay").start(() -> guarded(this::relay)));
            }
        }

        private interface Turns {
            void run() throws Exception;
        }

        private void guarded(Turns turns) {
            try {
                turns.run();
            } catch (Exception | Error e) {
                error.compareAndSet(null, e);
            }
        }

        @Override
        public void publish(long n, String key) throws Exception {
            Throwable met = error.get();
            if (met != null) {
                throw new IllegalStateException("the plain SQL failed", met);
            }
            Line line = new Line(n, key);
            try (Connection connection = pool.getConnection()) {
                Statements.insertBusiness(connection, key);
                String id = UUID.randomUUID().toString();
                try (PreparedStatement insert = connection.prepareStatement(INSERT_OUTBOX)) {
                    insert.setString(1, id);
                    insert.setTimestamp(2, Timestamp.from(Instant.now()));
                    insert.setBytes(3, line.bytes());
                    insert.setString(4, key);
                    insert.setString(5, id);
                    insert.executeUpdate();
                }
                connection.commit();
            }
            if (handling) {
                queues.get(Math.floorMod(key.hashCode(), HANDLERS)).put(line);
            }
        }

        private void handle(int number, BlockingQueue<Line> queue) throws Exception {
            long[] positions = new long[SLOTS];
            while (!stopped) {
                Line line = queue.poll(10, TimeUnit.MILLISECONDS);
                if (line == null) {
                    continue;
                }
                int ofThread = Math.floorMod(line.key().hashCode() / HANDLERS, SLOTS / HANDLERS);
                int slot = number * (SLOTS / HANDLERS) + ofThread;
                try (Connection connection = pool.getConnection()) {
                    Statements.insertEffect(connection, line.n(), line.key());
                    try (PreparedStatement move = connection.prepareStatement(MOVE_CURSOR)) {
                        move.setLong(1, positions[slot] + 1);
                        move.setInt(2, slot);
                        move.setLong(3, positions[slot]);
                        if (move.executeUpdate() != 1) {
                            throw new IllegalStateException("cursor " + slot + " did not move");
                        }
                    }
                    connection.commit();
                }
                positions[slot]++;
                meter.handled(line.n());
            }
        }

        private void relay() throws Exception {
            while (!stopped) {
                long moved;
                try (Connection connection = pool.getConnection();
                        PreparedStatement relay = connection.prepareStatement(RELAY);
                        ResultSet rows = relay.executeQuery()) {
                    moved = rows.next() ? rows.getLong(1) : 0;
                    connection.commit();
                }
                LockSupport.parkNanos(moved >= 500 ? 1 : 3_000_000);
            }
        }

        @Override
        public void close() {
            stopped = true;
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            pool.close();
            Throwable met = error.get();
            if (met != null) {
                throw new IllegalStateException("the plain SQL failed", met);
            }
        }
    }
}
