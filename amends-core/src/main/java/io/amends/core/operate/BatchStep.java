package io.amends.core.operate;

import io.amends.core.failure.Change;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.step.Conductor;
import io.amends.core.step.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs batches: every node has one, and a batch belongs to one node at a time by a lease of {@link #LEASE}.
 *
 * <p>An item is marked as running before its command is given, with the attempt that its record had. So whoever looks later
 * sees what became of it: a later attempt has its outcome, and none means that the command was not given or was refused. A
 * node that dies loses nothing, and no item is run twice by the batch.
 */
public final class BatchStep implements Step {
    private static final Logger LOG = LoggerFactory.getLogger(BatchStep.class);

    /** How long a node that is silent keeps a batch. */
    static final Duration LEASE = Duration.ofSeconds(10);

    private static final Duration PACE = Duration.ofMillis(50);
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final int AT_ONCE = 500;

    private final OperatorStore store;
    private final Operations operations;
    private final Conductor conductor;
    private final String node;
    private final TreeMap<String, BatchRun> runs = new TreeMap<>();

    /** Creates it for this node. */
    public BatchStep(OperatorStore store, Operations operations, Conductor conductor, String node) {
        this.store = store;
        this.operations = operations;
        this.conductor = conductor;
        this.node = node;
    }

    @Override
    public Next run() {
        long taken = conductor.nanos();
        List<Batch> own = store.takeBatches(node, LEASE);
        runs.keySet().retainAll(own.stream().map(Batch::id).toList());
        own.forEach(batch -> advance(batch, taken));
        return Next.after(own.isEmpty() ? IDLE : PACE);
    }

    private void advance(Batch own, long taken) {
        BatchRun run = runs.computeIfAbsent(own.id(), id -> new BatchRun(conductor.nanos()));
        List<Batch.ItemState> outcomes = store.settleBatch(own.id(), node);
        if (own.state() == Batch.State.PAUSED) {
            run.forget(); // what was begun before a pause says nothing of what comes after it
        } else {
            run.settled(outcomes);
        }
        Batch batch = outcomes.isEmpty() ? own : store.batch(own.id()).orElse(own);
        Batch next = run.next(
                batch,
                () -> store.items(batch.id(), null, (int) batch.canaryFrom(), (int)
                        (batch.numbers().begun() - batch.canaryFrom())));
        if (next.state() != batch.state() || next.canaryFrom() != batch.canaryFrom()) {
            BatchDecision.Result result = store.changeBatch(
                    batch.id(),
                    current -> current.state() == batch.state()
                            ? new BatchDecision.Result.Write(current.with(
                                    next.state(),
                                    next.stopped(),
                                    current.pace(),
                                    next.canaryFrom(),
                                    next.canaryPassed()))
                            : new BatchDecision.Result.Refuse("changed meanwhile"));
            if (result instanceof BatchDecision.Result.Write && next.state() != batch.state()) {
                LOG.info(
                        "batch {} is {}{}",
                        batch.id(),
                        next.state(),
                        next.stopped() == null ? "" : ": " + next.stopped());
            }
            if (next.state() == Batch.State.PAUSED || next.state() == Batch.State.RUNNING) {
                run.forget();
            }
            return;
        }
        int begin = run.mayBegin(batch, conductor.nanos());
        if (begin > 0) {
            store.beginItems(batch.id(), node, begin);
        }
        if (begin > 0 || batch.numbers().running() > 0) {
            run.settled(command(batch, taken));
        }
    }

    /**
     * Gives the command to the items that run and have not got it, for as long as the lease surely holds. Should it be lost
     * all the same, another node gives the same ones: what that one did is not done again, and counts as done by the batch.
     */
    private List<Batch.ItemState> command(Batch batch, long taken) {
        List<Batch.Begun> items = store.uncommanded(batch.id(), node, AT_ONCE);
        List<Batch.Item> ended = batch.command() instanceof FailureCommand.Prepare retry
                ? retry(batch, retry, items, taken)
                : command(batch, items, taken);
        if (!ended.isEmpty()) {
            store.endItems(batch.id(), node, ended);
        }
        return ended.stream().map(Batch.Item::state).toList();
    }

    /** All in one transaction; what somebody works on just now gets the command in the next step. */
    private List<Batch.Item> retry(Batch batch, FailureCommand.Prepare retry, List<Batch.Begun> items, long taken) {
        if (items.isEmpty() || !surelyHolds(taken)) {
            return List.of();
        }
        Map<FailureId, Change> changes = operations.prepare(items, retry, batch.createdBy(), reason(batch));
        List<Batch.Item> ended = new ArrayList<>();
        for (Batch.Begun item : items) {
            Change change = changes.get(item.failure());
            Batch.Item end = change == null ? null : retried(item, change);
            if (end != null) {
                ended.add(end);
            }
        }
        return ended;
    }

    private boolean surelyHolds(long taken) {
        return conductor.nanos() - taken <= LEASE.toNanos() / 2;
    }

    private List<Batch.Item> command(Batch batch, List<Batch.Begun> items, long taken) {
        List<Batch.Item> ended = new ArrayList<>();
        for (Batch.Begun item : items) {
            if (!surelyHolds(taken)) {
                break;
            }
            ended.add(commanded(batch, item));
        }
        return ended;
    }

    /** The item's end if the retry was refused; null if its record will show what becomes of it. */
    private static Batch.@Nullable Item retried(Batch.Begun item, Change change) {
        return switch (change) {
            case Change.Write written -> null;
            case Change.Remove removed -> throw new IllegalStateException("no command removes " + item.failure());
            case Change.Refuse refuse ->
                switch (refuse.refusal()) {
                    // requested by somebody else, running, or done meanwhile
                    case RUNNING, ALREADY_REQUESTED, CHANGED_MEANWHILE, ALREADY_DONE -> null;
                    default -> skipped(item, refuse.refusal());
                };
        };
    }

    private Batch.Item commanded(Batch batch, Batch.Begun item) {
        Change change = operations
                .command(item.failure(), batch.command(), batch.createdBy(), reason(batch), null)
                .change();
        return switch (change) {
            case Change.Write written -> handled(item);
            case Change.Remove removed -> throw new IllegalStateException("no command removes " + item.failure());
            case Change.Refuse refuse -> wasCommanded(batch, item) ? handled(item) : skipped(item, refuse.refusal());
        };
    }

    /** Whether a node of this batch gave the command and did not live to write the outcome. */
    private boolean wasCommanded(Batch batch, Batch.Begun item) {
        return operations.history(item.failure()).stream()
                .anyMatch(entry ->
                        entry.actor().equals(batch.createdBy()) && reason(batch).equals(entry.reason()));
    }

    private static Batch.Item handled(Batch.Begun item) {
        return new Batch.Item(item.n(), item.failure(), Batch.ItemState.HANDLED, null);
    }

    private static Batch.Item skipped(Batch.Begun item, Refusal refusal) {
        return new Batch.Item(
                item.n(),
                item.failure(),
                Batch.ItemState.SKIPPED,
                BatchSkip.of(refusal).code());
    }

    private static String reason(Batch batch) {
        return "batch " + batch.id() + (batch.reason() == null ? "" : ": " + batch.reason());
    }
}
