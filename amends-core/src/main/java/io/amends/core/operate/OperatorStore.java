package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of the tables, apart from the verbs that the engine needs. Each call is a transaction of its own and
 * sees what was committed before. Thread-safe.
 *
 * <p>All methods throw {@link io.amends.core.store.StoreUnavailableException} if the database is away.
 */
public interface OperatorStore {

    // ---- failed executions ----------------------------------------------------------------------------------------

    /** The records that are looked for, without payloads, in this order, from behind this place on. */
    List<FailedExecution> search(FailureSearch search, FailureSort sort, @Nullable FailureCursor after, int limit);

    /** How many records are looked for; counting ends at {@link QueueCounts#CAP}. */
    Counted count(FailureSearch search);

    /** How much is in the queues. */
    QueueCounts counts();

    // ---- audit ----------------------------------------------------------------------------------------------------

    /**
     * Writes the line of a command that is about to begin, with the result UNKNOWN.
     *
     * @param key the command's key, or null; the same actor's second command with a key gets no line
     */
    AuditTicket begin(AuditEntry entry, AuditTicket.@Nullable Key key);

    /** Writes what became of a command; only the first call for a line counts. */
    void end(long n, AuditOutcome outcome);

    /** The lines that are looked for, the newest first, below this number. */
    List<AuditLine> audit(AuditSearch search, @Nullable Long before, int limit);
}
