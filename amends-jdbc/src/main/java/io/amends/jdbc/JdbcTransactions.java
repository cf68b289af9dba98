package io.amends.jdbc;

import java.util.Optional;

/**
 * How the store reaches the transactions that application code takes part in: the caller's, which publishing joins, and
 * the ones that handlers run in. {@link PlainJdbcTransactions} is for plain JDBC; a framework brings its own.
 *
 * <p>Thread-safe. Transactions are bound to the thread that opened them.
 */
public interface JdbcTransactions {
    /** The calling thread's transaction on the store's database, empty if there is none. */
    Optional<JdbcTransaction> current();

    /**
     * Runs work in a new READ COMMITTED transaction that is bound to the calling thread, apart from the one that the
     * thread may have, and commits if the work returns true; rolls back otherwise, or if something is thrown.
     *
     * <p>What the work throws comes out unchanged, unless the rollback fails too. Anything else that comes out is from
     * the begin or the commit; the {@link java.sql.SQLException} is in its cause chain.
     */
    void inNew(Body body) throws Throwable;

    /** What runs inside a new transaction. */
    @FunctionalInterface
    interface Body {
        /**
         * Runs.
         *
         * @return whether to commit
         */
        boolean run(JdbcTransaction transaction) throws Throwable;
    }
}
