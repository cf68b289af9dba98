package io.amends.core.handle;

import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailureId;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.RunOrigin;

/** What a run's result is guarded by: the cursor, the lane row, or the attempt. */
public sealed interface Guard {

    /** Writes the last row of the transaction. */
    FinishResult finish(HandlerTransaction transaction);

    /**
     * A first run.
     *
     * @param origin where the event came from
     */
    record First(RunOrigin origin) implements Guard {
        @Override
        public FinishResult finish(HandlerTransaction transaction) {
            return switch (origin) {
                case RunOrigin.FromSlot slot -> transaction.finish(slot.move());
                case RunOrigin.FromLane lane -> transaction.finish(lane);
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
        public FinishResult finish(HandlerTransaction transaction) {
            return transaction.finish(failure, Compensation.succeeded(attempt));
        }
    }
}
