package io.amends.core.failure;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a failed execution stands in its retries; all times are the database's.
 *
 * @param attempt number of the last attempt that began, from 1; results name it
 * @param retries scheduled retries so far
 * @param lostAttempts attempts in a row that died with their node
 * @param requested whether a person has made it due
 * @param retryAt when the last attempt began
 * @param timeoutAt when the running attempt counts as lost (its timeout and a grace), null when none runs
 * @param nextRetryAt when it is due next, null if no time is set
 * @param node the node that runs or ran the last attempt
 * @param fence the fence of the slot under which the running attempt was prepared, 0 when none runs
 */
public record RetryState(
        int attempt,
        int retries,
        int lostAttempts,
        boolean requested,
        Instant retryAt,
        @Nullable Instant timeoutAt,
        @Nullable Instant nextRetryAt,
        String node,
        long fence) {}
