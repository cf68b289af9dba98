package io.amends.core.handle;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.WaitRequest;
import io.amends.core.failure.FailureReason;
import java.time.Duration;
import java.util.Set;

/** How a run ended. */
sealed interface RunOutcome {

    /**
     * Committed.
     *
     * @param laneContinues whether the next row of its lane may run
     * @param stale its events that were older than what was done, and so were not handled; by identity
     */
    record Done(boolean laneContinues, Set<EventEnvelope> stale) implements RunOutcome {}

    /** Rolled back, since somebody else was first. */
    record Refused() implements RunOutcome {}

    /** Rolled back by an error that is to be recorded. */
    record Failed(FailureReason reason, Throwable error, Duration took) implements RunOutcome {}

    /**
     * Rolled back, since the event is too early.
     *
     * @param request what it waits for
     */
    record TooEarly(WaitRequest request) implements RunOutcome {}

    /** Committed or not, nobody knows. */
    record Unknown(Throwable error) implements RunOutcome {}

    /** Its failure was recorded while it was still running: nothing is left to do. */
    record Abandoned() implements RunOutcome {}
}
