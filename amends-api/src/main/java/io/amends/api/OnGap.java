package io.amends.api;

/** What happens to an event of a {@link Sequenced} stream whose predecessor has not come in time. */
public enum OnGap {
    /** It becomes a failed execution that says which version it waited for. */
    WAIT,
    /** It is handled without its predecessor; when that comes after all it becomes a failed execution, and is never silently stale. */
    PROCEED
}
