package io.amends.core.store;

/**
 * A lane that something holds.
 *
 * @param slot its slot
 * @param laneKey its key
 * @param released whether it has a row that may run now
 * @param stopsSlot whether the whole slot stands still behind it
 */
public record HeldLane(SlotId slot, String laneKey, boolean released, boolean stopsSlot) {}
