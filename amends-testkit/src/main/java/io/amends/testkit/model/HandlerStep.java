package io.amends.testkit.model;

import io.amends.api.EventEnvelope;
import io.amends.core.causality.Advance;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.RunOrigin;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** Handler transactions that write an effect, publish an event and finish, and how they end. */
final class HandlerStep {
    private HandlerStep() {}

    /** A handler's transaction as a step sees it. */
    record Running(Side side, HandlerTransaction transaction, List<Advance> advances) {
        FinishResult finish(CursorMove move) {
            return transaction.finish(move, advances);
        }

        FinishResult finish(RunOrigin.FromLane run) {
            return transaction.finish(run, advances);
        }

        FinishResult finish(FailureId id, Decision decision) {
            return transaction.finish(id, decision, advances);
        }
    }

    static Step transaction(Choices choices, String text, Function<Running, FinishResult> finish) {
        int ending = choices.pick(10);
        String effect = "effect" + choices.pick(3);
        EventEnvelope event = choices.event();
        List<Advance> advances = choices.advances();
        String end = ending == 0 ? " and roll back" : ending == 1 ? " and throw" : "";
        return new Step(
                text + " with " + effect + (advances.isEmpty() ? "" : " and " + advances) + end,
                side -> side.store().inTransaction(Duration.ofMinutes(1), transaction -> {
                    side.harness().writeEffect(effect);
                    side.store().caller().publish(event, false);
                    FinishResult result = finish.apply(new Running(side, transaction, advances));
                    if (ending == 1) {
                        throw new IllegalStateException("after the finish");
                    }
                    boolean done = result == FinishResult.DONE || result == FinishResult.DONE_LANE_CONTINUES;
                    return new Verdict<>(ending != 0 && done, result);
                }));
    }
}
