package io.amends.core.operate;

import java.time.Duration;

/**
 * How long is kept what operators leave. Nothing that is not done is ever removed: no line whose outcome is unknown, no
 * group with records, no batch that has not ended.
 *
 * @param audit how long lines of the audit are kept, default 2 years
 * @param requestKeys how long an Idempotency-Key and its answer are known, default 1 day; at most as long as its line
 * @param groups how long causes without records are kept after they were seen last, default 90 days
 * @param batches how long batches are kept after they ended, default 30 days
 */
public record OperatorRetention(Duration audit, Duration requestKeys, Duration groups, Duration batches) {

    /** What holds without configuration. */
    public static final OperatorRetention DEFAULT =
            new OperatorRetention(Duration.ofDays(730), Duration.ofDays(1), Duration.ofDays(90), Duration.ofDays(30));
}
