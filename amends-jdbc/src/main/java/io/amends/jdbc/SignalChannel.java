package io.amends.jdbc;

import io.amends.core.store.Signal;
import io.amends.core.store.SignalListener;
import io.amends.core.store.WokenLane;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other nodes that there may be something to do, by NOTIFY on connections of its own: inside a business transaction
 * it would serialise all commits. Signals are hints: they are coalesced, and lost while the database is away.
 *
 * <p>Two virtual threads: one waits for notifications, one sends; started by the first listener or signal, ended by
 * {@link #close()}.
 */
final class SignalChannel implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SignalChannel.class);

    private static final Duration SHORTEST_RETRY = Duration.ofMillis(100);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);
    /** How long a wait for notifications takes at most, and so how long {@link #close()} waits for its end. */
    private static final int WAIT_MILLIS = 250;
    /** After so many waits without a notification the connection is asked whether it is alive. */
    private static final int WAITS_BEFORE_PING = 40;

    private static final int PING_MILLIS = 5_000;
    /** Signals that come faster are sent together. */
    private static final Duration PACE = Duration.ofMillis(2);

    private final DataSource dataSource;
    private final String channel;
    /** Tells own notifications, which come back, from those of others. */
    private final String self = UUID.randomUUID().toString().substring(0, 8);

    private final List<SignalListener> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final EnumSet<Signal> toSend = EnumSet.noneOf(Signal.class);
    private @Nullable Thread sender;
    private @Nullable Thread receiver;
    private @Nullable Connection listening;
    private boolean closed;

    SignalChannel(DataSource dataSource, SchemaName schema) {
        this.dataSource = dataSource;
        this.channel = schema.channel();
    }

    /** Calls the listener for signals of {@link #tellLocally}, and if so asked for those of other nodes. */
    AutoCloseable listen(SignalListener listener, boolean remote) {
        listeners.add(listener);
        lock.lock();
        try {
            if (remote && receiver == null && !closed) {
                receiver = Thread.ofVirtual().name("amends-listen").start(this::receive);
            }
        } finally {
            lock.unlock();
        }
        return () -> listeners.remove(listener);
    }

    /** Lets this node's listeners begin lanes; whether one of them has begun all. */
    boolean begin(List<WokenLane> lanes) {
        boolean all = false;
        for (SignalListener listener : listeners) {
            all |= listener.woken(lanes);
        }
        return all;
    }

    /** Calls this node's listeners, without a round trip. */
    void tellLocally(Signal signal) {
        tell(EnumSet.of(signal));
    }

    /** Tells other nodes soon; never waits for the database. */
    void send(Signal signal) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (toSend.add(signal)) {
                changed.signalAll();
            }
            if (sender == null) {
                sender = Thread.ofVirtual().name("amends-notify").start(this::sendAll);
            }
        } finally {
            lock.unlock();
        }
    }

    private void sendAll() {
        Duration retry = SHORTEST_RETRY;
        while (!isClosed()) {
            try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(true);
                while (sendNext(connection)) {
                    retry = SHORTEST_RETRY;
                }
            } catch (SQLException e) {
                log.debug("signals can not be sent, next try in {}: {}", retry, e.getMessage());
                pause(retry);
                retry = longer(retry);
            }
        }
    }

    /** Waits for something to send, and sends it; false when the connection should go back to the pool. */
    private boolean sendNext(Connection connection) throws SQLException {
        Set<Signal> next = takeNext();
        if (next.isEmpty()) {
            return false;
        }
        try (var notify = connection.prepareStatement("select pg_notify(?, ?)")) {
            notify.setString(1, channel);
            notify.setString(
                    2,
                    self + ":"
                            + String.join(",", next.stream().map(Signal::name).toList()));
            notify.execute();
        }
        pause(PACE);
        return true;
    }

    /** What is to be sent, after waiting for it; empty when closed. */
    private Set<Signal> takeNext() {
        lock.lock();
        try {
            while (toSend.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            EnumSet<Signal> next = closed ? EnumSet.noneOf(Signal.class) : EnumSet.copyOf(toSend);
            toSend.clear();
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void receive() {
        Duration retry = SHORTEST_RETRY;
        while (!isClosed()) {
            try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(true);
                if (!keep(connection)) {
                    return;
                }
                try (Statement listen = connection.createStatement()) {
                    listen.execute("listen \"" + channel + "\"");
                }
                retry = SHORTEST_RETRY;
                // what was signalled while no one listened
                tell(EnumSet.allOf(Signal.class));
                waitForNotifications(connection);
            } catch (SQLException e) {
                if (!isClosed()) {
                    log.warn("listening for signals ended, next try in {}: {}", retry, e.getMessage());
                    pause(retry);
                    retry = longer(retry);
                }
            } finally {
                keep(null);
            }
        }
    }

    private void waitForNotifications(Connection connection) throws SQLException {
        PGConnection notifying = connection.unwrap(PGConnection.class);
        int quiet = 0;
        while (!isClosed()) {
            PGNotification[] notifications = notifying.getNotifications(WAIT_MILLIS);
            if (notifications == null || notifications.length == 0) {
                if (++quiet == WAITS_BEFORE_PING) {
                    quiet = 0;
                    if (!connection.isValid(PING_MILLIS / 1000)) {
                        throw new SQLException("the connection is dead", "08006");
                    }
                }
                continue;
            }
            quiet = 0;
            EnumSet<Signal> signals = EnumSet.noneOf(Signal.class);
            for (PGNotification notification : notifications) {
                read(notification.getParameter(), signals);
            }
            if (!signals.isEmpty()) {
                tell(signals);
            }
        }
        try (Statement unlisten = connection.createStatement()) {
            unlisten.execute("unlisten \"" + channel + "\"");
        }
    }

    private void read(String payload, EnumSet<Signal> into) {
        String[] parts = payload.split(":", 2);
        if (parts.length < 2 || parts[0].equals(self)) {
            return;
        }
        for (Signal signal : Signal.values()) {
            if (List.of(parts[1].split(",")).contains(signal.name())) {
                into.add(signal);
            }
        }
    }

    private void tell(EnumSet<Signal> signals) {
        for (SignalListener listener : listeners) {
            listener.heard(signals);
        }
    }

    /** Keeps the listening connection for {@link #close()}; false if that has been called. */
    private boolean keep(@Nullable Connection connection) {
        lock.lock();
        try {
            listening = connection;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private static Duration longer(Duration retry) {
        Duration doubled = retry.multipliedBy(2);
        return doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
    }

    /** Waits this long, or until closed. */
    private void pause(Duration duration) {
        lock.lock();
        try {
            long left = duration.toNanos();
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        Connection waiting;
        Thread receiving;
        Thread sending;
        lock.lock();
        try {
            closed = true;
            waiting = listening;
            receiving = receiver;
            sending = sender;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        // It ends by itself, unless the database does not answer.
        if (waiting != null && !ends(receiving, Duration.ofMillis(4 * WAIT_MILLIS))) {
            try {
                waiting.abort(Runnable::run);
            } catch (SQLException e) {
                log.debug("listening connection could not be aborted: {}", e.getMessage());
            }
        }
        join(receiving);
        join(sending);
    }

    private static void join(@Nullable Thread thread) {
        if (thread != null && !ends(thread, Duration.ofSeconds(5))) {
            log.warn("{} did not end", thread.getName());
        }
    }

    private static boolean ends(@Nullable Thread thread, Duration within) {
        try {
            return thread == null || thread.join(within);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
