package io.amends.core.store;

/** A hint that something may be there to do; losing one costs only time. */
public enum Signal {
    /** The outbox has new rows. */
    OUTBOX,
    /** The inbox has new events. */
    INBOX,
    /** A record became due, a lane was released, or a processor was paused or resumed. */
    COMPENSATION,
    /** What an event waits for was done: its lane has something to run. */
    WAITS
}
