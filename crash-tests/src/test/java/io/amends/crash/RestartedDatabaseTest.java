package io.amends.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The database stops in the middle of everything, and comes back. */
class RestartedDatabaseTest {
    private static final Logger LOG = LoggerFactory.getLogger(RestartedDatabaseTest.class);
    private static final int RESTARTS = Integer.getInteger("amends.restarts", 2);
    /** The aim is 10 s; a busy machine gets more. */
    private static final Duration RECOVERY = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"QUIT", "KILL"})
    void handling_goes_on_by_itself(String signal) throws Exception {
        try (Cluster cluster = new Cluster(directory, 2, Seeds.next())) {
            cluster.awaitEffects(200);
            for (int i = 0; i < RESTARTS; i++) {
                cluster.goOnFor(Duration.ofMillis(500 + cluster.random().nextInt(1500)));
                cluster.server().stopHard(signal);
                cluster.goOnFor(Duration.ofMillis(cluster.random().nextInt(6000)));
                cluster.server().startAgain();
                // the server recovers from its crash first; until then it refuses everyone, the judge too
                long before = await("the database is back")
                        .atMost(Duration.ofSeconds(60))
                        .ignoreExceptions()
                        .until(() -> cluster.ledger().newestEffect(), effect -> effect >= 0);
                long back = System.nanoTime();
                await("handling goes on")
                        .atMost(RECOVERY)
                        .pollInterval(Duration.ofMillis(20))
                        .ignoreExceptions()
                        .until(() -> cluster.ledger().newestEffect() > before);
                LOG.info(
                        "handling goes on {} ms after the database was back",
                        Duration.ofNanos(System.nanoTime() - back).toMillis());
                for (int node = 0; node < cluster.size(); node++) {
                    assertThat(cluster.node(node).isAlive()).isTrue();
                }
            }
            cluster.awaitEffects(200);
            cluster.drainAndCheck();
        }
    }
}
