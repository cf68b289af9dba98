package io.amends.core.handle;

import io.amends.api.Attempt;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.event.CodecException;
import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
        this.failures = new FailureRecorder(env, slot.processor().definition());
    }

    /** Runs the attempt that a record is PREPARED for, on the calling thread. */
    public void run(FailedExecution record) {
        LocalProcessor processor = slot.processor();
        Guard.OfAttempt guard = new Guard.OfAttempt(record.id(), record.retry().attempt());
        FunctionDefinition function = record.function().isEmpty()
                ? processor.definition().functionFor(record.event().type())
                : processor.definition().function(record.function());
        if (function == null) {
            LOG.warn("failed execution {}: no function {} in this build", record.id(), record.function());
            return;
        }
        List<Call> calls = new ArrayList<>();
        try {
            calls.add(new Call(function, List.of(function.read(record.event()))));
        } catch (CodecException e) {
            failures.recordAttempt(record.id(), guard.attempt(), function, FailureReason.UNDECODABLE, e);
            env.listener().retried(processor.definition().name(), function.name(), false);
            return;
        }
        Attempt attempt = new Attempt(
                guard.attempt(), 0, record.retry().retries(), record.policy().maxRetries());
        HandlerRun run = new HandlerRun(
                env,
                processor.definition().name(),
                calls,
                attempt,
                guard,
                new Owner(function),
                record.policy().executionTimeout());
        long began = env.conductor().nanos();
        RunOutcome outcome = run.execute();
        conclude(
                env,
                failures,
                slot,
                neighbours,
                guard,
                record.laneKey(),
                function,
                outcome,
                Duration.ofNanos(env.conductor().nanos() - began));
    }

    /** Does what the end of an attempt asks for, whoever ran it. */
    static void conclude(
            HandlerEnvironment env,
            FailureRecorder failures,
            SlotRunner slot,
            SlotRunner.Neighbours neighbours,
            Guard.OfAttempt guard,
            @Nullable String lane,
            FunctionDefinition function,
            RunOutcome outcome,
            Duration took) {
        String processor = slot.processor().definition().name();
        switch (outcome) {
            case RunOutcome.Done done -> {
                if (done.stale().isEmpty()) {
                    env.listener().handled(processor, function.name(), took);
                } else {
                    env.listener().stale(processor, function.name());
                }
                env.listener().retried(processor, function.name(), true);
                if (done.laneContinues() && lane != null) {
                    neighbours.laneContinues(slot, lane);
                }
                if (slot.isStopped()) {
                    slot.recheckStop();
                }
            }
            case RunOutcome.Failed failed -> {
                Change change = failures.recordAttempt(
                        guard.failure(), guard.attempt(), function, failed.reason(), failed.error());
                if (change instanceof Change.Refuse refuse) {
                    LOG.info(
                            "failed execution {}: attempt {} counts for nothing: {}",
                            guard.failure(),
                            guard.attempt(),
                            refuse.refusal().text());
                    env.listener().refused(processor);
                    return;
                }
                LOG.warn(
                        "failed execution {}: attempt {} failed: {}",
                        guard.failure(),
                        guard.attempt(),
                        failed.error().getClass().getName());
                env.listener().failed(processor, function.name(), failed.reason());
                env.listener().retried(processor, function.name(), false);
            }
            case RunOutcome.Refused refused -> env.listener().refused(processor);
            case RunOutcome.Unknown unknown -> slot.distrust();
            case RunOutcome.Abandoned abandoned -> {}
        }
    }

    private final class Owner implements HandlerRun.Owner {
        private final FunctionDefinition function;

        Owner(FunctionDefinition function) {
            this.function = function;
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
                failures.recordAttempt(
                        attempt.failure(), attempt.attempt(), function, FailureReason.HANDLER_TIMEOUT, error);
            }
        }

        @Override
        public void returned() {
            slot.processor().countReturned();
        }
    }
}
