package io.amends.core.flow;

/** A stage of an event's way, as operators see it. */
public enum FlowStage {
    /** Published, and not relayed. Its events are those that were written, also in transactions that rolled back. */
    OUTBOX,
    /** On its way from the outbox into the inbox. Its events are those that the relay moved. */
    TRANSPORT,
    /** In the inbox, and not passed. Its events are those that got a position, through the relay or a door. */
    INBOX,
    /** With the handler. Its events are those that were handled. */
    HANDLED
}
