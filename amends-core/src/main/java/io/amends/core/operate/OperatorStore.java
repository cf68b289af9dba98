package io.amends.core.operate;

import io.amends.core.failure.FailedExecution;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

    // ---- groups ---------------------------------------------------------------------------------------------------

    /** The groups that are looked for; records without a fingerprint are in none. */
    List<FailureGroup> groups(GroupSearch search, int limit);

    /** One group. */
    Optional<FailureGroup> group(String fingerprint);

    /** The builds in which a cause was seen, the latest first; at most 100. */
    List<FailureGroup.SeenIn> seenIn(String fingerprint);

    /** Writes a note in the place of the one before, null for none. */
    void note(String fingerprint, String actor, @Nullable String note);

    /**
     * Says that somebody takes care of a group, in the place of what was said before.
     *
     * @param duration for how long, null without end
     * @param above it ends when more attempts than this have failed, or null
     */
    void acknowledge(String fingerprint, String actor, @Nullable Duration duration, @Nullable Long above);

    /** Says that nobody takes care of a group any more. */
    void unacknowledge(String fingerprint);

    /**
     * Folds up to {@code limit} changes into the groups, and forgets trends that are older than 8 days. Changes no answer;
     * one node at a time does it, the others get 0 at once.
     *
     * @return how many changes
     */
    int foldGroups(int limit);

    // ---- lanes and nodes ------------------------------------------------------------------------------------------

    /**
     * Blocked lanes, those that are held longest first, from behind this place on.
     *
     * @param processor of this processor, null for any
     */
    List<LaneSummary> blockedLanes(@Nullable String processor, LaneSummary.@Nullable Cursor after, int limit);

    /** One lane, empty if nothing holds it. */
    Optional<LaneSummary> lane(String processor, String key);

    /** The events of a lane with positions greater than {@code after}, in order. */
    List<LaneSummary.Entry> laneEvents(String processor, String key, long after, int limit);

    /** The nodes, those that joined last first; at most 1,000. */
    List<NodeStatus> nodes();

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
