package io.amends.core.store;

/** What became of an event that was to wait. */
public enum WaitResult {
    /** It waits; its cursor has passed it, or its lane row or record says so. */
    WAITING,
    /** What it waits for was done meanwhile: nothing was written, handle it. */
    SATISFIED,
    /** Another fence, position or attempt: nothing was written. */
    LOST
}
