package io.amends.api;

/** What happens to an event whose wait has lasted too long. */
public enum OnTimeout {
    /** It becomes a failed execution that says what it waited for. */
    FAIL,
    /**
     * It is handled as if what it waited for had happened; the retries of a failed execution do not wait for it again.
     */
    PROCEED,
    /** It is done without being handled. */
    SKIP
}
