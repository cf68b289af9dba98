package io.amends.core.compensate;

import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.Status;
import io.amends.core.handle.HandlerEnvironment;
import io.amends.core.handle.LocalProcessor;
import io.amends.core.handle.SlotRunner;
import io.amends.core.own.OwnedSlots;
import io.amends.core.step.Step;
import io.amends.core.store.Claim;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import io.amends.core.store.SlotId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Prepares due records of the slots that this node owns, and starts lanes that others have released.
 *
 * <p>Records are prepared a little ahead of the free places, so that one statement prepares many; what is prepared and
 * not yet started is bounded by four times the processor's concurrency, or by what fits into its transactions where retries
 * share them.
 */
public final class CompensationStep implements Step {
    /** What comes faster is looked at together. */
    private static final Duration PACE = Duration.ofMillis(20);
    /** The most records looked at in one step that only others have a function for. */
    private static final int LOOKED_AT = 200;

    private final HandlerEnvironment env;
    private final LocalProcessor processor;
    private final OwnedSlots slots;
    private final LaneTurns turns;
    private final Duration idlePoll;
    private final RetryRuns runs;
    private final AtomicBoolean looksSoon = new AtomicBoolean();
    private volatile @Nullable Runnable wake;

    /** Creates it for a processor. */
    public CompensationStep(
            HandlerEnvironment env,
            LocalProcessor processor,
            OwnedSlots slots,
            LaneTurns turns,
            SlotRunner.Neighbours neighbours,
            Duration idlePoll) {
        this.env = env;
        this.processor = processor;
        this.slots = slots;
        this.turns = turns;
        this.idlePoll = idlePoll;
        this.runs = new RetryRuns(env, processor, slots, turns, neighbours);
    }

    /** Says how to run it soon. */
    public void wakeWith(Runnable newWake) {
        wake = newWake;
        runs.wakeWith(newWake);
    }

    /** Looks again soon if something is due, in about this time, before the next look. */
    public void dueIn(Duration time) {
        if (time.compareTo(idlePoll) < 0 && looksSoon.compareAndSet(false, true)) {
            env.conductor().after(PACE, () -> {
                looksSoon.set(false);
                Runnable now = wake;
                if (now != null) {
                    now.run();
                }
            });
        }
    }

    @Override
    public Next run() {
        List<Claim> claims = slots.claims(processor);
        if (processor.isHalted() || claims.isEmpty()) {
            return Next.after(idlePoll);
        }
        String name = processor.definition().name();
        slots.of(processor).stream().filter(SlotRunner::isStopped).forEach(SlotRunner::recheckStop);
        Duration nextWait = env.store().endWaits(name, claims);
        processor.noteWaits(nextWait != null);
        handOverWhatOthersMustRun(name, claims);
        int free = processor.freeForRetries();
        // before the released lanes begin: an attempt is prepared only while its lane has no turn
        DueBatch due = free < enoughFree() ? null : claimDue(name, claims, free);
        boolean more = ReleaseStep.begin(env.store(), processor, slots, turns, claims);
        Duration nextLook = sooner(more ? PACE : idlePoll, nextWait);
        if (due == null) {
            return Next.after(nextLook);
        }
        // with fewer places it is woken when half of them are free: then one statement prepares many again
        if (due.more() && !due.prepared().isEmpty() && processor.freeForRetries() >= enoughFree()) {
            return Next.AGAIN;
        }
        return Next.after(sooner(nextLook, due.nextDueIn()));
    }

    /** Fewer free places than these are not worth a statement that prepares many. */
    private int enoughFree() {
        return processor.retryPlaces() / 4;
    }

    private static Duration sooner(Duration one, @Nullable Duration other) {
        return other == null || other.compareTo(one) > 0 ? one : atLeastAMoment(other);
    }

    /** For whom a lane is kept. */
    private record Kept(FailureId record, SlotRunner slot) {}

    /** Prepares due records and starts them: of each lane one at a time, and none while the lane has a turn. */
    private DueBatch claimDue(String name, List<Claim> claims, int free) {
        Decision prepare = decision();
        Map<String, Kept> kept = new TreeMap<>();
        try {
            DueBatch due = env.store()
                    .claimDue(
                            due(name, claims, processor.functionNames(), processor.types(), free),
                            (record, situation) -> {
                                Change change = prepare.decide(record, situation);
                                return change instanceof Change.Write && !mayTakeItsTurn(record, kept)
                                        ? new Change.Refuse(Refusal.RUNNING)
                                        : change;
                            });
            runs.start(due.prepared(), kept.keySet());
            return due;
        } finally {
            kept.forEach((lane, by) -> turns.release(by.slot(), lane));
        }
    }

    private boolean mayTakeItsTurn(FailedExecution record, Map<String, Kept> kept) {
        SlotRunner slot = slots.find(new SlotId(record.processor(), record.slot()));
        if (slot == null || slot.isClosing()) {
            return false;
        }
        String lane = record.laneKey();
        if (lane == null) {
            return true;
        }
        Kept first = kept.get(lane);
        if (first != null) {
            return first.record().equals(record.id());
        }
        if (!turns.reserve(slot, lane)) {
            return false;
        }
        kept.put(lane, new Kept(record.id(), slot));
        return true;
    }

    /** While builds differ: a due record of a type that only others have a function for takes its slot to them. */
    private void handOverWhatOthersMustRun(String name, List<Claim> claims) {
        Set<String> missing = processor.missingTypes();
        if (missing.isEmpty()) {
            return;
        }
        Set<String> functions = new TreeSet<>();
        for (String type : missing) {
            FailureFilter filter = new FailureFilter(Set.of(Status.FAILED, Status.PREPARED), name, null, type, null);
            env.store().failures(filter, null, LOOKED_AT).forEach(record -> functions.add(record.function()));
        }
        functions.removeAll(processor.functionNames());
        functions.remove("");
        Decision prepare = decision();
        Map<SlotId, String> needed = new LinkedHashMap<>();
        env.store().claimDue(due(name, claims, functions, missing, LOOKED_AT), (record, situation) -> {
            if (prepare.decide(record, situation) instanceof Change.Write) {
                needed.put(
                        new SlotId(record.processor(), record.slot()),
                        record.event().type());
            }
            return new Change.Refuse(Refusal.UNKNOWN_FUNCTION);
        });
        needed.forEach((id, type) -> {
            SlotRunner slot = slots.find(id);
            if (slot != null) {
                slot.handOver(type);
            }
        });
    }

    /** With the scheduler off what is due by schedule is not even looked at: it would stand before what persons ask for. */
    private DueQuery due(String name, List<Claim> claims, Set<String> functions, Set<String> types, int limit) {
        return new DueQuery(name, claims, functions, types, !env.settings().compensationEnabled(), limit);
    }

    private Decision decision() {
        Decision lostOrDue = Compensation.prepare(env.settings().nodeId(), env.conductor()::random);
        // What waits here for a place may do so for longer than an attempt may take, and is not lost.
        Decision prepare = (record, situation) -> record.status() == Status.PREPARED
                        && processor.hasInHand(record.id(), record.retry().attempt())
                ? new Change.Refuse(Refusal.RUNNING)
                : lostOrDue.decide(record, situation);
        if (env.settings().compensationEnabled()) {
            return prepare;
        }
        // asked again, for a record may have changed since it was found
        return (record, situation) ->
                record.status() == Status.FAILED && !record.retry().requested()
                        ? new Change.Refuse(Refusal.NOT_DUE)
                        : prepare.decide(record, situation);
    }

    private static Duration atLeastAMoment(Duration next) {
        return next.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : next;
    }
}
