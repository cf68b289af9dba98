package io.amends.testkit.memory;

import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.AuditTicket;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The lines of the audit. The caller holds the lock. */
final class Audit {
    private static final AuditOutcome UNKNOWN = new AuditOutcome(
            AuditOutcome.Result.UNKNOWN, null, Collections.emptySortedMap(), Collections.emptySortedMap(), null);

    private static final class Row {
        final AuditLine line;
        AuditTicket.@Nullable Key key;
        AuditOutcome outcome = UNKNOWN;

        Row(AuditLine line, AuditTicket.@Nullable Key key) {
            this.line = line;
            this.key = key;
        }
    }

    private final TreeMap<Long, Row> rows = new TreeMap<>();

    AuditTicket begin(AuditEntry entry, AuditTicket.@Nullable Key key, Instant now) {
        if (key != null) {
            for (Row row : rows.values()) {
                if (row.key != null
                        && row.key.key().equals(key.key())
                        && row.line.entry().actor().equals(entry.actor())) {
                    return new AuditTicket.Repeated(row.key.hash(), row.outcome.answer());
                }
            }
        }
        return new AuditTicket.Begun(add(entry, key, now));
    }

    private long add(AuditEntry entry, AuditTicket.@Nullable Key key, Instant now) {
        long n = rows.isEmpty() ? 1 : rows.lastKey() + 1;
        rows.put(n, new Row(new AuditLine(n, now, entry, UNKNOWN), key));
        return n;
    }

    void end(long n, AuditOutcome outcome) {
        Row row = rows.get(n);
        if (row != null && row.outcome.result() == AuditOutcome.Result.UNKNOWN) {
            row.outcome = outcome;
        }
    }

    int prune(Instant before, int limit) {
        List<Long> old = old(before, limit, row -> true);
        rows.keySet().removeAll(old);
        return old.size();
    }

    int forgetKeys(Instant before, int limit) {
        List<Long> old = old(before, limit, row -> row.key != null);
        old.forEach(n -> rows.computeIfPresent(n, (m, row) -> {
            row.key = null;
            return row;
        }));
        return old.size();
    }

    private List<Long> old(Instant before, int limit, Predicate<Row> which) {
        return rows.values().stream()
                .filter(row -> row.line.at().isBefore(before))
                .filter(row -> row.outcome.result() != AuditOutcome.Result.UNKNOWN)
                .filter(which)
                .limit(limit)
                .map(row -> row.line.n())
                .toList();
    }

    List<AuditLine> list(AuditSearch search, @Nullable Long before, int limit) {
        Map<Long, Row> below = before == null ? rows : rows.headMap(before);
        return new TreeMap<>(below)
                .descendingMap().values().stream()
                        .filter(row -> matches(search, row.line))
                        .limit(limit)
                        .map(Audit::shown)
                        .toList();
    }

    private static boolean matches(AuditSearch search, AuditLine line) {
        AuditEntry entry = line.entry();
        return (search.actor() == null || search.actor().equals(entry.actor()))
                && (search.action() == null || search.action().equals(entry.action()))
                && (search.processor() == null || search.processor().equals(entry.processor()))
                && (search.failure() == null || search.failure().equals(entry.failure()))
                && (search.target() == null || search.target().equals(entry.target()))
                && (search.from() == null || !line.at().isBefore(search.from()))
                && (search.to() == null || line.at().isBefore(search.to()))
                && (entry.processor() == null
                        ? search.scope().isAll()
                        : search.scope().contains(entry.processor()));
    }

    private static AuditLine shown(Row row) {
        AuditOutcome outcome = row.outcome;
        return new AuditLine(
                row.line.n(),
                row.line.at(),
                row.line.entry(),
                new AuditOutcome(outcome.result(), outcome.code(), outcome.before(), outcome.after(), null));
    }
}
