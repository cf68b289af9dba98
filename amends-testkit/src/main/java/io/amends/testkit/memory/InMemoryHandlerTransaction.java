package io.amends.testkit.memory;

import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.RunOrigin;
import io.amends.testkit.memory.Lanes.LaneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A handler's transaction. {@code finish…} takes the lock and keeps it until the transaction ends, so that what it has
 * checked still holds at the commit; its write is made there.
 */
final class InMemoryHandlerTransaction implements HandlerTransaction {
    private final InMemoryDatabase database;
    private final State state;
    private final MemoryTransaction transaction;
    private @Nullable FinishResult finished;

    InMemoryHandlerTransaction(InMemoryDatabase database, State state, MemoryTransaction transaction) {
        this.database = database;
        this.state = state;
        this.transaction = transaction;
    }

    @Override
    public SortedMap<StreamKey, StreamVersion> progress(String processor, SortedSet<StreamKey> entities) {
        return database.locked(() -> state.streams.done(processor, entities));
    }

    @Override
    public FinishResult finish(CursorMove move, DoneEvents done) {
        begin();
        if (!state.cursors.holds(move)) {
            return end(FinishResult.REFUSED);
        }
        String processor = move.claim().slot().processor();
        if (state.streams.overtakes(processor, done.advances())) {
            return end(FinishResult.OVERTAKEN);
        }
        transaction.atCommit(() -> {
            noteWoken(state.done(processor, done));
            state.cursors.move(move);
        });
        return end(FinishResult.DONE);
    }

    @Override
    public FinishResult finish(RunOrigin.FromLane run, DoneEvents done) {
        begin();
        LaneId lane = new LaneId(run.claim().slot().processor(), run.laneKey());
        Lanes.Row row = state.lanes.row(lane, run.position());
        if (!state.cursors.holds(run.claim()) || row == null || row.failure() != null) {
            return end(FinishResult.REFUSED);
        }
        if (state.streams.overtakes(lane.processor(), done.advances())) {
            return end(FinishResult.OVERTAKEN);
        }
        if (state.waits.saysOtherwise(lane.processor(), run)) {
            return end(FinishResult.REFUSED);
        }
        transaction.atCommit(() -> {
            state.waits.remove(lane.processor(), run.position());
            noteWoken(state.done(lane.processor(), done));
            state.lanes.remove(lane, run.position());
        });
        return end(afterRemoval(lane, run.position()));
    }

    @Override
    public FinishResult finish(SortedMap<FailureId, Decision> attempts, DoneEvents done) {
        begin();
        if (attempts.isEmpty()) {
            throw new IllegalArgumentException("finish: no attempts (expected: at least one)");
        }
        SortedMap<FailureId, Change> changes = new TreeMap<>();
        List<FailedExecution> ended = new ArrayList<>();
        for (Map.Entry<FailureId, Decision> attempt : attempts.entrySet()) {
            Change change = state.decide(attempt.getKey(), attempt.getValue());
            FailedExecution before = state.failures.get(attempt.getKey());
            if (before == null || change instanceof Change.Refuse) {
                return end(FinishResult.REFUSED);
            }
            changes.put(attempt.getKey(), change);
            if (State.ends(change)) {
                ended.add(before);
            }
        }
        String processor = processorOf(changes.keySet());
        if (!ended.isEmpty() && state.streams.overtakes(processor, done.advances())) {
            return end(FinishResult.OVERTAKEN);
        }
        transaction.atCommit(() -> {
            if (!ended.isEmpty()) {
                noteWoken(state.done(processor, DoneEvents.of(done.advances())));
            }
            changes.forEach((failure, change) -> noteWoken(state.apply(failure, change, List.of())));
        });
        return end(
                ended.stream().anyMatch(this::continuesWithout) ? FinishResult.DONE_LANE_CONTINUES : FinishResult.DONE);
    }

    private String processorOf(Set<FailureId> records) {
        List<String> processors = records.stream()
                .map(id -> Objects.requireNonNull(state.failures.get(id)).processor())
                .distinct()
                .toList();
        if (processors.size() != 1) {
            throw new IllegalArgumentException("finish: attempts of " + processors + " (expected: of one processor)");
        }
        return processors.getFirst();
    }

    private boolean continuesWithout(FailedExecution record) {
        LaneId lane = State.laneOf(record);
        return lane != null && afterRemoval(lane, record.position()) == FinishResult.DONE_LANE_CONTINUES;
    }

    @Override
    public void abort() {
        transaction.breakOff("the transaction was aborted");
    }

    /** Whether it may commit. */
    void requireFinished() {
        if (finished == null) {
            throw new IllegalStateException("commit: nothing was finished (expected: one call of finish before it)");
        }
        if (finished == FinishResult.REFUSED || finished == FinishResult.OVERTAKEN) {
            throw new IllegalStateException("commit: the finish was refused (expected: rollback)");
        }
    }

    private void noteWoken(Woken woken) {
        transaction.woken().addAll(woken);
    }

    private void begin() {
        if (finished != null) {
            throw new IllegalStateException("finish: called twice (expected: once per transaction)");
        }
        database.lockFor(transaction);
    }

    private FinishResult end(FinishResult result) {
        finished = result;
        return result;
    }

    private FinishResult afterRemoval(LaneId lane, long position) {
        return state.lanes.continuesWithout(lane, position) ? FinishResult.DONE_LANE_CONTINUES : FinishResult.DONE;
    }
}
