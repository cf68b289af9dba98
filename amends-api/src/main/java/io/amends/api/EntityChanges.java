package io.amends.api;

/**
 * Publishes that entities were created, changed or deleted, each with its version, as part of the caller's transaction.
 *
 * <p>A change is told by a snapshot: an object of a class with {@link EntityEvents}, with {@link EventKey} and {@link
 * EventVersion} (and {@link EventEpoch}, where ids are used again). Several changes of one entity in one transaction
 * become one event with the last snapshot, written before COMMIT: created and then changed is created; created and then
 * deleted is nothing; deleted and then created is changed. Thread-safe; the transaction is that of the calling thread.
 */
public interface EntityChanges {

    /**
     * Tells that an entity was created.
     *
     * @throws NoTransactionException if the thread has no transaction; nothing is published
     * @throws InvalidEventException if the snapshot's class has no {@link EntityEvents}, or it has no key or version
     */
    void created(Object snapshot);

    /**
     * Tells that an entity was changed.
     *
     * @throws NoTransactionException as {@link #created}
     * @throws InvalidEventException as {@link #created}
     */
    void changed(Object snapshot);

    /**
     * Tells that an entity was deleted; the snapshot's version must be greater than that of its last change.
     *
     * @throws NoTransactionException as {@link #created}
     * @throws InvalidEventException as {@link #created}
     */
    void deleted(Object snapshot);
}
