package io.amends.core.causality;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction knows of the streams that its events move: what was done before, and what its own earlier events
 * have done. Used by one thread.
 */
public final class Progress {
    private final SortedMap<StreamKey, StreamVersion> before;
    private final SortedMap<StreamKey, StreamVersion> done;
    private final SortedMap<StreamKey, Advance> writes = new TreeMap<>();

    /** Begins with what was done before, by entity. */
    public Progress(Map<StreamKey, StreamVersion> before) {
        this.before = new TreeMap<>(before);
        done = new TreeMap<>(before);
    }

    /** The entities whose progress decides whether an event that moves its streams so is stale. */
    public static SortedSet<StreamKey> asks(List<Advance> advances) {
        SortedSet<StreamKey> entities = new TreeSet<>();
        for (Advance advance : advances) {
            if (advance.rule() != Advance.Rule.NEVER_SKIP) {
                entities.add(advance.entity());
            }
        }
        return entities;
    }

    /** Whether the event that moves its streams so is stale: older than what was done, in one of them. */
    public boolean isStale(List<Advance> advances) {
        return advances.stream().anyMatch(advance -> {
            StreamVersion version = done.get(advance.entity());
            return version != null && advance.isStaleAt(version);
        });
    }

    /**
     * Checks that the event does not come after its sequence went on without it.
     *
     * @throws LateEventException if it does
     */
    public void requireNotLate(List<Advance> advances) {
        for (Advance advance : advances) {
            StreamVersion version = done.get(advance.entity());
            if (version != null && advance.isLateAt(version)) {
                throw new LateEventException(advance, version);
            }
        }
    }

    /** What was done of an entity, by the events before in this transaction as well; null if nothing was, or nobody asked. */
    public @Nullable StreamVersion version(StreamKey entity) {
        return done.get(entity);
    }

    /** Takes note that the event is done. */
    public void done(List<Advance> advances) {
        for (Advance advance : advances) {
            StreamVersion version = done.get(advance.entity());
            if (version == null || advance.version().compareTo(version) > 0) {
                done.put(advance.entity(), advance.version());
                write(advance);
            } else if (advance.version().equals(version) && !writes.containsKey(advance.entity())) {
                // handled again: what it found must still be there when it commits
                write(advance);
            }
        }
    }

    /**
     * Takes note that the event is stale: for those who wait for it that is as good as handled, so it moves every stream that
     * can not make it stale. What it could not move itself is further on already.
     */
    public void passedOver(List<Advance> advances) {
        done(advances.stream()
                .filter(advance -> advance.rule() == Advance.Rule.NEVER_SKIP)
                .toList());
    }

    private void write(Advance advance) {
        Advance earlier = writes.get(advance.entity());
        boolean asked = advance.rule() != Advance.Rule.NEVER_SKIP || (earlier != null && earlier.since() != null);
        writes.put(
                advance.entity(),
                asked ? advance.since(before.getOrDefault(advance.entity(), StreamVersion.NOTHING)) : advance);
    }

    /** What is to be written, one for each entity, sorted by entity: on the condition that nothing was done meanwhile. */
    public Collection<Advance> writes() {
        return writes.values();
    }
}
