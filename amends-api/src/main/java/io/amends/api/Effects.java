package io.amends.api;

/** Where a function's effects go, which decides what can be promised. */
public enum Effects {
    /** Into the engine's database, in the engine's transaction: effects happen once. */
    DATABASE,
    /** Elsewhere, or in a transaction of their own: effects happen at least once. */
    OUTSIDE
}
