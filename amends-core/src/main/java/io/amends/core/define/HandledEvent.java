package io.amends.core.define;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Requirement;
import java.util.List;

/**
 * An event on its way into a function.
 *
 * @param event the event as stored
 * @param payload what the function's {@link HandlerFunction#decode} made of it
 * @param advances how it moves its streams when it is done
 * @param requirements what has to be done before it
 */
public record HandledEvent(
        EventEnvelope event, Object payload, List<Advance> advances, List<Requirement> requirements) {
    /** Copies the lists. */
    public HandledEvent {
        advances = List.copyOf(advances);
        requirements = List.copyOf(requirements);
    }

    /** An event that moves no stream and needs nothing. */
    public HandledEvent(EventEnvelope event, Object payload) {
        this(event, payload, List.of(), List.of());
    }
}
