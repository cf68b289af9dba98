package io.amends.testkit.disorder;

import io.amends.api.EventPublisher;

/**
 * A real database on which a {@link DisorderTest} plays its histories, one after the other, from one thread. {@link
 * PostgresHistoryDatabase} is one.
 */
public interface HistoryDatabase {
    /**
     * Makes sure that what is there may be lost; called once, before anything else.
     *
     * @throws IllegalStateException if it may not, or is not known to
     */
    void check();

    /** Makes the state from before the first event; called before each history, outside of transactions. */
    void reset();

    /**
     * Runs the work in a transaction, and commits. If it throws, rolls back all that the work did, and throws the same.
     */
    void inTransaction(Runnable work);

    /** What takes the events that handlers return: the application's publisher. Nothing of it is delivered. */
    EventPublisher publisher();
}
