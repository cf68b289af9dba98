package io.amends.core.flow;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers are looked for.
 *
 * @param level how finely they are read
 * @param step the length of the pieces they are put together to, a whole number of the level's pieces
 * @param from pieces of the level that begin then or later
 * @param to pieces of the level that begin before
 * @param processor only this processor's and those of stages without one, null for all
 * @param byProcessor whether each processor has points of its own
 */
public record FlowSearch(
        FlowLevel level,
        Duration step,
        Instant from,
        Instant to,
        @Nullable String processor,
        boolean byProcessor) {

    /**
     * Checks the step.
     *
     * @throws IllegalArgumentException if the step is no whole number of the level's pieces
     */
    public FlowSearch {
        if (!step.isPositive() || step.toNanos() % level.length().toNanos() != 0) {
            throw new IllegalArgumentException("step: " + step + " (expected: a multiple of " + level.length() + ")");
        }
    }
}
