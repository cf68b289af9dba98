package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The place in a list behind which the next page begins. Records that are added or changed meanwhile move no page.
 *
 * @param dueAt when the last record of the page before was due; only for {@link FailureSort#NEXT}
 * @param id the last record of the page before
 */
public record FailureCursor(@Nullable Instant dueAt, FailureId id) {

    /** The place behind this record. */
    public static FailureCursor behind(FailedExecution failure, FailureSort sort) {
        return new FailureCursor(sort == FailureSort.NEXT ? failure.dueAt() : null, failure.id());
    }
}
