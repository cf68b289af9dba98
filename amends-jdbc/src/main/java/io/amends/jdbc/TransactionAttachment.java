package io.amends.jdbc;

/** What a transaction calls at its turning points, in the thread it is bound to. */
public interface TransactionAttachment {
    /**
     * Called as late as possible before COMMIT, after the application's own callbacks; may write. An exception makes the
     * transaction roll back.
     */
    void beforeCommit();

    /** Called after a savepoint was made. */
    void savepointMade(Object savepoint);

    /**
     * Called after a rollback to a savepoint; one that was not announced is older than the attachment.
     *
     * @param savepoint equal to the one announced
     */
    void rolledBackTo(Object savepoint);

    /** Called after the end, when the connection is no longer the transaction's; must not write and not throw. */
    void completed(boolean committed);
}
