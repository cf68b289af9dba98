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
 * @param audited whether whoever commands it has a line in the audit for it; else the store writes one
 */
public record LaneCommand(
        String processor,
        String laneKey,
        String actor,
        @Nullable String reason,
        @Nullable String expected,
        boolean audited) {

    /** One that the store writes a line of audit for. */
    public LaneCommand(
            String processor, String laneKey, String actor, @Nullable String reason, @Nullable String expected) {
        this(processor, laneKey, actor, reason, expected, false);
    }

    /** The same of somebody who has a line in the audit for it, or has none. */
    public LaneCommand withAudited(boolean has) {
        return new LaneCommand(processor, laneKey, actor, reason, expected, has);
    }

    /** Whether the lane is as it has to be. */
    public boolean isFor(LaneState state) {
        return expected == null || expected.equals(state.version());
    }
}
