package io.amends.core.compensate;

import io.amends.core.step.Step;
import io.amends.core.store.Store;
import java.time.Duration;
import java.util.stream.IntStream;

/**
 * Forgets what is no longer needed: inbox events that every processor has passed, records that are done,
 * tombstones, and the numbers of the flow.
 */
public final class RetentionStep implements Step {
    private static final int BATCH = 5000;
    private static final Duration PACE = Duration.ofSeconds(10);

    private final Store store;
    private final Duration keepPassed;
    private final Duration keepDone;
    private final Duration keepTombstones;

    /** Creates it. */
    public RetentionStep(Store store, Duration keepPassed, Duration keepDone, Duration keepTombstones) {
        this.store = store;
        this.keepPassed = keepPassed;
        this.keepDone = keepDone;
        this.keepTombstones = keepTombstones;
    }

    @Override
    public Next run() {
        int removed = store.retain(keepPassed, BATCH);
        int pruned = store.prune(keepDone, BATCH);
        int forgotten = store.forgetTombstones(keepTombstones, BATCH);
        int old = store.pruneFlow(BATCH);
        return IntStream.of(removed, pruned, forgotten, old).max().orElseThrow() == BATCH
                ? Next.after(Duration.ofMillis(100))
                : Next.after(PACE);
    }
}
