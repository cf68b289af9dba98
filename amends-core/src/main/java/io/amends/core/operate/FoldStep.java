package io.amends.core.operate;

import io.amends.core.step.Step;
import java.time.Duration;

/**
 * Folds changes into the groups, so that reading them stays cheap. Every node has one; the store lets one fold at a time.
 */
public final class FoldStep implements Step {
    private static final int BATCH = 5000;
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration PACE = Duration.ofSeconds(2);

    private final OperatorStore store;

    /** Creates it. */
    public FoldStep(OperatorStore store) {
        this.store = store;
    }

    @Override
    public Next run() {
        boolean more = store.foldGroups(BATCH) == BATCH;
        return Next.after(more ? SOON : PACE);
    }
}
