package io.amends.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.flow.BuildSeen;
import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowDelta;
import io.amends.core.flow.FlowLevel;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowNumbers;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import io.amends.core.flow.FlowStage;
import io.amends.core.flow.FlowTimes;
import io.amends.core.store.Claim;
import io.amends.core.store.InboxBatch;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.RelayResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Numbers of what flows: added once, kept at three levels, told from silence. */
abstract class FlowContract extends ContractStage {
    private static final Duration PACE = Duration.ofSeconds(5);
    private static final Duration KEEP = Duration.ofDays(1);

    @Test
    void whatNodesCountAddsUpAtEveryLevel() {
        assertThat(store.addFlow(NODE, 1, List.of(handled(POINTS, 3, Duration.ofMillis(4)))))
                .isTrue();
        assertThat(harness.otherNode().addFlow(OTHER_NODE, 1, List.of(handled(POINTS, 2, Duration.ofMillis(700)))))
                .isTrue();

        for (FlowLevel level : FlowLevel.values()) {
            FlowNumbers numbers = sum(points(level, null, true), FlowStage.HANDLED, POINTS);
            assertThat(numbers.count(FlowCount.EVENTS)).as("%s", level).isEqualTo(5);
            assertThat(numbers.count(FlowCount.FAILED)).isEqualTo(2);
            assertThat(numbers.times().count()).isEqualTo(2);
            assertThat(numbers.times().mean()).isEqualTo(Duration.ofMillis(352));
            assertThat(numbers.times().longest()).isEqualTo(Duration.ofMillis(700));
            assertThat(numbers.times().within(0.5)).isEqualTo(Duration.ofMillis(5));
            assertThat(numbers.times().within(0.95))
                    .as("never more than the longest")
                    .isEqualTo(Duration.ofMillis(700));
        }
    }

    @Test
    void aBatchThatIsRepeatedAddsNothing() {
        List<FlowDelta> deltas = List.of(handled(POINTS, 3, Duration.ofMillis(4)));
        assertThat(store.addFlow(NODE, 1, deltas)).isTrue();
        assertThat(store.addFlow(NODE, 1, deltas)).as("its reply was lost").isFalse();
        assertThat(store.addFlow(NODE, 2, deltas)).isTrue();
        assertThat(store.addFlow(NODE, 1, deltas)).as("late").isFalse();
        assertThat(store.addFlow(OTHER_NODE, 1, List.of())).isTrue();
        assertThat(store.addFlow(OTHER_NODE, 1, deltas)).isFalse();

        assertThat(sum(points(FlowLevel.MINUTE, null, true), FlowStage.HANDLED, POINTS)
                        .count(FlowCount.EVENTS))
                .isEqualTo(6);
    }

    @Test
    void lateCountsBelongToTheMinuteInWhichTheyWereMade() {
        FlowNumbers three = FlowNumbers.of(FlowCount.EVENTS, 3);
        Instant before = harness.operatorStore().flowNow().at();
        store.addFlow(NODE, 1, List.of(new FlowDelta(FlowStage.HANDLED, POINTS, Duration.ofMinutes(7), three)));
        store.addFlow(NODE, 2, List.of(new FlowDelta(FlowStage.HANDLED, POINTS, Duration.ofMinutes(3), three)));
        Instant after = harness.operatorStore().flowNow().at();

        List<FlowPoint> minutes = points(FlowLevel.MINUTE, null, true);
        assertThat(minutes).hasSize(2);
        assertThat(minutes.get(0).at())
                .isBetween(minute(before.minus(Duration.ofMinutes(7))), minute(after.minus(Duration.ofMinutes(7))));
        assertThat(minutes.get(1).at())
                .isBetween(minute(before.minus(Duration.ofMinutes(3))), minute(after.minus(Duration.ofMinutes(3))));
        assertThat(minutes)
                .extracting(point -> point.numbers().count(FlowCount.EVENTS))
                .containsOnly(3L);
    }

    @Test
    void severalDeltasOfOnePlaceAreOneNumber() {
        store.addFlow(
                NODE, 1, List.of(handled(POINTS, 1, Duration.ofMillis(1)), handled(POINTS, 2, Duration.ofMillis(2))));

        assertThat(sum(points(FlowLevel.HOUR, null, true), FlowStage.HANDLED, POINTS)
                        .count(FlowCount.EVENTS))
                .isEqualTo(3);
    }

