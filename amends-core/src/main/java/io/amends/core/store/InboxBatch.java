package io.amends.core.store;

import io.amends.core.event.StoredEvent;
import java.util.List;

/**
 * Consecutive events of the inbox.
 *
 * @param events in position order
 * @param upTo every event with a position up to this one and greater than the asked one is in {@code events}
 * @param head the newest position at the time of reading
 * @param logStart the oldest position that retention has left; a cursor below {@code logStart - 1} has lost events
 */
public record InboxBatch(List<StoredEvent> events, long upTo, long head, long logStart) {}
