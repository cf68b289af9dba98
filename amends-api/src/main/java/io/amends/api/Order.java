package io.amends.api;

/** What a processor keeps in order. */
public enum Order {
    /** Events of one key, in commit order; keys are independent. */
    KEY,
    /** Nothing: each event stands for itself, and a failed one steps aside. */
    NONE,
    /** All events, one after the other. */
    ALL
}
