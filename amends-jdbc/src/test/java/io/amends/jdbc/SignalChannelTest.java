package io.amends.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.core.store.Signal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Signals between nodes. */
class SignalChannelTest {
    private final SchemaName schema = TestServer.newSchema();
    private final HikariDataSource pool = TestServer.pool(10);
    private final SignalChannel one = new SignalChannel(pool, schema);
    private final SignalChannel other = new SignalChannel(pool, schema);
    private final List<Collection<Signal>> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        one.close();
        other.close();
        pool.close();
    }

    @Test
    void theOtherNodeHearsAndTheSenderDoesNot() {
        List<Collection<Signal>> heardBySender = new CopyOnWriteArrayList<>();
        listen(other, heard);
        listen(one, heardBySender);

        one.send(Signal.INBOX);

        await().until(() -> heard.stream().anyMatch(signals -> signals.equals(java.util.EnumSet.of(Signal.INBOX))));
        assertThat(heardBySender).isEmpty();
    }

    @Test
    void manySignalsBecomeFew() {
        listen(other, heard);

        for (int i = 0; i < 10_000; i++) {
            one.send(Signal.OUTBOX);
        }
        one.send(Signal.COMPENSATION);

        await().until(() -> heard.stream().anyMatch(signals -> signals.contains(Signal.COMPENSATION)));
        assertThat(heard).hasSizeLessThan(1_000);
    }

    @Test
    void aLostConnectionIsReplacedAndEverythingCountsAsSignalled() {
        listen(other, heard);

        assertThat(TestServer.number(
                        pool,
                        "select count(pg_terminate_backend(pid)) from pg_stat_activity where query = 'listen \""
                                + schema.channel() + "\"'"))
                .isEqualTo(1);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> heard.stream().anyMatch(signals -> signals.size() == Signal.values().length));
        one.send(Signal.INBOX);
        await().until(() -> heard.stream().anyMatch(signals -> signals.equals(java.util.EnumSet.of(Signal.INBOX))));
    }

    @Test
    void aStoppedListenerHearsNothing() throws Exception {
        AutoCloseable stop = other.listen(heard::add, false);
        stop.close();

        other.tellLocally(Signal.OUTBOX);

        assertThat(heard).isEmpty();
    }

    @Test
    void closingEndsTheThreadsAtOnce() {
        listen(other, heard);
        long began = System.nanoTime();

        other.close();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
    }

    /** Listens, and forgets what every listener hears when listening begins. */
    private static void listen(SignalChannel channel, List<Collection<Signal>> into) {
        channel.listen(into::add, true);
        await().until(() -> !into.isEmpty());
        into.clear();
    }
}
