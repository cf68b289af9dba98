package io.amends.core.store;

/**
 * What runs inside a handler transaction.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface HandlerWork<T> {

    /**
     * Runs, and says whether to commit.
     *
     * @throws Throwable anything; rolls back
     */
    Verdict<T> run(HandlerTransaction transaction) throws Throwable;

    /**
     * What to do with the transaction.
     *
     * @param commit whether to commit
     * @param value handed to the caller
     */
    record Verdict<T>(boolean commit, T value) {}
}
