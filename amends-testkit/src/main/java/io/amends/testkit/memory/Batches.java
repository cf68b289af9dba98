package io.amends.testkit.memory;

import io.amends.api.Recoverability;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchOutcomes;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.BatchSkip;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.ProcessorScope;
import io.amends.core.operate.QueueCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Batches and their items. The caller holds the lock. */
final class Batches {
    private static final Duration PLANS_LIVE = Duration.ofHours(1);
    private static final int FOLLOWERS_OF = 10_000;

    private static final class Item {
        final int n;
        final FailureId failure;
        Batch.ItemState state = Batch.ItemState.WAITING;
        int attempt;

        @Nullable String code;

        Item(int n, FailureId failure) {
            this.n = n;
            this.failure = failure;
        }

        void end(Batch.ItemState newState, @Nullable String newCode) {
            state = newState;
            code = newCode;
        }

        Batch.Item view() {
            return new Batch.Item(n, failure, state, code);
        }
    }

    private static final class Row {
        Batch batch;
        final List<Item> items;

        @Nullable String owner;

        Instant ownedUntil = Instant.EPOCH;

        Row(Batch batch, List<Item> items) {
            this.batch = batch;
            this.items = items;
        }

        int count(Batch.ItemState state) {
            return (int) items.stream().filter(item -> item.state == state).count();
        }

        Batch view() {
            return copy(
                    batch,
                    batch.startedAt(),
                    batch.endedAt(),
                    new Batch.Numbers(
                            items.size(),
                            count(Batch.ItemState.WAITING),
                            count(Batch.ItemState.RUNNING),
                            count(Batch.ItemState.HANDLED),
                            count(Batch.ItemState.FAILED_AGAIN),
                            count(Batch.ItemState.SKIPPED)));
        }

        boolean isRetry() {
            return batch.command() instanceof FailureCommand.Prepare;
        }
    }

    private final State state;
    private final TreeMap<String, Row> rows = new TreeMap<>();

    Batches(State state) {
        this.state = state;
    }

    private static Batch copy(
            Batch batch, @Nullable Instant startedAt, @Nullable Instant endedAt, Batch.Numbers numbers) {
        return new Batch(
                batch.id(),
                batch.state(),
                batch.command(),
                batch.filter(),
                batch.reason(),
                batch.createdBy(),
                batch.createdAt(),
                startedAt,
                endedAt,
                batch.stopped(),
                batch.pace(),
                batch.canaryFrom(),
                batch.canaryPassed(),
                numbers);
    }

    BatchPlan plan(BatchPlan.Draft draft, Predicate<FailedExecution> matching, int most) {
        List<Item> items = new ArrayList<>();
        SortedMap<BatchSkip, Integer> willNot = new TreeMap<>();
        state.failures.all().stream().filter(matching).limit(most).forEach(record -> {
            items.add(new Item(items.size() + 1, record.id()));
            BatchSkip code = refusal(draft, record);
            if (code != null) {
                willNot.merge(code, 1, Integer::sum);
            }
        });
        boolean ends =
                draft.command() instanceof FailureCommand.Prepare || draft.command() instanceof FailureCommand.Skip;
        long followers = !ends
                ? 0
                : items.stream()
                        .limit(FOLLOWERS_OF)
                        .map(item -> state.failures.get(item.failure))
                        .filter(record -> record != null && refusal(draft, record) == null)
                        .mapToLong(this::followers)
                        .sum();
        Row row = new Row(
                new Batch(
                        draft.id(),
                        Batch.State.PLANNED,
                        draft.command(),
                        draft.filter(),
                        draft.reason(),
                        draft.actor(),
                        state.now(),
                        null,
                        null,
                        null,
                        Batch.Pace.DEFAULT,
                        0,
                        false,
                        new Batch.Numbers(0, 0, 0, 0, 0, 0)),
                items);
        rows.put(draft.id(), row);
        return new BatchPlan(row.view(), willNot, Math.min(followers, QueueCounts.CAP));
    }

    private long followers(FailedExecution record) {
        String lane = record.laneKey();
        if (lane == null) {
            return 0;
        }
        Lanes.LaneId id = new Lanes.LaneId(record.processor(), lane);
        boolean isHead = state.situationOf(record).mayRun() && state.lanes.pause(id) == null;
        return isHead ? state.lanes.followers(id, record.position()) : 0;
    }

