package io.amends.core.operate;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a batch that is planned would do, as of the time of its plan.
 *
 * @param batch the batch
 * @param willNotRun items on which the command would do nothing now, by why
 * @param followers parked events behind the items on which it would do something, which go on after those; of the first 10,000
 *     items, at most {@link QueueCounts#CAP}; 0 for a command that ends nothing
 */
public record BatchPlan(Batch batch, SortedMap<BatchSkip, Integer> willNotRun, long followers) {

    /** Copies the map. */
    public BatchPlan {
        willNotRun = Collections.unmodifiableSortedMap(new TreeMap<>(willNotRun));
    }

    /**
     * What is to be planned.
     *
     * @param id the new batch's id
     * @param command what is done to each
     * @param search which records; the oldest first
     * @param filter the same for people, by name
     * @param actor who plans it
     * @param reason the given reason, or null
     */
    public record Draft(
            String id,
            FailureCommand command,
            FailureSearch search,
            SortedMap<String, String> filter,
            String actor,
            @Nullable String reason) {}
}
