package io.amends.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlowTimesTest {
    @Test
    void aTimeIsInTheFirstBucketWhoseBoundItDoesNotExceed() {
        assertThat(FlowTimes.bucketOf(Duration.ZERO)).isZero();
        for (int bucket = 0; bucket < FlowTimes.BOUNDS.size(); bucket++) {
            Duration bound = FlowTimes.BOUNDS.get(bucket);
            assertThat(FlowTimes.bucketOf(bound)).isEqualTo(bucket);
            assertThat(FlowTimes.bucketOf(bound.plusNanos(1))).isEqualTo(bucket + 1);
        }
    }

    @Test
    void aShareIsNeverLessThanItIsAndNeverMoreThanTheLongest() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<Duration> times = random.longs(1 + random.nextInt(50), 0, 400_000_000_000L)
                    .map(nanos -> nanos >> random.nextInt(30))
                    .sorted()
                    .mapToObj(Duration::ofNanos)
                    .toList();
            FlowTimes all = times.stream().map(FlowTimes::of).reduce(FlowTimes.NONE, FlowTimes::plus);
            for (double share : List.of(0.5, 0.95, 1.0)) {
                Duration exact = times.get((int) Math.ceil(times.size() * share) - 1);
                assertThat(all.within(share)).isBetween(exact, times.getLast());
            }
            assertThat(all.count()).isEqualTo(times.size());
        }
        assertThat(FlowTimes.NONE.within(0.95)).isNull();
        assertThat(FlowTimes.NONE.mean()).isNull();
    }

    @Test
    void numbersAddUpAndTheGreaterOneOfWhatWaitsCounts() {
        FlowNumbers a = new FlowNumbers(
                FlowNumbers.of(FlowCount.EVENTS, 2).counts(),
                FlowTimes.of(Duration.ofMillis(3)),
                4,
                Duration.ofSeconds(9));
        FlowNumbers b = FlowNumbers.of(FlowCount.EVENTS, 5);

        assertThat(a.plus(b)).isEqualTo(b.plus(a));
        assertThat(a.plus(b).count(FlowCount.EVENTS)).isEqualTo(7);
        assertThat(a.plus(b).waiting()).isEqualTo(4);
        assertThat(a.plus(b).oldest()).isEqualTo(Duration.ofSeconds(9));
        assertThat(a.plus(FlowNumbers.NONE)).isEqualTo(a);
        assertThat(FlowNumbers.of(FlowCount.EVENTS, 0)).isEqualTo(FlowNumbers.NONE);
    }

    @Test
    void piecesBeginAtWholeLengths() {
        Instant moment = Instant.parse("2026-11-29T12:34:56.789Z");
        assertThat(FlowLevel.beginning(moment, Duration.ofMinutes(10))).isEqualTo("2026-11-29T12:30:00Z");
        assertThat(FlowLevel.beginning(moment, Duration.ofHours(1))).isEqualTo("2026-11-29T12:00:00Z");
        assertThatThrownBy(() ->
                        new FlowSearch(FlowLevel.TEN_MINUTES, Duration.ofMinutes(15), moment, moment, null, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("step: PT15M (expected: a multiple of PT10M)");
    }
}
