package io.amends.testkit.disorder;

/**
 * A delivery of a history.
 *
 * @param event the number of the event, from 0 in the order in which the events happened
 * @param kind how the delivery ends
 * @param node which instance of the processors gets it, and runs what wakes up by it: 0 or 1
 * @param processor which processor gets it, or {@link #ALL}, one after the other
 */
record Step(int event, Kind kind, int node, int processor) {
    /** Every processor that has a function for the event. */
    static final int ALL = -1;

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

    /** A delivery to the first instances of all processors. */
    Step(int event, Kind kind) {
        this(event, kind, 0);
    }

    /** A delivery to all processors on a node. */
    Step(int event, Kind kind, int node) {
        this(event, kind, node, ALL);
    }

    /** The same on this node. */
    Step on(int other) {
        return new Step(event, kind, other, processor);
    }

    /** The same for one processor only. */
    Step only(int one) {
        return new Step(event, kind, node, one);
    }

    /** The same of another event. */
    Step of(int other) {
        return new Step(other, kind, node, processor);
    }

    /** Whether a processor gets it. */
    boolean isFor(int one) {
        return processor == ALL || processor == one;
    }
}
