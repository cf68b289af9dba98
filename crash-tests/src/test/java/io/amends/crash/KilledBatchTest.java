package io.amends.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.QueueCounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch whose handler fails for 30 of 100 pauses by itself; resumed after the fault is removed it ends with honest numbers,
 * though its node is killed in the middle. {@code -Damends.batch.items=600} for a quick look.
 */
class KilledBatchTest {
    private static final Logger LOG = LoggerFactory.getLogger(KilledBatchTest.class);
    private static final int ITEMS = Integer.getInteger("amends.batch.items", 10_000);
    private static final Duration SOON = Duration.ofSeconds(60 + ITEMS / 20);
    private static final Batch.Pace PACE = new Batch.Pace(0, 0, 10_000, Math.min(200, ITEMS / 10), 20);

    @TempDir
    Path directory;

    @Test
    void a_batch_pauses_itself_and_survives_the_loss_of_its_nodes() throws Exception {
        try (Cluster cluster = new Cluster(directory, 2, 0, Seeds.next())) {
            OperatorStore store = cluster.operatorStore();
            cluster.ledger().fault(100);
            cluster.ledger().publishFaulty(ITEMS);
            FailureSearch stopped = new FailureSearch(
                    Set.of(FailureQueue.NEEDS_OPERATOR),
                    null,
                    null,
                    new TreeMap<>(Map.of(FailureField.PROCESSOR, "effects")),
                    null,
                    null,
                    null);
            eventually("all failed", () -> store.count(stopped).number() == Math.min(ITEMS, QueueCounts.CAP));
            cluster.ledger().fault(30);

            plan(store, "b-1", stopped, ITEMS);
            store.changeBatch("b-1", BatchDecision.start(PACE));
            eventually("paused by itself", () -> batch(store, "b-1").state() == Batch.State.PAUSED);
            Batch.Stop stop = batch(store, "b-1").stopped();
            assertThat(stop).isNotNull();
            assertThat(stop.code()).isEqualTo(Batch.StopCode.TOO_MANY_FAILED);
            eventually("nothing runs", () -> batch(store, "b-1").numbers().running() == 0);
            Batch.Numbers paused = batch(store, "b-1").numbers();
            assertSums(paused);
            assertThat(paused.waiting()).as("%s", paused).isPositive();
            assertThat(paused.handled()).isEqualTo((int) cluster.ledger().effects("effects"));

            cluster.ledger().fault(0);
            assertThat(store.changeBatch("b-1", BatchDecision.resume())).isInstanceOf(BatchDecision.Result.Write.class);
            int rest = paused.waiting();
            for (int node = 0; node < cluster.size(); node++) {
                int left = rest - (node + 1) * rest / 4;
                eventually("in the middle", () -> batch(store, "b-1").numbers().waiting() <= left);
                cluster.node(node).kill();
                LOG.info("node {} killed at {}", node, batch(store, "b-1").numbers());
                cluster.restart(node);
            }
            eventually("done", () -> batch(store, "b-1").state() == Batch.State.DONE);
            Batch.Numbers done = batch(store, "b-1").numbers();
            LOG.info("{}", done);
            assertSums(done);
            assertThat(done.waiting()).isZero();
            assertThat(done.running()).isZero();
            assertThat(store.items("b-1", Batch.ItemState.SKIPPED, 0, 1000)).isEmpty();
            assertThat(done.failedAgain()).isEqualTo(paused.failedAgain());
            assertThat(done.handled()).isEqualTo((int) cluster.ledger().effects("effects"));

            plan(store, "b-2", stopped, done.failedAgain());
            store.changeBatch("b-2", BatchDecision.start(PACE));
            eventually("the rest is done", () -> batch(store, "b-2").state() == Batch.State.DONE);
            assertThat(batch(store, "b-2").numbers().handled()).isEqualTo(done.failedAgain());
            assertThat(cluster.ledger().effects("effects")).isEqualTo(ITEMS);
            assertThat(cluster.ledger().repeated()).isZero();
            assertThat(cluster.ledger().transactions("effects"))
                    .as("retries share transactions")
                    .isLessThan(ITEMS);
        }
    }

    private static void plan(OperatorStore store, String id, FailureSearch search, int items) {
        BatchPlan plan = store.planBatch(new BatchPlan.Draft(
                id, new FailureCommand.Prepare(true), search, new TreeMap<>(), "crash test", "as planned"));
        assertThat(plan.batch().numbers().total()).isEqualTo(items);
    }

    private static Batch batch(OperatorStore store, String id) {
        return store.batch(id).orElseThrow();
    }

    private static void assertSums(Batch.Numbers numbers) {
        assertThat(numbers.waiting()
                        + numbers.running()
                        + numbers.handled()
                        + numbers.failedAgain()
                        + numbers.skipped())
                .isEqualTo(ITEMS);
    }

    private static void eventually(String what, Callable<Boolean> condition) {
        await(what).atMost(SOON).pollInterval(Duration.ofMillis(50)).until(condition);
    }
}
