package io.amends.core.handle;

import io.amends.api.Attempt;
import io.amends.api.OnTimeout;
import io.amends.core.causality.Progress;
import io.amends.core.causality.Requirement;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.event.CodecException;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailureReason;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.Claim;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NewWait;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.TimedOut;
import io.amends.core.store.TransactionResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs the parked events of a lane that was released, in order, until it is empty or held again.
 *
 * <p>Nothing marks a parked event as running: its row is removed in its handler's transaction, under the slot's fence,
 * so a drain that dies leaves everything as it was. Events that arrive meanwhile are parked behind, as long as the lane
 * has a row; the last removal and the next parking decide under the lane's lock.
 */
public final class LaneDrain {
    /** Lost runs of a parked event before it counts as a killer. */
    private static final int SUSPECTS = 3;

    private final HandlerEnvironment env;
    private final SlotRunner slot;
    private final SlotRunner.Neighbours neighbours;
    private final FailureRecorder failures;
    private final String lane;
    private final Runnable onAbandon;

    /** Creates it for a lane of this slot; {@code onAbandon} lets another drain of the lane begin. */
    public LaneDrain(
            HandlerEnvironment env,
            SlotRunner slot,
            SlotRunner.Neighbours neighbours,
            String lane,
            Runnable onAbandon) {
        this.env = env;
        this.slot = slot;
        this.neighbours = neighbours;
        this.failures = new FailureRecorder(env, slot.processor(), time -> neighbours.dueIn(slot, time));
        this.lane = lane;
        this.onAbandon = onAbandon;
    }

    /** Runs the next parked event; true if there may be one more. */
    public boolean runNext() {
        if (slot.processor().isHalted() || slot.isClosing()) {
            return false;
        }
        Optional<LaneEvent> head =
                env.store().nextInLane(slot.processor().definition().name(), lane);
        if (head.isEmpty()) {
            return false;
        }
        Claim claim = slot.claim();
        StoredEvent event = head.get().event();
        TimedOut timedOut = head.get().timedOut();
        RunOrigin.FromLane origin = new RunOrigin.FromLane(
                claim, lane, event.position(), endedBy(timedOut), head.get().wakes());
        LocalProcessor processor = slot.processor();
        FunctionDefinition function =
                processor.definition().functionFor(event.event().type());
        LaneKey key = new LaneKey(claim.slot().number(), lane, null);
        var subject = new FailureRecorder.Subject(event.event(), event.position(), key, function);
        if (function == null) {
            if (processor.othersHave(event.event().type())) {
                slot.handOver(event.event().type());
                return false;
            }
            failures.recordFirst(
                    origin,
                    subject,
                    FailureReason.NO_FUNCTION,
                    new CodecException(
                            "no live build has a function for " + event.event().type(), null),
                    Duration.ZERO);
            return false;
        }
        if (timedOut != null && timedOut.then() == OnTimeout.FAIL) {
            return fail(origin, subject, timedOut);
        }
        HandledEvent decoded;
        try {
            decoded = function.read(event.event());
        } catch (CodecException e) {
            failures.recordFirst(origin, subject, FailureReason.UNDECODABLE, e, Duration.ZERO);
            return false;
        }
        if (head.get().lost() >= SUSPECTS) {
            Guard.OfAttempt apart =
                    failures.recordApart(origin, subject, FailureReason.SUSPECTED_KILLER, Duration.ZERO);
            if (apart != null) {
                neighbours.runApart(slot, apart, event, key);
            }
            return false;
        }
        if (timedOut != null && timedOut.then() == OnTimeout.SKIP) {
            return skip(origin, function, decoded);
        }
        return run(origin, subject, function, new Waiting(event, decoded, timedOut));
    }

    /** Records a wait that has lasted too long: what it waits for still wakes it. */
    private boolean fail(RunOrigin.FromLane origin, FailureRecorder.Subject subject, TimedOut timedOut) {
        boolean recorded = failures.recordFirst(
                origin, subject, FailureReason.WAIT_TIMEOUT, new WaitTimeoutException(timedOut), Duration.ZERO);
        return recorded || refused(origin);
    }

    /**
     * A result was refused; whether the lane is to be looked at again at once. Either the slot is another one's, or was taken
     * again since, or what ends the event's wait is something else by now.
     */
    private boolean refused(RunOrigin.FromLane origin) {
        env.listener().refused(slot.processor().definition().name());
        boolean endsOtherwise = env.store()
                .nextInLane(slot.processor().definition().name(), lane)
                .filter(now -> now.event().position() == origin.position() && endedBy(now.timedOut()) != origin.ended())
                .isPresent();
        return endsOtherwise || !slot.distrust(origin.claim());
    }

    private static @Nullable OnTimeout endedBy(@Nullable TimedOut timedOut) {
        return timedOut == null ? null : timedOut.then();
    }

