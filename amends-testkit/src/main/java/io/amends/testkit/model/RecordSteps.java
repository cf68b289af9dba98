package io.amends.testkit.model;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.core.causality.Advance;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Status;
import io.amends.core.store.DueQuery;
import io.amends.core.store.SlotId;
import java.util.List;
import java.util.Set;

/** Attempts of failed executions, and what persons change. */
final class RecordSteps {
    private static final Set<String> FUNCTIONS = Set.of("on-" + Choices.PAID, "on-" + Choices.CANCELLED, "repair");

    /** All of them: which of those that are due within a tick come first differs between stores. */
    private static final int MANY = 1000;

    private final Choices choices;

    RecordSteps(Choices choices) {
        this.choices = choices;
    }

    Step finishAttempt() {
        FailureId id = choices.failureId(Set.of(Status.PREPARED));
        int attempt = choices.attemptOf(id);
        Decision decision = choices.chance(60) ? Compensation.succeeded(attempt) : failed(attempt);
        return HandlerStep.transaction(
                choices, "finish attempt " + attempt + " of " + id, transaction -> transaction.finish(id, decision));
    }

    static Decision failed(int attempt) {
        return Compensation.failed(
                attempt,
                FailureReason.HANDLER_FAILED,
                new ErrorDetails("E2", "again", List.of(), List.of(), ""),
                "cause2",
                Recoverability.RECOVERABLE,
                "b2");
    }

    Step claimDue() {
        int claim = choices.claim();
        boolean two = choices.chance(30);
        int other = choices.claim();
        Set<String> functions = choices.chance(90) ? FUNCTIONS : Set.of("repair");
        Set<String> types = choices.chance(50) ? Set.of(Choices.PAID) : Set.of(Choices.PAID, Choices.CANCELLED);
        boolean requestedOnly = choices.chance(20);
        String processor = choices.processorOf(claim);
        return new Step(
                "claim " + (requestedOnly ? "requested" : "due") + " under " + claim + (two ? " and " + other : "")
                        + " of " + processor,
                side -> side.store()
                        .claimDue(
                                new DueQuery(
                                        processor,
                                        two && sameProcessor(side, claim, other)
                                                ? List.of(side.claim(claim), side.claim(other))
                                                : List.of(side.claim(claim)),
                                        functions,
                                        types,
                                        requestedOnly,
                                        MANY),
                                Compensation.prepare("n1", () -> 0)));
    }

    static boolean sameProcessor(Side side, int claim, int other) {
        SlotId a = side.claim(claim).slot();
        SlotId b = side.claim(other).slot();
        return a.processor().equals(b.processor()) && a.number() != b.number();
    }

    Step change() {
        FailureId id = choices.failureId();
        int attempt = choices.attemptOf(id);
        record Choice(String text, Decision decision) {}
        List<Choice> all = List.of(
                new Choice("skip", Compensation.skip("anna", "by hand")),
                new Choice("skip", Compensation.skip("bert", "done")),
                new Choice("skip", Compensation.skip("carl", "done")),
                new Choice("request", Compensation.request(false, "anna", null)),
                new Choice("force", Compensation.request(true, "anna", "now")),
                new Choice("spec", Compensation.applyRetrySpec(Choices.OFF, "anna", null, () -> 0)),
                new Choice("spec2", Compensation.applyRetrySpec(Choices.QUICK, "anna", null, () -> 0)),
                new Choice("mark", Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", null)),
                new Choice("unmark", Compensation.markRecoverable(Recoverability.RECOVERABLE, "anna", null)),
                new Choice("redirect", Compensation.redirect("repair", Choices.QUICK, "anna", null)),
                new Choice("fail attempt " + attempt, failed(attempt)));
        Choice choice = choices.anyOf(all);
        List<Advance> advances = choices.advances();
        OnTimeout dependents = choices.anyOf(List.of(OnTimeout.PROCEED, OnTimeout.FAIL, OnTimeout.SKIP));
        return new Step(
                choice.text() + " " + id
                        + (advances.isEmpty() ? "" : " with " + advances + ", what waits for them: " + dependents),
                side -> side.store().change(id, choice.decision(), advances, dependents));
    }

    /** What ends no record, about two of them at once. */
    Step changeMany() {
        FailureId one = choices.failureId();
        FailureId other = choices.failureId();
        List<FailureId> ids = one.equals(other) ? List.of(one) : List.of(one, other);
        Decision decision = choices.anyOf(List.of(
                Compensation.request(false, "anna", null),
                Compensation.request(true, "bert", "now"),
                Compensation.applyRetrySpec(Choices.QUICK, "anna", null, () -> 0)));
        return new Step(
                "change together " + ids,
                side -> List.copyOf(side.store().changeMany(ids, decision).values()));
    }
}
