package io.amends.core.causality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.causality.Advance.Rule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final StreamKey ANNA = new StreamKey("user", "anna");
    private static final StreamKey BERT = new StreamKey("user", "bert");

    @Test
    void anEntityOfWhichNothingWasDoneIsNeverStale() {
        Progress progress = new Progress(Map.of());
        assertThat(progress.isStale(skips(ANNA, 0, Long.MIN_VALUE))).isFalse();
    }

    @Test
    void olderAndEqualVersionsAreStale() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(0, 3)));
        assertThat(progress.isStale(skips(ANNA, 0, 2))).isTrue();
        assertThat(progress.isStale(skips(ANNA, 0, 3))).isTrue();
        assertThat(progress.isStale(skips(ANNA, 0, 4))).isFalse();
        assertThat(progress.isStale(skips(BERT, 0, 1))).isFalse();
    }

    @Test
    void anEqualVersionIsHandledAgainWhereThatWasAskedFor() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(0, 3)));
        assertThat(progress.isStale(List.of(advance(ANNA, 0, 3, Rule.SKIP_OLDER))))
                .isFalse();
        assertThat(progress.isStale(List.of(advance(ANNA, 0, 2, Rule.SKIP_OLDER))))
                .isTrue();
    }

    @Test
    void aHigherEpochStartsVersionsAnewAndALowerOneIsOver() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(1, 9)));
        assertThat(progress.isStale(skips(ANNA, 2, 1))).isFalse();
        assertThat(progress.isStale(skips(ANNA, 0, 100))).isTrue();
    }

    @Test
    void whatOnlyAdvancesIsNeverStaleAndNeverMovesBack() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(0, 3)));
        List<Advance> late = List.of(advance(ANNA, 0, 2, Rule.NEVER_SKIP));
        assertThat(progress.isStale(late)).isFalse();
        progress.done(late);
        assertThat(progress.writes()).isEmpty();
        assertThat(progress.isStale(skips(ANNA, 0, 3))).isTrue();
    }

    @Test
    void aStaleEventIsDoneForThoseWhoWaitForIt() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(0, 3)));
        Advance tracked = advance(BERT, 0, 1, Rule.NEVER_SKIP);
        List<Advance> stale = List.of(advance(ANNA, 0, 2, Rule.SKIP_OLDER_AND_EQUAL), tracked);

        progress.passedOver(stale);

        assertThat(progress.version(BERT)).isEqualTo(new StreamVersion(0, 1));
        assertThat(progress.writes()).containsExactly(tracked);
    }

    @Test
    void staleInOneOfItsStreamsIsStale() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(0, 3)));
        List<Advance> both =
                List.of(advance(BERT, 0, 1, Rule.SKIP_OLDER_AND_EQUAL), advance(ANNA, 0, 3, Rule.SKIP_OLDER_AND_EQUAL));
        assertThat(progress.isStale(both)).isTrue();
    }

    @Test
    void anEventSeesTheEarlierOnesOfItsTransaction() {
        Progress progress = new Progress(Map.of());
        progress.done(skips(ANNA, 0, 5));
        assertThat(progress.isStale(skips(ANNA, 0, 4))).isTrue();
        progress.done(skips(ANNA, 0, 6));
        assertThat(progress.writes()).containsExactly(skips(ANNA, 0, 6).get(0).since(StreamVersion.NOTHING));
    }

    @Test
    void aTombstoneOfAnEarlierEventStaysUntilSomethingNewer() {
        Progress progress = new Progress(Map.of());
        Advance deleted = new Advance(ANNA, new StreamVersion(0, 3), true, Rule.SKIP_OLDER_AND_EQUAL);
        progress.done(List.of(deleted));
        assertThat(progress.isStale(skips(ANNA, 0, 2))).isTrue();
        assertThat(progress.writes()).containsExactly(deleted.since(StreamVersion.NOTHING));
        progress.done(skips(ANNA, 0, 4));
        assertThat(progress.writes())
                .singleElement()
                .satisfies(write -> assertThat(write.deletes()).isFalse());
    }

    @Test
    void whatIsHandledAgainIsWrittenSoThatItsCommitSeesWhetherItWasOvertaken() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(0, 3)));
        progress.done(List.of(advance(ANNA, 0, 3, Rule.SKIP_OLDER)));
        assertThat(progress.writes()).hasSize(1);
    }

    @Test
    void whatIsWrittenSaysWhatTheHandlerHadSeen() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(0, 3)));
        progress.done(skips(ANNA, 0, 5));
        progress.done(skips(ANNA, 0, 6));
        progress.done(skips(BERT, 0, 1));
        progress.done(List.of(advance(new StreamKey("user", "cleo"), 0, 1, Rule.NEVER_SKIP)));
        assertThat(progress.writes())
                .extracting(Advance::since)
                .containsExactly(new StreamVersion(0, 3), StreamVersion.NOTHING, null);
        progress.done(List.of(advance(ANNA, 0, 7, Rule.NEVER_SKIP)));
        assertThat(progress.writes())
                .first()
                .satisfies(write -> assertThat(write.since()).isEqualTo(new StreamVersion(0, 3)))
                .satisfies(write -> assertThat(write.isGuarded()).isTrue());
    }

    @Test
    void anAdvanceIsOvertakenByWhateverWasDoneSince() {
        Advance newer = advance(ANNA, 0, 9, Rule.SKIP_OLDER_AND_EQUAL).since(new StreamVersion(0, 3));
        assertThat(newer.isOvertakenBy(new StreamVersion(0, 3))).isFalse();
        assertThat(newer.isOvertakenBy(new StreamVersion(0, 4))).isTrue();
        assertThat(newer.isOvertakenBy(new StreamVersion(0, 9))).isTrue();
    }

    @Test
    void inASequenceAnEqualVersionIsStaleAndASmallerOneIsLate() {
        Progress progress = new Progress(Map.of(ANNA, new StreamVersion(1, 3)));
        assertThat(progress.isStale(sequenced(1, 3))).isTrue();
        assertThat(progress.isStale(sequenced(0, 9))).as("of an older epoch").isTrue();
        assertThat(progress.isStale(sequenced(1, 2))).isFalse();
        assertThatThrownBy(() -> progress.requireNotLate(sequenced(1, 2)))
                .isInstanceOf(LateEventException.class)
                .hasMessageContaining("version 1.2 of user/anna comes after 1.3");
        progress.requireNotLate(sequenced(1, 4));
        progress.done(sequenced(1, 2));
        assertThat(progress.writes()).as("what runs late moves nothing").isEmpty();
    }

    private static List<Advance> sequenced(long epoch, long version) {
        return List.of(advance(ANNA, epoch, version, Rule.FAIL_OLDER));
    }

    @Test
    void writesAreSortedByEntity() {
        Progress progress = new Progress(Map.of());
        progress.done(skips(BERT, 0, 1));
        progress.done(skips(ANNA, 0, 1));
        assertThat(progress.writes()).extracting(Advance::entity).containsExactly(ANNA, BERT);
    }

    private static List<Advance> skips(StreamKey entity, long epoch, long version) {
        return List.of(advance(entity, epoch, version, Rule.SKIP_OLDER_AND_EQUAL));
    }

    private static Advance advance(StreamKey entity, long epoch, long version, Rule rule) {
        return new Advance(entity, new StreamVersion(epoch, version), false, rule);
    }
}
