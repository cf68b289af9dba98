package io.amends.core.causality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StreamVersionTest {

    @Test
    void aHigherEpochIsNewerWhateverTheVersionsAre() {
        assertThat(new StreamVersion(1, 0)).isGreaterThan(new StreamVersion(0, Long.MAX_VALUE));
        assertThat(new StreamVersion(0, 2)).isGreaterThan(new StreamVersion(0, 1));
        assertThat(new StreamVersion(2, 5)).isEqualByComparingTo(new StreamVersion(2, 5));
        assertThat(new StreamVersion(-1, 9)).isLessThan(new StreamVersion(0, Long.MIN_VALUE));
    }

    @Test
    void theEpochIsShownWhereThereIsOne() {
        assertThat(new StreamVersion(0, 7)).hasToString("7");
        assertThat(new StreamVersion(3, 7)).hasToString("3.7");
    }

    @Test
    void entitiesAreSortedByStreamAndThenByKey() {
        StreamKey a = new StreamKey("a", "z");
        StreamKey b = new StreamKey("b", "a");
        StreamKey c = new StreamKey("b", "c");
        assertThat(new TreeSet<>(List.of(c, b, a))).containsExactly(a, b, c);
        assertThat(c).hasToString("b/c");
    }
}
