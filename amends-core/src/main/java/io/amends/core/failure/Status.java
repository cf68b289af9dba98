package io.amends.core.failure;

/** The state of a failed execution; {@link Transition} has every way from one to another. */
public enum Status {
    /** Its last attempt failed; it waits for its time, or for a person. */
    FAILED,
    /** An attempt runs, or is lost with its node. */
    PREPARED,
    /** An attempt succeeded; done. */
    SUCCEEDED,
    /** A person declared it dealt with; done. */
    SKIPPED;

    /** Whether nothing more will happen, so that its lane is free of it. */
    public boolean isDone() {
        return this == SUCCEEDED || this == SKIPPED;
    }
}
