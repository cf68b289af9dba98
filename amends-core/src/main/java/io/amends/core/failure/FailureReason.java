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
    SLOW
}