    private @Nullable BatchSkip refusal(BatchPlan.Draft draft, FailedExecution record) {
        FailureCommand command = draft.command();
        Instant timeout = record.retry().timeoutAt();
        if (record.status().isDone()) {
            return BatchSkip.ALREADY_DONE;
        }
        if (!(command instanceof FailureCommand.Mark)
                && record.status() == Status.PREPARED
                && timeout != null
                && timeout.isAfter(state.now())) {
            return BatchSkip.RUNNING;
        }
        if (draft.isRefusedBy(record)) {
            return BatchSkip.UNKNOWN_FUNCTION;
        }
        if (!(command instanceof FailureCommand.Prepare prepare)) {
            return null;
        }
        if (state.situationOf(record).paused()) {
            return BatchSkip.LANE_PAUSED;
        }
        if (!state.situationOf(record).mayRun()) {
            return BatchSkip.NOT_FIRST_IN_LANE;
        }
        if (!prepare.force() && record.recoverability() == Recoverability.UNRECOVERABLE) {
            return BatchSkip.UNRECOVERABLE;
        }
        return !prepare.force() && record.retry().retries() >= record.policy().maxRetries()
                ? BatchSkip.RETRIES_SPENT
                : null;
    }

    BatchDecision.Result change(String id, BatchDecision decision) {
        Row row = rows.get(id);
        if (row == null) {
            return new BatchDecision.Result.Refuse("no such batch");
        }
        BatchDecision.Result result = decision.decide(row.view());
        if (!(result instanceof BatchDecision.Result.Write write)) {
            return result;
        }
        Batch after = write.after();
        boolean begins = after.state() == Batch.State.CANARY || after.state() == Batch.State.RUNNING;
        boolean ends = after.state() == Batch.State.CANCELLED || after.state() == Batch.State.DONE;
        row.batch = copy(
                after,
                begins && after.startedAt() == null ? state.now() : after.startedAt(),
                ends ? state.now() : null,
                after.numbers());
        if (after.state() == Batch.State.CANCELLED) {
            row.items.stream()
                    .filter(item -> item.state == Batch.ItemState.WAITING)
                    .forEach(item -> item.end(Batch.ItemState.SKIPPED, BatchSkip.CANCELLED.code()));
        }
        return new BatchDecision.Result.Write(row.view());
    }

    Optional<Batch> find(String id) {
        return Optional.ofNullable(rows.get(id)).map(Row::view);
    }

    List<Batch> list(ProcessorScope scope, @Nullable String before, int limit) {
        return (before == null ? rows : rows.headMap(before, false))
                .descendingMap().values().stream()
                        .filter(row -> row.batch.state() != Batch.State.PLANNED)
                        .filter(row -> isIn(scope, row.batch.filter().get("processor")))
                        .limit(limit)
                        .map(Row::view)
                        .toList();
    }

    private static boolean isIn(ProcessorScope scope, @Nullable String processor) {
        return processor == null ? scope.isAll() : scope.contains(processor);
    }

    List<Batch.Item> items(String batch, Batch.@Nullable ItemState wanted, int after, int limit) {
        Row row = rows.get(batch);
        return row == null
                ? List.of()
                : row.items.stream()
                        .filter(item -> item.n > after && (wanted == null || item.state == wanted))
                        .limit(limit)
                        .map(Item::view)
                        .toList();
    }

    List<Batch> take(String node, Duration lease) {
        Instant now = state.now();
        List<Batch> taken = new ArrayList<>();
        for (Row row : rows.values()) {
            boolean works = row.batch.state() == Batch.State.CANARY
                    || row.batch.state() == Batch.State.RUNNING
                    || row.count(Batch.ItemState.RUNNING) > 0;
            if (works && (row.owner == null || row.owner.equals(node) || row.ownedUntil.isBefore(now))) {
                row.owner = node;
                row.ownedUntil = now.plus(lease);
                taken.add(row.view());
            }
        }
        return taken;
    }

    private @Nullable Row own(String batch, String node) {
        Row row = rows.get(batch);
        return row != null && node.equals(row.owner) ? row : null;
    }

