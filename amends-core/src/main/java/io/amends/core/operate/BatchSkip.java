package io.amends.core.operate;

import io.amends.core.failure.Refusal;
import java.util.Locale;

/** Why a batch does nothing on an item: in a plan that it would not, in an outcome that it did not. */
public enum BatchSkip {
    /** The failed execution is gone. */
    NOT_FOUND,
    /** It was handled or skipped before its turn came. */
    ALREADY_DONE,
    /** An attempt runs. */
    RUNNING,
    /** An earlier event of its lane is not done. */
    NOT_FIRST_IN_LANE,
    /** A person has paused its lane. */
    LANE_PAUSED,
    /** Its retries are spent, and the command does not force. */
    RETRIES_SPENT,
    /** It is marked unrecoverable, and the command does not force. */
    UNRECOVERABLE,
    /** The processor has no such function for its event type. */
    UNKNOWN_FUNCTION,
    /** The batch was cancelled before its turn came. */
    CANCELLED,
    /** A person skipped it while the batch's attempt was to come. */
    SKIPPED_BY_PERSON;

    /** The code outside the process, for instance {@code not-first-in-lane}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The skip that a refused command is.
     *
     * @throws IllegalArgumentException for a refusal that no command of a batch meets
     */
    public static BatchSkip of(Refusal refusal) {
        return valueOf(refusal.name());
    }
}
