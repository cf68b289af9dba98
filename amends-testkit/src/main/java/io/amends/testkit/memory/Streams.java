package io.amends.testkit.memory;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** What was done of each entity, by processor. The caller holds the lock. */
final class Streams {

    /** One entity; {@code deletedAt} is null unless it is a tombstone. */
    private record Row(StreamVersion version, @Nullable Instant deletedAt) {}

    private final SortedMap<String, SortedMap<StreamKey, Row>> processors = new TreeMap<>();

    /** The versions of those entities of which something was done. */
    SortedMap<StreamKey, StreamVersion> done(String processor, SortedSet<StreamKey> entities) {
        SortedMap<StreamKey, StreamVersion> found = new TreeMap<>();
        SortedMap<StreamKey, Row> rows = of(processor);
        for (StreamKey entity : entities) {
            Row row = rows.get(entity);
            if (row != null) {
                found.put(entity, row.version());
            }
        }
        return found;
    }

    /** Whether one of these may not be written any more. */
    boolean overtakes(String processor, Collection<Advance> advances) {
        SortedMap<StreamKey, Row> rows = of(processor);
        return advances.stream().anyMatch(advance -> {
            Row row = rows.get(advance.entity());
            return row != null && advance.isOvertakenBy(row.version());
        });
    }

    /** The version of an entity, null if nothing of it was done. */
    @Nullable StreamVersion version(String processor, StreamKey entity) {
        Row row = of(processor).get(entity);
        return row == null ? null : row.version();
    }

    /**
     * Moves the streams forward; what is not newer leaves them as they are, an equal one says whether it deletes.
     *
     * @return those that were moved
     */
    List<Advance> advance(String processor, Collection<Advance> advances, Instant now) {
        SortedMap<StreamKey, Row> rows = processors.computeIfAbsent(processor, p -> new TreeMap<>());
        List<Advance> moved = new ArrayList<>();
        for (Advance advance : advances) {
            Row row = rows.get(advance.entity());
            if (row != null && advance.since() != null && !advance.since().equals(row.version())) {
                continue; // what was seen is not all that was done
            }
            int compared = row == null ? 1 : advance.version().compareTo(row.version());
            if (compared > 0 || (compared == 0 && advance.rule() == Advance.Rule.SKIP_OLDER)) {
                rows.put(advance.entity(), new Row(advance.version(), advance.deletes() ? now : null));
                moved.add(advance);
            }
        }
        return moved;
    }

    /** Forgets tombstones that nobody waits for. */
    int forgetTombstones(Instant olderThan, int limit, BiPredicate<String, StreamKey> isAwaited) {
        int forgotten = 0;
        for (Map.Entry<String, SortedMap<StreamKey, Row>> processor : processors.entrySet()) {
            SortedMap<StreamKey, Row> rows = processor.getValue();
            for (StreamKey entity : List.copyOf(rows.keySet())) {
                Row row = rows.get(entity);
                if (forgotten < limit
                        && row != null
                        && row.deletedAt() != null
                        && !row.deletedAt().isAfter(olderThan)
                        && !isAwaited.test(processor.getKey(), entity)) {
                    rows.remove(entity);
                    forgotten++;
                }
            }
        }
        return forgotten;
    }

    void rename(String from, String to) {
        SortedMap<StreamKey, Row> rows = processors.remove(from);
        if (rows != null) {
            processors.put(to, rows);
        }
    }

    private SortedMap<StreamKey, Row> of(String processor) {
        return processors.getOrDefault(processor, new TreeMap<>());
    }
}
