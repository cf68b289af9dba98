package io.amends.core.handle;

import io.amends.api.Attempt;
import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.RequireRule;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.CodecException;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.NewWait;
import io.amends.core.store.WaitResult;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs an attempt of a failed execution beside its slot: a retry, or a suspected killer's first run. */
public final class ApartRun {
    private static final Logger LOG = LoggerFactory.getLogger(ApartRun.class);

    private final HandlerEnvironment env;
    private final SlotRunner slot;
    private final SlotRunner.Neighbours neighbours;
    private final FailureRecorder failures;

    /** Creates it for records of this slot. */
    public ApartRun(HandlerEnvironment env, SlotRunner slot, SlotRunner.Neighbours neighbours) {
        this.env = env;
        this.slot = slot;
        this.neighbours = neighbours;
        this.failures = new FailureRecorder(env, slot.processor(), time -> neighbours.dueIn(slot, time));
    }

    /**
     * What an attempt is about.
     *
     * @param event the event
     * @param lane its lane, null if it has none
     * @param function the function
     */
    record Subject(StoredEvent event, @Nullable String lane, FunctionDefinition function) {}

    /**
     * Runs the attempt that a record is PREPARED for, on the calling thread.
     *
     * @param abandoned called from another thread if the run ignores its interrupt, so that the lane goes on without it
     * @return whether the attempt has ended well
     */
    public boolean run(FailedExecution record, Runnable abandoned) {
        if (slot.isGivenBack()) {
            return false; // it waited too long for a place: the new owner finds it PREPARED under an old fence
        }
        LocalProcessor processor = slot.processor();
        Guard.OfAttempt guard = new Guard.OfAttempt(record.id(), record.retry().attempt());
        FunctionDefinition function = functionOf(processor, record);
        if (function == null) {
            LOG.warn("failed execution {}: no function {} in this build", record.id(), record.function());
            return false;
        }
        List<Call> calls;
        try {
            calls = List.of(Call.of(function, eventOf(record, function), attemptOf(record)));
        } catch (CodecException e) {
            failures.recordAttempt(
                    record.id(), guard.attempt(), record.event(), function, FailureReason.UNDECODABLE, e);
            tellFailed(guard, function, FailureReason.UNDECODABLE);
            return false;
        }
        Subject subject = new Subject(stored(record), record.laneKey(), function);
        while (true) {
            HandlerRun run = new HandlerRun(
                    env,
                    new HandlerRun.Work(
                            processor.definition(),
                            calls,
                            LaneKey.wakes(record.laneKey(), record.event()),
                            mayRunWithout(record, function)
                                    ? request -> !isGap(processor.definition(), function, request)
                                    : HandlerRun.Work.NOTHING,
                            mayBeLate(record, function)),
                    guard,
                    new Owner(subject, abandoned),
                    record.policy().executionTimeout());
            long began = env.conductor().nanos();
            RunOutcome outcome = run.execute();
            if (!conclude(
                    guard, subject, outcome, Duration.ofNanos(env.conductor().nanos() - began))) {
                return outcome instanceof RunOutcome.Done;
            }
        }
    }

    /**
     * Whether a person has let the event run after its sequence had gone on: once is enough, whatever its handler has failed
     * for since.
     */
    private boolean mayBeLate(FailedExecution record, FunctionDefinition function) {
        String late = FailureReason.OUT_OF_SEQUENCE.name();
        return record.reason() == FailureReason.OUT_OF_SEQUENCE
                || (function.causality().rules().stream().anyMatch(rule -> rule.rule() == Advance.Rule.FAIL_OLDER)
                        && env.store().history(record.id()).stream()
                                .anyMatch(entry -> late.equals(entry.details().get("reason"))));
    }

    /**
     * Whether the event may run without what its declarations ask for: it did when its wait was ended so, or a person has said
     * so by a forced retry of what had waited in vain. Once is enough, as above.
     */
    private boolean mayRunWithout(FailedExecution record, FunctionDefinition function) {
        if (function.causality().requires().isEmpty()) {
            return false;
        }
        boolean waited = false;
        for (HistoryEntry entry : env.store().history(record.id())) {
            switch (entry.type()) {
                case CREATED, FAILED -> {
                    if (OnTimeout.PROCEED.name().equals(entry.details().get(HistoryEntry.WAIT_ENDED))) {
                        return true;
                    }
                    waited = saysWait(entry);
                }
                case REQUESTED -> {
                    if (waited && Boolean.parseBoolean(entry.details().get("force"))) {
                        return true;
                    }
                }
                default -> {
                    // says nothing of why it is not done
                }
            }
        }
        return false;
    }

    /** Whether what is waited for would be stale, and lost, if the event ran before it. */
    private static boolean isGap(ProcessorDefinition processor, FunctionDefinition function, WaitRequest request) {
        return request.what() instanceof WaitFor.Version version
                && version.processor().equals(processor.name())
                && function.causality().requires().stream()
                        .anyMatch(rule -> rule.kind() == RequireRule.Kind.PREVIOUS
                                && rule.stream().equals(version.entity().stream()))
                && function.causality().rules().stream()
                        .anyMatch(rule -> rule.stream().equals(version.entity().stream())
                                && rule.rule() == Advance.Rule.SKIP_OLDER_AND_EQUAL);
    }

    private static boolean saysWait(HistoryEntry entry) {
        String reason = entry.details().get("reason");
        return Stream.of(FailureReason.values())
                .anyMatch(one -> one.isWait() && one.name().equals(reason));
    }

    /** The function of this build that a record's attempts run; null if there is none. */
    static @Nullable FunctionDefinition functionOf(LocalProcessor processor, FailedExecution record) {
        return record.function().isEmpty()
                ? processor.definition().functionFor(record.event().type())
                : processor.definition().function(record.function());
    }

