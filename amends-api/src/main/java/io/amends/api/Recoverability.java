package io.amends.api;

/** Whether retrying a failed execution is worth it. */
public enum Recoverability {
    /** A retry may succeed. */
    RECOVERABLE,
    /** No retry can succeed; the scheduler leaves the record to a person. */
    UNRECOVERABLE,
    /** Nothing is known; it is retried. */
    UNKNOWN
}
