package io.amends.core.store;

import java.time.Duration;
import java.util.List;

/**
 * What one relay batch did.
 *
 * @param moved events that got a position
 * @param duplicates events dropped because their (source, id) was seen before
 * @param rejected events that the inbox can not take, moved to the rejected table
 * @param head the newest position after the batch
 * @param busy whether another node held the head: nothing was read, come back soon
 * @param more whether the outbox probably has more
 * @param waited how long each event that left the outbox had been there
 */
public record RelayResult(
        int moved, int duplicates, int rejected, long head, boolean busy, boolean more, List<Duration> waited) {

    /** Copies the list. */
    public RelayResult {
        waited = List.copyOf(waited);
    }
}
