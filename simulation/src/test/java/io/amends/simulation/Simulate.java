package io.amends.simulation;

import io.amends.core.store.Store;
import io.amends.testkit.memory.InMemoryStore;
import java.util.function.Function;

/** Runs a seed, and says how to see it again if it fails. */
final class Simulate {
    private Simulate() {}

    static World.Outcome seed(long seed) {
        return plan(Plan.of(seed), store -> store);
    }

    static World.Outcome plan(Plan plan, Function<InMemoryStore, Store> between) {
        World world = new World(plan, between);
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

    /** Runs seeds from the command line: the first, and how many. */
    public static void main(String[] arguments) {
        long first = Long.parseLong(arguments[0]);
        long count = Long.parseLong(arguments[1]);
        boolean calm = arguments.length > 2 && arguments[2].equals("calm");
        long began = System.currentTimeMillis();
        long steps = 0;
        long events = 0;
        int failed = 0;
        for (long seed = first; seed < first + count; seed++) {
            try {
                World.Outcome outcome = calm ? plan(Plan.calm(seed), store -> store) : seed(seed);
                steps += outcome.steps();
                events += outcome.events();
                if (count < 5) {
                    System.out.println(outcome);
                }
            } catch (AssertionError e) {
                failed++;
                if (count < 5) {
                    e.printStackTrace(System.out);
                } else {
                    System.out.println(e.getMessage().lines().findFirst().orElse(""));
                }
            }
        }
        System.out.println(count + " seeds, " + failed + " failed, " + steps + " steps, " + events + " events, "
                + (System.currentTimeMillis() - began) + " ms");
    }
}