    /** What the function is told of the attempt that a record is PREPARED for. */
    static Attempt attemptOf(FailedExecution record) {
        return new Attempt(
                record.retry().attempt(),
                0,
                record.retry().retries(),
                record.policy().maxRetries());
    }

    /** A record's event with its position. */
    static StoredEvent stored(FailedExecution record) {
        return new StoredEvent(record.position(), StoredEvent.LOCAL, record.event());
    }

    /**
     * A record's event, decoded. What may be done without after a time is not waited for by the attempts of a failed
     * execution, which come later.
     *
     * @throws CodecException if it can not be decoded
     */
    static HandledEvent eventOf(FailedExecution record, FunctionDefinition function) {
        HandledEvent event = function.read(record.event());
        return new HandledEvent(
                event.event(),
                event.payload(),
                event.advances(),
                event.requirements().stream()
                        .filter(required -> required.request().onTimeout() != OnTimeout.PROCEED)
                        .toList());
    }

    /** Does what the end of an attempt asks for, whoever ran it; true if it is to be run again at once. */
    boolean conclude(Guard.OfAttempt guard, Subject subject, RunOutcome outcome, Duration took) {
        String processor = slot.processor().definition().name();
        FunctionDefinition function = subject.function();
        switch (outcome) {
            case RunOutcome.Done done -> {
                if (done.stale().isEmpty()) {
                    env.listener().handled(processor, function.name(), took);
                } else {
                    env.listener().stale(processor, function.name());
                }
                if (isRetry(guard)) {
                    env.listener().retried(processor, function.name(), true);
                }
                continueLane(done.laneContinues(), subject.lane());
                if (slot.isStopped()) {
                    slot.recheckStop();
                }
            }
            case RunOutcome.TooEarly early -> {
                return enterWait(guard, subject, early.request());
            }
            case RunOutcome.Failed failed -> {
                Change change = failures.recordAttempt(
                        guard.failure(),
                        guard.attempt(),
                        subject.event().event(),
                        function,
                        failed.reason(),
                        failed.error());
                if (change instanceof Change.Refuse refuse) {
                    refused(guard, refuse.refusal().text());
                    return false;
                }
                LOG.warn(
                        "failed execution {}: attempt {} failed: {}",
                        guard.failure(),
                        guard.attempt(),
                        failed.error().getClass().getName());
                tellFailed(guard, function, failed.reason());
            }
            case RunOutcome.Refused refused -> env.listener().refused(processor);
            case RunOutcome.Unknown unknown -> slot.distrust();
            case RunOutcome.Abandoned abandoned -> {}
        }
        return false;
    }

    /** The first attempt is the run that stepped aside, or one that runs apart from the start. */
    private static boolean isRetry(Guard.OfAttempt guard) {
        return guard.attempt() > 1;
    }

    private void tellFailed(Guard.OfAttempt guard, FunctionDefinition function, FailureReason reason) {
        String processor = slot.processor().definition().name();
        env.listener().failed(processor, function.name(), reason);
        if (isRetry(guard)) {
            env.listener().retried(processor, function.name(), false);
        }
    }

    private boolean enterWait(Guard.OfAttempt guard, Subject subject, WaitRequest request) {
        NewWait wait = new Waits(slot.processor().definition())
                .newWait(slot.claim().slot(), subject.lane(), subject.event(), request, subject.function());
        WaitResult result = env.store()
                .enterWait(
                        guard.failure(),
                        Compensation.tooEarly(
                                guard.attempt(),
                                request.what().text(),
                                env.settings().build()),
                        wait);
        switch (result) {
            case WAITING -> {
                env.listener()
                        .waiting(
                                slot.processor().definition().name(),
                                subject.function().name());
                neighbours.dueIn(slot, Waits.endsIn(request));
                continueLane(true, subject.lane());
            }
            case SATISFIED -> {
                IllegalStateException again =
                        slot.processor().satisfied().tell(subject.event().position(), request);
                if (again != null) {
                    conclude(
                            guard,
                            subject,
                            new RunOutcome.Failed(FailureReason.HANDLER_FAILED, again, Duration.ZERO),
                            Duration.ZERO);
                }
                return again == null;
            }
            case LOST -> refused(guard, "somebody else was first");
        }
        return false;
    }

    private void continueLane(boolean continues, @Nullable String lane) {
        if (continues && lane != null) {
            neighbours.laneContinues(slot, lane);
        }
    }

    private void refused(Guard.OfAttempt guard, String why) {
        LOG.info("failed execution {}: attempt {} counts for nothing: {}", guard.failure(), guard.attempt(), why);
        env.listener().refused(slot.processor().definition().name());
    }

    private final class Owner implements HandlerRun.Owner {
        private final Subject subject;
        private final Runnable abandoned;

        Owner(Subject subject, Runnable abandoned) {
            this.subject = subject;
            this.abandoned = abandoned;
        }

        @Override
        public @Nullable Guard stepAside(Duration ranFor) {
            return null; // it is aside already
        }

        @Override
        public void abandon(Guard guard, HandlerTimeoutException error, Duration took) {
            slot.processor().countStuck(env.settings().stuckThreads());
            if (guard instanceof Guard.OfAttempt attempt) {
                slot.processor().letGo(attempt.failure(), attempt.attempt());
                try {
                    failures.recordAttempt(
                            attempt.failure(),
                            attempt.attempt(),
                            subject.event().event(),
                            subject.function(),
                            FailureReason.HANDLER_TIMEOUT,
                            error);
                } finally {
                    abandoned.run();
                }
            }
        }

        @Override
        public void returned() {
            slot.processor().countReturned();
        }
    }
}
