package io.amends.core.operate;

import io.amends.core.step.Step;
import java.time.Duration;

/** Forgets what operators left long ago. Every node has one; what one removes the others do not find. */
public final class OperatorRetentionStep implements Step {
    private static final int BATCH = 5000;
    /** A batch may have a million items. */
    private static final int BATCHES = 20;

    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration PACE = Duration.ofSeconds(10);

    private final OperatorStore store;
    private final OperatorRetention keep;

    /** Creates it. */
    public OperatorRetentionStep(OperatorStore store, OperatorRetention keep) {
        this.store = store;
        this.keep = keep;
    }

    @Override
    public Next run() {
        boolean more = store.pruneAudit(keep.audit(), BATCH) == BATCH;
        more |= store.forgetRequestKeys(keep.requestKeys(), BATCH) == BATCH;
        more |= store.pruneGroups(keep.groups(), BATCH) == BATCH;
        more |= store.pruneBatches(keep.batches(), BATCHES) == BATCHES;
        return Next.after(more ? SOON : PACE);
    }
}
