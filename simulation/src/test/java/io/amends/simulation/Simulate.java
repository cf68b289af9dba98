package io.amends.simulation;

/** Runs a seed, and says how to see it again if it fails. */
final class Simulate {
    static final java.util.Map<String, Integer> COUNTS = new java.util.TreeMap<>();
    static final String[] WORDS = {
        "crashes",
        "freezes",
        "reply is lost",
        "refused: unavailable",
        "loses its connection",
        "does not hear",
        "away for",
        "shuts down",
        "SLOW of",
        "SUSPECTED_KILLER of",
        "HANDLER_TIMEOUT",
        "HANDLER_FAILED of",
        "UNDECODABLE of",
        "NO_KEY of",
        "NO_FUNCTION of",
        "LOST_ATTEMPTS",
        "gives back",
        " for c",
        "FREE",
        "PARKED",
        "LOST",
        "reclaims",
        "refused: ",
        "RUNNING",
        "OTHER_ATTEMPT",
        "ALREADY_DONE",
        "NOT_RUNNING",
        "PREPARED: PREPARED",
        "interrupt pending",
        "SKIPPED ->",
        "REQUESTED ->",
        "DUPLICATE",
        "CONFLICT",
        "dups",
        "removed",
        "no member",
        "prunes",
        "retention",
        "pauses",
        "may not record",
        "publisher back",
        "takes T",
        "runs ",
        "commits",
        "DEAF",
        "HANGS",
        "KILLS",
        "CONFLICTS",
        "GIVE",
        "lane k",
        "lane u",
        "lane slot",
        "suspects=3",
        "was ended by its timeout",
        "aborted",
        "starts [a, b]",
        "starts [a, b, c]"
    };

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
            if (Boolean.getBoolean("amends.count")) {
                for (String line : world.trace.last()) {
                    for (String word : WORDS) {
                        if (line.contains(word)) {
                            COUNTS.merge(word, 1, Integer::sum);
                        }
                    }
                }
            }
            world.close();
        }
    }

    /** Runs seeds from the command line: the first, and how many. */
    public static void main(String[] arguments) {
        long first = Long.parseLong(arguments[0]);
        long count = Long.parseLong(arguments[1]);
        boolean calm = arguments.length > 2 && arguments[2].equals("calm");
        World.Variant variant = arguments.length < 3
                ? World.Variant.NONE
                : switch (arguments[2]) {
                    case "fence" -> Mutants.IGNORES_FENCE;
                    case "position" -> Mutants.IGNORES_POSITION;
                    case "attempt" -> Mutants.IGNORES_ATTEMPT;
                    default -> World.Variant.NONE;
                };
        long began = System.currentTimeMillis();
        long steps = 0;
        long events = 0;
        int failed = 0;
        for (long seed = first; seed < first + count; seed++) {
            try {
                World.Outcome outcome = plan(calm ? Plan.calm(seed) : Plan.of(seed), variant);
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
        COUNTS.forEach((w, c) -> System.out.println(c + " " + w));
        System.out.println(count + " seeds, " + failed + " failed, " + steps + " steps, " + events + " events, "
                + (System.currentTimeMillis() - began) + " ms");
    }
}
