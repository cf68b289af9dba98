package io.amends.api;

import org.jspecify.annotations.Nullable;

/**
 * Gives an event's attributes from the event itself: the interface way of {@link EventKey}, {@link EventVersion},
 * {@link EventEpoch} and {@link EventSubject}. Methods are called once per publish, in the publisher's thread.
 */
public interface EventAttributes {

    /** The ordering key, at most 255 bytes of UTF-8, or null for none. */
    @Nullable String eventKey();

    /** The version of the entity that the event is about, or null. */
    default @Nullable Long eventVersion() {
        return null;
    }

    /** The epoch of the entity, or null for 0. */
    default @Nullable Long eventEpoch() {
        return null;
    }

    /** The CloudEvents subject, or null. */
    default @Nullable String eventSubject() {
        return null;
    }
}
