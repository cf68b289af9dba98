package io.amends.testkit.model;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.api.OnTimeout;
import io.amends.api.RetryPolicy;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.causality.StreamVersion;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.FinishResult;
import io.amends.core.store.HandlerWork.Verdict;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.SlotId;
import io.amends.core.store.TimedOut;
import io.amends.core.store.TransactionResult;
import io.amends.core.store.WaitingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses at random, mostly what does something: it looks at one of the two stores for positions, lanes and records that
 * are there.
 */
final class Choices {
    static final String PAID = "order.paid";
    static final String CANCELLED = "order.cancelled";
    static final RetryPolicy QUICK = policy(true, 2);
    static final RetryPolicy OFF = policy(false, 5);

    private final Random random;
    private final Side seen;
    private int events;
    private int failures;

    Choices(Random random, Side seen) {
        this.random = random;
        this.seen = seen;
    }

    private static RetryPolicy policy(boolean enabled, int maxRetries) {
        // with the grace of five seconds after a timeout, attempts count as lost after two ticks
        Duration timeout = StoreModel.TICK.multipliedBy(2).minusSeconds(5);
        return new RetryPolicy(enabled, maxRetries, StoreModel.TICK, timeout, Duration.ZERO, 0);
    }

    boolean nothingIsOwned() {
        return seen.claims().isEmpty();
    }

    SlotId slotOf(int claim) {
        return seen.claim(claim).slot();
    }

    String processorOf(int claim) {
        return slotOf(claim).processor();
    }

    /** An event with an id of its own. */
    EventEnvelope event() {
        return event("e" + ++events, chance(80) ? PAID : CANCELLED, "{}");
    }

    /** An event whose id may have come before, with the same or with other content. */
    EventEnvelope given() {
        return event("given" + pick(6), PAID, chance(70) ? "{}" : "{\"other\":" + pick(2) + "}");
    }

    static EventEnvelope event(String id, String type, String json) {
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

    /** The entities of the model's stream. */
    static SortedSet<StreamKey> entities() {
        SortedSet<StreamKey> entities = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
            entities.add(new StreamKey("user", "u" + i));
        }
        return entities;
    }

    /** How an event moves streams, mostly not at all; sorted, each entity once. */
    List<Advance> advances() {
        List<Advance> advances = new ArrayList<>();
        if (chance(40)) {
            for (StreamKey entity : entities()) {
                if (chance(50)) {
                    StreamVersion version = new StreamVersion(chance(15) ? 1 : 0, pick(8));
                    Advance advance = new Advance(entity, version, chance(25), anyOf(List.of(Advance.Rule.values())));
                    StreamVersion since = chance(40) ? StreamVersion.NOTHING : new StreamVersion(0, pick(8));
                    advances.add(chance(30) ? advance.since(since) : advance);
                }
            }
        }
        return advances;
    }

    /** Mostly one that can be made. */
    Move move() {
        int claim = claim();
        long from = chance(90) ? positionOf(seen.claim(claim)) : pick(5);
        long to = from + (chance(85) ? 1 : 2);
        // an event belongs to one slot of a processor
        SlotId slot = slotOf(claim);
        boolean passes = slot.processor().equals(OwnershipSteps.TWO_SLOTS) && to % 2 != slot.number();
        return new Move(claim, from, passes ? to + 1 : to);
    }

    /** The position of a claim's cursor, found by a finish that is rolled back. */
    long positionOf(Claim claim) {
        long head = seen.store().read(0, 1).head();
        for (long position = 0; position <= head + 2; position++) {
            CursorMove move = new CursorMove(claim, position, position + 1);
            var result = seen.store()
                    .inTransaction(
                            Duration.ofMinutes(1), transaction -> new Verdict<>(false, transaction.finish(move)));
            if (result instanceof TransactionResult.RolledBack<FinishResult> looked
                    && looked.value() == FinishResult.DONE) {
                return position;
            }
        }
        return 0;
    }

    int claim() {
        int last = seen.claims().size() - 1;
        if (chance(3)) {
            return -1 - pick(last + 1);
        }
        return chance(85) ? last - pick(Math.min(4, last + 1)) : pick(last + 1);
    }

    String laneOf(int claim) {
        return "lane-" + seen.claim(claim).slot().number() + "-" + pick(2);
    }

    FailureId failureId() {
        return failureId(chance(50) ? Set.of(Status.FAILED, Status.PREPARED) : Set.of());
    }

    /** Mostly a record that is there, in one of these states. */
    FailureId failureId(Set<Status> statuses) {
        List<FailedExecution> records =
                seen.store().failures(new FailureFilter(statuses, null, null, null, null), null, 10);
        return records.isEmpty() || chance(3)
                ? new FailureId("f" + (1000 + 1 + pick(failures + 1)))
                : anyOf(records).id();
    }

    int attemptOf(FailureId id) {
        int current =
                seen.store().failure(id).map(record -> record.retry().attempt()).orElse(1);
        return chance(85) ? current : current + 1 - pick(3);
    }

    /** The event at a position, one that is the same everywhere if there is none. */
    static StoredEvent at(Side side, long position) {
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

    int pick(int bound) {
        return random.nextInt(bound);
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    <T> T anyOf(List<T> values) {
        return values.get(pick(values.size()));
    }

    Optional<LaneEvent> headOf(int claim, String lane) {
        return seen.store().laneHead(seen.claim(claim).slot().processor(), lane);
    }

    /** What may run in a lane, or else its first row. */
    Optional<LaneEvent> nextOf(int claim, String lane) {
        String processor = seen.claim(claim).slot().processor();
        return seen.store().nextInLane(processor, lane).or(() -> headOf(claim, lane));
    }

    /** Entities that an event moves when it is done. */
    List<StreamKey> provides() {
        return chance(50)
                ? List.of()
                : entities().stream().filter(entity -> chance(50)).toList();
    }

    /** The keys of the events that are done. */
    SortedSet<String> keys() {
        return new TreeSet<>(chance(25) ? Set.of("key") : Set.of());
    }

    Optional<FailedExecution> record(FailureId id) {
        return seen.store().failure(id);
    }

    /** The waits of all processors. */
    List<WaitingEvent> waits() {
        return seen.store().waits(null, 0, 50);
    }

    static boolean isNotFailed(LaneEvent row) {
        return row.kind() != LaneEvent.Kind.FAILED;
    }

    static boolean isParked(LaneEvent row) {
        return row.kind() == LaneEvent.Kind.PARKED;
    }

    FailureId newFailureId() {
        failures++;
        return new FailureId("f" + (1000 + failures));
    }

    /** What was to happen to a row whose wait was too long when somebody looked; now and then somebody looked earlier. */
    @Nullable OnTimeout ended(Optional<LaneEvent> row) {
        if (chance(10)) {
            return anyOf(List.of(OnTimeout.values()));
        }
        return row.map(LaneEvent::timedOut).map(TimedOut::then).orElse(null);
    }
}
