package io.amends.testkit.model;

import io.amends.api.OnTimeout;
import io.amends.core.causality.StreamKey;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.ParkResult;
import io.amends.core.store.RunOrigin;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** First runs of events, from the slot and from their lane: handled, failed or parked. */
final class RunSteps {
    private final Choices choices;

    RunSteps(Choices choices) {
        this.choices = choices;
    }

    Step finishFromSlot() {
        Move move = choices.move();
        return HandlerStep.transaction(
                choices, "finish " + move, transaction -> transaction.finish(move.on(transaction.side())));
    }

    Step failFromSlot() {
        Move move = choices.move();
        Failure failure = failure(move.claim(), choices.laneOf(move.claim()), move.to(), false);
        return new Step(
                "fail " + move + " as " + failure,
                side -> side.store().recordFailure(new RunOrigin.FromSlot(move.on(side)), failure.on(side)));
    }

    Step park() {
        Move move = choices.move();
        String lane = choices.laneOf(move.claim());
        for (int tries = 0; tries < 4 && choices.headOf(move.claim(), lane).isEmpty(); tries++) {
            move = choices.move();
            lane = choices.laneOf(move.claim());
        }
        return park(move, lane, choices.provides());
    }

    static Step park(Move move, String lane, List<StreamKey> provides) {
        String what = provides.isEmpty() ? "" : " providing " + provides;
        return new Step("park " + move + " in " + lane + what, side -> {
            ParkResult result = side.store().park(move.on(side), lane, Choices.at(side, move.to()), provides);
            // a lost claim on a free lane may be answered either way: neither writes
            return result == ParkResult.PARKED || result == ParkResult.PARKED_MAY_RUN ? result : "not parked";
        });
    }

    Step fromLane() {
        int claim = choices.claim();
        String lane = choices.laneOf(claim);
        for (int tries = 0;
                tries < 8
                        && choices.nextOf(claim, lane)
                                .filter(Choices::isNotFailed)
                                .isEmpty();
                tries++) {
            claim = choices.claim();
            lane = choices.laneOf(claim);
        }
        return fromLane(claim, lane, choices.nextOf(claim, lane));
    }

    Step fromLane(int claim, String lane, Optional<LaneEvent> head) {
        long position = head.map(row -> row.event().position()).orElse(1L);
        OnTimeout ended = choices.ended(head);
        Function<Side, RunOrigin.FromLane> run =
                side -> new RunOrigin.FromLane(side.claim(claim), lane, position, ended);
        if (choices.chance(30)) {
            boolean tooLong =
                    head.map(row -> row.kind() == LaneEvent.Kind.WAITING).orElse(false) && choices.chance(60);
            Failure failure = failure(claim, lane, position, tooLong);
            return new Step(
                    "fail first of " + lane + " ended by " + ended + " under claim " + claim + " as " + failure,
                    side -> side.store().recordFailure(run.apply(side), failure.on(side)));
        }
        return HandlerStep.transaction(
                choices,
                "finish first of " + lane + " ended by " + ended + " under claim " + claim,
                transaction -> transaction.finish(run.apply(transaction.side())));
    }

    Failure failure(int claim, String lane, long position, boolean tooLong) {
        return new Failure(
                choices.newFailureId().value(),
                claim,
                !tooLong && choices.chance(15) ? null : lane,
                position,
                choices.chance(10),
                !tooLong && choices.chance(20),
                choices.chance(10),
                tooLong,
                choices.chance(80) ? Choices.QUICK : Choices.OFF,
                StoreModel.TICK.multipliedBy(1 + choices.pick(3)));
    }
}