    @Test
    void nodesThatWriteTheSamePlacesAtOnceWaitForEachOtherAndLoseNothing() {
        List<FlowDelta> forward = new ArrayList<>();
        IntStream.range(0, 20).forEach(i -> forward.add(handled("p-" + i, 1, Duration.ofMillis(1))));
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int node = 0; node < 4; node++) {
            String id = "node-" + node;
            List<FlowDelta> deltas = node % 2 == 0 ? forward : forward.reversed();
            tasks.add(start(() -> {
                for (int batch = 1; batch <= 10; batch++) {
                    store.addFlow(id, batch, deltas);
                }
                return true;
            }));
        }
        tasks.forEach(ContractStage::await);

        List<FlowPoint> all = points(FlowLevel.HOUR, null, true);
        IntStream.range(0, 20)
                .forEach(i -> assertThat(sum(all, FlowStage.HANDLED, "p-" + i).count(FlowCount.EVENTS))
                        .isEqualTo(40));
    }

    @Test
    void pointsAreOfOneProcessorOrOfAllTogether() {
        store.addFlow(
                NODE,
                1,
                List.of(
                        handled(POINTS, 3, Duration.ofMillis(4)),
                        handled("mail", 2, Duration.ofMillis(4)),
                        new FlowDelta(FlowStage.OUTBOX, null, Duration.ZERO, FlowNumbers.of(FlowCount.EVENTS, 7))));

        assertThat(points(FlowLevel.HOUR, null, true))
                .extracting(point -> point.stage() + " " + point.processor())
                .containsExactly("OUTBOX null", "HANDLED mail", "HANDLED points");
        assertThat(points(FlowLevel.HOUR, "mail", true))
                .extracting(point -> point.stage() + " " + point.processor())
                .containsExactly("OUTBOX null", "HANDLED mail");
        List<FlowPoint> together = points(FlowLevel.HOUR, null, false);
        assertThat(together)
                .extracting(point -> point.stage() + " " + point.processor())
                .containsExactly("OUTBOX null", "HANDLED null");
        assertThat(sum(together, FlowStage.HANDLED, null).count(FlowCount.EVENTS))
                .isEqualTo(5);
    }

    @Test
    void piecesArePutTogetherToLongerOnes() {
        FlowNumbers one = FlowNumbers.of(FlowCount.EVENTS, 1);
        for (int minute = 0; minute < 30; minute++) {
            store.addFlow(
                    NODE,
                    minute + 1L,
                    List.of(new FlowDelta(FlowStage.HANDLED, POINTS, Duration.ofMinutes(minute), one)));
        }
        Instant now = harness.operatorStore().flowNow().at();
        FlowSearch search = new FlowSearch(
                FlowLevel.MINUTE,
                Duration.ofMinutes(15),
                now.minus(Duration.ofHours(2)),
                now.plus(Duration.ofMinutes(1)),
                null,
                true);

        List<FlowPoint> points = harness.operatorStore().flow(search);
        assertThat(points).hasSizeBetween(2, 3);
        assertThat(points)
                .allSatisfy(
                        point -> assertThat(point.at().getEpochSecond() % 900).isZero());
        assertThat(sum(points, FlowStage.HANDLED, POINTS).count(FlowCount.EVENTS))
                .isEqualTo(30);
    }

    @Test
    void onlyOneNodeWritesDownWhatWaitsAndOnlyAfterThePace() {
        owned();
        publish("e1", "e2");
        store.relay(1);

        assertThat(store.sampleFlow(PACE, KEEP)).isTrue();
        assertThat(harness.otherNode().sampleFlow(PACE, KEEP)).isFalse();

        List<FlowPoint> points = points(FlowLevel.MINUTE, null, true);
        assertThat(points)
                .extracting(point -> point.stage() + " " + point.processor())
                .containsExactly("OUTBOX null", "TRANSPORT null", "INBOX null", "INBOX points", "HANDLED points");
        assertThat(sum(points, FlowStage.OUTBOX, null).waiting()).isEqualTo(1);
        assertThat(sum(points, FlowStage.OUTBOX, null).oldest()).isNotNull();
        assertThat(sum(points, FlowStage.INBOX, null).count(FlowCount.EVENTS))
                .as("positions that were given since the last time")
                .isEqualTo(1);
        assertThat(sum(points, FlowStage.INBOX, POINTS).waiting()).isEqualTo(1);
        assertThat(sum(points, FlowStage.INBOX, POINTS).oldest()).isNotNull();
        assertThat(sum(points, FlowStage.HANDLED, POINTS)).isEqualTo(FlowNumbers.NONE);
    }

    @Test
    void ofWhatWaitsTheMostAndTheOldestCount() {
        Claim claim = owned();
        stored("e1", "e2", "e3");
        harness.advance(Duration.ofHours(1));
        assertThat(store.sampleFlow(PACE, KEEP)).isTrue();
        store.heartbeat(NODE, LEASE);
        finish(transaction -> transaction.finish(move(claim, 0, 3)));
        harness.advance(Duration.ofHours(1));
        store.sampleFlow(PACE, KEEP);

        List<FlowPoint> points = points(FlowLevel.MINUTE, null, true);
        FlowNumbers worst = sum(points, FlowStage.INBOX, POINTS);
        assertThat(worst.waiting()).isEqualTo(3);
        assertThat(worst.oldest())
                .isBetween(Duration.ofHours(1), Duration.ofHours(1).plusMinutes(1));
        FlowPoint last = points.stream()
                .filter(point -> point.stage() == FlowStage.INBOX && POINTS.equals(point.processor()))
                .toList()
                .getLast();
        assertThat(last.numbers().waiting()).as("all were passed").isZero();
        assertThat(last.numbers().oldest()).isNull();
    }

    @Test
    void aBuildIsSeenWhenItBeginsToRun() {
        store.join(new NodeRegistration(NODE, "1.0", "host", List.of()), LEASE);
        store.sampleFlow(PACE, KEEP);
        harness.advance(Duration.ofSeconds(5));
        store.sampleFlow(PACE, KEEP);
        store.join(new NodeRegistration(OTHER_NODE, "1.1", "host", List.of()), LEASE);
        harness.advance(Duration.ofSeconds(7));
        store.sampleFlow(PACE, KEEP);
        store.leave(OTHER_NODE);
        harness.advance(Duration.ofSeconds(11));
        store.sampleFlow(PACE, KEEP);
        store.join(new NodeRegistration(OTHER_NODE, "1.1", "host", List.of()), LEASE);
        harness.advance(Duration.ofSeconds(13));
        store.sampleFlow(PACE, KEEP);

        Instant now = harness.operatorStore().flowNow().at();
        assertThat(harness.operatorStore().buildsSeen(now.minus(KEEP), now.plusSeconds(1), 10))
                .extracting(BuildSeen::build)
                .containsExactly("1.1", "1.1", "1.0");
        assertThat(harness.operatorStore().buildsSeen(now.minus(KEEP), now.plusSeconds(1), 1))
                .hasSize(1);
        assertThat(harness.operatorStore().buildsSeen(now.minus(KEEP), now.minus(Duration.ofHours(1)), 10))
                .isEmpty();
    }

    @Test
    void whatWaitsNowIsToldWithItsAge() {
        owned();
        publish("e1");
        store.relay(10);
        publish("e2", "e3");
        harness.advance(Duration.ofMinutes(2));

        FlowNow now = harness.operatorStore().flowNow();
        assertThat(now.outbox()).isEqualTo(2);
        assertThat(now.outboxOldest()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
        assertThat(now.slots()).containsOnlyKeys(POINTS).containsValue(1);
        assertThat(now.liveNodes()).as("the lease has ended").isZero();
        assertThat(now.relayedBefore()).as("no node has said so").isNull();
        assertThat(now.sampledBefore()).isNull();
        assertThat(now.overdue()).isNull();

        store.addFlow(
                NODE,
                1,
                List.of(new FlowDelta(FlowStage.TRANSPORT, null, Duration.ZERO, FlowNumbers.of(FlowCount.EVENTS, 1))));
        store.addFlow(NODE, 2, List.of(handled(POINTS, 1, Duration.ZERO)));
        store.sampleFlow(PACE, KEEP);
        harness.advance(Duration.ofHours(1));
        FlowNow later = harness.operatorStore().flowNow();
        assertThat(later.relayedBefore())
                .isBetween(Duration.ofHours(1), Duration.ofHours(1).plusMinutes(1));
        assertThat(later.sampledBefore())
                .isBetween(Duration.ofHours(1), Duration.ofHours(1).plusMinutes(1));
    }

    @Test
    void whatAllHavePassedAndIsKeptTooLongIsOverdue() {
        Claim claim = owned();
        stored("e1");
        harness.advance(KEEP.plusHours(2));
        store.sampleFlow(PACE, KEEP);
        assertThat(harness.operatorStore().flowNow().overdue())
                .as("it is not passed")
                .isNull();

        finish(transaction -> transaction.finish(move(claim, 0, 1)));
        harness.advance(Duration.ofSeconds(5));
        store.sampleFlow(PACE, KEEP);
        assertThat(harness.operatorStore().flowNow().overdue()).isBetween(Duration.ofHours(2), Duration.ofHours(3));

        store.retain(KEEP, 10);
        harness.advance(Duration.ofSeconds(7));
        store.sampleFlow(PACE, KEEP);
        assertThat(harness.operatorStore().flowNow().overdue()).isNull();
    }

    @Test
    void eachLevelIsKeptAsLongAsItSays() {
        store.addFlow(NODE, 1, List.of(handled(POINTS, 1, Duration.ZERO), handled("mail", 1, Duration.ZERO)));
        assertThat(store.pruneFlow(10)).isZero();

        harness.advance(Duration.ofDays(3).plusHours(2));
        assertThat(store.pruneFlow(1)).isEqualTo(1);
        assertThat(store.pruneFlow(10)).isEqualTo(1);
        assertThat(left()).containsExactly(0, 2, 2);
        harness.advance(Duration.ofDays(27));
        store.pruneFlow(10);
        assertThat(left()).containsExactly(0, 0, 2);
        harness.advance(Duration.ofDays(335));
        store.pruneFlow(10);
        assertThat(left()).containsExactly(0, 0, 0);
    }

    @Test
    void relayAndReaderSayHowLongEventsWaited() {
        publish("e1", "e2");
        harness.advance(Duration.ofMinutes(2));
        publish("e3");

        RelayResult relayed = store.relay(10);
        assertThat(relayed.waited()).hasSize(3);
        assertThat(relayed.waited().get(0)).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
        assertThat(relayed.waited().get(2)).isBetween(Duration.ZERO, Duration.ofMinutes(1));
        harness.advance(Duration.ofMinutes(3));
        InboxBatch batch = store.read(0, 10);
        assertThat(batch.ages()).hasSize(3);
        assertThat(batch.ages())
                .allSatisfy(age -> assertThat(age).isBetween(Duration.ofMinutes(3), Duration.ofMinutes(4)));
    }

    private List<Integer> left() {
        return List.of(FlowLevel.values()).stream()
                .map(level -> points(level, null, true).size())
                .toList();
    }

    private static Instant minute(Instant moment) {
        return FlowLevel.beginning(moment, Duration.ofMinutes(1));
    }

    private static FlowDelta handled(String processor, long events, Duration took) {
        TreeMap<FlowCount, Long> counts = new TreeMap<>();
        counts.put(FlowCount.EVENTS, events);
        counts.put(FlowCount.FAILED, 1L);
        return new FlowDelta(
                FlowStage.HANDLED, processor, Duration.ZERO, new FlowNumbers(counts, FlowTimes.of(took), 0, null));
    }

    private List<FlowPoint> points(FlowLevel level, @Nullable String processor, boolean byProcessor) {
        Instant now = harness.operatorStore().flowNow().at();
        return harness.operatorStore()
                .flow(new FlowSearch(
                        level,
                        level.length(),
                        now.minus(Duration.ofDays(800)),
                        now.plus(Duration.ofMinutes(1)),
                        processor,
                        byProcessor));
    }

    private static FlowNumbers sum(List<FlowPoint> points, FlowStage stage, @Nullable String processor) {
        return points.stream()
                .filter(point -> point.stage() == stage
                        && (processor == null ? point.processor() == null : processor.equals(point.processor())))
                .map(FlowPoint::numbers)
                .reduce(FlowNumbers.NONE, FlowNumbers::plus);
    }
}
