package io.amends.core.define;

import io.amends.api.EventEnvelope;

/**
 * An event on its way into a function.
 *
 * @param event the event as stored
 * @param payload what the function's {@link HandlerFunction#decode} made of it
 */
public record HandledEvent(EventEnvelope event, Object payload) {}
