package io.amends.core.store;

/**
 * A lane in which an event's wait is over.
 *
 * @param slot the slot that it belongs to
 * @param laneKey its key
 */
public record WokenLane(SlotId slot, String laneKey) {}
