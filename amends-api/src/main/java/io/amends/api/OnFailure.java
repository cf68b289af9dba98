package io.amends.api;

/** What happens to later events when one fails. */
public enum OnFailure {
    /** {@link #PARK_KEY} for {@link Order#KEY}, {@link #CONTINUE} for {@link Order#NONE}, {@link #STOP} for {@link Order#ALL}. */
    DEFAULT,
    /** Later events of the same key are parked, and run in order after the failed one succeeded or was skipped. */
    PARK_KEY,
    /** The failed one steps aside; later events of its key overtake it. */
    CONTINUE,
    /** The slot stops at the failed one until it succeeded or was skipped. */
    STOP
}
