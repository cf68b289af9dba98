package io.amends.testkit.memory;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.Status;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.FailureGroup.Acknowledgement;
import io.amends.core.operate.FailureGroup.Numbers;
import io.amends.core.operate.FailureGroup.Remarks;
import io.amends.core.operate.FailureGroup.SeenIn;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.GroupSearch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Failed executions by cause: what is remembered of failures, and what persons said. The caller holds the lock. */
final class Groups {
    private static final int MOST_BUILDS = 100;

    private static final class Tally {
        FailedExecution newest;
        Instant firstSeen;
        Instant lastSeen;
        long failures;
        final TreeMap<Long, Long> hours = new TreeMap<>();
        final TreeMap<String, SeenIn> builds = new TreeMap<>();

        Tally(FailedExecution first) {
            newest = first;
            firstSeen = first.executedAt();
            lastSeen = first.executedAt();
        }

        void failed(FailedExecution record) {
            Instant at = record.executedAt();
            if (record.id().value().compareTo(newest.id().value()) >= 0) {
                newest = record;
            }
            firstSeen = at.isBefore(firstSeen) ? at : firstSeen;
            lastSeen = at.isAfter(lastSeen) ? at : lastSeen;
            failures++;
            hours.merge(hourOf(at), 1L, Long::sum);
            builds.merge(
                    record.build(),
                    new SeenIn(record.build(), at, at, 1),
                    (old, one) -> new SeenIn(old.build(), old.firstSeen(), one.lastSeen(), old.failures() + 1));
        }
    }

    private final TreeMap<String, Tally> tallies = new TreeMap<>();
    private final TreeMap<String, List<String>> whys = new TreeMap<>();
    private final TreeMap<String, Remarks> remarks = new TreeMap<>();

    private static long hourOf(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), 3600);
    }

    /** A record was made (before is null) or changed. */
    void changed(@Nullable FailedExecution before, FailedExecution after) {
        if (after.fingerprint().isEmpty()) {
            return;
        }
        Tally tally = tallies.computeIfAbsent(after.fingerprint(), f -> new Tally(after));
        boolean failed = after.status() == Status.FAILED
                && (before == null
                        || (before.status() == Status.PREPARED
                                && !before.executedAt().equals(after.executedAt())));
        if (failed) {
            tally.failed(after);
        }
    }

    List<FailureGroup> list(GroupSearch search, Collection<FailedExecution> records, Instant now, int limit) {
        Comparator<FailureGroup> order = switch (search.sort()) {
            case COUNT ->
                Comparator.comparingLong((FailureGroup g) -> -g.numbers().active());
            case NEWEST -> Comparator.comparing(FailureGroup::firstSeen).reversed();
            case OLDEST -> Comparator.comparing(FailureGroup::firstSeen);
            case RECENT -> Comparator.comparing(FailureGroup::lastSeen).reversed();
        };
        return tallies.keySet().stream()
                .map(fingerprint -> group(fingerprint, records, now))
                .filter(group ->
                        search.processor() == null || search.processor().equals(group.processor()))
                .filter(group -> search.scope().contains(group.processor()))
                .filter(group -> !search.active() || group.numbers().active() > 0)
                .filter(group -> search.acknowledged() || group.remarks().acknowledgement() == null)
                .sorted(order.thenComparing(FailureGroup::fingerprint))
                .limit(limit)
                .toList();
    }

    @Nullable FailureGroup find(String fingerprint, Collection<FailedExecution> records, Instant now) {
        return tallies.containsKey(fingerprint) ? group(fingerprint, records, now) : null;
    }

    private FailureGroup group(String fingerprint, Collection<FailedExecution> records, Instant now) {
        Tally tally = tallies.get(fingerprint);
        if (tally == null) {
            throw new IllegalStateException("no group " + fingerprint);
        }
        long scheduled = 0;
        long stopped = 0;
        long running = 0;
        long handled = 0;
        long skipped = 0;
        for (FailedExecution record : records) {
            if (record.fingerprint().equals(fingerprint)) {
                switch (record.status()) {
                    case FAILED -> {
                        boolean needsOperator = FailureQueue.NEEDS_OPERATOR.contains(record, now, false);
                        scheduled += needsOperator ? 0 : 1;
                        stopped += needsOperator ? 1 : 0;
                    }
                    case PREPARED -> running++;
                    case SUCCEEDED -> handled++;
                    case SKIPPED -> skipped++;
                }
            }
        }
        List<Long> hours = new ArrayList<>();
        for (long hour = hourOf(now) - FailureGroup.HOURS + 1; hour <= hourOf(now); hour++) {
            hours.add(tally.hours.getOrDefault(hour, 0L));
        }
        String message = tally.newest.error().message();
        Remarks said = remarks.getOrDefault(fingerprint, Remarks.NONE);
        Acknowledgement acknowledgement = said.acknowledgement();
        return new FailureGroup(
                fingerprint,
                tally.newest.processor(),
                tally.newest.error().code(),
                message.substring(
                        0,
                        message.offsetByCodePoints(
                                0, Math.min(FailureGroup.MESSAGE, message.codePointCount(0, message.length())))),
                tally.newest.id().value(),
                tally.firstSeen,
                tally.lastSeen,
                new Numbers(scheduled, stopped, running, handled, skipped, tally.failures),
                hours,
                acknowledgement == null || acknowledgement.holds(now, tally.failures)
                        ? said
                        : new Remarks(said.note(), said.notedBy(), said.notedAt(), null));
    }

    int prune(Collection<FailedExecution> records, Instant now, Duration keep, int limit) {
        List<String> old = tallies.keySet().stream()
                .map(fingerprint -> group(fingerprint, records, now))
                .filter(group -> group.lastSeen().isBefore(now.minus(keep)))
                .filter(group -> group.numbers().active()
                                + group.numbers().handled()
                                + group.numbers().skipped()
                        == 0)
                .filter(group -> group.remarks().acknowledgement() == null)
                .map(FailureGroup::fingerprint)
                .limit(limit)
                .toList();
        tallies.keySet().removeAll(old);
        remarks.keySet().removeAll(old);
        whys.keySet().removeAll(old);
        return old.size();
    }

    void explain(Fingerprint cause) {
        whys.putIfAbsent(cause.value(), cause.inputs());
    }

    List<String> why(String fingerprint) {
        return whys.getOrDefault(fingerprint, List.of());
    }

    List<SeenIn> seenIn(String fingerprint) {
        Tally tally = tallies.get(fingerprint);
        return tally == null
                ? List.of()
                : tally.builds.values().stream()
                        .sorted(Comparator.comparing(SeenIn::lastSeen)
                                .reversed()
                                .thenComparing(SeenIn::build))
                        .limit(MOST_BUILDS)
                        .toList();
    }

    void note(String fingerprint, String actor, @Nullable String note, Instant now) {
        Remarks old = remarks.getOrDefault(fingerprint, Remarks.NONE);
        remarks.put(
                fingerprint,
                note == null
                        ? new Remarks(null, null, null, old.acknowledgement())
                        : new Remarks(note, actor, now, old.acknowledgement()));
    }

    void acknowledge(String fingerprint, @Nullable Acknowledgement acknowledgement) {
        Remarks old = remarks.getOrDefault(fingerprint, Remarks.NONE);
        remarks.put(fingerprint, new Remarks(old.note(), old.notedBy(), old.notedAt(), acknowledgement));
    }
}
