package io.amends.testkit.disorder;

/** What it means when a handler throws in a disordered history. */
public enum OnThrow {
    /**
     * Compensation: the event is recorded, and retried after the others, again and again while any of them still gets
     * done. Only what never succeeds is a finding.
     */
    RETRIED_LAST,
    /**
     * Compensation with {@link io.amends.api.OnFailure#PARK_KEY}: as {@link #RETRIED_LAST}, but later events of the same
     * key stand behind the failed one, as they do in the engine. Finds events that wait for one that stands behind them.
     */
    PARKS_ITS_KEY,
    /** A finding in itself: the handler is expected to take its events in every order. */
    REPORTED
}
