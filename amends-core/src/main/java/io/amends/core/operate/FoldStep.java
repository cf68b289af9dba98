package io.amends.core.operate;

import io.amends.core.step.Step;
import java.time.Duration;

/**
 * Folds changes into the groups, so that reading them stays cheap, and forgets batches that ended long ago. Every node has
 * one; the store lets one fold at a time.
 */
public final class FoldStep implements Step {
    private static final int BATCH = 5000;
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration PACE = Duration.ofSeconds(2);

    private static final int MOST_BATCHES = 100;

    private final OperatorStore store;
    private final Duration keepDone;

    /** Creates it; {@code keepDone} is how long batches that ended are kept. */
    public FoldStep(OperatorStore store, Duration keepDone) {
        this.store = store;
        this.keepDone = keepDone;
    }

    @Override
    public Next run() {
        boolean more = store.foldGroups(BATCH) == BATCH;
        store.pruneBatches(keepDone, MOST_BATCHES);
        return Next.after(more ? SOON : PACE);
    }
}
