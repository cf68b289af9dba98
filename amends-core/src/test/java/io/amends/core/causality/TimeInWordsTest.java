package io.amends.core.causality;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeInWordsTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ms",
        "PT0.34S, 340 ms",
        "PT1S, 1 second",
        "PT59.999S, 59 seconds",
        "PT5M0.013S, 5 minutes",
        "PT1H5M7S, 1 hour 5 minutes",
        "PT24H3S, 1 day",
        "PT49H59M, 2 days 1 hour"
    })
    void atMostTwoUnits(Duration time, String words) {
        assertThat(TimeInWords.of(time)).isEqualTo(words);
    }
}
