package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A lane that something holds.
 *
 * @param processor the processor
 * @param key the lane's key
 * @param slot its slot
 * @param since since when it holds something
 * @param headPosition the position of the first event that is not done
 * @param stopsSlot whether its whole slot stands still behind it
 * @param blocked whether its first event may not run by itself as a parked one
 * @param events events in it, at most {@link QueueCounts#CAP}
 * @param head the failed execution at its head without its payload, null if a parked event is the first
 */
public record LaneSummary(
        String processor,
        String key,
        int slot,
        Instant since,
        long headPosition,
        boolean stopsSlot,
        boolean blocked,
        long events,
        @Nullable FailedExecution head) {

    /**
     * The place in a list behind which the next page begins.
     *
     * @param since of the last lane of the page before
     * @param processor of the last lane of the page before
     * @param key of the last lane of the page before
     */
    public record Cursor(Instant since, String processor, String key) {}

    /**
     * An event in a lane.
     *
     * @param position its place
     * @param kind FAILED, PARKED or WAITING
     * @param failure its failed execution, or null
     * @param eventId its id
     * @param source its source
     * @param eventType its type
     * @param time its time, or null
     */
    public record Entry(
            long position,
            String kind,
            @Nullable String failure,
            String eventId,
            String source,
            String eventType,
            @Nullable Instant time) {}
}
