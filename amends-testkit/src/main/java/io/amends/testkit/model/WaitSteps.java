package io.amends.testkit.model;

import io.amends.api.OnTimeout;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.causality.WaitFor;
import io.amends.core.causality.WaitRequest;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NewWait;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.WaitingEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Events and records that are too early, and how their waits end. */
final class WaitSteps {
    private final Choices choices;

    WaitSteps(Choices choices) {
        this.choices = choices;
    }

    /** What is asked for, of an event that the side has at a position. */
    private record Asked(WaitRequest request, @Nullable String nextKey, List<StreamKey> provides) {
        NewWait on(SlotId slot, String lane, StoredEvent event) {
            return new NewWait(slot, lane, event, request, nextKey, provides);
        }

        @Override
        public String toString() {
            return request.what().text() + " for " + request.timeout() + " then " + request.onTimeout()
                    + (provides.isEmpty() ? "" : " providing " + provides);
        }
    }

    Step enter() {
        return switch (choices.pick(4)) {
            case 0, 1 -> fromSlot();
            case 2 -> fromLane();
            default -> ofRecord();
        };
    }

    Step fromSlot() {
        Move move = choices.move();
        String lane = choices.laneOf(move.claim());
        Asked asked = asked(move.claim(), false);
        return new Step(
                "wait " + move + " in " + lane + " for " + asked,
                side -> side.store()
                        .enterWait(
                                new RunOrigin.FromSlot(move.on(side)),
                                asked.on(side.claim(move.claim()).slot(), lane, Choices.at(side, move.to()))));
    }

    Step fromLane() {
        int claim = choices.claim();
        String lane = choices.laneOf(claim);
        for (int tries = 0; tries < 8 && candidate(claim, lane).isEmpty(); tries++) {
            claim = choices.claim();
            lane = choices.laneOf(claim);
        }
        Optional<LaneEvent> row = candidate(claim, lane);
        long position = row.map(found -> found.event().position()).orElse(1L);
        Asked asked = asked(claim, row.filter(Choices::isParked).isEmpty());
        return fromLane(claim, lane, position, choices.ended(row), asked);
    }

    private static Step fromLane(int claim, String lane, long position, @Nullable OnTimeout ended, Asked asked) {
        return new Step(
                "wait first of " + lane + " under claim " + claim + " ended by " + ended + " for " + asked,
                side -> side.store()
                        .enterWait(
                                new RunOrigin.FromLane(side.claim(claim), lane, position, ended),
                                asked.on(side.claim(claim).slot(), lane, Choices.at(side, position))));
    }

    private Optional<LaneEvent> candidate(int claim, String lane) {
        return choices.nextOf(claim, lane).filter(Choices::isNotFailed);
    }

    Step ofRecord() {
        FailureId id = choices.failureId(Set.of(Status.PREPARED));
        int attempt = choices.attemptOf(id);
        Asked asked = asked(choices.claim(), false);
        return new Step("attempt " + attempt + " of " + id + " is too early, waits for " + asked, side -> {
            Optional<FailedExecution> record = side.store().failure(id);
            String lane = record.map(FailedExecution::laneKey).orElse(null);
            if (record.isEmpty() || lane == null) {
                return "no lane";
            }
            FailedExecution found = record.get();
            StoredEvent event = new StoredEvent(found.position(), StoredEvent.LOCAL, found.event());
            return side.store()
                    .enterWait(
                            id,
                            Compensation.tooEarly(
                                    attempt, asked.request().what().text(), "b2"),
                            asked.on(new SlotId(found.processor(), found.slot()), lane, event));
        });
    }

    /** What waits for the next is tried again after seconds, which are no ticks: only what did not wait before does. */
    private Asked asked(int claim, boolean waitedBefore) {
        int kind = choices.pick(10);
        WaitFor what;
        if (kind < 7) {
            StreamKey entity = choices.anyOf(List.copyOf(Choices.entities()));
            String processor =
                    choices.chance(75) ? choices.processorOf(claim) : choices.anyOf(OwnershipSteps.PROCESSORS);
            what = new WaitFor.Version(
                    processor,
                    entity,
                    new StreamVersion(choices.chance(15) ? 1 : 0, choices.pick(8)),
                    choices.chance(15));
        } else if (kind < 8 && !waitedBefore) {
            what = new WaitFor.Next();
        } else {
            what = new WaitFor.Elapsed(StoreModel.TICK.multipliedBy(choices.pick(4)));
        }
        Duration timeout = StoreModel.TICK.multipliedBy(1 + choices.pick(4));
        return new Asked(
                new WaitRequest(what, timeout, choices.anyOf(List.of(OnTimeout.values()))),
                what instanceof WaitFor.Next ? "key" : null,
                choices.provides());
    }

    Step end() {
        int claim = choices.claim();
        String processor = choices.processorOf(claim);
        if (choices.chance(60)) {
            return new Step(
                    "end waits under " + claim,
                    side -> Optional.ofNullable(side.store().endWaits(processor, List.of(side.claim(claim)))));
        }
        List<WaitingEvent> waits = choices.waits();
        long position = waits.isEmpty() ? 1 : choices.anyOf(waits).position();
        String of = waits.isEmpty() ? processor : choices.anyOf(waits).processor();
        OnTimeout then = choices.anyOf(List.of(OnTimeout.values()));
        return new Step(
                "anna ends the wait of " + of + " @" + position + ": " + then,
                side -> side.store().endWait(of, position, then, "anna", null, false));
    }

    Step look() {
        int claim = choices.claim();
        String lane = choices.laneOf(claim);
        String processor = choices.processorOf(claim);
        long after = choices.pick(12);
        int limit = 1 + choices.pick(4);
        return choices.chance(60)
                ? new Step("next of " + lane, side -> side.store().nextInLane(processor, lane))
                : new Step(
                        "waits " + after + " " + limit,
                        side -> side.store().waits(after % 2 == 0 ? null : processor, after, limit));
    }
}
