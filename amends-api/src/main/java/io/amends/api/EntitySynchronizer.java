package io.amends.api;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a local copy of another service's entities, from their events alone.
 *
 * <p>A processor whose functions come from the snapshot's {@link EntityEvents}: events that create or change are one
 * upsert, in whatever order they come; events that delete remove the local entity and leave a tombstone with their
 * version. Whatever is not newer than what was done of its entity is skipped ({@link SkipStale}), so that a late event
 * neither overwrites a newer state nor brings a deleted entity back. The local entity needs no column for the version; if
 * it has one ({@link #version}), it is honoured as well.
 *
 * <pre>{@code
 * @EntityEvents("shop.user")
 * record UserSnapshot(@EventKey String id, String name, @EventVersion long version) {}
 *
 * @EventProcessor(name = "users")
 * class LocalUsers extends EntitySynchronizer<UserSnapshot, LocalUser> { … }
 * }</pre>
 *
 * <p>The methods that a subclass implements are called in the handler's transaction; what they throw rolls it back, and
 * the event is a failed execution. Two events of one key never run at the same time.
 *
 * @param <S> the snapshot, the payload of the events; its class has {@link EntityEvents}
 * @param <L> the local entity
 */
public abstract class EntitySynchronizer<S, L> {

    /** The local entity of this key, or null if there is none. */
    protected abstract @Nullable L find(String key) throws Exception;

    /**
     * Makes of a snapshot what is to be stored: the local entity with what the snapshot says, or a new one if there is
     * none. What only this side knows of a local entity stays as it is.
     */
    protected abstract L map(S snapshot, @Nullable L local) throws Exception;

    /** Stores a local entity that was not there. */
    protected abstract void create(L local) throws Exception;

    /** Stores a local entity that was there. */
    protected abstract void update(L local) throws Exception;

    /** Removes a local entity, or marks it as gone. */
    protected abstract void delete(L local) throws Exception;

    /**
     * The version that the local entity was last stored with, or null (the default, unless it is an {@link
     * EventAttributes}) if it keeps none. It matters for entities that were there before their events were followed:
     * events that are not newer leave them alone.
     */
    protected @Nullable Long version(L local) {
        return local instanceof EventAttributes attributes ? attributes.eventVersion() : null;
    }

    /** Called before an event that is not stale is applied; does nothing by default. */
    protected void handling(EventEnvelope event, Attempt attempt) throws Exception {}

    // ---- the source -----------------------------------------------------------------------------------------------

    /**
     * Asks the source for one entity, for a resync; null if it has none. Called outside of any transaction.
     *
     * @throws UnsupportedOperationException by default: there is no way to ask
     */
    public @Nullable S fetch(String key) throws Exception {
        throw new UnsupportedOperationException(
                getClass().getName() + ": fetch (expected: overridden, to resync from the source)");
    }

    /**
     * Asks the source for all its entities, for a resync; the caller closes the stream. Called outside of any transaction.
     *
     * @throws UnsupportedOperationException by default: there is no way to ask
     */
    public Stream<S> fetchAll() throws Exception {
        throw new UnsupportedOperationException(
                getClass().getName() + ": fetchAll (expected: overridden, to resync from the source)");
    }

    /**
     * The keys of all local entities, for a resync of all; the caller closes the stream. Those that the source no longer
     * has are deleted. Empty by default: none is.
     */
    public Stream<String> localKeys() throws Exception {
        return Stream.empty();
    }

    // ---- what the engine calls ------------------------------------------------------------------------------------

    /**
     * What an event says about an entity, besides its snapshot.
     *
     * @param key the entity
     * @param epoch the epoch of its versions
     * @param version its version after the event
     * @param again whether an equal version is applied once more
     */
    public record Change(String key, long epoch, long version, boolean again) {}

    /** Applies a snapshot that is not stale; called by the engine. */
    public void upsert(S snapshot, Change change, EventEnvelope event, Attempt attempt) throws Exception {
        handling(event, attempt);
        L local = find(change.key());
        if (local == null) {
            create(map(snapshot, null));
        } else if (!isKnown(local, change)) {
            update(map(snapshot, local));
        }
    }

    /** Applies a delete that is not stale; called by the engine. */
    public void remove(Change change, EventEnvelope event, Attempt attempt) throws Exception {
        handling(event, attempt);
        L local = find(change.key());
        if (local != null && !isKnown(local, change)) {
            delete(local);
        }
    }

    /** Removes what the source no longer has, whatever its version was; called by the engine. */
    public void removeMissing(String key, EventEnvelope event, Attempt attempt) throws Exception {
        handling(event, attempt);
        L local = find(key);
        if (local != null) {
            delete(local);
        }
    }

    /** Whether the local entity says by itself that it is not older. Its version says nothing about epochs. */
    private boolean isKnown(L local, Change change) {
        Long version = change.epoch() == 0 ? version(local) : null;
        return version != null && (change.again() ? version > change.version() : version >= change.version());
    }
}
