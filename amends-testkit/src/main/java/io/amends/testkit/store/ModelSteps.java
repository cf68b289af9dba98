package io.amends.testkit.store;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.Decision;
import io.amends.core.failure.ErrorDetails;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.NewFailure;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerTransaction;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ParkResult;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.RunOrigin;
import io.amends.core.store.SlotId;
import io.amends.core.store.TakenSlot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses steps at random, most of them such that they do something: it looks at one of the two stores for positions,
 * lanes and records that are there.
 */
final class ModelSteps {
    private static final String PAID = "order.paid";
    private static final String CANCELLED = "order.cancelled";
    private static final List<String> PROCESSORS = List.of("points", "mails");
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final Set<String> FUNCTIONS = Set.of("on-" + PAID, "on-" + CANCELLED, "repair");
    private static final int MANY = 1000;
    private static final Duration LEASE = StoreModel.TICK.multipliedBy(3);
    private static final RetryPolicy QUICK =
            new RetryPolicy(true, 2, StoreModel.TICK, StoreModel.TICK.multipliedBy(2), Duration.ZERO, 0);
    private static final RetryPolicy OFF =
            new RetryPolicy(false, 5, StoreModel.TICK, StoreModel.TICK, Duration.ZERO, 0);

    private final Random random;
    private final ModelSide seen;
    private int events;
    private int failures;

    ModelSteps(Random random, ModelSide seen) {
        this.random = random;
        this.seen = seen;
    }

    /** The whole state. */
    static ModelStep dump() {
        return new ModelStep("look at everything", side -> {
            List<Object> all = new ArrayList<>();
            all.add(side.store().read(0, MANY));
            all.addAll(side.store().gauges());
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
            return all;
        });
    }

    ModelStep next() {
        if (seen.claims().isEmpty()) {
            return switch (pick(4)) {
                case 0 -> publish();
                case 1 -> relay();
                case 2 -> join();
                default -> takeOver();
            };
        }
        int choice = pick(100);
        if (choice < 8) {
            return publish();
        } else if (choice < 15) {
            return relay();
        } else if (choice < 18) {
            return append();
        } else if (choice < 25) {
            return finishFromSlot();
        } else if (choice < 35) {
            return failFromSlot();
        } else if (choice < 50) {
            return park();
        } else if (choice < 59) {
            return fromLane();
        } else if (choice < 67) {
            return claimDue();
        } else if (choice < 74) {
            return finishAttempt();
        } else if (choice < 83) {
            return change();
        } else if (choice < 88) {
            return advance();
        } else if (choice < 94) {
            return own();
        }
        return look();
    }

    // ---- the log

    private ModelStep publish() {
        int count = 1 + pick(3);
        List<EventEnvelope> published =
                IntStream.range(0, count).mapToObj(i -> event()).toList();
        boolean dedupe = chance(30);
        List<EventEnvelope> all = dedupe ? published.stream().map(e -> given()).toList() : published;
        boolean rollback = chance(10);
        return new ModelStep(
                "publish " + ids(all) + (dedupe ? " given" : "") + (rollback ? " and roll back" : ""), side -> {
                    side.harness().inCallerTransaction(() -> {
                        all.forEach(e -> side.store().caller().publish(e, dedupe));
                        if (rollback) {
                            throw new IllegalStateException("rolled back");
                        }
                    });
                    return "published";
                });
    }

    private ModelStep relay() {
        int limit = 1 + pick(5);
        return new ModelStep("relay " + limit, side -> side.store().relay(limit));
    }

    private ModelStep append() {
        List<EventEnvelope> all = IntStream.range(0, 1 + pick(3))
                .mapToObj(i -> chance(50) ? given() : event())
                .toList();
        return new ModelStep("append " + ids(all), side -> side.store().append(all, "http"));
    }

    /** An event with an id of its own. */
    private EventEnvelope event() {
        return event("e" + ++events, chance(80) ? PAID : CANCELLED, "{}");
    }

