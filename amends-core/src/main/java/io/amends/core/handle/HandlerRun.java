package io.amends.core.handle;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.Recoverability;
import io.amends.api.Wait;
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
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.failure.FailureReason;
import io.amends.core.observe.TraceContext;
import io.amends.core.publish.HandlerScope;
import io.amends.core.publish.ReturnedEvents;
import io.amends.core.step.Conductor;
import io.amends.core.store.DoneEvents;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.TransactionResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One run of functions on events in one transaction, with its immediate re-runs, its patience and its
 * timeout.
 *
 * <p>Three things may happen to a run from outside, each decided under one lock, so that exactly one of them wins
 * against its own end:
 *
 * <ol>
 *   <li>After {@code patience} it <em>steps aside</em>: a record takes its event, the cursor passes, and from then on the
 *       result is guarded by the record's attempt instead of the cursor.
 *   <li>After {@code executionTimeout} it is interrupted; a moment later its transaction is broken.
 *   <li>If it still has not come back, it is <em>abandoned</em>: its failure is recorded for it, and whatever it does
 *       later is refused by the guard.
 * </ol>
 *
 * <p>The last write takes the guard under the lock: a step aside that began earlier is waited for, one that would begin
 * later finds the run finishing and does nothing.
 */
final class HandlerRun {
    /** How long an interrupted run may take before its transaction is broken, and again before it is abandoned. */
    static final Duration GRACE = Duration.ofSeconds(1);

    /** How often a run looks whether its step aside is written, in the rare moment when both end together. */
    private static final Duration SETTLE_PACE = Duration.ofMillis(2);

    private final HandlerEnvironment env;
    private final ProcessorDefinition definition;
    private final String processor;
    private final List<Call> calls;
    private final SortedSet<String> keys;
    private final Work work;
    private final Owner owner;
    private final Duration timeout;

    private final ReentrantLock lock = new ReentrantLock();
    private Guard guard;
    private boolean steppingAside;
    private boolean finishing;
    private boolean ended;
    private boolean timedOut;
    private boolean commitHadGrace;
    private boolean abandoned;
    private @Nullable HandlerTransaction transaction;
    private @Nullable Thread thread;
    private long began;

    /** The events that a function has in hand; read from outside when a run is abandoned. */
    private volatile List<EventEnvelope> inHand = List.of();

    private final Waits waits;

    /** Events of the last run of the body that were not handled; written and read by the run's own thread. */
    private final Set<EventEnvelope> stale = Collections.newSetFromMap(new IdentityHashMap<>());

    /** What the run asks of whoever started it. */
    interface Owner {
        /** Records the event apart from its slot and lets the slot go on; returns the new guard, null if it can not. */
        @Nullable Guard stepAside(Duration ranFor);

        /** Records the timeout for a run that ignores its interrupt, and lets slot and lane go on without it. */
        void abandon(Guard guard, HandlerTimeoutException error, Duration took);

        /** An abandoned run has come back after all. */
        void returned();
    }

    /**
     * What is run.
     *
     * @param processor the processor
     * @param calls the functions with their events
     * @param keys the keys of the events
     * @param goesOnWithout what is taken as done although nothing says so
     * @param mayBeLate whether it may come after its sequence went on: a person has decided so
     */
    record Work(
            ProcessorDefinition processor,
            List<Call> calls,
            SortedSet<String> keys,
            Predicate<WaitRequest> goesOnWithout,
            boolean mayBeLate) {
        /** Nothing is taken as done. */
        static final Predicate<WaitRequest> NOTHING = request -> false;
    }

    HandlerRun(HandlerEnvironment env, Work work, Guard guard, Owner owner, Duration timeout) {
        this.env = env;
        this.definition = work.processor();
        this.processor = definition.name();
        this.calls = work.calls();
        this.keys = work.keys();
        this.work = work;
        this.waits = new Waits(definition);
        this.guard = guard;
        this.owner = owner;
        this.timeout = timeout;
    }

    /** The guard that holds now: another one than at the begin if the run stepped aside. */
    Guard guard() {
        lock.lock();
        try {
            return guard;
        } finally {
            lock.unlock();
        }
    }

