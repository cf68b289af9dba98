package io.amends.testkit.model;

import io.amends.testkit.store.StoreHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Compares two stores on random sequences of verbs: both must give the same answers, and be in the same state at the end.
 *
 * <p>A sequence follows from its seed. All durations are multiples of {@link #TICK}, and ages are compared in ticks: a
 * store in real time agrees with one in virtual time as long as a sequence takes less than half of one.
 */
public final class StoreModel {
    /** The least duration that matters. */
    public static final Duration TICK = Duration.ofSeconds(10);
    /** After how many steps the whole state is compared. */
    private static final int STEPS_BETWEEN_DUMPS = 25;

    private StoreModel() {}

    /**
     * Runs one sequence on two stores that are empty.
     *
     * @throws AssertionError at the first difference, with the seed and all steps up to it
     */
    public static void compare(StoreHarness expected, StoreHarness actual, long seed, int steps) {
        Side left = new Side(expected);
        Side right = new Side(actual);
        Steps source = new Steps(new Choices(new Random(seed), left));
        List<String> story = new ArrayList<>();
        for (int i = 1; i <= steps; i++) {
            boolean dump = i % STEPS_BETWEEN_DUMPS == 0 || i == steps;
            run(dump ? Steps.dump() : source.next(), left, right, seed, story);
        }
    }

    private static void run(Step step, Side left, Side right, long seed, List<String> story) {
        String expected = left.answer(step);
        String actual = right.answer(step);
        story.add(step.text() + "\n        -> " + expected);
        if (!expected.equals(actual)) {
            throw new AssertionError("seed " + seed + ", step " + story.size() + ": other answers\n  "
                    + String.join("\n  ", story) + "\n  BUT -> " + actual);
        }
    }
}
