package io.amends.core.flow;

/** What is counted; counts of the same thing add up. */
public enum FlowCount {
    /** Events of the stage. */
    EVENTS,
    /** Attempts that failed, the first of an event or a later one. */
    FAILED,
    /** Attempts of failed executions that failed; they are failed attempts as well. */
    FAILED_AGAIN,
    /** Attempts of failed executions that succeeded; they are handled events as well. */
    RETRIED,
    /** Failed executions that a person declared dealt with. */
    SKIPPED,
    /** Events that were older than what was done already. */
    STALE,
    /** Events that were parked behind others. */
    PARKED,
    /** Times that an event was too early, and began to wait. */
    WAITED,
    /** Events that were handled after they were parked or waited; they are handled events as well. */
    RELEASED,
    /** Repetitions that the relay dropped. */
    DUPLICATES,
    /** Published events that the inbox did not take. */
    REJECTED
}
