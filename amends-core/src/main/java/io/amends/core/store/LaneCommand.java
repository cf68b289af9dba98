package io.amends.core.store;

import org.jspecify.annotations.Nullable;

/**
 * What somebody wants of a lane.
 *
 * @param processor the processor
 * @param laneKey the lane
 * @param actor who
 * @param reason why, or null
 * @param expected the {@link LaneState#version} that it must have, null for any
 */
public record LaneCommand(
        String processor,
        String laneKey,
        String actor,
        @Nullable String reason,
        @Nullable String expected) {

    /** Whether the lane is as it has to be. */
    public boolean isFor(LaneState state) {
        return expected == null || expected.equals(state.version());
    }
}
