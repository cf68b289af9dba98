package io.amends.api;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event to publish with its attributes stated, the programmatic equivalent of the annotations.
 *
 * @param payload what the codec writes as data, or a {@code byte[]} that is taken as it is
 * @param type the event type, or null to take it from the payload's class
 * @param id the id, or null (usual) for a generated one; given ids are remembered for 30 days, and a repeated one is
 *     dropped
 * @param source the CloudEvents source, or null for the application's
 * @param key the ordering key, or null to take it from the payload's class
 * @param subject the subject, or null
 * @param version the version, or null
 * @param epoch the epoch, or null
 * @param headers further extension attributes; names are lower-case letters and digits
 */
public record OutgoingEvent(
        Object payload,
        @Nullable String type,
        @Nullable String id,
        @Nullable String source,
        @Nullable String key,
        @Nullable String subject,
        @Nullable Long version,
        @Nullable Long epoch,
        Map<String, String> headers) {

    /** Copies the headers. */
    public OutgoingEvent {
        Objects.requireNonNull(payload, "payload");
        headers = Map.copyOf(headers);
    }

    /** An event of the payload whose attributes all come from its class. */
    public static OutgoingEvent of(Object payload) {
        return new OutgoingEvent(payload, null, null, null, null, null, null, null, Map.of());
    }

    /** The same event with this type. */
    public OutgoingEvent withType(String newType) {
        return new OutgoingEvent(payload, newType, id, source, key, subject, version, epoch, headers);
    }

    /** The same event with this id. */
    public OutgoingEvent withId(String newId) {
        return new OutgoingEvent(payload, type, newId, source, key, subject, version, epoch, headers);
    }

    /** The same event with this source. */
    public OutgoingEvent withSource(String newSource) {
        return new OutgoingEvent(payload, type, id, newSource, key, subject, version, epoch, headers);
    }

    /** The same event with this key. */
    public OutgoingEvent withKey(String newKey) {
        return new OutgoingEvent(payload, type, id, source, newKey, subject, version, epoch, headers);
    }

    /** The same event with this subject. */
    public OutgoingEvent withSubject(String newSubject) {
        return new OutgoingEvent(payload, type, id, source, key, newSubject, version, epoch, headers);
    }

    /** The same event with this version and epoch. */
    public OutgoingEvent withVersion(long newVersion, @Nullable Long newEpoch) {
        return new OutgoingEvent(payload, type, id, source, key, subject, newVersion, newEpoch, headers);
    }

    /** The same event with these headers. */
    public OutgoingEvent withHeaders(Map<String, String> newHeaders) {
        return new OutgoingEvent(payload, type, id, source, key, subject, version, epoch, newHeaders);
    }
}
