package io.amends.core.store;

import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a transaction has done, for those who wait for it.
 *
 * @param advances how streams move, at most one for each entity
 * @param keys the keys of its events: what waits for whatever comes next for one of them is tried again
 * @param dependents what becomes of the events that wait for what has been done: they run, unless a person says otherwise
 */
public record DoneEvents(Collection<Advance> advances, SortedSet<String> keys, OnTimeout dependents) {
    /** Copies. */
    public DoneEvents {
        advances = List.copyOf(advances);
        keys = new TreeSet<>(keys);
    }

    /** Events whose dependents run. */
    public DoneEvents(Collection<Advance> advances, SortedSet<String> keys) {
        this(advances, keys, OnTimeout.PROCEED);
    }

    /** Events that nobody waits for by their keys. */
    public static DoneEvents of(Collection<Advance> advances) {
        return new DoneEvents(advances, new TreeSet<>());
    }
}
