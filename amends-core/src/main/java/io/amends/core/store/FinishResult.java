package io.amends.core.store;

/** What became of a run's last write; it counts only once the transaction has committed. */
public enum FinishResult {
    /** Written; its lane, if it had one, is free or still held by rows that may not run. */
    DONE,
    /** Written, and the next row of the lane is a parked event that may run now. */
    DONE_LANE_CONTINUES,
    /** Another fence, position or attempt: roll back, this result counts for nothing. */
    REFUSED
}
