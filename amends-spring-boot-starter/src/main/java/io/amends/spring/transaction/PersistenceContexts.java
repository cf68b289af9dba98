package io.amends.spring.transaction;

/** Persistence contexts of the calling thread's transaction. */
@FunctionalInterface
public interface PersistenceContexts {

    /** There are none. */
    PersistenceContexts NONE = () -> {};

    /** Writes what they hold back to the connection of the calling thread's transaction. */
    void flush();
}
