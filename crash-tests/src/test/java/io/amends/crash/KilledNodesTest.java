package io.amends.crash;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three processes on one database, killed at random and started again. {@code -Damends.kills=500} for longer,
 * {@code -Damends.seed=…} for the same choices again (not the same run: these are real processes).
 */
class KilledNodesTest {
    private static final Logger LOG = LoggerFactory.getLogger(KilledNodesTest.class);
    private static final int KILLS = Integer.getInteger("amends.kills", 24);

    @TempDir
    Path directory;

    @Test
    void each_committed_event_takes_effect_once_and_in_order() throws Exception {
        try (Cluster cluster = new Cluster(directory, 3, Seeds.next())) {
            cluster.awaitEffects(200);
            int kills = 0;
            while (kills < KILLS) {
                cluster.goOnFor(Duration.ofMillis(200 + cluster.random().nextInt(3500)));
                int victims = cluster.random().nextInt(6) == 0 ? 2 : 1;
                int first = cluster.random().nextInt(cluster.size());
                for (int i = 0; i < victims; i++) {
                    cluster.node((first + i) % cluster.size()).kill();
                    kills++;
                }
                LOG.info("{} killed, newest effect {}", kills, cluster.ledger().newestEffect());
                if (cluster.random().nextBoolean()) {
                    // Past the lease, so that others take over before it is back.
                    cluster.goOnFor(Engines.LEASE.plusMillis(cluster.random().nextInt(1500)));
                }
                for (int i = 0; i < victims; i++) {
                    cluster.restart((first + i) % cluster.size());
                }
            }
            cluster.awaitEffects(200);
            cluster.drainAndCheck();
        }
    }
}
