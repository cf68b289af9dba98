package io.amends.testkit.memory;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.Advance;
import io.amends.core.causality.Causality;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import io.amends.core.flow.BuildSeen;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import io.amends.core.lane.LaneKey;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditOutcome;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.AuditTicket;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchOutcomes;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.Counted;
import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.GroupSearch;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.NodeStatus;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.QueueCounts;
import io.amends.core.operate.StopReason;
import io.amends.core.operate.TextScope;
import io.amends.core.store.LanePause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of an {@link InMemoryStore}: the definitions themselves, record by record. A lane counts as held since
 * its head failed. Thread-safe.
 */
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
    public TextScope scopeOf(String text) {
        return TextScope.ALL;
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
    public QueueCounts counts(ProcessorScope scope) {
        return store.database().locked(() -> {
            EnumMap<FailureQueue, Long> queues = new EnumMap<>(FailureQueue.class);
            for (FailureQueue queue : QueueCounts.QUEUES) {
                queues.put(queue, number(FailureSearch.in(queue).within(scope)));
            }
            EnumMap<StopReason, Long> stopped = new EnumMap<>(StopReason.class);
            for (StopReason reason : StopReason.values()) {
                stopped.put(reason, number(FailureSearch.stopped(reason).within(scope)));
            }
            return new QueueCounts(
                    state.now(),
                    new TreeMap<>(queues),
                    new TreeMap<>(stopped),
                    blockedLanes(scope),
                    failedLanes(scope));
        });
    }

    @Override
    public List<FailureGroup> groups(GroupSearch search, int limit) {
        return store.database()
                .locked(() -> state.failures.groups().list(search, state.failures.all(), state.now(), limit));
    }

    @Override
    public Optional<FailureGroup> group(String fingerprint) {
        return store.database()
                .locked(() -> Optional.ofNullable(
                        state.failures.groups().find(fingerprint, state.failures.all(), state.now())));
    }

    @Override
    public List<FailureGroup.SeenIn> seenIn(String fingerprint) {
        return store.database().locked(() -> state.failures.groups().seenIn(fingerprint));
    }

    @Override
    public List<String> why(String fingerprint) {
        return store.database().locked(() -> state.failures.groups().why(fingerprint));
    }

    @Override
    public void note(String fingerprint, String actor, @Nullable String note) {
        locked(() -> state.failures.groups().note(fingerprint, actor, note, state.now()));
    }

    @Override
    public void acknowledge(String fingerprint, String actor, @Nullable Duration duration, @Nullable Long above) {
        locked(() -> state.failures
                .groups()
                .acknowledge(
                        fingerprint,
                        new FailureGroup.Acknowledgement(
                                actor,
                                state.now(),
                                duration == null ? null : state.now().plus(duration),
                                above)));
    }

    @Override
    public void unacknowledge(String fingerprint) {
        locked(() -> state.failures.groups().acknowledge(fingerprint, null));
    }

    @Override
    public int foldGroups(int limit) {
        return 0;
    }

    private void locked(Runnable work) {
        store.database().locked(() -> {
            work.run();
            return true;
        });
    }

    @Override
    public List<LaneSummary> blockedLanes(
            @Nullable String processor, ProcessorScope scope, LaneSummary.@Nullable Cursor after, int limit) {
        Comparator<LaneSummary> order = Comparator.comparing(LaneSummary::since)
                .thenComparing(LaneSummary::processor)
                .thenComparing(LaneSummary::key);
        return store.database()
                .locked(() -> state.lanes.all().stream()
                        .map(this::summary)
                        .filter(LaneSummary::blocked)
                        .filter(lane -> processor == null || processor.equals(lane.processor()))
                        .filter(lane -> scope.contains(lane.processor()))
                        .filter(lane -> after == null || isBehind(lane, after))
                        .sorted(order)
                        .limit(limit)
                        .toList());
    }

    @Override
    public List<LaneSummary> lanesOf(String key, @Nullable String processor, ProcessorScope scope, int limit) {
        Comparator<LaneSummary> order = Comparator.comparing((LaneSummary lane) -> !lane.blocked())
                .thenComparing(LaneSummary::since)
                .thenComparing(LaneSummary::processor)
                .thenComparing(LaneSummary::key);
        return store.database()
                .locked(() -> state.lanes.all().stream()
                        .filter(lane -> processor == null || processor.equals(lane.processor()))
                        .filter(lane -> scope.contains(lane.processor()))
                        .filter(lane -> isOf(lane, key))
                        .map(this::summary)
                        .sorted(order)
                        .limit(limit)
                        .toList());
    }

    @Override
    public int dependents(String processor, Collection<Advance> advances, ProcessorScope scope, int most) {
        return store.database().locked(() -> (int) state.waits.stream()
                .filter(wait -> scope.contains(wait.getKey().processor()))
                .filter(wait -> wait.getValue().dependsOn(processor, advances))
                .limit(most)
                .count());
    }

    private boolean isOf(Lanes.LaneId lane, String key) {
        String name = lane.laneKey();
        int tenant = name.indexOf('/');
        return name.equals(key)
                || (tenant >= 0 && name.substring(tenant + 1).equals(key))
                || state.lanes.rows(lane).stream()
                        .anyMatch(row -> key.equals(row.event().event().key()));
    }

    private static boolean isBehind(LaneSummary lane, LaneSummary.Cursor after) {
        int bySince = lane.since().compareTo(after.since());
        int byProcessor = lane.processor().compareTo(after.processor());
        return bySince > 0
                || (bySince == 0
                        && (byProcessor > 0 || (byProcessor == 0 && lane.key().compareTo(after.key()) > 0)));
    }

    @Override
    public Optional<LaneSummary> lane(String processor, String key) {
        Lanes.LaneId id = new Lanes.LaneId(processor, key);
        return store.database()
                .locked(() -> state.lanes.isHeld(id) ? Optional.of(summary(id)) : Optional.<LaneSummary>empty());
    }

    @Override
    public Optional<LaneSummary.Done> lastDone(String processor, String key) {
        return store.database().locked(() -> {
            SortedSet<String> types = state.registrations.typesByOwnKey(processor);
            Lanes.LaneId lane = new Lanes.LaneId(processor, key);
            Lanes.Row head = state.lanes.first(lane);
            long passed = head == null ? state.cursors.leastPosition(processor) : state.cursors.position(head.slot());
            long before = head == null ? passed : Math.min(passed, head.event().position() - 1);
            return Stream.of(passed, before)
                    .flatMap(last -> state.log.before(last, LaneSummary.LOOK_BACK).stream())
                    .filter(entry -> types.contains(entry.stored().event().type()))
                    .filter(entry -> key.equals(ownLane(entry.stored().event())))
                    .filter(entry -> entry.stored().position() > state.cursors.begun(processor))
                    .filter(entry -> state.lanes.row(lane, entry.stored().position()) == null)
                    .max(Comparator.comparingLong(entry -> entry.stored().position()))
                    .map(entry -> new LaneSummary.Done(
                            entry.stored().position(),
                            entry.stored().event().id(),
                            entry.stored().event().source(),
                            entry.stored().event().type(),
                            entry.at()));
        });
    }

    private static @Nullable String ownLane(EventEnvelope event) {
        String key = event.key();
        String tenant = event.headers().get(LaneKey.TENANT);
        return key == null || tenant == null ? key : Causality.joined(List.of(tenant, key));
    }

    private long blockedLanes(ProcessorScope scope) {
        return state.lanes.all().stream()
                .filter(lane -> scope.contains(lane.processor()))
                .filter(state.lanes::isBlocked)
                .limit(QueueCounts.CAP)
                .count();
    }

    private long failedLanes(ProcessorScope scope) {
        return state.lanes.all().stream()
                .filter(lane -> scope.contains(lane.processor()))
                .filter(state.lanes::isBlocked)
                .filter(lane -> state.lanes.pause(lane) == null)
                .filter(this::isFailed)
                .limit(QueueCounts.CAP)
                .count();
    }

    private boolean isFailed(Lanes.LaneId lane) {
        FailureId failure = state.lanes.rows(lane).getFirst().failure();
        FailedExecution head = failure == null ? null : state.failures.get(failure);
        return head != null && !FailureQueue.WAITING.contains(head, state.now(), true);
    }

    @Override
    public String laneMark() {
        return store.database().locked(() -> {
            List<String> parts = new ArrayList<>();
            state.registrations.names().forEach(name -> parts.add(name + " " + state.registrations.pausedAt(name)));
            state.lanes
                    .all()
                    .forEach(lane -> parts.add(lane + " " + state.lanes.pause(lane) + " "
                            + state.lanes.rows(lane).stream()
                                    .filter(Lanes.Row::isParked)
                                    .count()));
            state.waits.stream()
                    .forEach(wait ->
                            parts.add(wait.getKey() + " " + wait.getValue().tries()));
            return String.join("\n", parts);
        });
    }

    private LaneSummary summary(Lanes.LaneId id) {
        List<Lanes.Row> rows = state.lanes.rows(id);
        Lanes.Row first = rows.isEmpty() ? null : rows.getFirst();
        FailureId failure = first == null ? null : first.failure();
        FailedExecution head = failure == null ? null : state.failures.get(failure);
        LanePause pause = state.lanes.pause(id);
        return new LaneSummary(
                id.processor(),
                id.laneKey(),
                first == null ? null : first.slot().number(),
                head != null ? head.firstFailedAt() : pause != null ? pause.since() : Instant.EPOCH,
                first == null ? null : first.event().position(),
                rows.stream().anyMatch(Lanes.Row::stopsSlot),
                state.lanes.isBlocked(id),
                Math.min(rows.size(), QueueCounts.CAP),
                head == null ? null : Failures.withoutPayload(head),
                pause);
    }

    @Override
    public List<LaneSummary.Entry> laneEvents(String processor, String key, long after, int limit) {
        return store.database()
                .locked(() -> state.lanes.rows(new Lanes.LaneId(processor, key)).stream()
                        .filter(row -> row.event().position() > after)
                        .limit(limit)
                        .map(row -> entry(processor, row))
                        .toList());
    }

    private LaneSummary.Entry entry(String processor, Lanes.Row row) {
        long position = row.event().position();
        FailureId failure = row.failure();
        FailedExecution record = failure == null ? null : state.failures.get(failure);
        EventEnvelope event = row.event().event();
        LaneSummary.Kind kind = switch (row.kind()) {
            case PARKED -> LaneSummary.Kind.PARKED;
            case WAITING -> LaneSummary.Kind.WAITING;
            case FAILED ->
                record != null && record.status() == Status.PREPARED
                        ? LaneSummary.Kind.PREPARED
                        : row.byWait() ? LaneSummary.Kind.WAITING : LaneSummary.Kind.FAILED;
        };
        WaitRows.Row wait = kind == LaneSummary.Kind.WAITING ? state.waits.get(processor, position) : null;
        return new LaneSummary.Entry(
                position,
                kind,
                failure,
                event.id(),
                event.source(),
                event.type(),
                event.time(),
                wait == null ? null : store.waiting(new WaitRows.WaitId(processor, position), wait));
    }

    @Override
    public List<NodeStatus> nodes() {
        return store.database().locked(() -> state.nodes.list(state.now(), state.cursors::ownedBy));
    }

    @Override
    public FlowNow flowNow() {
        return store.database().locked(() -> {
            TreeMap<String, Integer> slots = new TreeMap<>();
            state.registrations
                    .names()
                    .forEach(name -> slots.put(name, state.cursors.slotsOf(name).size()));
            return state.flow.now(slots);
        });
    }

    @Override
    public List<FlowPoint> flow(FlowSearch search) {
        return store.database().locked(() -> state.flow.points(search));
    }

    @Override
    public List<BuildSeen> buildsSeen(Instant from, Instant to, int limit) {
        return store.database().locked(() -> state.flow.builds(from, to, limit));
    }

    @Override
    public BatchPlan planBatch(BatchPlan.Draft draft) {
        return store.database()
                .locked(() -> state.batches.plan(draft, matching(draft.search()), OperatorStore.MOST_ITEMS));
    }

    @Override
    public BatchDecision.Result changeBatch(String id, BatchDecision decision) {
        return store.database().locked(() -> state.batches.change(id, decision));
    }

    @Override
    public Optional<Batch> batch(String id) {
        return store.database().locked(() -> state.batches.find(id));
    }

    @Override
    public List<Batch> batches(ProcessorScope scope, @Nullable String before, int limit) {
        return store.database().locked(() -> state.batches.list(scope, before, limit));
    }

    @Override
    public List<Batch.Item> items(String batch, Batch.@Nullable ItemState itemState, int after, int limit) {
        return store.database().locked(() -> state.batches.items(batch, itemState, after, limit));
    }

    @Override
    public BatchOutcomes outcomes(String batch) {
        return store.database().locked(() -> state.batches.outcomes(batch));
    }

    @Override
    public List<Batch> takeBatches(String node, Duration lease) {
        return store.database().locked(() -> state.batches.take(node, lease));
    }

    @Override
    public List<Batch.ItemState> settleBatch(String batch, String node) {
        return store.database().locked(() -> state.batches.settle(batch, node));
    }

    @Override
    public int beginItems(String batch, String node, int limit) {
        return store.database().locked(() -> state.batches.begin(batch, node, limit));
    }

    @Override
    public List<Batch.Begun> uncommanded(String batch, String node, int limit) {
        return store.database().locked(() -> state.batches.uncommanded(batch, node, limit));
    }

    @Override
    public void endItems(String batch, String node, List<Batch.Item> items) {
        locked(() -> state.batches.end(batch, node, items));
    }

    @Override
    public int pruneGroups(Duration keep, int limit) {
        return store.database()
                .locked(() -> state.failures.groups().prune(state.failures.all(), state.now(), keep, limit));
    }

    @Override
    public int pruneAudit(Duration keep, int limit) {
        return store.database().locked(() -> state.audit.prune(state.now().minus(keep), limit));
    }

    @Override
    public int forgetRequestKeys(Duration keep, int limit) {
        return store.database().locked(() -> state.audit.forgetKeys(state.now().minus(keep), limit));
    }

    @Override
    public int pruneBatches(Duration keep, int limit) {
        return store.database().locked(() -> state.batches.prune(keep, limit));
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
