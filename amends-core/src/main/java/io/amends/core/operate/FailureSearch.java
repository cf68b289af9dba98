package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which failed executions are looked for; all that is given must hold, and null and empty mean any.
 *
 * @param ids one of these
 * @param queues in any of these queues
 * @param stopped in NEEDS_OPERATOR for this reason
 * @param reason recorded, or failed last, for this reason
 * @param exact texts that must be equal
 * @param from recorded at this time or later
 * @param to recorded before this time
 * @param text contained, in any case, in the error's message or code, the event's id or type, or the lane's key
 * @param scope of these processors
 */
public record FailureSearch(
        Set<FailureId> ids,
        Set<FailureQueue> queues,
        @Nullable StopReason stopped,
        @Nullable FailureReason reason,
        SortedMap<FailureField, String> exact,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable String text,
        ProcessorScope scope) {

    /** A store without an index of texts looks in so many of the newest records for which the rest holds. */
    public static final int TEXT_HORIZON = 100_000;

    /** Everything. */
    public static final FailureSearch ALL =
            new FailureSearch(Set.of(), null, null, Collections.emptySortedMap(), null, null, null);

    /** Copies the collections. */
    public FailureSearch {
        ids = Set.copyOf(ids);
        queues = Collections.unmodifiableSet(
                queues.isEmpty() ? EnumSet.noneOf(FailureQueue.class) : EnumSet.copyOf(queues));
        exact = Collections.unmodifiableSortedMap(new TreeMap<>(exact));
    }

    /** Of any processor. */
    public FailureSearch(
            Set<FailureId> ids,
            Set<FailureQueue> queues,
            @Nullable StopReason stopped,
            @Nullable FailureReason reason,
            SortedMap<FailureField, String> exact,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String text) {
        this(ids, queues, stopped, reason, exact, from, to, text, ProcessorScope.ALL);
    }

    /** Whatever the id. */
    public FailureSearch(
            Set<FailureQueue> queues,
            @Nullable StopReason stopped,
            @Nullable FailureReason reason,
            SortedMap<FailureField, String> exact,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String text) {
        this(Set.of(), queues, stopped, reason, exact, from, to, text);
    }

    /** Everything in a queue. */
    public static FailureSearch in(FailureQueue queue) {
        return new FailureSearch(Set.of(queue), null, null, Collections.emptySortedMap(), null, null, null);
    }

    /** Everything that needs an operator for this reason. */
    public static FailureSearch stopped(StopReason reason) {
        return new FailureSearch(Set.of(), reason, null, Collections.emptySortedMap(), null, null, null);
    }

    /** What is found by this and is one of these; all of it if there are none. */
    public FailureSearch among(Set<FailureId> some) {
        return new FailureSearch(some, queues, stopped, reason, exact, from, to, text, scope);
    }

    /** What is found by this and is of these processors. */
    public FailureSearch within(ProcessorScope processors) {
        return new FailureSearch(ids, queues, stopped, reason, exact, from, to, text, processors);
    }

    /**
     * Whether a record is looked for: the definition that every store's queries are tested against.
     *
     * @param now the store's time
     * @param ownerAlive as in {@link FailureQueue#contains}
     */
    public boolean matches(FailedExecution failure, Instant now, boolean ownerAlive) {
        return (ids.isEmpty() || ids.contains(failure.id()))
                && scope.contains(failure.processor())
                && (queues.isEmpty() || queues.stream().anyMatch(queue -> queue.contains(failure, now, ownerAlive)))
                && (stopped == null
                        || (FailureQueue.NEEDS_OPERATOR.contains(failure, now, ownerAlive) && stopped.stops(failure)))
                && (reason == null || failure.reason() == reason)
                && exact.entrySet().stream().allMatch(one -> isEqual(one, failure))
                && (from == null || !failure.firstFailedAt().isBefore(from))
                && (to == null || failure.firstFailedAt().isBefore(to))
                && (text == null || contains(failure, text.toLowerCase(Locale.ROOT)));
    }

    private static boolean isEqual(Map.Entry<FailureField, String> one, FailedExecution failure) {
        return one.getValue().equals(one.getKey().of(failure));
    }

    private static boolean contains(FailedExecution failure, String part) {
        String key = failure.laneKey();
        return contains(failure.error().message(), part)
                || contains(failure.error().code(), part)
                || contains(failure.event().id(), part)
                || contains(failure.event().type(), part)
                || (key != null && contains(key, part));
    }

    private static boolean contains(String text, String part) {
        return text.toLowerCase(Locale.ROOT).contains(part);
    }
}
