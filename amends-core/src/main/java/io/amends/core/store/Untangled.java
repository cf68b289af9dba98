package io.amends.core.store;

/**
 * An event that was let overtake the waiting and parked events of its lane, since one of them waited for what this one's
 * own dependant held up.
 *
 * @param processor its processor
 * @param laneKey its lane
 * @param position its position
 */
public record Untangled(String processor, String laneKey, long position) {}
