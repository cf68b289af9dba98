package io.amends.core.failure;

/** Why a command or a result changes nothing; the code an API answers with. */
public enum Refusal {
    /** No such record. */
    NOT_FOUND("no such failed execution"),
    /** It is SUCCEEDED or SKIPPED. */
    ALREADY_DONE("it is done already"),
    /** An attempt runs, its owner alive and its time not over. */
    RUNNING("an attempt is running; wait for its end or its timeout"),
    /** Somebody has made it due, and no attempt has begun. */
    ALREADY_REQUESTED("its retry is requested already, and begins soon"),
    /** No attempt runs. */
    NOT_RUNNING("no attempt is running"),
    /** It is not due. */
    NOT_DUE("it is not due"),
    /** The result names another attempt than the current one. */
    OTHER_ATTEMPT("the result is of an older attempt"),
    /** Earlier rows of its lane are not done. */
    NOT_FIRST_IN_LANE("an earlier event of its lane is not done"),
    /** A person has paused its lane. */
    LANE_PAUSED("its lane is paused; resume it first"),
    /** Its retries are used up. */
    RETRIES_SPENT("its retries are spent; use force-prepare"),
    /** It is marked unrecoverable. */
    UNRECOVERABLE("it is marked unrecoverable; use force-prepare, or mark it recoverable"),
    /** The slot's fence is not the claim's. */
    LOST_CLAIM("the slot has another owner"),
    /** The caller's expected version is not the current one. */
    CHANGED_MEANWHILE("it was changed meanwhile; read it again"),
    /** No function of that name takes the event's type in that processor. */
    UNKNOWN_FUNCTION("no such function for this event type in this processor"),
    /** The lane that it should move to is held. */
    TARGET_LANE_HELD("the target lane is held");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    /** The reason in words. */
    public String text() {
        return text;
    }
}