    /** Runs on the calling thread. */
    RunOutcome execute() {
        Conductor conductor = env.conductor();
        began = conductor.nanos();
        thread = Thread.currentThread();
        Conductor.Timer patience = conductor.after(env.settings().patience(), this::stepAside);
        Conductor.Timer deadline = conductor.after(timeout, this::timeOut);
        try {
            return runWithImmediateRetries();
        } finally {
            patience.cancel();
            deadline.cancel();
            end();
        }
    }

    private RunOutcome runWithImmediateRetries() {
        int reruns = 0;
        while (true) {
            TransactionResult<FinishResult> result = env.store().inTransaction(timeout, body(reruns));
            if (wasAbandoned()) {
                return new RunOutcome.Abandoned();
            }
            switch (result) {
                case TransactionResult.Committed<FinishResult> committed -> {
                    return new RunOutcome.Done(committed.value() == FinishResult.DONE_LANE_CONTINUES, stale);
                }
                case TransactionResult.RolledBack<FinishResult> rolledBack -> {
                    if (rolledBack.value() != FinishResult.OVERTAKEN) {
                        return new RunOutcome.Refused();
                    }
                    // Somebody moved its stream since it was asked: asked again, it may be stale.
                    if (isTimedOut() || !pauseBeforeRerun(true, reruns)) {
                        return failed(timeoutError());
                    }
                }
                case TransactionResult.ConnectionLost<FinishResult> lost -> {
                    return isTimedOut() ? failed(timeoutError()) : new RunOutcome.Unknown(lost.error());
                }
                case TransactionResult.Threw<FinishResult> threw -> {
                    Throwable error = threw.error();
                    boolean serialization = threw.serialization();
                    if (isTimedOut()) {
                        return failed(timeoutError());
                    }
                    if (error instanceof LateEventException) {
                        return new RunOutcome.Failed(FailureReason.OUT_OF_SEQUENCE, error, elapsed());
                    }
                    WaitRequest wait = waits.requestOf(
                            calls.get(0).function(),
                            calls.get(0).events().get(0).event(),
                            error);
                    if (wait != null) {
                        return waits.isTracked(wait)
                                ? new RunOutcome.TooEarly(wait)
                                : new RunOutcome.Failed(FailureReason.UNTRACKED_WAIT, waits.untracked(wait), elapsed());
                    }
                    if (!serialization) {
                        reruns++;
                    }
                    if (!mayRerun(error, serialization, reruns) || !pauseBeforeRerun(serialization, reruns)) {
                        return failed(isTimedOut() ? timeoutError() : error);
                    }
                    env.listener().reran(processor, calls.get(0).function().name());
                }
            }
        }
    }

    private io.amends.core.store.HandlerWork<FinishResult> body(int reruns) {
        return tx -> {
            begin(tx);
            stale.clear();
            Progress progress = new Progress(progress(tx));
            for (Call call : calls) {
                requireInTime();
                List<HandledEvent> current = withoutStale(tx, call, progress);
                if (!current.isEmpty()) {
                    invoke(call, current, reruns);
                }
            }
            FinishResult finish = finish(tx, progress);
            return new Verdict<>(finish == FinishResult.DONE || finish == FinishResult.DONE_LANE_CONTINUES, finish);
        };
    }

    /** Finishes with the last event as the cause of what persistence contexts publish when they are flushed now. */
    private FinishResult finish(HandlerTransaction tx, Progress progress) {
        Guard taken = takeGuard();
        var before = HandlerScope.enter(new HandlerScope(
                calls.getLast().events().getLast().event(),
                calls.stream()
                        .flatMap(call -> call.events().stream())
                        .map(HandledEvent::event)
                        .toList()));
        try {
            return taken.finish(tx, new DoneEvents(progress.writes(), keys), stale);
        } finally {
            HandlerScope.enter(before);
        }
    }

    /** Asks what was done before of the entities that decide whether an event may be handled; nothing if there are none. */
    private SortedMap<StreamKey, StreamVersion> progress(HandlerTransaction tx) {
        SortedSet<StreamKey> entities = new TreeSet<>();
        for (Call call : calls) {
            for (HandledEvent event : call.events()) {
                entities.addAll(Progress.asks(event.advances()));
                entities.addAll(requiredOf(processor, event));
            }
        }
        return entities.isEmpty() ? new TreeMap<>() : tx.progress(processor, entities);
    }

