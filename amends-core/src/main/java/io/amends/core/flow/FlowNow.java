package io.amends.core.flow;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What waits at this moment.
 *
 * @param at the database's time
 * @param outbox events in the outbox; counting ends at {@link #CAP}
 * @param outboxOldest the age of the oldest of them, null if there is none
 * @param relayedBefore how long ago a relay that moved something said so, null if never; said within some seconds
 * @param rejected events that the inbox did not take; counting ends at {@link #CAP}
 * @param liveNodes nodes whose lease holds
 * @param slots how many slots each processor has
 * @param overdue how much longer than wanted the oldest event that all have passed is kept, null if none is
 * @param sampledBefore how long ago what waits was last written down, null if never
 */
public record FlowNow(
        Instant at,
        long outbox,
        @Nullable Duration outboxOldest,
        @Nullable Duration relayedBefore,
        long rejected,
        int liveNodes,
        SortedMap<String, Integer> slots,
        @Nullable Duration overdue,
        @Nullable Duration sampledBefore) {

    /** A number this large means: at least so many. */
    public static final long CAP = 10_001;

    /** Copies the map. */
    public FlowNow {
        slots = Collections.unmodifiableSortedMap(new TreeMap<>(slots));
    }
}
