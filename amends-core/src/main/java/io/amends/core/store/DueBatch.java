package io.amends.core.store;

import io.amends.core.failure.FailedExecution;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a claim of due records found.
 *
 * @param prepared records that are PREPARED now, with the attempt to run
 * @param more whether more may be due now
 * @param nextDueIn when the next record that the query is for becomes due, null if none is scheduled
 */
public record DueBatch(
        List<FailedExecution> prepared,
        boolean more,
        @Nullable Duration nextDueIn) {}
