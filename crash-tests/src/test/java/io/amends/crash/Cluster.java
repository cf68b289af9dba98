package io.amends.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.Status;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.store.StoreUnavailableException;
import io.amends.jdbc.PostgresOperatorStore;
import io.amends.jdbc.Schema;
import io.amends.jdbc.SchemaName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL, nodes that work on it, and a person who has hopeless failures retried. */
final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final int PUBLISHERS = 2;
    private static final Duration DRAIN = Duration.ofSeconds(Integer.getInteger("amends.drain", 180));

    private final Path logs;
    private final int publishers;
    private final Random random;
    private final Server server;
    private final HikariDataSource pool;
    private final Ledger ledger;
    private final AmendsEngine operator;
    private final List<NodeProcess> nodes = new ArrayList<>();

    /** Starts the database and so many nodes. */
    Cluster(Path directory, int size, long seed) throws Exception {
        this(directory, size, PUBLISHERS, seed);
    }

    /** The same with so many publishing threads in each node. */
    Cluster(Path directory, int size, int publishers, long seed) throws Exception {
        this.publishers = publishers;
        random = new Random(seed);
        logs = Files.createDirectories(Path.of("target", "nodes", Long.toString(seed)));
        LOG.info("seed {}: the output of the nodes is in {}", seed, logs);
        server = new Server(directory);
        pool = CrashNode.pool(server.url(), 4);
        try {
            new Schema(pool, SchemaName.DEFAULT).run(Schema.Mode.MIGRATE);
            ledger = new Ledger(pool);
            ledger.create();
            operator = Engines.operating(pool);
            for (int i = 0; i < size; i++) {
                nodes.add(startNode("node-" + i));
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    Server server() {
        return server;
    }

    Ledger ledger() {
        return ledger;
    }

    /** What the person who operates it asks. */
    OperatorStore operatorStore() {
        return new PostgresOperatorStore(pool, SchemaName.DEFAULT);
    }

    Random random() {
        return random;
    }

    NodeProcess node(int index) {
        return nodes.get(index);
    }

    int size() {
        return nodes.size();
    }

    /** Starts a new process in the place of one that ended. */
    void restart(int index) throws Exception {
        nodes.set(index, startNode("node-" + index));
    }

    private NodeProcess startNode(String name) throws Exception {
        return NodeProcess.start(server.url(), name, random.nextLong(), publishers, logs);
    }

    /** Waits until so many more effects were seen. */
    void awaitEffects(int more) throws Exception {
        long before = ledger.newestEffect();
        await(more + " more effects")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    operate();
                    return ledger.newestEffect() >= before + more;
                });
    }

    /** Lets time pass, in which a person has hopeless failures retried. */
    void goOnFor(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        await().atMost(time.plusSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    operate();
                    return System.nanoTime() - end >= 0;
                });
    }

    /** Ends publishing, waits until nothing is left to do, and checks what became of every event. */
    void drainAndCheck() throws Exception {
        for (NodeProcess node : nodes) {
            node.quiet();
        }
        try {
            await("drained").atMost(DRAIN).pollInterval(Duration.ofMillis(250)).untilAsserted(() -> {
                operate();
                assertThat(ledger.open()).isEmpty();
            });
        } catch (ConditionTimeoutException e) {
            ledger.reasons().forEach(reason -> LOG.error("still open: {}", reason));
            throw e;
        } finally {
            LOG.info("{} events committed; still open: {}", ledger.committed(), ledger.open());
            assertThat(ledger.breaches()).isEmpty();
        }
        for (NodeProcess node : nodes) {
            node.leave();
        }
    }

    private void operate() {
        Operations operations = operator.operations();
        try {
            FailureFilter failed = new FailureFilter(Set.of(Status.FAILED), null, null, null, null);
            for (FailedExecution record : operations.failures(failed, null, 100)) {
                if (record.dueAt() == null) {
                    operations.forcePrepare(record.id(), "crash test", "as planned");
                }
            }
        } catch (StoreUnavailableException e) {
            LOG.debug("the database is away, as planned", e);
        }
    }

    @Override
    public void close() throws Exception {
        for (NodeProcess node : nodes) {
            node.kill();
        }
        pool.close();
        server.close();
    }
}
