package io.amends.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as it was stored: a CloudEvents 1.0 event with the attributes that Amends adds.
 *
 * @param id identifies the event within its source, at most 255 bytes
 * @param source where it came from, a URI reference of at most 255 bytes
 * @param type what happened, for instance {@code "loyalty.order.paid"}
 * @param subject what it is about, or null
 * @param time when it happened by the publisher's clock, or null; never used for ordering
 * @param dataContentType the media type of {@code data}, or null when there are none
 * @param data the payload's bytes as stored, or null; treat as immutable
 * @param key the ordering key ({@code partitionkey} on the wire), or null
 * @param version the version of the entity that it is about, or null
 * @param epoch the epoch of that entity, or null for 0
 * @param correlationId what all events of one conversation share, or null
 * @param causationId the id of the event whose handling published this one, or null
 * @param traceParent the W3C trace context of the publisher, or null
 * @param headers further extension attributes
 */
public record EventEnvelope(
        String id,
        String source,
        String type,
        @Nullable String subject,
        @Nullable Instant time,
        @Nullable String dataContentType,
        byte @Nullable [] data,
        @Nullable String key,
        @Nullable Long version,
        @Nullable Long epoch,
        @Nullable String correlationId,
        @Nullable String causationId,
        @Nullable String traceParent,
        Headers headers) {

    /** Names the event in logs, without its payload. */
    @Override
    public String toString() {
        return type + " " + source + "#" + id + (key == null ? "" : " key=" + key);
    }
}
