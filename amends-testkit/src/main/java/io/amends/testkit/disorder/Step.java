package io.amends.testkit.disorder;

/**
 * A delivery of a history.
 *
 * @param event the number of the event, from 0 in the order in which the events happened
 * @param kind how the delivery ends
 */
record Step(int event, Kind kind) {

    /** How a delivery ends. */
    enum Kind {
        /** The handler's transaction commits. */
        HANDLED,
        /** The handler runs, and its transaction is rolled back; the event is delivered again later. */
        CRASHED,
        /** The handler's transaction commits, of an event that came before. */
        DUPLICATE
    }
}
