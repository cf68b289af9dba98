package io.amends.core.failure;

/** Decides about a locked record; a pure function, called once, inside the store's transaction. */
@FunctionalInterface
public interface Decision {

    /** What to write, or why nothing. */
    Change decide(FailedExecution current, Situation situation);
}
