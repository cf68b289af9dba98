package io.amends.testkit.disorder;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.api.Wait;
import io.amends.core.causality.Advance;
import io.amends.core.causality.LateEventException;
import io.amends.core.causality.Probe;
import io.amends.core.causality.Progress;
import io.amends.core.causality.Requirement;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.event.CodecException;
import io.amends.core.failure.ErrorClassification;
import io.amends.core.publish.HandlerScope;
import io.amends.core.publish.ReturnedEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Runs functions in transactions of a history, with what they declare about order, as the engine does. */
final class Handling {
    private static final ErrorClassification ERRORS = new ErrorClassification(List.of(), warning -> {});

    private final Ground ground;
    private final Predicate<WaitFor.Version> isDone;

    Handling(Ground ground, Predicate<WaitFor.Version> isDone) {
        this.ground = ground;
        this.isDone = isDone;
    }

    /** How a function's run ended. */
    sealed interface End {
        /**
         * It committed, or the event was stale.
         *
         * @param moved how far its streams are now
         */
        record Done(boolean stale, List<Advance> moved) implements End {}

        /** It was rolled back when it was about to commit. */
        record Crashed() implements End {}

        /** It is too early. */
        record Waits(WaitRequest request) implements End {}

        /**
         * It failed.
         *
         * @param worthARetry whether the schedule tries again
         */
        record Threw(Throwable error, boolean worthARetry) implements End {}
    }

    /**
     * A run.
     *
     * @param crash whether it is rolled back when it is about to commit
     * @param isRetry whether it is an attempt of a failed execution: what may be done without after a time is not waited for
     * @param over the wait whose time is over, null if none is
     */
    record Run(
            Attempt attempt,
            boolean crash,
            boolean isRetry,
            @Nullable WaitRequest over) {}

    End run(Side side, FunctionDefinition function, EventEnvelope envelope, Run run) {
        HandledEvent event;
        try {
            event = function.read(envelope);
        } catch (CodecException e) {
            return new End.Threw(e, false);
        }
        HandlerScope before = HandlerScope.enter(HandlerScope.of(envelope));
        try {
            List<Advance> moved = new ArrayList<>();
            boolean wasStale = ground.inTransaction(() -> {
                Progress progress = progress(side, event.advances());
                boolean stale = progress.isStale(event.advances());
                if (stale) {
                    progress.passedOver(event.advances());
                } else {
                    require(event, goesOnWithout(event, run));
                    progress.requireNotLate(event.advances());
                    invoke(function, event, run.attempt());
                    progress.done(event.advances());
                }
                moved.addAll(progress.writes());
                if (run.crash()) {
                    throw new Crash();
                }
                return stale;
            });
            return new End.Done(wasStale, moved);
        } catch (Crash crashed) {
            return new End.Crashed();
        } catch (TooEarly tooEarly) {
            return new End.Waits(tooEarly.request);
        } catch (Thrown thrown) {
            return endOf(side, function, envelope, thrown.error);
        } catch (RuntimeException error) {
            return endOf(side, function, envelope, error);
        } finally {
            HandlerScope.enter(before);
        }
    }

    /** Ends an event without handling it, after a wait that has lasted too long. */
    static List<Advance> skip(Side side, FunctionDefinition function, EventEnvelope envelope) {
        List<Advance> advances = function.causality().advances(envelope);
        Progress progress = progress(side, advances);
        if (progress.isStale(advances)) {
            progress.passedOver(advances);
        } else {
            progress.done(advances);
        }
        return List.copyOf(progress.writes());
    }

    private static End endOf(Side side, FunctionDefinition function, EventEnvelope event, Throwable error) {
        WaitRequest request = side.waits().requestOf(function, event, error);
        if (request != null && side.waits().isTracked(request)) {
            return new End.Waits(request);
        }
        boolean hopeless = request != null
                || error instanceof LateEventException
                || !function.policy().enabled()
                || ERRORS.classify(
                                error,
                                function.rules().recoverable(),
                                function.rules().unrecoverable())
                        == Recoverability.UNRECOVERABLE;
        return new End.Threw(error, !hopeless);
    }

    /**
     * What the event is handled without: each thing that its declarations let it go on without, once their own time is over;
     * everything that is declared, if code has waited.
     */
    private static Predicate<WaitRequest> goesOnWithout(HandledEvent event, Run run) {
        WaitRequest over = run.over();
        if (over == null) {
            return request -> run.isRetry() && request.onTimeout() == OnTimeout.PROCEED;
        }
        boolean isDeclared = event.requirements().stream()
                .map(Requirement::request)
                .anyMatch(request -> request.what().equals(over.what()) && isOver(request, over.timeout()));
        return isDeclared ? request -> isOver(request, over.timeout()) : request -> true;
    }

    /** Whether an event goes on without what it asks for after so long a wait. */
    static boolean isOver(WaitRequest request, Duration lasted) {
        return request.onTimeout() == OnTimeout.PROCEED && request.timeout().compareTo(lasted) <= 0;
    }

    private void require(HandledEvent event, Predicate<WaitRequest> goesOnWithout) {
        for (Requirement requirement : event.requirements()) {
            if (requirement.request().what() instanceof WaitFor.Version needed
                    && !goesOnWithout.test(requirement.request())
                    && !isDone.test(needed)
                    && !isDone(requirement.probe(), event)) {
                throw new TooEarly(requirement.request());
            }
        }
    }

    private static boolean isDone(@Nullable Probe probe, HandledEvent event) {
        try {
            return probe != null && probe.isDone(event.event(), event.payload());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new Thrown(e);
        }
    }

    /** What was done before, as an engine's transaction asks for it. */
    private static Progress progress(Side side, List<Advance> advances) {
        SortedMap<StreamKey, StreamVersion> before = new TreeMap<>();
        for (Advance advance : advances) {
            StreamVersion version = side.version(advance.entity());
            if (version != null) {
                before.put(advance.entity(), version);
            }
        }
        return new Progress(before);
    }

    private void invoke(FunctionDefinition function, HandledEvent event, Attempt attempt) {
        try {
            Object returned = function.handler().invoke(List.of(event), attempt);
            if (returned instanceof Wait wait) {
                throw wait;
            }
            ReturnedEvents.publish(returned, ground.publisher());
        } catch (RuntimeException | VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            throw new Thrown(e);
        }
    }

    /** Rolls back what came too early, and says in a trace what it waits for. */
    static final class TooEarly extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final transient WaitRequest request;

        TooEarly(WaitRequest request) {
            super("waits for " + request.what().text(), null, false, false);
            this.request = request;
        }
    }

    /** Rolls back. */
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash before the commit", null, false, false);
        }
    }

    /** Carries a checked exception or an error out of a transaction. */
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final transient Throwable error;

        Thrown(Throwable error) {
            super(error.toString(), error, false, false);
            this.error = error;
        }
    }
}
