package io.amends.core.store;

/**
 * The answer of a take-over, the only place where a node learns a slot's position.
 *
 * @param claim the slot with its new fence
 * @param position the last position that passed
 * @param suspects how often in a row the slot was taken from an owner that died, or lost its connection, at this same
 *     position; from 3 on the next event is a suspected killer
 */
public record TakenSlot(Claim claim, long position, int suspects) {}
