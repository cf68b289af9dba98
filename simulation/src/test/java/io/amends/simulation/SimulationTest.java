package io.amends.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.failure.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The whole engine on several nodes, under virtual time, with faults from seeds. */
class SimulationTest {
    private static final long FIRST = Long.getLong("amends.firstSeed", 1);
    private static final long SEEDS = Long.getLong("amends.seeds", 2000);
    /** Seeds in which these never happen would prove nothing about them. */
    private static final List<String> WHAT_MUST_HAPPEN = List.of(
            "crash",
            "freeze",
            "lease expired",
            "outage",
            "refused",
            "lost reply",
            "lost commit",
            "unheard commit",
            "shutdown",
            "taken",
            "given back",
            "handed over",
            "reclaimed",
            "reclaim refused",
            "move refused",
            "lane run refused",
            "attempt refused",
            "record refused",
            "record HANDLER_FAILED",
            "record HANDLER_TIMEOUT",
            "record UNDECODABLE",
            "record NO_KEY",
            "record NO_FUNCTION",
            "record SUSPECTED_KILLER",
            "record SLOW",
            "lost attempts",
            "removed",
            "park PARKED",
            "park LANE_FREE",
            "park LOST",
            "park PARKED_MAY_RUN",
            "wait WAITING",
            "wait SATISFIED",
            "wait LOST",
            "wait of a record WAITING",
            "record WAIT_TIMEOUT",
            "record OUT_OF_SEQUENCE",
            "handled late",
            "woken record",
            "wait ended by a person",
            "proceeded",
            "skipped after a wait",
            "overtook",
            "handler EARLY",
            "append DUPLICATE",
            "append CONFLICT",
            "paused",
            "resumed",
            "policy overridden",
            "override removed",
            "recorded under an override",
            "lane paused",
            "lane resumed",
            "parked by a pause",
            "refused LANE_PAUSED",
            "retention",
            "pruned",
            "batch",
            "lanes begun by their waker",
            "lanes of others woken",
            "stale",
            "overtaken",
            "skip moved a stream",
            "published by a handler",
            "handler HANGS",
            "handler DEAF",
            "handler KILLS",
            "handler CONFLICTS");
    /** The seeds that must be enough to find a store that forgot a guard. */
    private static final int FEW = 1_000;

    @Test
    void withoutFaultsEveryEventIsHandledOnceAndFailuresAreMadeGood() {
        for (long seed = 1; seed <= 20; seed++) {
            World.Outcome outcome = Simulate.plan(Plan.calm(seed), World.Variant.NONE);
            assertThat(outcome.events()).isGreaterThanOrEqualTo(100);
        }
    }

    @Test
    void withoutFaultsNoAttemptIsEverLostHoweverLongItWaitsForAPlace() {
        for (long seed = 1; seed <= 20; seed++) {
            Simulate.plan(Plan.busy(seed), World.Variant.NONE);
        }
    }

    @Test
    void withoutFaultsNoTwoEventsOfAKeyAreEverHandledAtTheSameTime() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        for (long seed = 1; seed <= 200; seed++) {
            Simulate.plan(Plan.inTurn(seed), World.Variant.NONE)
                    .counts()
                    .forEach((what, count) -> counts.merge(what, count, Integer::sum));
        }
        assertThat(counts.keySet()).contains("wait of a record WAITING", "woken record", "overtook", "shutdown");
    }

    @Test
    void attemptsThatShareATransactionKeepWhatIsPromised() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            for (boolean faulty : List.of(false, true)) {
                Simulate.plan(Plan.sharing(seed, faulty), World.Variant.NONE)
                        .counts()
                        .forEach((what, count) -> counts.merge(what, count, Integer::sum));
            }
        }
        if (SEEDS >= 100) {
            assertThat(counts.keySet())
                    .contains("shared by attempts", "shared attempts refused", "batch", "overtaken", "stale");
        }
    }

    @Test
    void waitsThatHoldEachOtherAcrossLanesAreUntangledLongBeforeTheirTime() {
        int untangled = 0;
        for (long seed = 1; seed <= 200; seed++) {
            World.Outcome outcome = Simulate.plan(Plan.tangled(seed), World.Variant.NONE);
            assertThat(outcome.records()).as("seed %s: failed executions", seed).isZero();
            untangled += outcome.counts().getOrDefault("untangled", 0);
        }
        assertThat(untangled).isGreaterThan(50);
    }

    @Test
    void everySeedKeepsWhatIsPromised() {
        List<String> failed = new ArrayList<>();
        SortedMap<String, Integer> counts = new TreeMap<>();
        for (long seed = FIRST; seed < FIRST + SEEDS && failed.size() < 3; seed++) {
            try {
                Simulate.seed(seed).counts().forEach((what, count) -> counts.merge(what, count, Integer::sum));
            } catch (AssertionError e) {
                failed.add(e.getMessage());
            }
        }
        assertThat(failed).as("failed seeds").isEmpty();
        if (SEEDS >= 1000) {
            assertThat(counts.keySet()).as("what has happened at all").containsAll(WHAT_MUST_HAPPEN);
            for (Transition transition : Transition.values()) {
                if (transition.from() != null) {
                    assertThat(counts)
                            .as("what has happened to failed executions")
                            .containsKey(transition.from() + " " + transition.recordedAs() + " " + transition.to());
                }
            }
        }
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

    @Test
    void aStoreThatDoesNotLookWhetherAnEventWasOvertakenIsFoundOut() {
        assertFoundOut(Mutants.IGNORES_OVERTAKING);
    }

    @Test
    void aStoreThatDoesNotLookWhatAHandlerHasSeenIsFoundOut() {
        assertFoundOut(Mutants.IGNORES_WHAT_WAS_SEEN);
    }

    @Test
    void aStoreThatForgetsTheStreamsOfRetriesIsFoundOut() {
        assertFoundOut(Mutants.FORGETS_STREAMS_OF_RETRIES);
    }

    @Test
    void aStoreThatWaitsWhereNobodyLooksIsFoundOut() {
        assertFoundOut(Mutants.ANNOUNCES_ELSEWHERE);
    }

    @Test
    void aStoreThatForgetsToReleaseWhatItHasWokenIsFoundOut() {
        assertFoundOut(Mutants.RELEASES_NOTHING_WOKEN);
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