    /**
     * Throws a {@link TooEarlyException} for the first thing that a declaration asks for and that is not done: neither before,
     * nor by the events before it in this transaction.
     */
    private void requireWhatIsDeclared(HandlerTransaction tx, HandledEvent event, Progress progress) throws Exception {
        SortedMap<String, SortedMap<StreamKey, StreamVersion>> elsewhere = new TreeMap<>();
        for (Requirement requirement : event.requirements()) {
            if (work.goesOnWithout().test(requirement.request())
                    || !(requirement.request().what() instanceof WaitFor.Version needed)) {
                continue;
            }
            String who = needed.processor();
            StreamVersion version = who.equals(processor)
                    ? progress.version(needed.entity())
                    : elsewhere
                            .computeIfAbsent(who, other -> tx.progress(other, requiredOf(other, event)))
                            .get(needed.entity());
            Probe probe = requirement.probe();
            if (!needed.isSatisfiedBy(version) && (probe == null || !probe.isDone(event.event(), event.payload()))) {
                throw new TooEarlyException(requirement.request());
            }
        }
    }

    private static SortedSet<StreamKey> requiredOf(String who, HandledEvent event) {
        SortedSet<StreamKey> entities = new TreeSet<>();
        for (Requirement requirement : event.requirements()) {
            if (requirement.request().what() instanceof WaitFor.Version needed
                    && needed.processor().equals(who)) {
                entities.add(needed.entity());
            }
        }
        return entities;
    }

    /**
     * The events of a call that are to be handled, each seeing those before it as done. A stale one asks for nothing: it is not
     * handled.
     */
    private List<HandledEvent> withoutStale(HandlerTransaction tx, Call call, Progress progress) throws Exception {
        List<HandledEvent> current = new ArrayList<>(call.events().size());
        for (HandledEvent event : call.events()) {
            if (progress.isStale(event.advances())) {
                progress.passedOver(event.advances());
                stale.add(event.event());
            } else {
                requireWhatIsDeclared(tx, event, progress);
                if (!work.mayBeLate()) {
                    progress.requireNotLate(event.advances());
                }
                progress.done(event.advances());
                current.add(event);
            }
        }
        return current;
    }

    private void invoke(Call call, List<HandledEvent> events, int reruns) throws Throwable {
        FunctionDefinition function = call.function();
        Attempt attempt = call.attempt();
        Attempt now = new Attempt(attempt.number(), reruns, attempt.retries(), attempt.maxRetries());
        HandledEvent first = events.get(0);
        TraceContext.Scope scope = env.traces().open(first.event(), processor, function.name());
        var before = HandlerScope.enter(new HandlerScope(
                first.event(), events.stream().map(HandledEvent::event).toList()));
        Throwable thrown = null;
        inHand = events.stream().map(HandledEvent::event).toList();
        try {
            Object returned = function.handler().invoke(events, now);
            if (returned instanceof Wait wait) {
                throw wait;
            }
            ReturnedEvents.publish(returned, env.publisher());
        } catch (Throwable error) {
            thrown = error;
            throw error;
        } finally {
            inHand = List.of();
            HandlerScope.enter(before);
            scope.close(thrown);
        }
    }

    private boolean mayRerun(Throwable error, boolean serialization, int reruns) {
        if (calls.size() > 1 || calls.get(0).events().size() > 1) {
            return false;
        }
        if (serialization) {
            return elapsed().compareTo(timeout) < 0;
        }
        return calls.get(0).attempt().number() == 1
                && reruns <= env.settings().immediateBackoffs().size()
                && env.errors().recoverability(calls.get(0).function(), error) != Recoverability.UNRECOVERABLE;
    }

