package io.amends.jdbc;

import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/** A transaction bound to the thread; used by that thread only, and no longer than the transaction lives. */
public interface JdbcTransaction {
    /**
     * The connection it runs on, the same that the application's data access uses. The store neither commits, rolls back
     * nor closes it; it may call {@link Connection#abort} from another thread.
     */
    Connection connection();

    /** Writes to the connection what persistence contexts hold back; without any, does nothing. */
    void flush();

    /** What was attached, null if nothing was. */
    @Nullable TransactionAttachment attachment();

    /** Attaches what is called at the transaction's turning points; once in a transaction. */
    void attach(TransactionAttachment attachment);
}
