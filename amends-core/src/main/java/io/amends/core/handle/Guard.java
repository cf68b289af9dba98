package io.amends.core.handle;

import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailureId;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.RunOrigin;

/** What a run's result is guarded by: the cursor, the lane row, or the attempt. */
public sealed interface Guard {

    /**
     * Writes the last rows of the transaction.
     *
     * @param done what it has done
     * @param stale whether the event was not handled, being older than what was done
     */
    FinishResult finish(HandlerTransaction transaction, DoneEvents done, boolean stale);

    /**
     * A first run.
     *
     * @param origin where the event came from
     */
    record First(RunOrigin origin) implements Guard {
        @Override
        public FinishResult finish(HandlerTransaction transaction, DoneEvents done, boolean stale) {
            return switch (origin) {
                case RunOrigin.FromSlot slot -> transaction.finish(slot.move(), done);
                case RunOrigin.FromLane lane -> transaction.finish(lane, done);
            };
        }
    }

    /**
     * An attempt of a record.
     *
     * @param failure the record
     * @param attempt the attempt
     */
    record OfAttempt(FailureId failure, int attempt) implements Guard {
        @Override
        public FinishResult finish(HandlerTransaction transaction, DoneEvents done, boolean stale) {
            return transaction.finish(failure, Compensation.succeeded(attempt, stale), done);
        }
    }
}
