package io.amends.core.store;

import io.amends.api.EventEnvelope;

/**
 * The calling thread's transaction as the publisher sees it.
 */
public interface CallerTransaction {

    /** Whether the thread has a transaction that the outbox can join. */
    boolean isActive();

    /**
     * Buffers an event; it is written by one INSERT with the others as the transaction's last write before COMMIT, or at
     * once if that write is already done. A rolled-back savepoint drops what was buffered after it.
     *
     * @param dedupe whether the id was given by the caller, so that the relay must look for a repetition
     * @throws io.amends.api.NoTransactionException if there is none
     */
    void publish(EventEnvelope event, boolean dedupe);

    /** Runs it in a new transaction of the calling thread, and commits. */
    void inNew(Runnable work);
}
