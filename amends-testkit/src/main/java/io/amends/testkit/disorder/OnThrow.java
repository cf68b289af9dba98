package io.amends.testkit.disorder;

/** What it means when a handler throws in a disordered history. */
public enum OnThrow {
    /**
     * What it means in the engine, by what the processor declares with {@link io.amends.api.OnFailure}: the event is a failed
     * execution, and is retried once others were done. Meanwhile later events of its key are parked behind it ({@code
     * PARK_KEY}, the default), all later events are ({@code STOP}), or they overtake it ({@code CONTINUE}). What never succeeds
     * is a finding: because no retry can cure it, its retries are spent, or what it needs stands behind it.
     */
    AS_DECLARED,
    /** A finding in itself: the handler is expected to take its events in every order. */
    REPORTED
}
