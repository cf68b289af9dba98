package io.amends.core.store;

import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailureId;
import org.jspecify.annotations.Nullable;

/**
 * A row of a lane: an event that is not done.
 *
 * @param kind why it is held
 * @param event the event; a failed one's payload is in its record
 * @param failure the failed execution, for {@link Kind#FAILED} only
 * @param lost how often its run is known to have died with its node
 * @param timedOut for {@link Kind#WAITING}: that its wait has lasted too long, else null
 * @param wakes for what waits for whatever comes next: how often something came since it waits
 */
public record LaneEvent(
        Kind kind,
        StoredEvent event,
        @Nullable FailureId failure,
        int lost,
        @Nullable TimedOut timedOut,
        int wakes) {
    /** Why an event is held in its lane. */
    public enum Kind {
        /** Its handler failed; a failed execution stands for it. */
        FAILED,
        /** It is behind an earlier event of the lane. */
        PARKED,
        /** It is too early, and waits for something else. */
        WAITING
    }
}
