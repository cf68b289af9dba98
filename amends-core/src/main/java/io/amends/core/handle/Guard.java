package io.amends.core.handle;

import io.amends.api.EventEnvelope;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.RunOrigin;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a run's result is guarded by: the cursor, the lane row, or its attempts. */
public sealed interface Guard {

    /**
     * Writes the last rows of the transaction.
     *
     * @param done what it has done
     * @param stale its events that were not handled, being older than what was done; by identity
     */
    FinishResult finish(HandlerTransaction transaction, DoneEvents done, Set<EventEnvelope> stale);

    /**
     * A first run.
     *
     * @param origin where the event came from
     */
    record First(RunOrigin origin) implements Guard {
        @Override
        public FinishResult finish(HandlerTransaction transaction, DoneEvents done, Set<EventEnvelope> stale) {
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
        public FinishResult finish(HandlerTransaction transaction, DoneEvents done, Set<EventEnvelope> stale) {
            return transaction.finish(failure, Compensation.succeeded(attempt, !stale.isEmpty()), done);
        }
    }

    /**
     * Attempts of several records that share a transaction: all of them end, or none.
     *
     * @param attempts each with its event
     */
    record OfAttempts(Map<OfAttempt, EventEnvelope> attempts) implements Guard {
        @Override
        public FinishResult finish(HandlerTransaction transaction, DoneEvents done, Set<EventEnvelope> stale) {
            SortedMap<FailureId, Decision> decisions = new TreeMap<>();
            attempts.forEach((of, event) ->
                    decisions.put(of.failure(), Compensation.succeeded(of.attempt(), stale.contains(event))));
            return transaction.finish(decisions, done);
        }
    }
}