    /** An event whose id may have come before, with the same or with other content. */
    private EventEnvelope given() {
        return event("given" + pick(6), PAID, chance(70) ? "{}" : "{\"other\":" + pick(2) + "}");
    }

    private static EventEnvelope event(String id, String type, String json) {
        return new EventEnvelope(
                id,
                "/shop",
                type,
                null,
                null,
                "application/json",
                json.getBytes(StandardCharsets.UTF_8),
                "key",
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);
    }

    // ---- handling

    private ModelStep finishFromSlot() {
        Move move = move();
        return transaction("finish " + move, transaction -> transaction.finish(move.on(transaction.side())));
    }

    private ModelStep failFromSlot() {
        Move move = move();
        Failure failure = failure(move.claim(), laneOf(move.claim()), move.to());
        return new ModelStep(
                "fail " + move + " as " + failure,
                side -> side.store().recordFailure(new RunOrigin.FromSlot(move.on(side)), failure.on(side)));
    }

    private ModelStep park() {
        Move move = move();
        String lane = laneOf(move.claim());
        for (int tries = 0; tries < 4 && headOf(move.claim(), lane).isEmpty(); tries++) {
            move = move();
            lane = laneOf(move.claim());
        }
        return park(move, lane);
    }

    private static ModelStep park(Move move, String lane) {
        return new ModelStep("park " + move + " in " + lane, side -> {
            ParkResult result = side.store().park(move.on(side), lane, at(side, move.to()));
            // a lost claim on a free lane may be answered either way: neither writes
            return result == ParkResult.PARKED ? result : "not parked";
        });
    }

    private ModelStep fromLane() {
        int claim = claim();
        String lane = laneOf(claim);
        for (int tries = 0;
                tries < 8 && headOf(claim, lane).filter(ModelSteps::isParked).isEmpty();
                tries++) {
            claim = claim();
            lane = laneOf(claim);
        }
        return fromLane(claim, lane, headOf(claim, lane));
    }

    private Optional<LaneEvent> headOf(int claim, String lane) {
        return seen.store().laneHead(seen.claim(claim).slot().processor(), lane);
    }

    private static boolean isParked(LaneEvent row) {
        return row.kind() == LaneEvent.Kind.PARKED;
    }

    private ModelStep fromLane(int claim, String lane, Optional<LaneEvent> head) {
        long position = head.map(row -> row.event().position()).orElse(1L);
        Function<ModelSide, RunOrigin.FromLane> run = side -> new RunOrigin.FromLane(side.claim(claim), lane, position);
        if (chance(30)) {
            Failure failure = failure(claim, lane, position);
            return new ModelStep(
                    "fail first of " + lane + " under claim " + claim + " as " + failure,
                    side -> side.store().recordFailure(run.apply(side), failure.on(side)));
        }
        return transaction(
                "finish first of " + lane + " under claim " + claim,
                transaction -> transaction.finish(run.apply(transaction.side())));
    }

    private ModelStep finishAttempt() {
        FailureId id = failureId(Set.of(Status.PREPARED));
        int attempt = attemptOf(id);
        Decision decision = chance(60) ? Compensation.succeeded(attempt) : failed(attempt);
        return transaction("finish attempt " + attempt + " of " + id, transaction -> transaction.finish(id, decision));
    }

    /** A handler's transaction as a step sees it. */
    private record Running(ModelSide side, HandlerTransaction transaction) {
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

