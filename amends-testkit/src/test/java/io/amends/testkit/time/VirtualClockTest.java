package io.amends.testkit.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class VirtualClockTest {
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-05-01T10:00:00Z"));

    @Test
    void itStandsStillUntilItIsAdvanced() {
        assertThat(clock.instant()).isEqualTo(clock.instant()).isEqualTo("2026-05-01T10:00:00Z");
        assertThat(clock.nanos()).isZero();

        clock.advance(Duration.ofMillis(1500));

        assertThat(clock.instant()).isEqualTo("2026-05-01T10:00:01.500Z");
        assertThat(clock.nanos()).isEqualTo(1_500_000_000L);
    }

    @Test
    void itNeverGoesBack() {
        assertThatThrownBy(() -> clock.advance(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);

        clock.advanceTo(Instant.parse("2026-05-01T09:00:00Z"));
        assertThat(clock.instant()).isEqualTo("2026-05-01T10:00:00Z");

        clock.advanceTo(Instant.parse("2026-05-01T11:00:00Z"));
        assertThat(clock.nanos()).isEqualTo(Duration.ofHours(1).toNanos());
    }
}
