package io.amends.simulation;

import io.amends.api.EventEnvelope;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** How each function behaves on each event: a pure function of the seed and the number of runs so far. */
final class Script {
    private final Plan plan;
    private final Map<String, Behaviour> behaviours = new HashMap<>();
    private final Set<String> repaired = new HashSet<>();
    private boolean allRepaired;

    enum Kind {
        FINE,
        FAILS,
        EARLY,
        HOPELESS,
        CONFLICTS,
        SLOW,
        SLOW_FAILS,
        HANGS,
        DEAF,
        KILLS
    }

    /** What one run does. */
    record Part(Kind kind, Duration time) {
        static final Part FINE = new Part(Kind.FINE, Duration.ZERO);

        @Override
        public String toString() {
            return kind + (time.isZero() ? "" : " " + time.toMillis() + " ms");
        }
    }

    private static final class Behaviour {
        final Part part;
        final int badRuns;
        final boolean untilRepaired;
        int runs;

        Behaviour(Part part, int badRuns, boolean untilRepaired) {
            this.part = part;
            this.badRuns = badRuns;
            this.untilRepaired = untilRepaired;
        }
    }

    Script(Plan plan) {
        this.plan = plan;
    }

    Part next(String processor, EventEnvelope event) {
        Behaviour behaviour =
                behaviours.computeIfAbsent(processor + "/" + Ledger.identity(event), name -> choose(name, processor));
        behaviour.runs++;
        boolean bad =
                behaviour.untilRepaired ? !isRepaired(event) : behaviour.runs <= behaviour.badRuns && !allRepaired;
        return bad ? behaviour.part : Part.FINE;
    }

    boolean hasFollowUp(String processor, EventEnvelope event) {
        return event.causationId() == null
                && chanceOf("follow " + processor + "/" + Ledger.identity(event))
                        .hit(plan.load().followUp());
    }

    boolean isRepaired(EventEnvelope event) {
        return allRepaired || repaired.contains(Ledger.identity(event));
    }

    void repair(EventEnvelope event) {
        repaired.add(Ledger.identity(event));
    }

    void repairAll() {
        allRepaired = true;
    }

    private Chance chanceOf(String name) {
        long hash = plan.seed();
        for (int i = 0; i < name.length(); i++) {
            hash = 31 * hash + name.charAt(i);
        }
        return new Chance(hash * 0x9E3779B97F4A7C15L);
    }

    private Behaviour choose(String name, String processor) {
        Chance chance = chanceOf(name);
        Plan.Load load = plan.load();
        Duration timeout = plan.processors().stream()
                .filter(p -> p.name().equals(processor))
                .findFirst()
                .orElseThrow()
                .policy()
                .executionTimeout();
        if (chance.hit(load.killing())) {
            return new Behaviour(new Part(Kind.KILLS, Duration.ZERO), chance.between(1, 8), false);
        }
        if (chance.hit(load.hanging())) {
            boolean deaf = chance.hit(0.5);
            return new Behaviour(
                    deaf
                            ? new Part(Kind.DEAF, timeout.plus(chance.millis(-900, 7000)))
                            : new Part(Kind.HANGS, Duration.ZERO),
                    chance.between(1, 3),
                    false);
        }
        if (chance.hit(load.slow())) {
            return new Behaviour(
                    new Part(chance.pick(Kind.SLOW, Kind.SLOW, Kind.SLOW_FAILS), chance.millis(100, (int)
                            Math.max(3500, timeout.toMillis() - 500))),
                    chance.between(1, 3),
                    false);
        }
        if (chance.hit(load.early())) {
            // too early for the next, or for a time
            return new Behaviour(
                    new Part(Kind.EARLY, chance.hit(0.6) ? Duration.ZERO : chance.millis(1, 3000)),
                    chance.between(1, 4),
                    false);
        }
        if (chance.hit(load.failing())) {
            Kind kind = chance.pick(Kind.FAILS, Kind.FAILS, Kind.FAILS, Kind.HOPELESS, Kind.CONFLICTS);
            return new Behaviour(
                    new Part(kind, Duration.ZERO), chance.between(1, 6), kind != Kind.CONFLICTS && chance.hit(0.15));
        }
        return new Behaviour(Part.FINE, 0, false);
    }
}
