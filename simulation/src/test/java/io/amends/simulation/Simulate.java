package io.amends.simulation;

/** Runs a seed, and says how to see it again if it fails. */
final class Simulate {
    private Simulate() {}

    static World.Outcome seed(long seed) {
        return plan(Plan.of(seed), World.Variant.NONE);
    }

    static World.Outcome plan(Plan plan, World.Variant variant) {
        World world = new World(plan, variant);
        try {
            return world.run();
        } catch (Throwable e) {
            throw new AssertionError(
                    "seed " + plan.seed() + ": " + e.getMessage() + "\nthe last of " + world.trace.lines()
                            + " lines:\n  " + String.join("\n  ", world.trace.last())
                            + "\n" + plan
                            + "\nrepeat with -Damends.firstSeed=" + plan.seed() + " -Damends.seeds=1",
                    e);
        } finally {
            world.close();
        }
    }
}
