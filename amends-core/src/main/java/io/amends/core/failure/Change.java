package io.amends.core.failure;

import org.jspecify.annotations.Nullable;

/** What a decision makes of a record. */
public sealed interface Change {

    /**
     * Writes the record and a line of history. If the record is done after it, its lane row is removed in the same
     * transaction, and the lane released if the next row is a parked event.
     *
     * @param after the record to write
     * @param entry the line of history
     */
    record Write(FailedExecution after, HistoryEntry entry) implements Change {}

    /** Removes the record, its history and its lane row: a run that stepped aside and succeeded. */
    record Remove() implements Change {}

    /**
     * Changes nothing.
     *
     * @param refusal why
     * @param detail what exactly, or null
     */
    record Refuse(Refusal refusal, @Nullable String detail) implements Change {
        /** A refusal that says all. */
        public Refuse(Refusal refusal) {
            this(refusal, null);
        }
    }
}
