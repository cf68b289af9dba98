package io.amends.core.handle;

import io.amends.core.event.StoredEvent;
import io.amends.core.lane.LaneKey;

/** An event of a slot with its place in it. */
public record SlotEvent(StoredEvent event, LaneKey key) {}
