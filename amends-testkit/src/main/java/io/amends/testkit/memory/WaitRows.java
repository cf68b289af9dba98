package io.amends.testkit.memory;

import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.failure.FailureId;
import io.amends.core.store.NewWait;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.TimedOut;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The waits, by processor and position. The caller holds the lock. */
final class WaitRows {
    /** The longest time between two tries of what waits for whatever comes next. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Between the first tries: what comes in that moment may be on its way. From then on a second, doubling. */
    private static final List<Duration> FIRST_PAUSES =
            List.of(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofMillis(500));

    /** The name of a wait. */
    record WaitId(String processor, long position) implements Comparable<WaitId> {
        @Override
        public int compareTo(WaitId other) {
            int byProcessor = processor.compareTo(other.processor);
            return byProcessor != 0 ? byProcessor : Long.compare(position, other.position);
        }
    }

    /** One wait. */
    record Row(
            SlotId slot,
            String laneKey,
            WaitRequest request,
            @Nullable String nextKey,
            int tries,
            Instant since,
            @Nullable Instant timeoutAt,
            @Nullable Long timeoutHead,
            @Nullable Instant dueAt,
            boolean timedOut,
            OnTimeout then,
            @Nullable FailureId failure,
            Instant lookAt,
            int wakes,
            boolean saidByPerson) {

        boolean isOver(Instant now) {
            return timedOut || (dueAt != null && !dueAt.isAfter(now));
        }

        boolean awaits(String processor, StreamKey entity) {
            return request.what() instanceof WaitFor.Version version
                    && version.processor().equals(processor)
                    && version.entity().equals(entity);
        }

        boolean isSatisfiedBy(String processor, Advance advance) {
            return awaits(processor, advance.entity())
                    && request.what() instanceof WaitFor.Version version
                    && advance.version().compareTo(version.atLeast()) >= 0;
        }

        /** Whether it is an event's wait that this would end. */
        boolean dependsOn(String processor, Collection<Advance> moved) {
            return failure == null
                    && dueAt == null
                    && moved.stream().anyMatch(advance -> isSatisfiedBy(processor, advance));
        }

        /** Whether a person has said what is to happen although what it waits for has come. */
        boolean isOverruled() {
            return saidByPerson && dueAt != null && request.what() instanceof WaitFor.Version;
        }

        @Nullable TimedOut asTimedOut() {
            Instant until = timeoutAt;
            // what it waits for came after all, and before it was told; what a person has said holds all the same
            boolean satisfied = request.what() instanceof WaitFor.Version && dueAt != null && !saidByPerson;
            return timedOut && until != null && !satisfied
                    ? new TimedOut(request.what().text(), Duration.between(since, until), then)
                    : null;
        }

        /** Something came that it may wait for. */
        Row woken(Instant now) {
            Row due = dueAt != null && !dueAt.isAfter(now) ? this : due(now);
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    timeoutAt,
                    timeoutHead,
                    due.dueAt(),
                    timedOut,
                    then,
                    failure,
                    lookAt,
                    wakes + 1,
                    saidByPerson);
        }

