package io.amends.core.failure;

import static io.amends.core.failure.Status.FAILED;
import static io.amends.core.failure.Status.PREPARED;
import static io.amends.core.failure.Status.SKIPPED;
import static io.amends.core.failure.Status.SUCCEEDED;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every transition a failed execution can make: the one table that guards, the diagram in the docs and the test that
 * visits all of them come from.
 */
public enum Transition {
    /** The function failed. */
    CREATE(null, FAILED, HistoryEntry.Type.CREATED),
    /** A run took longer than its slot waits, or is suspected to kill its node. */
    STEP_ASIDE(null, PREPARED, HistoryEntry.Type.CREATED),
    /** A person made it due. */
    REQUEST(FAILED, FAILED, HistoryEntry.Type.REQUESTED),
    /** An attempt begins. */
    PREPARE(FAILED, PREPARED, HistoryEntry.Type.PREPARED),
    /** An attempt begins because the last one was lost. */
    PREPARE_AGAIN(PREPARED, PREPARED, HistoryEntry.Type.PREPARED),
    /** The third lost attempt in a row. */
    GIVE_UP(PREPARED, FAILED, HistoryEntry.Type.FAILED),
    /** The attempt failed. */
    FAIL(PREPARED, FAILED, HistoryEntry.Type.FAILED),
    /** The attempt succeeded. */
    SUCCEED(PREPARED, SUCCEEDED, HistoryEntry.Type.SUCCEEDED),
    /** A person declared it dealt with. */
    SKIP(FAILED, SKIPPED, HistoryEntry.Type.SKIPPED),
    /** A person declared it dealt with after its attempt was lost. */
    SKIP_LOST(PREPARED, SKIPPED, HistoryEntry.Type.SKIPPED),
    /** A person changed the policy, the function or the mark. */
    EDIT(FAILED, FAILED, HistoryEntry.Type.RETRY_SPEC),
    /** A person changed the policy, the function or the mark after its attempt was lost, or the mark while it runs. */
    EDIT_PREPARED(PREPARED, PREPARED, HistoryEntry.Type.RETRY_SPEC),
    /** A person made it due after its attempt was lost. */
    REQUEST_LOST(PREPARED, FAILED, HistoryEntry.Type.REQUESTED);

    private final @Nullable Status from;
    private final Status to;
    private final HistoryEntry.Type recordedAs;

    Transition(@Nullable Status from, Status to, HistoryEntry.Type recordedAs) {
        this.from = from;
        this.to = to;
        this.recordedAs = recordedAs;
    }

    /** The state before, null for a new record. */
    public @Nullable Status from() {
        return from;
    }

    /** The state after. */
    public Status to() {
        return to;
    }

    /** How history names it; edits have a type of their own for each kind. */
    public HistoryEntry.Type recordedAs() {
        return recordedAs;
    }

    /** The transition for a change, if it is allowed at all. */
    public static Optional<Transition> of(@Nullable Status from, Status to) {
        return Arrays.stream(values()).filter(t -> t.from == from && t.to == to).findFirst();
    }
}
