package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import java.util.Collections;
import java.util.List;
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
     * @param takes for a redirect, which event types the function takes, by processor; empty for other commands
     */
    public record Draft(
            String id,
            FailureCommand command,
            FailureSearch search,
            SortedMap<String, String> filter,
            String actor,
            @Nullable String reason,
            SortedMap<String, List<String>> takes) {

        /** Copies the maps. */
        public Draft {
            filter = Collections.unmodifiableSortedMap(new TreeMap<>(filter));
            takes = Collections.unmodifiableSortedMap(new TreeMap<>(takes));
        }

        /** Of a command that is no redirect. */
        public Draft(
                String id,
                FailureCommand command,
                FailureSearch search,
                SortedMap<String, String> filter,
                String actor,
                @Nullable String reason) {
            this(id, command, search, filter, actor, reason, Collections.emptySortedMap());
        }

        /** Whether the command does nothing on a record because its function takes no event of that type. */
        public boolean isRefusedBy(FailedExecution record) {
            return command instanceof FailureCommand.Redirect
                    && !takes.getOrDefault(record.processor(), List.of())
                            .contains(record.event().type());
        }
    }
}
