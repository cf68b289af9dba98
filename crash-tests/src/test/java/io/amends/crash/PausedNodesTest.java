package io.amends.crash;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that stands still for longer than its lease, and goes on in the belief that nothing happened. */
class PausedNodesTest {
    private static final int PAUSES = Integer.getInteger("amends.pauses", 5);

    @TempDir
    Path directory;

    @Test
    void what_a_paused_node_does_late_counts_for_nothing() throws Exception {
        try (Cluster cluster = new Cluster(directory, 2, Seeds.next())) {
            cluster.awaitEffects(200);
            for (int i = 0; i < PAUSES; i++) {
                NodeProcess node = cluster.node(i % cluster.size());
                node.pause();
                try {
                    cluster.goOnFor(
                            Engines.LEASE.plusMillis(1000 + cluster.random().nextInt(5000)));
                    // The other node has taken over, and works.
                    cluster.awaitEffects(20);
                } finally {
                    node.resume();
                }
                cluster.goOnFor(Duration.ofMillis(500 + cluster.random().nextInt(2000)));
            }
            cluster.awaitEffects(100);
            cluster.drainAndCheck();
        }
    }
}
