package io.amends.testkit.disorder;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link DisorderTest} found.
 *
 * @param processor the processor's name
 * @param events how many events were disordered
 * @param orders how many orders of them were looked at
 * @param all whether these are all that the guarantees allow
 * @param histories how many histories were played, those of the search for the smallest included
 * @param seed what decided where chance did
 * @param took how long it took
 * @param divergence the smallest history that ends elsewhere, or null if none does
 * @param text the report as text; the same for the same code, events and seed
 */
public record DisorderReport(
        String processor,
        int events,
        int orders,
        boolean all,
        long histories,
        long seed,
        Duration took,
        @Nullable Divergence divergence,
        String text) {

    /** Whether every history that was played ends where the events in order end. */
    public boolean passed() {
        return divergence == null;
    }

    /** Histories a second. */
    public long rate() {
        return (long) (histories * 1e9 / Math.max(1, took.toNanos()));
    }

    /** The text. */
    @Override
    public String toString() {
        return text;
    }
}
