package io.amends.testkit.model;

import io.amends.api.EventEnvelope;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailureId;
import io.amends.core.store.CursorMove;
import io.amends.core.store.DoneEvents;
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
    record Running(Side side, HandlerTransaction transaction, DoneEvents done) {
        FinishResult finish(CursorMove move) {
            return transaction.finish(move, done);
        }

        FinishResult finish(RunOrigin.FromLane run) {
            return transaction.finish(run, done);
        }

        FinishResult finish(FailureId id, Decision decision) {
            return transaction.finish(id, decision, done);
        }
    }

    static Step transaction(Choices choices, String text, Function<Running, FinishResult> finish) {
        int ending = choices.pick(10);
        String effect = "effect" + choices.pick(3);
        EventEnvelope event = choices.event();
        DoneEvents done = new DoneEvents(choices.advances(), choices.keys());
        String end = ending == 0 ? " and roll back" : ending == 1 ? " and throw" : "";
        return new Step(
                text + " with " + effect + (done.advances().isEmpty() ? "" : " and " + done.advances())
                        + (done.keys().isEmpty() ? "" : " of " + done.keys()) + end,
                side -> side.store().inTransaction(Duration.ofMinutes(1), transaction -> {
                    side.harness().writeEffect(effect);
                    side.store().caller().publish(event, false);
                    FinishResult result = finish.apply(new Running(side, transaction, done));
                    if (ending == 1) {
                        throw new IllegalStateException("after the finish");
                    }
                    boolean written = result == FinishResult.DONE || result == FinishResult.DONE_LANE_CONTINUES;
                    return new Verdict<>(ending != 0 && written, result);
                }));
    }
}
