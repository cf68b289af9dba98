package io.amends.core.store;

/**
 * A node's ownership of a slot: it holds as long as the cursor row still has this fence.
 *
 * @param slot the slot
 * @param fence the number that the take-over got
 */
public record Claim(SlotId slot, long fence) {}
