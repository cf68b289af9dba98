package io.amends.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    private static final Duration TEN_YEARS = Duration.ofDays(3650);

    @Test
    void theBackoffDoublesFromTheMinimum() {
        assertThat(RetryPolicy.DEFAULT.backoff(0, 0.9)).isEqualTo(Duration.ofSeconds(180));
        assertThat(RetryPolicy.DEFAULT.backoff(1, 0.9)).isEqualTo(Duration.ofSeconds(360));
        assertThat(RetryPolicy.DEFAULT.backoff(9, 0.9)).isEqualTo(Duration.ofSeconds(180 * 512));
    }

    @Test
    void theBackoffStopsAtItsLimitAndWithoutOneAtTenYears() {
        RetryPolicy capped = policy(Duration.ofSeconds(7), Duration.ofSeconds(60), 0);
        assertThat(capped.backoff(3, 0)).isEqualTo(Duration.ofSeconds(56));
        assertThat(capped.backoff(4, 0)).isEqualTo(Duration.ofSeconds(60));
        assertThat(capped.backoff(Integer.MAX_VALUE, 0)).isEqualTo(Duration.ofSeconds(60));

        RetryPolicy free = policy(Duration.ofDays(7), Duration.ZERO, 0);
        assertThat(free.backoff(1000, 0)).isEqualTo(TEN_YEARS);
        assertThat(free.backoff(Integer.MAX_VALUE, 0.99)).isEqualTo(TEN_YEARS);
    }

    @Test
    void aLimitBelowTheMinimumWins() {
        assertThat(policy(Duration.ofSeconds(60), Duration.ofSeconds(10), 0).backoff(0, 0))
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void noBackoffStaysNone() {
        assertThat(policy(Duration.ZERO, Duration.ZERO, 1).backoff(Integer.MAX_VALUE, 0.99))
                .isEqualTo(Duration.ZERO);
    }

    @Test
    void aNegativeCountIsLikeNone() {
        assertThat(RetryPolicy.DEFAULT.backoff(-1, 0)).isEqualTo(Duration.ofSeconds(180));
    }

    @Test
    void jitterAddsItsShareOfTheBackoff() {
        RetryPolicy jittered = policy(Duration.ofSeconds(10), Duration.ZERO, 0.5);

        assertThat(jittered.backoff(1, 0)).isEqualTo(Duration.ofSeconds(20));
        assertThat(jittered.backoff(1, 0.5)).isEqualTo(Duration.ofSeconds(25));
        assertThat(jittered.backoff(1, 0.999)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void noPolicyOverflows() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            RetryPolicy policy = policy(
                    Duration.ofMillis(random.nextLong(Duration.ofDays(7).toMillis() + 1)),
                    Duration.ofMillis(
                            random.nextBoolean()
                                    ? 0
                                    : random.nextLong(Duration.ofDays(30).toMillis() + 1)),
                    random.nextDouble());
            int retries = random.nextInt() >>> random.nextInt(32);
            Duration backoff = policy.backoff(retries, random.nextDouble());
            assertThat(backoff).isBetween(Duration.ZERO, TEN_YEARS.multipliedBy(2));
        }
    }

    @Test
    void everyValueOutOfItsRangeIsNamed() {
        assertThatThrownBy(() -> new RetryPolicy(
                        true, 1001, Duration.ofSeconds(-1), Duration.ofMillis(999), Duration.ofDays(31), Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxRetries: 1001 (expected: 0..1000); minBackoff: PT-1S (expected: PT0S..PT168H);"
                        + " executionTimeout: PT0.999S (expected: PT1S..PT24H);"
                        + " maxBackoff: PT744H (expected: PT0S..PT720H); jitter: NaN (expected: 0..1)");
    }

    @Test
    void aPolicyHasATextForm() {
        assertThat(RetryPolicy.DEFAULT).hasToString("10 retries from 180s, timeout 120s");
        assertThat(new RetryPolicy(
                        false, 3, Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(60), 0.25))
                .hasToString("off, 3 retries from 1s up to 60s +25%, timeout 5s");
    }

    private static RetryPolicy policy(Duration minBackoff, Duration maxBackoff, double jitter) {
        return new RetryPolicy(true, 10, minBackoff, Duration.ofSeconds(120), maxBackoff, jitter);
    }
}
