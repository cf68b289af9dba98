package io.amends.testkit.memory;

import io.amends.api.EventEnvelope;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The failed executions and their histories. The caller holds the lock. */
final class Failures {

    private static final class Row {
        FailedExecution record;
        final List<HistoryEntry> history = new ArrayList<>();

        @Nullable Instant doneAt;

        Row(FailedExecution record) {
            this.record = record;
        }
    }

    private final TreeMap<String, Row> rows = new TreeMap<>();
    // those of the rows that are not done: what the scheduler looks through
    private final TreeMap<String, Row> open = new TreeMap<>();

    private final Groups groups = new Groups();

    Groups groups() {
        return groups;
    }

    void create(FailedExecution record, HistoryEntry entry) {
        if (rows.containsKey(record.id().value())) {
            throw new IllegalStateException("failed execution " + record.id() + " exists already");
        }
        Row row = new Row(record);
        row.history.add(entry);
        rows.put(record.id().value(), row);
        open.put(record.id().value(), row);
        groups.changed(null, record);
    }

    @Nullable FailedExecution get(FailureId id) {
        Row row = rows.get(id.value());
        return row == null ? null : row.record;
    }

    void write(FailedExecution after, HistoryEntry entry, Instant now) {
        Row row = rows.get(after.id().value());
        if (row == null) {
            throw new IllegalStateException("no failed execution " + after.id());
        }
        groups.changed(row.record, after);
        row.record = after;
        row.history.add(entry);
        if (!after.status().isDone()) {
            row.doneAt = null;
            open.put(after.id().value(), row);
        } else if (row.doneAt == null) {
            row.doneAt = now;
            open.remove(after.id().value());
        }
    }

    void remove(FailureId id) {
        rows.remove(id.value());
        open.remove(id.value());
    }

    List<HistoryEntry> history(FailureId id) {
        Row row = rows.get(id.value());
        return row == null ? List.of() : List.copyOf(row.history);
    }

    /** All records that are not done, the oldest id first. */
    List<FailedExecution> open() {
        return open.values().stream().map(row -> row.record).toList();
    }

    /** All records, the oldest id first. */
    List<FailedExecution> all() {
        return rows.values().stream().map(row -> row.record).toList();
    }

    long open(String processor) {
        return open().stream()
                .filter(record -> record.processor().equals(processor))
                .count();
    }

    List<FailedExecution> list(FailureFilter filter, @Nullable FailureId before, int limit) {
        NavigableMap<String, Row> below = before == null ? rows : rows.headMap(before.value(), false);
        return below.descendingMap().values().stream()
                .map(row -> row.record)
                .filter(record -> matches(filter, record))
                .limit(limit)
                .map(Failures::withoutPayload)
                .toList();
    }

    private static boolean matches(FailureFilter filter, FailedExecution record) {
        Collection<Status> statuses = filter.statuses();
        return (statuses.isEmpty() || statuses.contains(record.status()))
                && (filter.processor() == null || filter.processor().equals(record.processor()))
                && (filter.key() == null || filter.key().equals(record.laneKey()))
                && (filter.eventType() == null
                        || filter.eventType().equals(record.event().type()))
                && (filter.fingerprint() == null || filter.fingerprint().equals(record.fingerprint()));
    }

    static FailedExecution withoutPayload(FailedExecution record) {
        return copy(record, withoutPayload(record.event()), record.processor());
    }

    static EventEnvelope withoutPayload(EventEnvelope event) {
        return new EventEnvelope(
                event.id(),
                event.source(),
                event.type(),
                event.subject(),
                event.time(),
                event.dataContentType(),
                null,
                event.key(),
                event.version(),
                event.epoch(),
                event.correlationId(),
                event.causationId(),
                event.traceParent(),
                event.headers());
    }

    private static FailedExecution copy(FailedExecution record, EventEnvelope event, String processor) {
        return new FailedExecution(
                record.id(),
                event,
                record.position(),
                processor,
                record.slot(),
                record.laneKey(),
                record.stopsSlot(),
                record.function(),
                record.reason(),
                record.error(),
                record.fingerprint(),
                record.firstFailedAt(),
                record.executedAt(),
                record.policy(),
                record.retry(),
                record.status(),
                record.recoverability(),
                record.recoverabilityBy(),
                record.tenant(),
                record.build());
    }

    /** Removes up to {@code limit} records that are done since then or longer, the longest done first. */
    int prune(Instant notAfter, int limit) {
        record Done(String id, Instant at) {}
        List<Done> done = new ArrayList<>();
        rows.forEach((id, row) -> {
            Instant at = row.doneAt;
            if (at != null && !at.isAfter(notAfter)) {
                done.add(new Done(id, at));
            }
        });
        List<Done> gone = done.stream()
                .sorted(Comparator.comparing(Done::at))
                .limit(limit)
                .toList();
        gone.forEach(row -> rows.remove(row.id()));
        return gone.size();
    }

    void rename(String from, String to) {
        for (Row row : rows.values()) {
            if (row.record.processor().equals(from)) {
                row.record = copy(row.record, row.record.event(), to);
            }
        }
    }
}
