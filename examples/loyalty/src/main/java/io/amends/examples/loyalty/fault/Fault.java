package io.amends.examples.loyalty.fault;

import org.jspecify.annotations.Nullable;

/**
 * How handlers of an event type misbehave.
 *
 * @param mode what they do
 * @param userId for events of this user only, or null for all
 * @param rate for this share of the attempts, 0 to 1; the same attempt of the same event always meets the same fate
 */
record Fault(String eventType, Mode mode, @Nullable String userId, double rate) {

    /** What a handler does. */
    enum Mode {
        /** Works as it should. */
        NONE,
        /** Throws what a retry may cure. */
        FAIL,
        /** Throws what no retry cures. */
        FAIL_UNRECOVERABLE,
        /** Never comes back, until it is interrupted. */
        HANG,
        /** Takes five seconds, then works. */
        SLOW
    }

    /** Whether it strikes this attempt of this event. */
    boolean strikes(String eventUserId, String eventId, int attempt) {
        if (userId != null && !userId.equals(eventUserId)) {
            return false;
        }
        int chance = Math.floorMod(scatter((eventId + "/" + attempt).hashCode()), 1_000_000);
        return chance < rate * 1_000_000;
    }

    /** Spreads hashes of similar texts over all ints (the finalizer of MurmurHash3). */
    private static int scatter(int hash) {
        int h = hash;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return h ^ (h >>> 16);
    }
}