        Row due(@Nullable Instant at) {
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    timeoutAt,
                    timeoutHead,
                    at,
                    timedOut,
                    then,
                    failure,
                    lookAt,
                    wakes,
                    saidByPerson);
        }

        Row head(long head) {
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    timeoutAt,
                    head,
                    dueAt,
                    timedOut,
                    then,
                    failure,
                    lookAt,
                    wakes,
                    saidByPerson);
        }

        Row looked(Instant now) {
            Duration age = Duration.between(since, now);
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    timeoutAt,
                    timeoutHead,
                    dueAt,
                    timedOut,
                    then,
                    failure,
                    now.plus(age.compareTo(SECOND) < 0 ? SECOND : age),
                    wakes,
                    saidByPerson);
        }

        Row forgettingHead() {
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    timeoutAt,
                    null,
                    dueAt,
                    timedOut,
                    then,
                    failure,
                    lookAt,
                    wakes,
                    saidByPerson);
        }

        Row until(@Nullable Instant at) {
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    at,
                    timeoutHead,
                    dueAt,
                    timedOut,
                    then,
                    failure,
                    lookAt,
                    wakes,
                    saidByPerson);
        }

        Row ended(OnTimeout how) {
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    timeoutAt,
                    timeoutHead,
                    dueAt,
                    true,
                    how,
                    failure,
                    lookAt,
                    wakes,
                    saidByPerson);
        }

        /** A person has ended it; that holds whatever comes. */
        Row said(Instant now, OnTimeout how) {
            return new Row(
                    slot,
                    laneKey,
                    request,
                    nextKey,
                    tries,
                    since,
                    now,
                    timeoutHead,
                    dueAt,
                    true,
                    how,
                    failure,
                    lookAt,
                    wakes,
                    true);
        }

        /** The record takes its place: only what it waits for wakes it now. */
        Row of(FailureId record, Instant now) {
            Instant next = saidByPerson ? null : now;
            Instant stillDue = request.what() instanceof WaitFor.Next ? next : dueAt;
            return new Row(
                    slot, laneKey, request, nextKey, tries, since, null, null, stillDue, false, then, record, lookAt,
                    wakes, false);
        }

        Row in(String from, String to) {
            SlotId renamed = slot.processor().equals(from) ? new SlotId(to, slot.number()) : slot;
            WaitFor what = request.what();
            if (what instanceof WaitFor.Version version && version.processor().equals(from)) {
                what = new WaitFor.Version(to, version.entity(), version.atLeast(), version.unknownSatisfies());
            }
            return new Row(
                    renamed,
                    laneKey,
                    new WaitRequest(what, request.timeout(), request.onTimeout()),
                    nextKey,
                    tries,
                    since,
                    timeoutAt,
                    timeoutHead,
                    dueAt,
                    timedOut,
                    then,
                    failure,
                    lookAt,
                    wakes,
                    saidByPerson);
        }
    }

    private final TreeMap<WaitId, Row> rows = new TreeMap<>();

    @Nullable Row get(String processor, long position) {
        return rows.get(new WaitId(processor, position));
    }

    @Nullable Row get(WaitId id) {
        return rows.get(id);
    }

    /** Whether the wait is not over any more for what the run was begun for: a person has said something else. */
    boolean saysOtherwise(String processor, RunOrigin.FromLane run) {
        return run.ended() != null && run.ended() != ended(processor, run);
    }

    /** Whether the event may wait once more: its wait was ended by nothing that the run does not know of. */
    boolean mayWaitOn(String processor, RunOrigin.FromLane run) {
        OnTimeout ended = ended(processor, run);
        return ended == null || ended == run.ended();
    }

    private @Nullable OnTimeout ended(String processor, RunOrigin.FromLane run) {
        Row row = get(processor, run.position());
        TimedOut timedOut = row == null ? null : row.asTimedOut();
        return timedOut == null ? null : timedOut.then();
    }

    void remove(String processor, long position) {
        rows.remove(new WaitId(processor, position));
    }

    void put(WaitId id, Row row) {
        rows.put(id, row);
    }

    Stream<Map.Entry<WaitId, Row>> stream() {
        return rows.entrySet().stream();
    }

    /** Lets an event wait, for the first time or once more; of a record if there is one. */
    void enter(NewWait wait, @Nullable FailureId failure, int wakesSeen, Instant now) {
        WaitId id = new WaitId(wait.slot().processor(), wait.event().position());
        Row before = rows.get(id);
        int tries = before == null ? 1 : before.tries() + 1;
        Instant since = before == null ? now : before.since();
        WaitRequest request = wait.request();
        Instant dueAt = switch (request.what()) {
            case WaitFor.Version version -> null;
            case WaitFor.Next next -> dueNext(before, failure, wakesSeen, now);
            case WaitFor.Elapsed elapsed -> now.plus(elapsed.duration());
        };
        rows.put(
                id,
                new Row(
                        wait.slot(),
                        wait.laneKey(),
                        request,
                        wait.nextKey(),
                        tries,
                        since,
                        failure == null ? since.plus(request.timeout()) : null,
                        null,
                        dueAt,
                        false,
                        request.onTimeout(),
                        failure,
                        now,
                        before == null ? 0 : before.wakes(),
                        false));
    }

    /** What came while it was tried may not have been seen; a record is tried when something comes, an event by time too. */
    private static @Nullable Instant dueNext(
            @Nullable Row before, @Nullable FailureId failure, int wakesSeen, Instant now) {
        if (before == null || !(before.request().what() instanceof WaitFor.Next)) {
            return now;
        }
        if (failure != null) {
            return before.dueAt() == null ? null : now;
        }
        return before.wakes() != wakesSeen ? now : now.plus(pauseAfter(before.tries()));
    }

    private static Duration pauseAfter(int tries) {
        if (tries <= FIRST_PAUSES.size()) {
            return FIRST_PAUSES.get(tries - 1);
        }
        Duration pause = SECOND.multipliedBy(1L << Math.min(tries - FIRST_PAUSES.size() - 1, 6));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    /** A record that waits for whatever comes next is tried: what comes meanwhile shows when it waits on. */
    void begin(String processor, long position) {
        Row row = get(processor, position);
        if (row != null && row.request().what() instanceof WaitFor.Next) {
            rows.put(new WaitId(processor, position), row.due(null));
        }
    }

    /** Ends the waits of events for these versions as a person says; before they are woken by them. */
    void endDependents(String processor, Collection<Advance> moved, OnTimeout then, Instant now) {
        replaceAll((id, row) -> row.dependsOn(processor, moved) ? row.said(now, then) : row);
    }

    /** Makes due what these versions and keys satisfy; whom to tell of it. */
    Woken wake(String processor, Collection<Advance> moved, SortedSet<String> keys, Instant now) {
        Woken told = new Woken();
        replaceAll((id, row) -> {
            if (row.nextKey() != null && keys.contains(row.nextKey())) {
                told.add(row);
                return row.woken(now);
            }
            if (row.dueAt() != null || moved.stream().noneMatch(advance -> row.isSatisfiedBy(processor, advance))) {
                return row;
            }
            told.add(row);
            return row.due(now);
        });
        return told;
    }

    /** Changes rows. */
    void replaceAll(BiFunction<WaitId, Row, Row> change) {
        for (WaitId id : List.copyOf(rows.keySet())) {
            Row before = Objects.requireNonNull(rows.get(id));
            Row after = change.apply(id, before);
            if (!after.equals(before)) {
                rows.put(id, after);
            }
        }
    }

    void rename(String from, String to) {
        for (WaitId id : List.copyOf(rows.keySet())) {
            Row row = Objects.requireNonNull(rows.remove(id));
            rows.put(new WaitId(id.processor().equals(from) ? to : id.processor(), id.position()), row.in(from, to));
        }
    }
}
