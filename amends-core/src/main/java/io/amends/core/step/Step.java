package io.amends.core.step;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A long-running part as one method that does a bounded piece of work and says when to be called again. Never runs
 * beside itself. What it throws is logged, and it is called again after a growing pause (100 ms to 2 s).
 */
@FunctionalInterface
public interface Step {

    /** Does a piece of work. */
    Next run();

    /**
     * When to run again.
     *
     * @param notBefore the least pause, also if it is woken meanwhile
     * @param atLatest the pause after which it runs unasked, null to wait until it is woken
     * @param ended whether it never runs again
     */
    record Next(Duration notBefore, @Nullable Duration atLatest, boolean ended) {
        /** At once. */
        public static final Next AGAIN = new Next(Duration.ZERO, Duration.ZERO, false);
        /** When woken. */
        public static final Next WHEN_WOKEN = new Next(Duration.ZERO, null, false);
        /** Never. */
        public static final Next ENDED = new Next(Duration.ZERO, null, true);

        /** After this time, or when woken. */
        public static Next after(Duration pause) {
            return new Next(Duration.ZERO, pause, false);
        }

        /** Not before the first time even if woken, and at the latest after the second. */
        public static Next between(Duration notBefore, Duration atLatest) {
            return new Next(notBefore, atLatest, false);
        }
    }
}
