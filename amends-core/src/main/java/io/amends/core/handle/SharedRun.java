package io.amends.core.handle;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.Advance;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.HandledEvent;
import io.amends.core.event.CodecException;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureReason;
import io.amends.core.lane.LaneKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs attempts of several failed executions in one transaction, where their processor lets events share one.
 *
 * <p>Either all of them end well, or nothing of it has happened and each is to be run alone, as the same attempt: by an
 * {@link ApartRun}, which records what became of it. So an attempt's failure is never another one's. Only an attempt whose
 * handler ignores its interrupt is recorded here, as timed out: run again it would take another thread.
 */
public final class SharedRun {
    private final HandlerEnvironment env;
    private final LocalProcessor processor;
    private final SlotRunner.Neighbours neighbours;
    private final FailureRecorder failures;

    /** How a shared run has ended for its attempts. */
    public enum Ended {
        /** All have succeeded. */
        WELL,
        /** Nobody knows; whoever takes their slots again finds out. */
        UNKNOWN,
        /** Rolled back: each is to be run alone. */
        ROLLED_BACK,
        /** Not begun: each is to be run alone. */
        NOT_BEGUN
    }

    /** Creates it for records of this processor. */
    public SharedRun(HandlerEnvironment env, LocalProcessor processor, SlotRunner.Neighbours neighbours) {
        this.env = env;
        this.processor = processor;
        this.neighbours = neighbours;
        this.failures = new FailureRecorder(
                env, processor, time -> {}); // records attempts only, after which due ones are looked for
    }

    /**
     * An attempt that shares the transaction.
     *
     * @param record PREPARED
     * @param slot its slot
     */
    public record Member(FailedExecution record, SlotRunner slot) {
        private Guard.OfAttempt guard() {
            return new Guard.OfAttempt(record.id(), record.retry().attempt());
        }

        private ApartRun.Subject subject(FunctionDefinition function) {
            return new ApartRun.Subject(ApartRun.stored(record), record.laneKey(), function);
        }
    }

    /**
     * Whether an attempt of the record may share a transaction: one whose handler threw, and nothing worse. What hung or died
     * with its node would take the others with it, and what was too early asks for decisions of its own.
     */
    public static boolean mayShare(LocalProcessor processor, FailedExecution record) {
        FunctionDefinition function = ApartRun.functionOf(processor, record);
        return processor.definition().batch() > 1
                && record.reason() == FailureReason.HANDLER_FAILED
                && record.retry().lostAttempts() == 0
                && function != null
                && function.causality().rules().stream().noneMatch(rule -> rule.rule() == Advance.Rule.FAIL_OLDER);
    }

    /**
     * Runs the attempts on the calling thread.
     *
     * @param abandoned called from another thread if the run ignores its interrupt, with the attempt that was recorded as timed
     *     out, or null if that could not be told: each other one is to be run alone then
     */
    public Ended run(List<Member> members, Consumer<@Nullable Member> abandoned) {
        List<Call> calls = new ArrayList<>();
        Map<Guard.OfAttempt, EventEnvelope> attempts =
                new TreeMap<>((one, other) -> one.failure().compareTo(other.failure()));
        SortedSet<String> keys = new TreeSet<>();
        Duration timeout = Duration.ZERO;
        for (Member member : members) {
            FailedExecution record = member.record();
            Call call = member.slot().isGivenBack() ? null : callOf(record);
            if (call == null) {
                return Ended.NOT_BEGUN;
            }
            Call.add(calls, call);
            attempts.put(member.guard(), record.event());
            keys.addAll(LaneKey.wakes(record.laneKey(), record.event()));
            Duration its = record.policy().executionTimeout();
            timeout = its.compareTo(timeout) > 0 ? its : timeout;
        }
        Owner owner = new Owner(members, abandoned);
        HandlerRun run = new HandlerRun(
                env,
                new HandlerRun.Work(processor.definition(), calls, keys, HandlerRun.Work.NOTHING, false),
                new Guard.OfAttempts(attempts),
                owner,
                timeout);
        owner.run = run;
        long began = env.conductor().nanos();
        RunOutcome outcome = run.execute();
        Duration each = Duration.ofNanos(env.conductor().nanos() - began).dividedBy(members.size());
        return switch (outcome) {
            case RunOutcome.Done done -> {
                members.forEach(
                        member -> conclude(member, new RunOutcome.Done(done.laneContinues(), of(done, member)), each));
                yield Ended.WELL;
            }
            case RunOutcome.Unknown unknown -> {
                members.forEach(member -> conclude(member, unknown, each));
                yield Ended.UNKNOWN;
            }
            // whoever abandons it may not have said so yet
            case RunOutcome.Abandoned gone -> Ended.ROLLED_BACK;
            case RunOutcome.Refused refused -> Ended.ROLLED_BACK;
            case RunOutcome.Failed failed -> Ended.ROLLED_BACK;
            case RunOutcome.TooEarly early -> Ended.ROLLED_BACK;
        };
    }

    /** Null if the event can not be decoded, which is to be recorded for it alone. */
    private @Nullable Call callOf(FailedExecution record) {
        FunctionDefinition function = functionOf(record);
        try {
            HandledEvent event = ApartRun.eventOf(record, function);
            return Call.of(function, event, ApartRun.attemptOf(record));
        } catch (CodecException e) {
            return null;
        }
    }

    private FunctionDefinition functionOf(FailedExecution record) {
        FunctionDefinition function = ApartRun.functionOf(processor, record);
        if (function == null) {
            throw new IllegalStateException(
                    "failed execution " + record.id() + ": no function (expected: one that may share a transaction)");
        }
        return function;
    }

    private static Set<EventEnvelope> of(RunOutcome.Done done, Member member) {
        Set<EventEnvelope> its = Collections.newSetFromMap(new IdentityHashMap<>());
        if (done.stale().contains(member.record().event())) {
            its.add(member.record().event());
        }
        return its;
    }

    private void conclude(Member member, RunOutcome outcome, Duration took) {
        new ApartRun(env, member.slot(), neighbours)
                .conclude(member.guard(), member.subject(functionOf(member.record())), outcome, took);
    }

    private final class Owner implements HandlerRun.Owner {
        private final List<Member> members;
        private final Consumer<@Nullable Member> abandoned;
        private volatile @Nullable HandlerRun run;

        Owner(List<Member> members, Consumer<@Nullable Member> abandoned) {
            this.members = members;
            this.abandoned = abandoned;
        }

        @Override
        public @Nullable Guard stepAside(Duration ranFor) {
            return null; // they are aside already
        }

        @Override
        public void abandon(Guard guard, HandlerTimeoutException error, Duration took) {
            processor.countStuck(env.settings().stuckThreads());
            Member hangs = theOneThatHangs();
            try {
                if (hangs != null) {
                    failures.recordAttempt(
                            hangs.record().id(),
                            hangs.record().retry().attempt(),
                            hangs.record().event(),
                            functionOf(hangs.record()),
                            FailureReason.HANDLER_TIMEOUT,
                            error);
                }
            } finally {
                abandoned.accept(hangs);
            }
        }

        /** Null if a function has several events in hand, or none. */
        private @Nullable Member theOneThatHangs() {
            HandlerRun hanging = run;
            List<EventEnvelope> inHand = hanging == null ? List.of() : hanging.inHand();
            return inHand.size() != 1
                    ? null
                    : members.stream()
                            .filter(member -> member.record().event().equals(inHand.getFirst()))
                            .findFirst()
                            .orElse(null);
        }

        @Override
        public void returned() {
            processor.countReturned();
        }
    }
}
