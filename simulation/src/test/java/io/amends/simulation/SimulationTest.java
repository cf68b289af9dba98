package io.amends.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The whole engine on several nodes, under virtual time, with faults from seeds. */
class SimulationTest {
    private static final long FIRST = Long.getLong("amends.firstSeed", 1);
    private static final long SEEDS = Long.getLong("amends.seeds", 2000);
    /** The seeds that must be enough to find a store that forgot a guard. */
    private static final int FEW = 100;

    @Test
    void withoutFaultsEveryEventIsHandledOnceAndFailuresAreMadeGood() {
        for (long seed = 1; seed <= 20; seed++) {
            World.Outcome outcome = Simulate.plan(Plan.calm(seed), World.Variant.NONE);
            assertThat(outcome.events()).isGreaterThanOrEqualTo(100);
        }
    }

    @Test
    void everySeedKeepsWhatIsPromised() {
        List<String> failed = new ArrayList<>();
        for (long seed = FIRST; seed < FIRST + SEEDS && failed.size() < 3; seed++) {
            try {
                Simulate.seed(seed);
            } catch (AssertionError e) {
                failed.add(e.getMessage());
            }
        }
        assertThat(failed).as("failed seeds").isEmpty();
    }

    @Test
    void aStoreThatIgnoresTheFenceIsFoundOut() {
        assertFoundOut(Mutants.IGNORES_FENCE);
    }

    @Test
    void aStoreThatIgnoresThePreviousPositionIsFoundOut() {
        assertFoundOut(Mutants.IGNORES_POSITION);
    }

    @Test
    void aStoreThatIgnoresTheAttemptIsFoundOut() {
        assertFoundOut(Mutants.IGNORES_ATTEMPT);
    }

    private static void assertFoundOut(World.Variant mutant) {
        for (long seed = 1; seed <= FEW; seed++) {
            try {
                Simulate.plan(Plan.of(seed), mutant);
            } catch (AssertionError e) {
                System.out.println("found out by seed "
                        + e.getMessage().lines().findFirst().orElse(""));
                return;
            }
        }
        throw new AssertionError("not found out within " + FEW + " seeds");
    }

    @Test
    void equalSeedsGiveEqualRuns() {
        for (long seed = FIRST; seed < FIRST + Math.min(SEEDS, 25); seed++) {
            assertThat(Simulate.seed(seed)).as("seed %s", seed).isEqualTo(Simulate.seed(seed));
        }
    }
}
