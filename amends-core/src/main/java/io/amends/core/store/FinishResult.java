package io.amends.core.store;

/** What became of a run's last write; it counts only once the transaction has committed. */
public enum FinishResult {
    /** Written; its lane, if it had one, is free or still held by rows that may not run. */
    DONE,
    /** Written, and the lane has a parked event that may run now. */
    DONE_LANE_CONTINUES,
    /** A stream that the event moves is further than when it was asked: roll back, and ask again. */
    OVERTAKEN,
    /** Another fence, position or attempt: roll back, this result counts for nothing. */
    REFUSED
}
