package io.amends.core.store;

/** What became of an event that was to be parked. */
public enum ParkResult {
    /** It is parked, and the cursor has passed it. */
    PARKED,
    /** The same, and it may run at once: something before it waits for it, or for whatever comes next. */
    PARKED_MAY_RUN,
    /** Nothing holds its lane any more: nothing was written, handle it. */
    LANE_FREE,
    /** The fence or the position is another one: nothing was written. */
    LOST
}
