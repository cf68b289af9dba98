package io.amends.core.event;

import io.amends.api.EventEnvelope;

/**
 * An event of the inbox.
 *
 * @param position its gap-free place in commit order, from 1
 * @param origin how it came here: {@link #LOCAL} through the outbox, otherwise the name of the door ({@code http}, …)
 * @param event the event
 */
public record StoredEvent(long position, String origin, EventEnvelope event) {

    /** The origin of events that were published by this service. */
    public static final String LOCAL = "local";
}
