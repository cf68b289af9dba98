package io.amends.core.store;

import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;

/**
 * The transaction a handler runs in. Exactly one {@code finish…} method is called, as the last thing before the commit:
 * it first writes what persistence contexts and the publish buffer hold, then the row that says "done".
 *
 * <p>Used by the thread that runs the work, except {@link #abort}.
 */
public interface HandlerTransaction {

    /**
     * Ends events handled from the slot: moves the cursor.
     *
     * @return {@link FinishResult#DONE} or {@link FinishResult#REFUSED}
     */
    FinishResult finish(CursorMove move);

    /**
     * Ends a parked event: locks the lane, removes its row if the claim's fence holds, and looks for more in a new
     * statement.
     */
    FinishResult finish(RunOrigin.FromLane run);

    /**
     * Ends an attempt of a failed execution: locks the record, then its lane, and writes what the decision says (a
     * refusal is {@link FinishResult#REFUSED}).
     */
    FinishResult finish(FailureId failure, Decision decision);

    /** Breaks the transaction from another thread, for a run that ignores its interrupt: it can only roll back. */
    void abort();
}
