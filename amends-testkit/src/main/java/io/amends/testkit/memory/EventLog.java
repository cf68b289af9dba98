package io.amends.testkit.memory;

import io.amends.api.EventEnvelope;
import io.amends.core.event.EventLimits;
import io.amends.core.event.StoredEvent;
import io.amends.core.store.AppendResult;
import io.amends.core.store.InboxBatch;
import io.amends.core.store.RelayResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Outbox and inbox: what is published and not yet numbered, what has a position, and what was seen before. The caller
 * holds the lock.
 */
final class EventLog {
    /** How long given ids are remembered. */
    static final Duration HORIZON = Duration.ofDays(30);

    /** An event with the time it got its position. */
    record Entry(StoredEvent stored, Instant at) {}

    /** What is kept of an event that may come again. */
    private record Seen(EventEnvelope event, Instant at) {}

    private record Identity(String source, String id) implements Comparable<Identity> {
        @Override
        public int compareTo(Identity other) {
            int bySource = source.compareTo(other.source);
            return bySource != 0 ? bySource : id.compareTo(other.id);
        }
    }

    /** A published event with the time of its transaction's commit. */
    private record Waiting(MemoryTransaction.Published published, Instant at) {}

    private final Deque<Waiting> outbox = new ArrayDeque<>();
    private final TreeMap<Long, Entry> inbox = new TreeMap<>();
    private final TreeMap<Identity, Seen> seen = new TreeMap<>();
    private final List<EventEnvelope> rejected = new ArrayList<>();
    private long head;
    private long logStart = 1;

    long head() {
        return head;
    }

    long logStart() {
        return logStart;
    }

    List<EventEnvelope> rejected() {
        return rejected;
    }

    /** What the outbox's checks do: refuses an event that the inbox can not take. */
    static void validate(EventEnvelope event) {
        List<String> breaches = EventLimits.DEFAULT.breaches(event);
        if (!breaches.isEmpty()) {
            throw new IllegalArgumentException("event: " + String.join("; ", breaches));
        }
    }

    void publish(MemoryTransaction.Published event, Instant now) {
        outbox.add(new Waiting(event, now));
    }

    /** How many events are in the outbox. */
    int published() {
        return outbox.size();
    }

    /** When the oldest event of the outbox came there, null if there is none. */
    @Nullable Instant oldestPublished() {
        Waiting first = outbox.peek();
        return first == null ? null : first.at();
    }

    /** When the oldest event that the inbox keeps got its position, if it is not greater than this one; else null. */
    @Nullable Instant oldestPassed(long passedByAll) {
        var first = inbox.firstEntry();
        return first == null || first.getKey() > passedByAll
                ? null
                : first.getValue().at();
    }

    RelayResult relay(int limit, Instant now) {
        int read = 0;
        int moved = 0;
        int duplicates = 0;
        int conflicts = 0;
        List<Duration> waited = new ArrayList<>();
        while (read < limit && !outbox.isEmpty()) {
            Waiting first = outbox.remove();
            MemoryTransaction.Published next = first.published();
            waited.add(Duration.between(first.at(), now));
            read++;
            switch (next.dedupe() ? remember(next.event(), now) : AppendResult.APPENDED) {
                case APPENDED -> {
                    number(next.event(), StoredEvent.LOCAL, now);
                    moved++;
                }
                case DUPLICATE -> duplicates++;
                case CONFLICT -> {
                    rejected.add(next.event());
                    conflicts++;
                }
            }
        }
        return new RelayResult(moved, duplicates, conflicts, head, false, read == limit, waited);
    }

    List<AppendResult> append(List<EventEnvelope> events, String origin, Instant now) {
        events.forEach(EventLog::validate);
        List<AppendResult> results = new ArrayList<>();
        for (EventEnvelope event : events) {
            AppendResult result = remember(event, now);
            switch (result) {
                case APPENDED -> number(event, origin, now);
                case CONFLICT -> rejected.add(event);
                case DUPLICATE -> {
                    // nothing to keep: the first one is there
                }
            }
            results.add(result);
        }
        return results;
    }

    private AppendResult remember(EventEnvelope event, Instant now) {
        Identity identity = new Identity(event.source(), event.id());
        Seen before = seen.get(identity);
        if (before == null) {
            seen.put(identity, new Seen(event, now));
            return AppendResult.APPENDED;
        }
        return sameContent(before.event(), event) ? AppendResult.DUPLICATE : AppendResult.CONFLICT;
    }

    /** Whether both say the same; time, trace and headers may differ when a sender tries again. */
    private static boolean sameContent(EventEnvelope a, EventEnvelope b) {
        return a.type().equals(b.type())
                && Objects.equals(a.subject(), b.subject())
                && Objects.equals(a.dataContentType(), b.dataContentType())
                && Objects.equals(a.key(), b.key())
                && Objects.equals(a.version(), b.version())
                && Objects.equals(a.epoch(), b.epoch())
                && Arrays.equals(a.data(), b.data());
    }

    private void number(EventEnvelope event, String origin, Instant now) {
        head++;
        inbox.put(head, new Entry(new StoredEvent(head, origin, event), now));
    }

    InboxBatch read(long after, int limit, Instant now) {
        List<Entry> entries =
                inbox.tailMap(after, false).values().stream().limit(limit).toList();
        List<StoredEvent> events = entries.stream().map(Entry::stored).toList();
        List<Duration> ages =
                entries.stream().map(entry -> Duration.between(entry.at(), now)).toList();
        long upTo = events.size() < limit
                ? Math.max(after, head)
                : events.get(events.size() - 1).position();
        return new InboxBatch(events, ages, upTo, head, logStart);
    }

    /** What the inbox has of so many positions up to this one. */
    List<Entry> before(long last, int positions) {
        return last <= 0
                ? List.of()
                : List.copyOf(inbox.subMap(Math.max(0, last - positions), false, last, true)
                        .values());
    }

    /** Where an event came from, local if retention has taken it. */
    String originOf(long position) {
        Entry entry = inbox.get(position);
        return entry == null ? StoredEvent.LOCAL : entry.stored().origin();
    }

    /** When the oldest event after this position got its own, null if there is none. */
    @Nullable Instant oldestAfter(long position) {
        var entry = inbox.higherEntry(position);
        return entry == null ? null : entry.getValue().at();
    }

    /** Removes what all have passed and is not newer than the limit. */
    int retain(long passedByAll, Instant notAfter, Instant now, int limit) {
        int removed = 0;
        while (removed < limit && !inbox.isEmpty()) {
            var first = inbox.firstEntry();
            if (first.getKey() > passedByAll || first.getValue().at().isAfter(notAfter)) {
                break;
            }
            inbox.remove(first.getKey());
            logStart = first.getKey() + 1;
            removed++;
        }
        Instant horizon = now.minus(HORIZON);
        seen.values().removeIf(entry -> entry.at().isBefore(horizon));
        return removed;
    }
}