    private boolean pauseBeforeRerun(boolean serialization, int reruns) {
        Duration pause = serialization
                ? Duration.ofMillis(5 + (long) (20 * env.conductor().random()))
                : env.settings().immediateBackoffs().get(reruns - 1);
        try {
            env.conductor().pause(pause);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private RunOutcome.Failed failed(Throwable error) {
        FailureReason reason =
                error instanceof HandlerTimeoutException ? FailureReason.HANDLER_TIMEOUT : FailureReason.HANDLER_FAILED;
        return new RunOutcome.Failed(reason, error, elapsed());
    }

    private HandlerTimeoutException timeoutError() {
        return new HandlerTimeoutException(timeout);
    }

    private Duration elapsed() {
        return Duration.ofNanos(env.conductor().nanos() - began);
    }

    // ---- under the lock -------------------------------------------------------------------------------------------

    private void begin(HandlerTransaction tx) {
        lock.lock();
        try {
            if (timedOut) {
                throw timeoutError();
            }
            transaction = tx;
            finishing = false;
        } finally {
            lock.unlock();
        }
    }

    /** No function begins after the time is over: what is in hand when a run is abandoned is what hangs. */
    private void requireInTime() {
        if (isTimedOut()) {
            throw timeoutError();
        }
    }

    private Guard takeGuard() {
        lock.lock();
        try {
            awaitSettled();
            if (timedOut) {
                throw timeoutError();
            }
            finishing = true;
            return guard;
        } finally {
            lock.unlock();
        }
    }

    /** Waits, called under the lock and letting go of it meanwhile, until no step aside is under way. */
    private void awaitSettled() {
        boolean interrupted = false;
        while (steppingAside) {
            lock.unlock();
            try {
                env.conductor().pause(SETTLE_PACE);
            } catch (InterruptedException e) {
                interrupted = true;
            } finally {
                lock.lock();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        lock.lock();
        try {
            // A step aside that has begun belongs to this run: its guard decides how the failure is recorded.
            awaitSettled();
            ended = true;
            transaction = null;
            thread = null;
            if (timedOut) {
                // The interrupt was meant for the run, not for the thread that goes on.
                Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
        if (wasAbandoned()) {
            owner.returned();
        }
    }

    private void stepAside() {
        lock.lock();
        try {
            if (ended || timedOut || !(guard instanceof Guard.First)) {
                return;
            }
            if (finishing) {
                // Its commit may still fail and be run again: look once more later.
                env.conductor().after(env.settings().patience(), this::stepAside);
                return;
            }
            steppingAside = true;
        } finally {
            lock.unlock();
        }
        Guard apart = null;
        try {
            apart = owner.stepAside(elapsed());
        } finally {
            lock.lock();
            try {
                steppingAside = false;
                if (apart != null) {
                    guard = apart;
                } else if (!ended) {
                    // Too many others are aside, or the database is away: the slot still waits, so try once more.
                    env.conductor().after(env.settings().patience(), this::stepAside);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void timeOut() {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            if (finishing && !commitHadGrace) {
                commitHadGrace = true;
                env.conductor().after(GRACE, this::timeOut);
                return;
            }
            timedOut = true;
            Thread running = thread;
            if (running != null && !finishing) {
                running.interrupt();
            }
        } finally {
            lock.unlock();
        }
        env.conductor().after(GRACE, this::breakTransaction);
    }

    private void breakTransaction() {
        HandlerTransaction running;
        lock.lock();
        try {
            running = ended ? null : transaction;
        } finally {
            lock.unlock();
        }
        if (running != null) {
            running.abort();
        }
        env.conductor().after(GRACE, this::abandon);
    }

    /** The events that a function has in hand right now. */
    List<EventEnvelope> inHand() {
        return inHand;
    }

    private void abandon() {
        Guard atEnd;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            if (steppingAside) {
                env.conductor().after(GRACE, this::abandon);
                return;
            }
            abandoned = true;
            atEnd = guard;
        } finally {
            lock.unlock();
        }
        owner.abandon(atEnd, timeoutError(), elapsed());
    }

    private boolean isTimedOut() {
        lock.lock();
        try {
            return timedOut;
        } finally {
            lock.unlock();
        }
    }

    private boolean wasAbandoned() {
        lock.lock();
        try {
            return abandoned;
        } finally {
            lock.unlock();
        }
    }
}
