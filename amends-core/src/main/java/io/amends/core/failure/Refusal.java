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
    /** This build has no processor of that name, or none has registered it. */
    UNKNOWN_PROCESSOR("no such processor in this build"),
    /** The processor that it should move to has no function for the types of events behind it. */
    UNKNOWN_FOLLOWER("the target processor has no function for an event of the lane"),
    /** The lane that it should move to is held. */
    TARGET_LANE_HELD("the target lane is held; it has to be done first"),
    /** The processor that it should move to keeps its events in another order. */
    TARGET_LANE_DIFFERS("the target processor keeps the event in another lane, or in none"),
    /** The processor that it should move to had the event itself, or will have it. */
    TARGET_HAS_EVENT("the target processor had this event from the inbox, or will have it; skip it here");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    /** The reason in words. */
    public String text() {
        return text;
    }
}
