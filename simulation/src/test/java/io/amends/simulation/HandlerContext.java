package io.amends.simulation;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.store.CursorMove;
import io.amends.core.store.RunOrigin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a transaction has done so far; it counts if the transaction commits. */
final class HandlerContext {
    private static final ThreadLocal<HandlerContext> CURRENT = new ThreadLocal<>();

    final List<Ledger.Effect> effects = new ArrayList<>();
    final List<EventEnvelope> published = new ArrayList<>();
    final Set<String> given = new HashSet<>();
    /** What it was told had been done. */
    final SortedMap<StreamKey, StreamVersion> done = new TreeMap<>();

    /** The way to the database on which it commits. */
    FaultyStore through;

    int returned;
    Finish finished;
    boolean connectionLost;

    /** What was done before was rolled back. */
    void clear() {
        effects.clear();
        published.clear();
        given.clear();
        done.clear();
        returned = 0;
        finished = null;
    }

    /** How it was finished. */
    sealed interface Finish {
        record Move(CursorMove move) implements Finish {}

        record Lane(RunOrigin.FromLane run) implements Finish {}

        record OfRecords(List<Ledger.Seen> seen) implements Finish {}
    }

    static HandlerContext current() {
        return CURRENT.get();
    }

    static void enter(HandlerContext context) {
        if (context == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(context);
        }
    }
}