    /** Ends an event without handling it: it is done for all who wait for it. */
    private boolean skip(RunOrigin.FromLane origin, FunctionDefinition function, HandledEvent event) {
        String processor = slot.processor().definition().name();
        TransactionResult<FinishResult> result = env.store()
                .inTransaction(slot.processor().policyOf(function).executionTimeout(), tx -> {
                    Progress progress = new Progress(tx.progress(processor, Progress.asks(event.advances())));
                    if (progress.isStale(event.advances())) {
                        progress.passedOver(event.advances());
                    } else {
                        progress.done(event.advances());
                    }
                    DoneEvents done = new DoneEvents(progress.writes(), LaneKey.wakes(lane, event.event()));
                    FinishResult finish = tx.finish(origin, done);
                    return new HandlerWork.Verdict<>(
                            finish == FinishResult.DONE || finish == FinishResult.DONE_LANE_CONTINUES, finish);
                });
        return switch (result) {
            case TransactionResult.Committed<FinishResult> committed -> {
                env.listener().stale(processor, function.name());
                yield true;
            }
            case TransactionResult.RolledBack<FinishResult> rolledBack -> {
                if (rolledBack.value() == FinishResult.OVERTAKEN) {
                    yield true; // its stream was moved meanwhile: asked again
                }
                yield refused(origin);
            }
            case TransactionResult.ConnectionLost<FinishResult> lost -> {
                slot.distrust();
                yield false;
            }
            case TransactionResult.Threw<FinishResult> threw ->
                throw new IllegalStateException("skip after a wait: " + threw.error(), threw.error());
        };
    }

    private record Waiting(
            StoredEvent stored,
            HandledEvent event,
            @Nullable TimedOut timedOut) {}

    private boolean run(
            RunOrigin.FromLane origin, FailureRecorder.Subject subject, FunctionDefinition function, Waiting waiting) {
        HandledEvent event = waiting.event();
        String processor = slot.processor().definition().name();
        HandlerRun run = new HandlerRun(
                env,
                new HandlerRun.Work(
                        slot.processor().definition(),
                        List.of(Call.of(
                                function,
                                event,
                                new Attempt(
                                        1,
                                        0,
                                        0,
                                        slot.processor().policyOf(function).maxRetries()))),
                        LaneKey.wakes(lane, event.event()),
                        goesOnWithout(event, waiting.timedOut()),
                        false),
                new Guard.First(origin),
                new Owner(origin, subject),
                slot.processor().policyOf(function).executionTimeout());
        long began = env.conductor().nanos();
        RunOutcome outcome = run.execute();
        return switch (outcome) {
            case RunOutcome.Done done -> {
                if (done.stale().isEmpty()) {
                    env.listener()
                            .handled(
                                    processor,
                                    function.name(),
                                    Duration.ofNanos(env.conductor().nanos() - began));
                    env.listener().released(processor);
                } else {
                    env.listener().stale(processor, function.name());
                }
                yield done.laneContinues();
            }
            case RunOutcome.TooEarly early -> enterWait(origin, subject, function, waiting, early.request());
            case RunOutcome.Failed failed -> {
                failures.recordFirst(origin, subject, failed.reason(), failed.error(), failed.took());
                yield false;
            }
            case RunOutcome.Refused refused -> refused(origin);
            case RunOutcome.Unknown unknown -> {
                slot.distrust();
                yield false;
            }
            case RunOutcome.Abandoned abandoned -> false;
        };
    }

    /**
     * What the event is handled without: each thing that its declarations let it go on without, once their own time is over.
     * When a person ends a wait before that, or code has waited, it is handled as if all had happened that was declared.
     */
    private static Predicate<WaitRequest> goesOnWithout(HandledEvent event, @Nullable TimedOut timedOut) {
        if (timedOut == null) {
            return HandlerRun.Work.NOTHING;
        }
        boolean byItsTime = event.requirements().stream()
                .map(Requirement::request)
                .anyMatch(request -> request.what().text().equals(timedOut.what()) && isOver(request, timedOut));
        return byItsTime ? request -> isOver(request, timedOut) : request -> true;
    }

    private static boolean isOver(WaitRequest request, TimedOut timedOut) {
        return request.onTimeout() == OnTimeout.PROCEED && request.timeout().compareTo(timedOut.lasted()) <= 0;
    }

    /** Lets the event wait, once more if it did before; true if something of the lane may run now. */
    private boolean enterWait(
            RunOrigin.FromLane origin,
            FailureRecorder.Subject subject,
            FunctionDefinition function,
            Waiting waiting,
            WaitRequest request) {
        TimedOut timedOut = waiting.timedOut();
        if (timedOut != null && isOver(request, timedOut)) {
            // it was to proceed, and says in code that it can not
            return fail(origin, subject, timedOut);
        }
        NewWait wait = new Waits(slot.processor().definition())
                .newWait(origin.claim().slot(), lane, waiting.stored(), request, function);
        return switch (env.store().enterWait(origin, wait)) {
            case WAITING -> {
                env.listener().waiting(slot.processor().definition().name(), function.name());
                neighbours.dueIn(slot, Waits.endsIn(request));
                yield true;
            }
            case SATISFIED -> {
                IllegalStateException again =
                        slot.processor().satisfied().tell(waiting.stored().position(), request);
                if (again != null) {
                    failures.recordFirst(origin, subject, FailureReason.HANDLER_FAILED, again, Duration.ZERO);
                }
                yield again == null;
            }
            case LOST -> refused(origin);
        };
    }

    private final class Owner implements HandlerRun.Owner {
        private final RunOrigin.FromLane origin;
        private final FailureRecorder.Subject subject;

        Owner(RunOrigin.FromLane origin, FailureRecorder.Subject subject) {
            this.origin = origin;
            this.subject = subject;
        }

        @Override
        public @Nullable Guard stepAside(Duration ranFor) {
            return null; // it holds only its own lane, and that it holds in any case
        }

        @Override
        public void abandon(Guard guard, HandlerTimeoutException error, Duration took) {
            slot.processor().countStuck(env.settings().stuckThreads());
            try {
                failures.recordFirst(origin, subject, FailureReason.HANDLER_TIMEOUT, error, took);
            } finally {
                onAbandon.run();
            }
        }

        @Override
        public void returned() {
            slot.processor().countReturned();
        }
    }
}
