package io.amends.testkit.disorder;

/**
 * A delivery of a history.
 *
 * @param event the number of the event, from 0 in the order in which the events happened
 * @param kind how the delivery ends
 * @param node which instance of the processor gets it, and runs what wakes up by it: 0 or 1
 */
record Step(int event, Kind kind, int node) {

    /** How a delivery ends. */
    enum Kind {
        /** The handler's transaction commits. */
        HANDLED,
        /** The handler runs, and its transaction is rolled back; the event is delivered again later. */
        CRASHED,
        /** The handler's transaction commits, of an event that came before. */
        DUPLICATE,
        /** No delivery: if the event waits, stands behind another one or is retried, the run that follows crashes once. */
        CRASHES_LATER
    }

    /** A delivery to the first instance. */
    Step(int event, Kind kind) {
        this(event, kind, 0);
    }

    /** The same on this node. */
    Step on(int other) {
        return new Step(event, kind, other);
    }
}
