package io.amends.core.define;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.Advance;
import java.util.List;

/**
 * An event on its way into a function.
 *
 * @param event the event as stored
 * @param payload what the function's {@link HandlerFunction#decode} made of it
 * @param advances how it moves its streams when it is done
 */
public record HandledEvent(EventEnvelope event, Object payload, List<Advance> advances) {
    /** Copies the list. */
    public HandledEvent {
        advances = List.copyOf(advances);
    }

    /** An event that moves no stream. */
    public HandledEvent(EventEnvelope event, Object payload) {
        this(event, payload, List.of());
    }
}
