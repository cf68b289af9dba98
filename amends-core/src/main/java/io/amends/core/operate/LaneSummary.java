package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.store.LanePause;
import io.amends.core.store.LaneState;
import io.amends.core.store.WaitingEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A lane that something holds: events that are not done, or a person.
 *
 * @param processor the processor
 * @param key the lane's key
 * @param slot its slot, null while nothing but a pause holds it
 * @param since since when it holds something
 * @param headPosition the position of the first event that is not done, null if there is none
 * @param stopsSlot whether its whole slot stands still behind it
 * @param blocked whether it is paused, or none of its parked events may run
 * @param events events in it, at most {@link QueueCounts#CAP}
 * @param head the failed execution at its head without its payload, null if a parked event is the first
 * @param pause who has paused it, or null
 */
public record LaneSummary(
        String processor,
        String key,
        @Nullable Integer slot,
        Instant since,
        @Nullable Long headPosition,
        boolean stopsSlot,
        boolean blocked,
        long events,
        @Nullable FailedExecution head,
        @Nullable LanePause pause) {

    /**
     * So many positions are looked at for what was done last: before the first event that is not done, and again before how
     * far the lane's slot is.
     */
    public static final int LOOK_BACK = 1_000;

    /** What a command can expect. */
    public LaneState state() {
        return new LaneState(headPosition, pause);
    }

    /**
     * The place in a list behind which the next page begins.
     *
     * @param since of the last lane of the page before
     * @param processor of the last lane of the page before
     * @param key of the last lane of the page before
     */
    public record Cursor(Instant since, String processor, String key) {}

    /** What an event does in a lane. */
    public enum Kind {
        /** Its handler failed, and no attempt runs. */
        FAILED,
        /** An attempt of its failed execution runs. */
        PREPARED,
        /** It is too early, and waits; as a failed execution if it has one. */
        WAITING,
        /** It is behind an earlier event. */
        PARKED
    }

    /**
     * An event in a lane.
     *
     * @param position its place
     * @param kind what it does there
     * @param failure its failed execution, or null
     * @param eventId its id
     * @param source its source
     * @param eventType its type
     * @param time its time, or null
     * @param waiting what it waits for; null unless it waits
     */
    public record Entry(
            long position,
            Kind kind,
            @Nullable FailureId failure,
            String eventId,
            String source,
            String eventType,
            @Nullable Instant time,
            @Nullable WaitingEvent waiting) {}

    /**
     * An event of a lane that is done.
     *
     * @param position its place
     * @param eventId its id
     * @param source its source
     * @param eventType its type
     * @param at when it got its place; when it was done is not kept of each event
     */
    public record Done(long position, String eventId, String source, String eventType, Instant at) {}
}
