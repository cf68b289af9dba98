package io.amends.testkit.model;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import io.amends.core.store.HandlerWork;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.WaitingEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Chooses the next verb; which are frequent was set such that lanes fill and drain. */
final class Steps {
    private static final int MANY = 1000;
    private final Choices choices;
    private final LogSteps log;
    private final RunSteps runs;
    private final RecordSteps records;
    private final WaitSteps waits;
    private final OwnershipSteps ownership;

    Steps(Choices choices) {
        this.choices = choices;
        log = new LogSteps(choices);
        runs = new RunSteps(choices);
        records = new RecordSteps(choices);
        waits = new WaitSteps(choices);
        ownership = new OwnershipSteps(choices);
    }

    /** The whole state. */
    static Step dump() {
        return new Step("look at everything", side -> {
            List<Object> all = new ArrayList<>();
            all.add(side.store().read(0, MANY));
            all.addAll(side.store().gauges());
            for (ProcessorGauge gauge : side.store().gauges()) {
                all.add(progress(side, gauge.processor()));
            }
            all.add(side.harness().effects());
            all.add(side.harness().rejected());
            for (FailedExecution record : side.store().failures(FailureFilter.ALL, null, MANY)) {
                all.add(record);
                all.add(side.store().history(record.id()));
                all.add(side.store().followers(record.id()));
                if (record.laneKey() != null) {
                    all.add(side.store().laneHead(record.processor(), record.laneKey()));
                }
            }
            for (WaitingEvent wait : side.store().waits(null, 0, MANY)) {
                all.add(wait);
                all.add(side.store().laneHead(wait.processor(), wait.laneKey()));
                all.add(side.store().nextInLane(wait.processor(), wait.laneKey()));
            }
            return all;
        });
    }

    private static Object progress(Side side, String processor) {
        return side.store()
                .inTransaction(
                        Duration.ofMinutes(1),
                        transaction ->
                                new HandlerWork.Verdict<>(false, transaction.progress(processor, Choices.entities())));
    }

    Step next() {
        if (choices.nothingIsOwned()) {
            return switch (choices.pick(4)) {
                case 0 -> log.publish();
                case 1 -> log.relay();
                case 2 -> ownership.join();
                default -> ownership.takeOver();
            };
        }
        int choice = choices.pick(122);
        if (choice < 8) {
            return log.publish();
        } else if (choice < 15) {
            return log.relay();
        } else if (choice < 18) {
            return log.append();
        } else if (choice < 25) {
            return runs.finishFromSlot();
        } else if (choice < 35) {
            return runs.failFromSlot();
        } else if (choice < 50) {
            return runs.park();
        } else if (choice < 59) {
            return runs.fromLane();
        } else if (choice < 67) {
            return records.claimDue();
        } else if (choice < 74) {
            return records.finishAttempt();
        } else if (choice < 81) {
            return records.change();
        } else if (choice < 83) {
            return records.changeMany();
        } else if (choice < 88) {
            return ownership.advance();
        } else if (choice < 94) {
            return ownership.own();
        } else if (choice < 108) {
            return waits.enter();
        } else if (choice < 114) {
            return waits.end();
        } else if (choice < 117) {
            return waits.look();
        }
        return look();
    }

    Step look() {
        int claim = choices.claim();
        String lane = choices.laneOf(claim);
        String processor = choices.processorOf(claim);
        FailureId id = choices.failureId();
        long after = choices.pick(12);
        int limit = 1 + choices.pick(4);
        Move move = choices.move();
        Duration keep = StoreModel.TICK.multipliedBy(choices.pick(6));
        boolean paused = choices.chance(50);
        return switch (choices.pick(14)) {
            case 0 ->
                new Step("read " + after + " " + limit, side -> side.store().read(after, limit));
            case 1 -> new Step("carry " + move, side -> side.store().carryForward(List.of(move.on(side))));
            case 2 ->
                new Step("retain " + keep + " " + limit, side -> side.store().retain(keep, limit));
            case 3 -> new Step("held under " + claim, side -> side.store().heldLanes(side.claim(claim)));
            case 4 ->
                new Step(
                        "released under " + claim,
                        side -> side.store().releasedLanes(processor, List.of(side.claim(claim)), MANY));
            case 5 -> new Step("head of " + lane, side -> side.store().laneHead(processor, lane));
            case 6 ->
                new Step(
                        "failed of " + lane,
                        side -> side.store()
                                .failures(
                                        new FailureFilter(
                                                Set.of(Status.FAILED, Status.SKIPPED),
                                                processor,
                                                lane,
                                                Choices.PAID,
                                                null),
                                        id,
                                        limit));
            case 7 -> new Step("record " + id, side -> side.store().failure(id));
            case 8 -> new Step("history " + id, side -> side.store().history(id));
            case 9 -> new Step("pause " + paused, side -> side.store().pause(processor, paused, "anna", null, false));
            case 10 -> new Step("progress of " + processor, side -> progress(side, processor));
            case 11 ->
                new Step("forget tombstones " + keep, side -> side.store().forgetTombstones(keep, MANY));
            case 12 -> new Step("prune " + keep, side -> side.store().prune(keep, MANY));
            default -> new Step("gauges", side -> side.store().gauges());
        };
    }
}
