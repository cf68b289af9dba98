package io.amends.core.failure;

/** Why a record exists or its last attempt ended: the code that advice to operators is keyed by. */
public enum FailureReason {
    /** The function threw, or its transaction could not commit. */
    HANDLER_FAILED,
    /** The run took longer than {@code executionTimeout}, and was rolled back. */
    HANDLER_TIMEOUT,
    /** The payload can not be decoded into what the function takes. */
    UNDECODABLE,
    /** The payload has no value at the processor's key path, or the key is too long. */
    NO_KEY,
    /** A type that is registered, but no live build has a function for it. */
    NO_FUNCTION,
    /** Three attempts in a row died with their node. */
    LOST_ATTEMPTS,
    /** Three owners in a row died at this event; it runs apart from its slot. */
    SUSPECTED_KILLER,
    /** A run that takes longer than {@code patience}; it goes on, apart from its slot. */
    SLOW,
    /** What the event waited for was not done in time; it is tried again when it is done, or by a person. */
    WAIT_TIMEOUT,
    /** Its attempt was too early, and waits; no retry is counted. */
    TOO_EARLY,
    /** The function waits for something that its processor does not track, so that it would never be told. */
    UNTRACKED_WAIT,
    /** The event comes after its sequence went on without it. */
    OUT_OF_SEQUENCE;

    /** Whether the record is tried again when what it waits for is done, and not by the schedule. */
    public boolean isWait() {
        return this == WAIT_TIMEOUT || this == TOO_EARLY;
    }
}