    private ModelStep transaction(String text, Function<Running, FinishResult> finish) {
        int ending = pick(10);
        String effect = "effect" + pick(3);
        EventEnvelope event = event();
        String end = ending == 0 ? " and roll back" : ending == 1 ? " and throw" : "";
        return new ModelStep(
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

    // ---- failures

    /** A failure to record, of the event that the side has at its position. */
    private record Failure(
            String id,
            int claim,
            @Nullable String lane,
            long position,
            boolean stops,
            boolean prepared,
            boolean unresolved,
            RetryPolicy policy,
            Duration backoff) {
        NewFailure on(ModelSide side) {
            EventEnvelope event = at(side, position).event();
            Claim on = side.claim(claim);
            return new NewFailure(
                    new FailureId(id),
                    event,
                    position,
                    on.slot().processor(),
                    on.slot().number(),
                    lane,
                    stops,
                    unresolved ? "" : "on-" + event.type(),
                    prepared ? FailureReason.SLOW : FailureReason.HANDLER_FAILED,
                    prepared ? ErrorDetails.NONE : new ErrorDetails("E", "failed", List.of(), List.of(), "at X"),
                    "cause",
                    policy,
                    prepared,
                    Duration.ZERO,
                    backoff,
                    Recoverability.UNKNOWN,
                    null,
                    "n1",
                    "b1",
                    on.fence());
        }
    }

    private Failure failure(int claim, String lane, long position) {
        return new Failure(
                chance(3) && failures > 0 ? failureId().value() : "f" + (1000 + ++failures),
                claim,
                chance(15) ? null : lane,
                position,
                chance(10),
                chance(20),
                chance(10),
                chance(80) ? QUICK : OFF,
                StoreModel.TICK.multipliedBy(1 + pick(3)));
    }

    private static Decision failed(int attempt) {
        return Compensation.failed(
                attempt,
                FailureReason.HANDLER_FAILED,
                new ErrorDetails("E2", "again", List.of(), List.of(), ""),
                "cause2",
                Recoverability.RECOVERABLE,
                "b2");
    }

    private ModelStep claimDue() {
        int claim = claim();
        boolean two = chance(30);
        int other = claim();
        Set<String> functions = chance(90) ? FUNCTIONS : Set.of("repair");
        Set<String> types = chance(50) ? Set.of(PAID) : Set.of(PAID, CANCELLED);
        int limit = chance(70) ? 100 : 1 + pick(2);
        String processor = seen.claim(claim).slot().processor();
        return new ModelStep(
                "claim due under " + claim + (two ? " and " + other : "") + " of " + processor + " limit " + limit,
                side -> side.store()
                        .claimDue(
                                processor,
                                two && sameProcessor(side, claim, other)
                                        ? List.of(side.claim(claim), side.claim(other))
                                        : List.of(side.claim(claim)),
                                functions,
                                types,
                                limit,
                                Compensation.prepare("n1", () -> 0)));
    }

    private static boolean sameProcessor(ModelSide side, int claim, int other) {
        SlotId a = side.claim(claim).slot();
        SlotId b = side.claim(other).slot();
        return a.processor().equals(b.processor()) && a.number() != b.number();
    }

    private ModelStep change() {
        FailureId id = failureId();
        int attempt = attemptOf(id);
        record Choice(String text, Decision decision) {}
        List<Choice> choices = List.of(
                new Choice("skip", Compensation.skip("anna", "by hand")),
                new Choice("skip", Compensation.skip("bert", "done")),
                new Choice("skip", Compensation.skip("carl", "done")),
                new Choice("request", Compensation.request(false, "anna", null)),
                new Choice("force", Compensation.request(true, "anna", "now")),
                new Choice("spec", Compensation.applyRetrySpec(OFF, "anna", null, () -> 0)),
                new Choice("spec2", Compensation.applyRetrySpec(QUICK, "anna", null, () -> 0)),
                new Choice("mark", Compensation.markRecoverable(Recoverability.UNRECOVERABLE, "anna", null)),
                new Choice("unmark", Compensation.markRecoverable(Recoverability.RECOVERABLE, "anna", null)),
                new Choice("redirect", Compensation.redirect("repair", QUICK, "anna", null)),
                new Choice("fail attempt " + attempt, failed(attempt)));
        Choice choice = choices.get(pick(choices.size()));
        return new ModelStep(choice.text() + " " + id, side -> side.store().change(id, choice.decision()));
    }

    // ---- ownership

    private ModelStep own() {
        return switch (pick(9)) {
            case 0, 1 -> join();
            case 2, 3, 4 -> takeOver();
            case 5 -> giveBack();
            case 6 -> reclaim();
            case 7 -> {
                String node = anyOf(NODES);
                yield new ModelStep("leave " + node, side -> {
                    side.store().leave(node);
                    return "left";
                });
            }
            default -> heartbeat();
        };
    }

    private ModelStep join() {
        String node = anyOf(NODES);
        boolean more = chance(8);
        boolean wrong = chance(5);
        boolean drops = chance(5);
        List<ProcessorRegistration> processors = new ArrayList<>();
        for (String name : PROCESSORS) {
            TreeMap<String, String> functions = new TreeMap<>(Map.of(PAID, "on-" + PAID));
            if (more) {
                functions.put(CANCELLED, "on-" + CANCELLED);
            }
            processors.add(new ProcessorRegistration(
                    name,
                    wrong ? "order=ALL" : "order=KEY",
                    name.equals("points") ? 2 : 1,
                    functions,
                    List.of(),
                    drops ? List.of(CANCELLED) : List.of(),
                    name.equals("points") ? StartFrom.EARLIEST : StartFrom.NOW));
        }
        return new ModelStep(
                "join " + node + (more ? " with more" : "") + (wrong ? " wrongly" : "") + (drops ? " dropping" : ""),
                side -> {
                    side.store().join(new NodeRegistration(node, "b1", "h1", processors), LEASE);
                    return "joined";
                });
    }

    private ModelStep takeOver() {
        String node = anyOf(NODES);
        String processor = anyOf(PROCESSORS);
        Set<String> types = chance(70) ? Set.of(PAID) : Set.of(PAID, CANCELLED);
        return new ModelStep("take over " + processor + " by " + node + " with " + types.size(), side -> {
            List<TakenSlot> taken = side.store().takeOver(node, processor, types, MANY).stream()
                    .sorted(Comparator.comparingInt(t -> t.claim().slot().number()))
                    .toList();
            side.learn(taken);
            return taken;
        });
    }

    private ModelStep giveBack() {
        int claim = claim();
        String needed = chance(30) ? CANCELLED : null;
        return new ModelStep("give back " + claim + " needing " + needed, side -> {
            side.store().giveBack(List.of(side.claim(claim)), needed);
            return "given";
        });
    }

    private ModelStep reclaim() {
        int claim = claim();
        String node = anyOf(NODES);
        return new ModelStep("reclaim " + claim + " by " + node, side -> {
            Optional<TakenSlot> taken = side.store().reclaim(node, side.claim(claim));
            side.learn(taken.stream().toList());
            return taken;
        });
    }

    private ModelStep heartbeat() {
        String node = anyOf(NODES);
        return new ModelStep("heartbeat " + node, side -> side.store().heartbeat(node, LEASE));
    }

    private ModelStep advance() {
        Duration duration = StoreModel.TICK.multipliedBy(1 + pick(3));
        List<String> alive = NODES.stream().filter(n -> chance(85)).toList();
        return new ModelStep("advance " + duration + ", alive " + alive, side -> {
            List<Object> answers = new ArrayList<>();
            for (Duration left = duration; left.isPositive(); left = left.minus(StoreModel.TICK)) {
                side.harness().advance(StoreModel.TICK);
                alive.forEach(
                        node -> answers.add(side.store().heartbeat(node, LEASE).member()));
            }
            return answers;
        });
    }

    // ---- looking

    private ModelStep look() {
        int claim = claim();
        String lane = laneOf(claim);
        String processor = seen.claim(claim).slot().processor();
        FailureId id = failureId();
        long after = pick(12);
        int limit = 1 + pick(4);
        Move move = move();
        Duration keep = StoreModel.TICK.multipliedBy(pick(6));
        boolean paused = chance(50);
        return switch (pick(12)) {
            case 0 ->
                new ModelStep(
                        "read " + after + " " + limit, side -> side.store().read(after, limit));
            case 1 -> new ModelStep("carry " + move, side -> side.store().carryForward(List.of(move.on(side))));
            case 2 ->
                new ModelStep(
                        "retain " + keep + " " + limit, side -> side.store().retain(keep, limit));
            case 3 -> new ModelStep("held under " + claim, side -> side.store().heldLanes(side.claim(claim)));
            case 4 ->
                new ModelStep(
                        "released under " + claim,
                        side -> side.store().releasedLanes(processor, List.of(side.claim(claim)), MANY));
            case 5 -> new ModelStep("head of " + lane, side -> side.store().laneHead(processor, lane));
            case 6 ->
                new ModelStep(
                        "failed of " + lane,
                        side -> side.store()
                                .failures(
                                        new FailureFilter(
                                                Set.of(Status.FAILED, Status.SKIPPED), processor, lane, PAID, null),
                                        id,
                                        limit));
            case 7 -> new ModelStep("record " + id, side -> side.store().failure(id));
            case 8 -> new ModelStep("history " + id, side -> side.store().history(id));
            case 9 -> new ModelStep("pause " + paused, side -> side.store().pause(processor, paused, "anna", null));
            case 10 ->
                new ModelStep(
                        "prune " + keep + " " + limit, side -> side.store().prune(keep, limit));
            default -> new ModelStep("gauges", side -> side.store().gauges());
        };
    }

    // ---- choosing

    /** A move of a claim's cursor. */
    private record Move(int claim, long from, long to) {
        CursorMove on(ModelSide side) {
            return new CursorMove(side.claim(claim), from, to);
        }
    }

    /** Mostly one that can be made. */
    private Move move() {
        int claim = claim();
        long from = chance(90) ? positionOf(seen.claim(claim)) : pick(5);
        return new Move(claim, from, from + (chance(85) ? 1 : 2));
    }

    /** The position of a claim's cursor, found by a finish that is rolled back. */
    private long positionOf(Claim claim) {
        long head = seen.store().read(0, 1).head();
        for (long position = 0; position <= head + 2; position++) {
            CursorMove move = new CursorMove(claim, position, position + 1);
            var result = seen.store()
                    .inTransaction(
                            Duration.ofMinutes(1), transaction -> new Verdict<>(false, transaction.finish(move)));
            if (result instanceof io.amends.core.store.TransactionResult.RolledBack<FinishResult> looked
                    && looked.value() == FinishResult.DONE) {
                return position;
            }
        }
        return 0;
    }

    private int claim() {
        int last = seen.claims().size() - 1;
        if (chance(3)) {
            return -1 - pick(last + 1);
        }
        return chance(85) ? last - pick(Math.min(4, last + 1)) : pick(last + 1);
    }

    private String laneOf(int claim) {
        return "lane-" + seen.claim(claim).slot().number() + "-" + pick(2);
    }

    private FailureId failureId() {
        return failureId(chance(50) ? Set.of(Status.FAILED, Status.PREPARED) : Set.of());
    }

    /** Mostly a record that is there, in one of these states. */
    private FailureId failureId(Set<Status> statuses) {
        List<FailedExecution> records =
                seen.store().failures(new FailureFilter(statuses, null, null, null, null), null, 10);
        return records.isEmpty() || chance(3)
                ? new FailureId("f" + (1000 + 1 + pick(failures + 1)))
                : anyOf(records).id();
    }

    private int attemptOf(FailureId id) {
        int current =
                seen.store().failure(id).map(record -> record.retry().attempt()).orElse(1);
        return chance(85) ? current : current + 1 - pick(3);
    }

    /** The event at a position, one that is the same everywhere if there is none. */
    private static StoredEvent at(ModelSide side, long position) {
        return side.store().read(position - 1, 1).events().stream()
                .filter(event -> event.position() == position)
                .findFirst()
                .orElse(new StoredEvent(
                        position,
                        StoredEvent.LOCAL,
                        new EventEnvelope(
                                "none",
                                "/shop",
                                PAID,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                Headers.NONE)));
    }

    private static String ids(List<EventEnvelope> events) {
        return events.stream().map(EventEnvelope::id).toList().toString();
    }

    private int pick(int bound) {
        return random.nextInt(bound);
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T anyOf(List<T> values) {
        return values.get(pick(values.size()));
    }
}
