package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A text of a failed execution that a search compares exactly. */
public enum FailureField {
    /** The processor's name. */
    PROCESSOR(FailedExecution::processor),
    /** The function's name. */
    FUNCTION(FailedExecution::function),
    /** The event's type. */
    EVENT_TYPE(failure -> failure.event().type()),
    /** The event's id. */
    EVENT_ID(failure -> failure.event().id()),
    /** The lane's key. */
    KEY(FailedExecution::laneKey),
    /** The tenant. */
    TENANT(FailedExecution::tenant),
    /** The error's code. */
    ERROR(failure -> failure.error().code()),
    /** The cause. */
    FINGERPRINT(FailedExecution::fingerprint);

    private final Function<FailedExecution, @Nullable String> value;

    FailureField(Function<FailedExecution, @Nullable String> value) {
        this.value = value;
    }

    /** The text of a record, null if it has none. */
    public @Nullable String of(FailedExecution failure) {
        return value.apply(failure);
    }
}
