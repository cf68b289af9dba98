package io.amends.testkit.disorder;

/** Why another order gives another result, as far as the events and states tell: a guess to start from, not a proof. */
public enum Cause {
    /** An event is handled before the entity exists that it speaks of. */
    TOO_EARLY,
    /** Two events about the same thing are handled the wrong way round. */
    REVERSED_PAIR,
    /** An event with an older version is handled after one with a newer version of the same entity. */
    STALE_VERSION,
    /** An event is handled before the version of another entity that it was made with. */
    VERSION_NEEDED,
    /** A processor handles an event before another processor has done what it builds on. */
    OTHER_PROCESSOR,
    /** An event can never be handled once another one was. */
    NEVER_SUCCEEDS,
    /** Effects of a handler stay although its transaction was rolled back. */
    NOT_ROLLED_BACK,
    /** What one instance of the processor remembers, another one does not know. */
    KEPT_IN_MEMORY,
    /** An event that comes twice has its effects twice. */
    NOT_IDEMPOTENT
}