    List<Batch.ItemState> settle(String batch, String node) {
        Row row = own(batch, node);
        if (row == null || !row.isRetry()) {
            return List.of();
        }
        List<Batch.ItemState> outcomes = new ArrayList<>();
        for (Item item : row.items) {
            if (item.state == Batch.ItemState.RUNNING) {
                judge(item, state.failures.get(item.failure));
                if (item.state != Batch.ItemState.RUNNING) {
                    outcomes.add(item.state);
                }
            }
        }
        return outcomes;
    }

    private static void judge(Item item, @Nullable FailedExecution record) {
        if (record == null) {
            item.end(Batch.ItemState.SKIPPED, BatchSkip.NOT_FOUND.code());
        } else if (record.status() == Status.SUCCEEDED) {
            item.end(Batch.ItemState.HANDLED, null);
        } else if (record.status() == Status.SKIPPED) {
            item.end(Batch.ItemState.SKIPPED, BatchSkip.SKIPPED_BY_PERSON.code());
        } else if (record.status() == Status.FAILED
                && record.retry().attempt() > item.attempt
                && !record.retry().requested()) {
            item.end(Batch.ItemState.FAILED_AGAIN, record.error().code());
        }
    }

    int begin(String batch, String node, int limit) {
        Row row = own(batch, node);
        if (row == null || (row.batch.state() != Batch.State.CANARY && row.batch.state() != Batch.State.RUNNING)) {
            return 0;
        }
        List<Item> picked = row.items.stream()
                .filter(item -> item.state == Batch.ItemState.WAITING)
                .limit(limit)
                .toList();
        for (Item item : picked) {
            FailedExecution record = state.failures.get(item.failure);
            if (record == null) {
                item.end(Batch.ItemState.SKIPPED, BatchSkip.NOT_FOUND.code());
            } else if (record.status().isDone()) {
                item.end(Batch.ItemState.SKIPPED, BatchSkip.ALREADY_DONE.code());
            } else {
                item.state = Batch.ItemState.RUNNING;
                item.attempt = record.retry().attempt();
            }
        }
        return picked.size();
    }

    BatchOutcomes outcomes(String batch) {
        SortedMap<String, Integer> failed = new TreeMap<>();
        SortedMap<String, Integer> skipped = new TreeMap<>();
        Row row = rows.get(batch);
        for (Item item : row == null ? List.<Item>of() : row.items) {
            if (item.code != null && item.state == Batch.ItemState.FAILED_AGAIN) {
                failed.merge(item.code, 1, Integer::sum);
            } else if (item.code != null && item.state == Batch.ItemState.SKIPPED) {
                skipped.merge(item.code, 1, Integer::sum);
            }
        }
        return new BatchOutcomes(failed, skipped);
    }

    List<Batch.Begun> uncommanded(String batch, String node, int limit) {
        Row row = own(batch, node);
        if (row == null) {
            return List.of();
        }
        return row.items.stream()
                .filter(item -> item.state == Batch.ItemState.RUNNING)
                .filter(item -> {
                    FailedExecution record = state.failures.get(item.failure);
                    return record != null
                            && (!row.isRetry()
                                    || (record.status() == Status.FAILED
                                            && record.retry().attempt() == item.attempt
                                            && !record.retry().requested()));
                })
                .limit(limit)
                .map(item -> new Batch.Begun(item.n, item.failure, item.attempt))
                .toList();
    }

    void end(String batch, String node, List<Batch.Item> ended) {
        Row row = own(batch, node);
        if (row != null) {
            for (Batch.Item one : ended) {
                Item item = row.items.get(one.n() - 1);
                if (item.state == Batch.ItemState.RUNNING) {
                    item.end(one.state(), one.code());
                }
            }
        }
    }

    int prune(Duration keep, int limit) {
        Instant now = state.now();
        List<String> gone = rows.values().stream()
                .filter(row -> {
                    Instant endedAt = row.batch.endedAt();
                    return row.batch.state() == Batch.State.PLANNED
                            ? row.batch.createdAt().isBefore(now.minus(PLANS_LIVE))
                            : endedAt != null
                                    && row.count(Batch.ItemState.RUNNING) == 0
                                    && endedAt.isBefore(now.minus(keep));
                })
                .limit(limit)
                .map(row -> row.batch.id())
                .toList();
        gone.forEach(rows::remove);
        return gone.size();
    }
}
