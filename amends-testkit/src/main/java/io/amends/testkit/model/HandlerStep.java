package io.amends.testkit.model;

import io.amends.api.EventEnvelope;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.RunOrigin;
import java.time.Duration;
import java.util.function.Function;

/** Handler transactions that write an effect, publish an event and finish, and how they end. */
final class HandlerStep {
    private HandlerStep() {}

    /** A handler's transaction as a step sees it. */
    record Running(Side side, HandlerTransaction transaction) {
        FinishResult finish(CursorMove move) {
            return transaction.finish(move);
        }

        FinishResult finish(RunOrigin.FromLane run) {
            return transaction.finish(run);
        }

        FinishResult finish(FailureId id, Decision decision) {
            return transaction.finish(id, decision);
        }
    }

    static Step transaction(Choices choices, String text, Function<Running, FinishResult> finish) {
        int ending = choices.pick(10);
        String effect = "effect" + choices.pick(3);
        EventEnvelope event = choices.event();
        String end = ending == 0 ? " and roll back" : ending == 1 ? " and throw" : "";
        return new Step(
                text + " with " + effect + end,
                side -> side.store().inTransaction(Duration.ofMinutes(1), transaction -> {
                    side.harness().writeEffect(effect);
                    side.store().caller().publish(event, false);
                    FinishResult result = finish.apply(new Running(side, transaction));
                    if (ending == 1) {
                        throw new IllegalStateException("after the finish");
                    }
                    return new Verdict<>(ending != 0 && result != FinishResult.REFUSED, result);
                }));
    }
}
