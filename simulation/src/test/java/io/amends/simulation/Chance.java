package io.amends.simulation;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** A stream of chance from the seed. */
final class Chance {
    private final SplittableRandom random;

    Chance(long seed) {
        random = new SplittableRandom(seed);
    }

    private Chance(SplittableRandom random) {
        this.random = random;
    }

    /** A stream of its own, so that one part's draws do not shift another's. */
    Chance fork() {
        return new Chance(random.split());
    }

    boolean hit(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    Duration millis(int least, int most) {
        return Duration.ofMillis(between(least, most));
    }

    long seed() {
        return random.nextLong();
    }

    double rate(double... choices) {
        return choices[random.nextInt(choices.length)];
    }

    @SafeVarargs
    final <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
