package io.amends.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The whole engine on several nodes, under virtual time, with faults from seeds. */
class SimulationTest {
    private static final long FIRST = Long.getLong("amends.firstSeed", 1);
    private static final long SEEDS = Long.getLong("amends.seeds", 2000);

    @Test
    void withoutFaultsEveryEventIsHandledOnceAndFailuresAreMadeGood() {
        for (long seed = 1; seed <= 20; seed++) {
            World.Outcome outcome = Simulate.plan(Plan.calm(seed), store -> store);
            assertThat(outcome.events()).isGreaterThanOrEqualTo(100);
        }
    }

    @Test
    void equalSeedsGiveEqualRuns() {
        for (long seed = FIRST; seed < FIRST + Math.min(SEEDS, 25); seed++) {
            assertThat(Simulate.seed(seed)).as("seed %s", seed).isEqualTo(Simulate.seed(seed));
        }
    }
}
