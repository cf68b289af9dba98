package io.amends.testkit.disorder;

/** What becomes of an event that comes a second time. */
public enum Duplicates {
    /**
     * As in the engine: the inbox drops it, for the same source and id, and no handler sees it; but it reaches a function with
     * {@link io.amends.api.Effects#OUTSIDE}, which runs at least once, and one with {@code @SkipStale(acceptEqual = true)}, which
     * says that it takes a version again.
     */
    AS_IN_ENGINE,
    /** No handler sees it. */
    DROPPED,
    /** It reaches every handler: a sender that gives its repetition a new id, or one that comes after the dedupe horizon. */
    HANDLED
}
