package io.amends.core.store;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * The transaction a handler runs in. Exactly one {@code finish…} method is called, as the last thing before the commit:
 * it first writes what persistence contexts and the publish buffer hold, then the row that says "done".
 *
 * <p>Used by the thread that runs the work, except {@link #abort}.
 */
public interface HandlerTransaction {

    /**
     * What was done of these entities, as committed now; entities of which nothing was done are left out. The answer may
     * be out of date when the transaction finishes: the finish says so.
     */
    SortedMap<StreamKey, StreamVersion> progress(String processor, SortedSet<StreamKey> entities);

    /**
     * Ends events handled from the slot: moves the streams, wakes what waited for that, and then moves the cursor.
     *
     * @param done how streams move: an advance that skips what is stale must still be newer than what was done (or equal, if
     *     it accepts that), and one with a {@code since} finds that it is still all that was done; others move the stream
     *     only if they are newer; and whose keys these events have
     * @return {@link FinishResult#DONE}, {@link FinishResult#OVERTAKEN} or {@link FinishResult#REFUSED}
     */
    FinishResult finish(CursorMove move, DoneEvents done);

    /** The same for events that nobody waits for by their keys. */
    default FinishResult finish(CursorMove move, Collection<Advance> advances) {
        return finish(move, DoneEvents.of(advances));
    }

    /** The same for events that nobody waits for at all. */
    default FinishResult finish(CursorMove move) {
        return finish(move, List.of());
    }

    /**
     * Ends a parked or waiting event: locks the lane, removes its row if the claim's fence holds, and looks for more in a
     * new statement. Refused as well if a person has said meanwhile something else of an event whose wait was too long.
     */
    FinishResult finish(RunOrigin.FromLane run, DoneEvents done);

    /** The same for an event that nobody waits for by its key. */
    default FinishResult finish(RunOrigin.FromLane run, Collection<Advance> advances) {
        return finish(run, DoneEvents.of(advances));
    }

    /** The same for an event that nobody waits for at all. */
    default FinishResult finish(RunOrigin.FromLane run) {
        return finish(run, List.of());
    }

    /**
     * Ends attempts of failed executions of one processor: locks the records, then their lanes, and writes what the decisions
     * say. All of them or none: one refusal is {@link FinishResult#REFUSED}, and one lane that continues {@link
     * FinishResult#DONE_LANE_CONTINUES}.
     *
     * @throws IllegalArgumentException if there is no attempt, or two of them belong to different processors
     */
    FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done);

    /** The same for one attempt. */
    default FinishResult finish(FailureId failure, Decision decision, DoneEvents done) {
        return finish(new TreeMap<>(Map.of(failure, decision)), done);
    }

    /** The same for an event that nobody waits for by its key. */
    default FinishResult finish(FailureId failure, Decision decision, Collection<Advance> advances) {
        return finish(failure, decision, DoneEvents.of(advances));
    }

    /** The same for an event that nobody waits for at all. */
    default FinishResult finish(FailureId failure, Decision decision) {
        return finish(failure, decision, List.of());
    }

    /** Breaks the transaction from another thread, for a run that ignores its interrupt: it can only roll back. */
    void abort();
}
