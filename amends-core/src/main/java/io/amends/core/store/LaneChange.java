package io.amends.core.store;

/** What became of a command about a lane. */
public enum LaneChange {
    /** It is done. */
    DONE,
    /** It was so already: nothing was written. */
    UNCHANGED,
    /** No such processor, or, to resume, nothing holds the lane: nothing was written. */
    NOT_FOUND,
    /** It is not in the state that was expected: nothing was written. */
    CHANGED_MEANWHILE
}
