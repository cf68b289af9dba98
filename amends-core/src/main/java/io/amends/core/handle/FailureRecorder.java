package io.amends.core.handle;

import io.amends.api.EventEnvelope;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.NewFailure;
import io.amends.core.lane.LaneKey;
import io.amends.core.store.Claim;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes failures durable: the failure transaction, and its last, minimal form that can not fail for its content. */
final class FailureRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(FailureRecorder.class);

    private final HandlerEnvironment env;
    private final LocalProcessor local;
    private final ProcessorDefinition processor;
    private final Consumer<Duration> onDue;

    /** Creates it; {@code onDue} is told in what time the first retry of a recorded failure is due. */
    FailureRecorder(HandlerEnvironment env, LocalProcessor processor, Consumer<Duration> onDue) {
        this.env = env;
        this.onDue = onDue;
        this.local = processor;
        this.processor = processor.definition();
    }

    /**
     * What failed.
     *
     * @param event the event
     * @param position its position
     * @param key where it belongs
     * @param function the function, null if there is none
     */
    record Subject(
            EventEnvelope event,
            long position,
            LaneKey key,
            @Nullable FunctionDefinition function) {}

    /** Records a first failure; false if somebody else was first. */
    boolean recordFirst(RunOrigin origin, Subject subject, FailureReason reason, Throwable error, Duration took) {
        FunctionDefinition function = subject.function();
        Recoverability recoverability = reason == FailureReason.HANDLER_TIMEOUT || reason.isWait() || function == null
                ? Recoverability.RECOVERABLE
                : isHopeless(reason)
                        ? Recoverability.UNRECOVERABLE
                        : env.errors().recoverability(function, error);
        ErrorDetails details = env.errors().details(subject.event(), error);
        Fingerprint cause = cause(reason, subject.event(), function, error);
        NewFailure failure =
                newFailure(subject, origin.claim(), reason, details, cause.value(), false, took, recoverability);
        boolean recorded = record(origin, failure, error.getClass().getName());
        if (recorded) {
            LOG.warn(
                    "processor {}: {} failed ({} {}), recorded as {}",
                    processor.name(),
                    subject.event(),
                    reason,
                    details.code(),
                    failure.id());
            env.listener().failed(processor.name(), failure.function(), reason);
            onDue.accept(failure.backoff());
            explain(cause);
        }
        return recorded;
    }

    /** Records an event whose run goes on, or begins, apart from its slot; null if somebody else was first. */
    Guard.@Nullable OfAttempt recordApart(RunOrigin origin, Subject subject, FailureReason reason, Duration ranFor) {
        NewFailure failure = newFailure(
                subject,
                origin.claim(),
                reason,
                ErrorDetails.NONE,
                ofReason(reason, subject.event()),
                true,
                ranFor,
                Recoverability.UNKNOWN);
        if (!record(origin, failure, "")) {
            return null;
        }
        LOG.info(
                "processor {}: {} goes on apart from its slot ({}), as {}",
                processor.name(),
                subject.event(),
                reason,
                failure.id());
        return new Guard.OfAttempt(failure.id(), 1);
    }

    /** Records that an attempt failed; the change, which may be a refusal. */
    Change recordAttempt(
            FailureId failure,
            int attempt,
            EventEnvelope event,
            @Nullable FunctionDefinition function,
            FailureReason reason,
            Throwable error) {
        Recoverability recoverability = isHopeless(reason)
                ? Recoverability.UNRECOVERABLE
                : function == null || reason == FailureReason.HANDLER_TIMEOUT
                        ? Recoverability.RECOVERABLE
                        : env.errors().recoverability(function, error);
        Fingerprint cause = cause(reason, event, function, error);
        ErrorDetails details = env.errors().details(event, error);
        String build = env.settings().build();
        try {
            Change change = env.store()
                    .change(
                            failure,
                            Compensation.failed(attempt, reason, details, cause.value(), recoverability, build),
                            List.of());
            if (change instanceof Change.Write) {
                explain(cause);
            }
            return change;
        } catch (StoreUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("failed execution {}: its error can not be stored, only its class is", failure, e);
            ErrorDetails minimal = new ErrorDetails(error.getClass().getName(), "", List.of(), List.of(), "");
            return env.store()
                    .change(
                            failure,
                            Compensation.failed(
                                    attempt, reason, minimal, ofReason(reason, event), recoverability, build),
                            List.of());
        }
    }

    private Fingerprint cause(
            FailureReason reason, EventEnvelope event, @Nullable FunctionDefinition function, Throwable error) {
        return function == null
                ? Fingerprint.ofReason(reason, processor.name(), event.type())
                : env.errors().fingerprint(event, processor.name(), function, error);
    }

    /** Keeps what a cause was made of, when this node meets it for the first time; the record stands without it. */
    private void explain(Fingerprint cause) {
        if (!local.meets(cause.value())) {
            return;
        }
        try {
            env.store().explain(cause);
        } catch (RuntimeException e) {
            local.forgets(cause.value());
            LOG.debug("what {} was made of is not kept", cause, e);
        }
    }

    private String ofReason(FailureReason reason, EventEnvelope event) {
        return Fingerprint.ofReason(reason, processor.name(), event.type()).value();
    }

    private boolean record(RunOrigin origin, NewFailure failure, String errorClass) {
        try {
            return env.store().recordFailure(origin, failure);
        } catch (StoreUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("failed execution of {}: its error can not be stored, only its class is", failure.event(), e);
            return env.store().recordFailure(origin, failure.minimal(errorClass));
        }
    }

    private NewFailure newFailure(
            Subject subject,
            Claim claim,
            FailureReason reason,
            ErrorDetails details,
            String fingerprint,
            boolean prepared,
            Duration ranFor,
            Recoverability recoverability) {
        FunctionDefinition function = subject.function();
        RetryPolicy policy = function == null ? RetryPolicy.DEFAULT : local.policyOf(function);
        if (!env.settings().compensationEnabled()) {
            policy = new RetryPolicy(
                    false,
                    policy.maxRetries(),
                    policy.minBackoff(),
                    policy.executionTimeout(),
                    policy.maxBackoff(),
                    policy.jitter());
        }
        return new NewFailure(
                new FailureId(env.conductor().newId()),
                subject.event(),
                subject.position(),
                processor.name(),
                subject.key().slot(),
                subject.key().lane(),
                processor.onFailure() == io.amends.api.OnFailure.STOP,
                function == null ? "" : function.name(),
                reason,
                details,
                fingerprint,
                policy,
                prepared,
                ranFor,
                policy.backoff(0, env.conductor().random()),
                recoverability,
                subject.event().headers().get(LaneKey.TENANT),
                env.settings().nodeId(),
                env.settings().build(),
                claim.fence());
    }

    private static boolean isHopeless(FailureReason reason) {
        return reason == FailureReason.UNDECODABLE
                || reason == FailureReason.NO_KEY
                || reason == FailureReason.UNTRACKED_WAIT
                || reason == FailureReason.OUT_OF_SEQUENCE;
    }
}
