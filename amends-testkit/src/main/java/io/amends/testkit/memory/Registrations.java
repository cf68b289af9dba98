package io.amends.testkit.memory;

import io.amends.core.store.MappingChangedException;
import io.amends.core.store.Membership.ProcessorState;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorRegistration;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The registered processors: mapping, function set, and whether they are paused. The caller holds the lock. */
final class Registrations {

    /** A line of the audit. */
    record Pause(
            String processor,
            boolean paused,
            String actor,
            @Nullable String reason) {}

    /** What a registration did. */
    enum Outcome {
        /** The processor was not known. */
        NEW,
        /** Its function set is another one now. */
        CHANGED,
        /** Nothing changed. */
        SAME
    }

    private static final class Row {
        final TreeMap<String, PolicyOverride> overrides = new TreeMap<>();
        final String mapping;
        final int slots;
        final SortedSet<String> types = new TreeSet<>();
        /** The position up to which types were nothing to it that it did not take at first. */
        final TreeMap<String, Long> since = new TreeMap<>();

        final SortedSet<String> dropped = new TreeSet<>();
        SortedMap<String, String> functions;
        boolean paused;

        @Nullable Instant pausedAt;

        Row(ProcessorRegistration first) {
            mapping = first.mapping();
            slots = first.slots();
            functions = Collections.emptySortedMap();
        }
    }

    private final TreeMap<String, Row> rows = new TreeMap<>();
    private final List<Pause> pauses = new ArrayList<>();

    /**
     * Checks all mappings before anything is changed.
     *
     * @throws MappingChangedException naming all that differ
     */
    void validate(List<ProcessorRegistration> processors) {
        List<String> mistakes = new ArrayList<>();
        for (ProcessorRegistration processor : processors) {
            String known = knownAs(processor);
            Row row = known == null ? null : rows.get(known);
            if (row != null && (!row.mapping.equals(processor.mapping()) || row.slots != processor.slots())) {
                mistakes.add(processor.name() + ": registered as " + row.mapping + " with " + row.slots + " slots, now "
                        + processor.mapping() + " with " + processor.slots() + " slots");
            }
        }
        if (!mistakes.isEmpty()) {
            throw new MappingChangedException(String.join("; ", mistakes));
        }
    }

    private @Nullable String knownAs(ProcessorRegistration processor) {
        if (rows.containsKey(processor.name())) {
            return processor.name();
        }
        return processor.formerly().stream()
                .filter(rows::containsKey)
                .findFirst()
                .orElse(null);
    }

    /**
     * Registers a processor.
     *
     * @param position the least position of a processor's slots
     * @param renamed told the old and the new name if it had another one
     */
    Outcome register(
            ProcessorRegistration processor, ToLongFunction<String> position, BiConsumer<String, String> renamed) {
        String known = knownAs(processor);
        Row old = known == null ? null : rows.get(known);
        boolean isNew = old == null;
        Row row = old == null ? new Row(processor) : old;
        if (isNew) {
            rows.put(processor.name(), row);
        } else if (known != null && !known.equals(processor.name())) {
            rows.remove(known);
            rows.put(processor.name(), row);
            renamed.accept(known, processor.name());
        }
        boolean same = row.functions.equals(processor.functions()) && row.dropped.containsAll(processor.drops());
        row.functions = Collections.unmodifiableSortedMap(new TreeMap<>(processor.functions()));
        if (!isNew) {
            long since = position.applyAsLong(processor.name());
            processor.functions().keySet().stream()
                    .filter(type -> !row.types.contains(type) && !row.dropped.contains(type))
                    .forEach(type -> row.since.put(type, since));
        }
        row.types.addAll(processor.functions().keySet());
        row.dropped.addAll(processor.drops());
        return isNew ? Outcome.NEW : same && processor.name().equals(known) ? Outcome.SAME : Outcome.CHANGED;
    }

    /** The event types of a processor that keeps events in order by their own key; none of another one. */
    SortedSet<String> typesByOwnKey(String processor) {
        Row row = rows.get(processor);
        SortedSet<String> types = new TreeSet<>();
        if (row != null && !KEY_PATH.matcher(row.mapping).find()) {
            types.addAll(row.types);
            types.removeAll(row.dropped);
        }
        return types;
    }

    private static final Pattern KEY_PATH = Pattern.compile(" key=[^ ]");

    /** The mapping of a processor, null if it is not known. */
    @Nullable String mapping(String processor) {
        Row row = rows.get(processor);
        return row == null ? null : row.mapping;
    }

    /** Whether a processor takes a type. */
    boolean takes(String processor, String type) {
        Row row = rows.get(processor);
        return row != null && row.types.contains(type) && !row.dropped.contains(type);
    }

    /** Up to where events of this type were nothing to a processor: {@code begun} for a type that it took from the first on. */
    long since(String processor, String type, long begun) {
        Row row = rows.get(processor);
        return row == null ? begun : row.since.getOrDefault(type, begun);
    }

    List<String> names() {
        return List.copyOf(rows.keySet());
    }

    boolean isPaused(String processor) {
        Row row = rows.get(processor);
        return row != null && row.paused;
    }

    /** Since when a processor is paused, null if it is not. */
    @Nullable Instant pausedAt(String processor) {
        Row row = rows.get(processor);
        return row == null ? null : row.pausedAt;
    }

    boolean pause(Pause pause, Instant now) {
        Row row = rows.get(pause.processor());
        if (row == null) {
            return false;
        }
        row.paused = pause.paused();
        row.pausedAt = !pause.paused() ? null : row.pausedAt == null ? now : row.pausedAt;
        pauses.add(pause);
        return true;
    }

    List<Pause> pauses() {
        return List.copyOf(pauses);
    }

    boolean override(PolicyOverride.Draft draft, Instant now) {
        Row row = rows.get(draft.processor());
        if (row == null) {
            return false;
        }
        Duration validFor = draft.validFor();
        row.overrides.put(
                draft.function(),
                new PolicyOverride(
                        draft.function(),
                        draft.change(),
                        draft.actor(),
                        draft.reason(),
                        now,
                        validFor == null ? null : now.plus(validFor),
                        draft.build()));
        return true;
    }

    boolean removeOverride(String processor, String function, Instant now) {
        boolean holds = overrides(processor, now).stream()
                .anyMatch(override -> override.function().equals(function));
        Row row = rows.get(processor);
        if (row != null) {
            row.overrides.remove(function);
        }
        return holds;
    }

    /** What has not ended by time, by function. */
    List<PolicyOverride> overrides(String processor, Instant now) {
        Row row = rows.get(processor);
        return row == null
                ? List.of()
                : row.overrides.values().stream()
                        .filter(override ->
                                override.until() == null || override.until().isAfter(now))
                        .toList();
    }

    /** The states of all; the lanes that are paused come from the function. */
    SortedMap<String, ProcessorState> states(Function<String, SortedSet<String>> pausedLanes, Instant now) {
        SortedMap<String, ProcessorState> states = new TreeMap<>();
        rows.forEach((name, row) -> {
            SortedSet<String> types = new TreeSet<>(row.types);
            types.removeAll(row.dropped);
            states.put(
                    name,
                    new ProcessorState(
                            row.paused,
                            Collections.unmodifiableSortedSet(types),
                            pausedLanes.apply(name),
                            overrides(name, now)));
        });
        return Collections.unmodifiableSortedMap(states);
    }
}
