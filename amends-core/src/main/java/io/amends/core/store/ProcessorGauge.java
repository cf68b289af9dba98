package io.amends.core.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a processor is.
 *
 * @param processor its name
 * @param position the least position of its cursors
 * @param head the newest position of the inbox
 * @param oldestAge the age of the oldest event that not all its slots have passed, null if all have
 * @param failed records that are FAILED or PREPARED, capped at 10,001
 * @param parked events behind others in lanes, capped at 10,001
 * @param unowned slots without a live owner
 * @param paused whether a person has paused it
 */
public record ProcessorGauge(
        String processor,
        long position,
        long head,
        @Nullable Duration oldestAge,
        long failed,
        long parked,
        int unowned,
        boolean paused) {

    /** How many positions it is behind. */
    public long lag() {
        return Math.max(0, head - position);
    }
}
