package io.amends.core.flow;

import java.time.Instant;

/**
 * A build that began to run: no live node had it before.
 *
 * @param at when a node that has it was first seen
 * @param build the build
 */
public record BuildSeen(Instant at, String build) {}
