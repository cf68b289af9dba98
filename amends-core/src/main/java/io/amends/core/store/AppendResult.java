package io.amends.core.store;

/** What became of an event that came through a door. */
public enum AppendResult {
    /** It has a position now. */
    APPENDED,
    /** The same (source, id) with the same content came before: nothing to do. */
    DUPLICATE,
    /** The same (source, id) came before with other content: not appended, kept visibly in the rejected table. */
    CONFLICT
}
