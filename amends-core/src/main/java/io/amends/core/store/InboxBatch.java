package io.amends.core.store;

import io.amends.core.event.StoredEvent;
import java.time.Duration;
import java.util.List;

/**
 * Consecutive events of the inbox.
 *
 * @param events in position order
 * @param ages how long each of them had been in the inbox when they were read, in the same order
 * @param upTo every event with a position up to this one and greater than the asked one is in {@code events}
 * @param head the newest position at the time of reading
 * @param logStart the oldest position that retention has left; a cursor below {@code logStart - 1} has lost events
 */
public record InboxBatch(List<StoredEvent> events, List<Duration> ages, long upTo, long head, long logStart) {}
