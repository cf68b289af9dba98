package io.amends.core.store;

/**
 * How a handler transaction ended.
 *
 * @param <T> what the work returns
 */
public sealed interface TransactionResult<T> {

    /**
     * Committed.
     *
     * @param value what the work returned
     */
    record Committed<T>(T value) implements TransactionResult<T> {}

    /**
     * Rolled back because the work asked for it.
     *
     * @param value what the work returned
     */
    record RolledBack<T>(T value) implements TransactionResult<T> {}

    /**
     * Rolled back because something was thrown between BEGIN and COMMIT.
     *
     * @param error what was thrown, never null
     * @param serialization whether it was a serialization failure or a deadlock (SQLSTATE 40001, 40P01)
     */
    record Threw<T>(Throwable error, boolean serialization) implements TransactionResult<T> {}

    /**
     * The connection was lost: committed or not is unknown. Raise the fence and read the position again.
     *
     * @param error what was seen
     */
    record ConnectionLost<T>(Throwable error) implements TransactionResult<T> {}
}
