package io.amends.core.flow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What flowed through a stage in a piece of time. There is none for a piece in which no node was alive.
 *
 * @param at the beginning of the piece
 * @param stage where
 * @param processor whose events; null for a stage without processors, or for all of them together
 * @param numbers how much
 */
public record FlowPoint(
        Instant at, FlowStage stage, @Nullable String processor, FlowNumbers numbers) {}
