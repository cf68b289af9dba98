package io.amends.api;

/** Where a processor starts that the database does not know yet. */
public enum StartFrom {
    /** After the newest event at the time of its registration. */
    NOW,
    /** At the oldest event that the log still has. */
    EARLIEST
}
