package io.amends.testkit.memory;

import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.Status;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.SlotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the records of some slots that are due, and asks the decision about them. The caller holds the lock. */
final class DueRecords {
    private final State state;
    private final DueQuery query;
    private final Map<SlotId, Long> fences = new LinkedHashMap<>();

    DueRecords(State state, DueQuery query) {
        this.state = state;
        this.query = query;
        query.claims().stream().filter(state.cursors::holds).forEach(claim -> fences.put(claim.slot(), claim.fence()));
    }

    DueBatch claim(Decision decision) {
        Instant now = state.now();
        List<FailedExecution> mine = state.failures.open().stream()
                .filter(this::isClaimed)
                .filter(record -> record.function().isEmpty()
                        ? query.eventTypes().contains(record.event().type())
                        : query.functions().contains(record.function()))
                .filter(record -> !query.requestedOnly()
                        || record.status() == Status.PREPARED
                        || record.retry().requested())
                .toList();
        List<FailedExecution> due = mine.stream()
                .filter(record -> isDue(record, now))
                .filter(record -> state.situationOf(record).mayRun())
                .sorted(Comparator.comparing(DueRecords::dueAt)
                        .thenComparing(record -> record.id().value()))
                .toList();
        List<FailedExecution> asked = due.stream().limit(query.limit()).toList();
        // all decisions before the first write: one that throws leaves nothing
        List<Change> changes = asked.stream()
                .map(record -> decision.decide(record, state.situationOf(record)))
                .toList();
        List<FailedExecution> prepared = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            state.apply(asked.get(i).id(), changes.get(i), List.of());
            if (changes.get(i) instanceof Change.Write write && write.after().status() == Status.PREPARED) {
                prepared.add(write.after());
            }
        }
        return new DueBatch(List.copyOf(prepared), due.size() > asked.size(), nextDueIn(mine, now));
    }

    private boolean isClaimed(FailedExecution record) {
        return record.processor().equals(query.processor()) && fences.containsKey(State.slotOf(record));
    }

    private boolean isDue(FailedExecution record, Instant now) {
        Instant dueAt = record.dueAt();
        boolean otherFence = record.status() == Status.PREPARED
                && record.retry().fence() != Objects.requireNonNull(fences.get(State.slotOf(record)));
        boolean woken = record.status() == Status.FAILED && state.isWoken(record);
        return otherFence || woken || (dueAt != null && !dueAt.isAfter(now));
    }

    private static Instant dueAt(FailedExecution record) {
        Instant dueAt = record.dueAt();
        return dueAt == null ? Instant.MAX : dueAt;
    }

    private @Nullable Duration nextDueIn(List<FailedExecution> before, Instant now) {
        return before.stream()
                .map(record -> state.failures.get(record.id()))
                .filter(Objects::nonNull)
                .map(FailedExecution::dueAt)
                .filter(Objects::nonNull)
                .filter(dueAt -> dueAt.isAfter(now))
                .min(Comparator.naturalOrder())
                .map(dueAt -> Duration.between(now, dueAt))
                .orElse(null);
    }
}
