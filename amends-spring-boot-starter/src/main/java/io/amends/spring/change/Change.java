package io.amends.spring.change;

import io.amends.api.EntityEvents;
import io.amends.api.InvalidEventException;
import io.amends.api.OutgoingEvent;
import io.amends.core.publish.EventDescription;
import org.jspecify.annotations.Nullable;

/**
 * What has become of an entity in a transaction so far.
 *
 * @param kind what has become of it, as seen from outside
 * @param snapshot its last snapshot
 * @param version its version
 */
record Change(Kind kind, Object snapshot, long version) {

    /** What others are told. */
    enum Kind {
        CREATED,
        CHANGED,
        DELETED
    }

    /** The entity, as far as a transaction tells entities apart. */
    record Entity(String name, String key) {}

    /**
     * A change of the snapshot's version.
     *
     * @throws InvalidEventException if it is no snapshot: it has no entity, key or version
     */
    static Change of(Kind kind, Object snapshot) {
        EventDescription description = EventDescription.of(snapshot.getClass());
        String key = description.key(snapshot);
        Long version = description.version(snapshot);
        if (!snapshot.getClass().isAnnotationPresent(EntityEvents.class)
                || key == null
                || key.isEmpty()
                || version == null) {
            throw new InvalidEventException(
                    "snapshot " + snapshot.getClass().getName() + ": key " + key + ", version " + version
                            + " (expected: a class with @EntityEvents, and a value for its @EventKey and @EventVersion)",
                    null);
        }
        return new Change(kind, snapshot, version);
    }

    /** The same with the version after it: what a delete gets that has none of its own. */
    Change withNextVersion() {
        return new Change(kind, snapshot, version + 1);
    }

    Entity entity() {
        return new Entity(
                events().value(),
                String.valueOf(EventDescription.of(snapshot.getClass()).key(snapshot)));
    }

    /** This after an earlier one of the same transaction; null if others need to know nothing. */
    @Nullable Change after(@Nullable Change earlier) {
        if (earlier == null) {
            return this;
        }
        return switch (earlier.kind()) {
            case CREATED -> kind == Kind.DELETED ? null : as(Kind.CREATED);
            case CHANGED -> kind == Kind.DELETED ? this : as(Kind.CHANGED);
            case DELETED -> kind == Kind.DELETED ? this : as(Kind.CHANGED);
        };
    }

    private Change as(Kind other) {
        return new Change(other, snapshot, version);
    }

    OutgoingEvent event() {
        return OutgoingEvent.of(snapshot)
                .withType(type())
                .withVersion(version, EventDescription.of(snapshot.getClass()).epoch(snapshot));
    }

    private String type() {
        EntityEvents events = events();
        String[] upserts = events.upserts();
        String[] deletes = events.deletes();
        return switch (kind) {
            case CREATED -> upserts.length == 0 ? events.value() + ".created" : upserts[0];
            case CHANGED -> upserts.length == 0 ? events.value() + ".changed" : upserts[upserts.length - 1];
            case DELETED -> deletes.length == 0 ? events.value() + ".deleted" : deletes[0];
        };
    }

    private EntityEvents events() {
        return snapshot.getClass().getAnnotation(EntityEvents.class);
    }
}
