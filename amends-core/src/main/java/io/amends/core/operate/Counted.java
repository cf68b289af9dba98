package io.amends.core.operate;

import java.time.Instant;

/**
 * A number of failed executions.
 *
 * @param asOf the store's time
 * @param number how many; {@link QueueCounts#CAP} means so many or more
 */
public record Counted(Instant asOf, long number) {}
