package io.amends.testkit.disorder;

/** What becomes of an event that comes a second time. */
public enum Duplicates {
    /** The inbox drops it, which the engine does for the same source and id: no handler sees it. */
    DROPPED,
    /** It reaches the handler: a sender that gives its repetition a new id, or one that comes after the dedupe horizon. */
    HANDLED
}
