package io.amends.core.define;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import java.util.List;

/**
 * What a programmatic function may ask besides the payload.
 *
 * @param envelopes the events as stored, one, or for a batch function as many as payloads and in their order
 * @param attempt which run this is
 */
public record Delivery(List<EventEnvelope> envelopes, Attempt attempt) {

    /** The event as stored; for a batch function the first. */
    public EventEnvelope envelope() {
        return envelopes.get(0);
    }

    /** The event's headers; for a batch function those of the first. */
    public Headers headers() {
        return envelope().headers();
    }
}
