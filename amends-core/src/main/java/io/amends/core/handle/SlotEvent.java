package io.amends.core.handle;

import io.amends.core.event.StoredEvent;
import io.amends.core.lane.LaneKey;

/**
 * An event of a slot with its place in it.
 *
 * @param arrived when it came into the inbox, in the conductor's nanoseconds
 */
public record SlotEvent(StoredEvent event, LaneKey key, long arrived) {}
