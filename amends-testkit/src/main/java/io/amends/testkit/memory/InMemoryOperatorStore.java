package io.amends.testkit.memory;

import io.amends.core.failure.FailedExecution;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.AuditTicket;
import io.amends.core.operate.Counted;
import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.QueueCounts;
import io.amends.core.operate.StopReason;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What operators ask of an {@link InMemoryStore}: the definitions themselves, record by record. Thread-safe. */
public final class InMemoryOperatorStore implements OperatorStore {
    private static final Comparator<FailedExecution> BY_ID =
            Comparator.comparing(failure -> failure.id().value());
    private static final Comparator<FailedExecution> BY_DUE_TIME = Comparator.<FailedExecution, Instant>comparing(
                    failure -> Objects.requireNonNull(failure.dueAt()))
            .thenComparing(BY_ID);

    private final InMemoryStore store;
    private final State state;

    /** Asks this store. */
    public InMemoryOperatorStore(InMemoryStore store) {
        this.store = store;
        state = store.state();
    }

    @Override
    public List<FailedExecution> search(
            FailureSearch search, FailureSort sort, @Nullable FailureCursor after, int limit) {
        return store.database()
                .locked(() -> state.failures.all().stream()
                        .filter(matching(search))
                        .filter(failure -> sort != FailureSort.NEXT || failure.dueAt() != null)
                        .filter(failure -> after == null || isBehind(failure, sort, after))
                        .sorted(
                                switch (sort) {
                                    case NEWEST -> BY_ID.reversed();
                                    case OLDEST -> BY_ID;
                                    case NEXT -> BY_DUE_TIME;
                                })
                        .limit(limit)
                        .map(Failures::withoutPayload)
                        .toList());
    }

    private static boolean isBehind(FailedExecution failure, FailureSort sort, FailureCursor after) {
        int byId = failure.id().value().compareTo(after.id().value());
        return switch (sort) {
            case NEWEST -> byId < 0;
            case OLDEST -> byId > 0;
            case NEXT -> {
                Instant from = Objects.requireNonNullElse(after.dueAt(), Instant.EPOCH);
                int byTime = Objects.requireNonNull(failure.dueAt()).compareTo(from);
                yield byTime > 0 || (byTime == 0 && byId > 0);
            }
        };
    }

    private Predicate<FailedExecution> matching(FailureSearch search) {
        Instant now = state.now();
        return failure -> search.matches(failure, now, isOwnerAlive(failure, now));
    }

    private boolean isOwnerAlive(FailedExecution failure, Instant now) {
        Cursors.Cursor cursor = state.cursors.get(State.slotOf(failure));
        return cursor != null && cursor.fence == failure.retry().fence() && state.nodes.isLive(cursor.owner, now);
    }

    @Override
    public Counted count(FailureSearch search) {
        return store.database().locked(() -> new Counted(state.now(), number(search)));
    }

    private long number(FailureSearch search) {
        return state.failures.all().stream()
                .filter(matching(search))
                .limit(QueueCounts.CAP)
                .count();
    }

    @Override
    public QueueCounts counts() {
        return store.database().locked(() -> {
            EnumMap<FailureQueue, Long> queues = new EnumMap<>(FailureQueue.class);
            for (FailureQueue queue : QueueCounts.QUEUES) {
                queues.put(queue, number(FailureSearch.in(queue)));
            }
            EnumMap<StopReason, Long> stopped = new EnumMap<>(StopReason.class);
            for (StopReason reason : StopReason.values()) {
                stopped.put(reason, number(FailureSearch.stopped(reason)));
            }
            return new QueueCounts(state.now(), new TreeMap<>(queues), new TreeMap<>(stopped), state.lanes.blocked());
        });
    }

    @Override
    public AuditTicket begin(AuditEntry entry, AuditTicket.@Nullable Key key) {
        return store.database().locked(() -> state.audit.begin(entry, key, state.now()));
    }

    @Override
    public void end(long n, AuditOutcome outcome) {
        store.database().locked(() -> {
            state.audit.end(n, outcome);
            return n;
        });
    }

    @Override
    public List<AuditLine> audit(AuditSearch search, @Nullable Long before, int limit) {
        return store.database().locked(() -> state.audit.list(search, before, limit));
    }
}
