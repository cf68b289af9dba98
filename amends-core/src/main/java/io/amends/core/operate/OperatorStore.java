package io.amends.core.operate;

import io.amends.core.causality.Advance;
import io.amends.core.failure.FailedExecution;
import io.amends.core.flow.BuildSeen;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowPoint;
import io.amends.core.flow.FlowSearch;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
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

    /** The most items of a batch. */
    int MOST_ITEMS = 1_000_000;

    // ---- failed executions ----------------------------------------------------------------------------------------

    /** The records that are looked for, without payloads, in this order, from behind this place on. */
    List<FailedExecution> search(FailureSearch search, FailureSort sort, @Nullable FailureCursor after, int limit);

    /** In how much {@link #search}, {@link #count} and {@link #planBatch} look for this text now. */
    TextScope scopeOf(String text);

    /** How many records are looked for; counting ends at {@link QueueCounts#CAP}. */
    Counted count(FailureSearch search);

    /** How much is in the queues. */
    default QueueCounts counts() {
        return counts(ProcessorScope.ALL);
    }

    /**
     * How much of these processors is in the queues. If they are not all, records without a fingerprint, which only older
     * versions have written, are left out.
     */
    QueueCounts counts(ProcessorScope scope);

    // ---- groups ---------------------------------------------------------------------------------------------------

    /** The groups that are looked for; records without a fingerprint are in none. */
    List<FailureGroup> groups(GroupSearch search, int limit);

    /** One group. */
    Optional<FailureGroup> group(String fingerprint);

    /** The builds in which a cause was seen, the latest first; at most 100. */
    List<FailureGroup.SeenIn> seenIn(String fingerprint);

    /** What a fingerprint was made of, as {@link io.amends.core.store.Store#explain} has kept it; empty if nobody has. */
    List<String> why(String fingerprint);

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

    /**
     * Removes groups without records that were seen last longer ago, with what persons said of them; a group with changes
     * that are not folded, or that somebody takes care of, stays. Returns how many.
     */
    int pruneGroups(Duration keep, int limit);

    // ---- lanes and nodes ------------------------------------------------------------------------------------------

    /**
     * Blocked lanes, those that are held longest first, from behind this place on.
     *
     * @param processor of this processor, null for any
     * @param scope of these processors
     */
    List<LaneSummary> blockedLanes(
            @Nullable String processor, ProcessorScope scope, LaneSummary.@Nullable Cursor after, int limit);

    /**
     * Lanes of any processor that something holds and that have to do with a key: it is theirs, it is theirs behind the tenant,
     * or an event in them has it. Blocked ones first, of these those that are held longest. Of events with one key it looks at
     * some thousand.
     *
     * @param processor of this processor, null for any
     * @param scope of these processors
     */
    List<LaneSummary> lanesOf(String key, @Nullable String processor, ProcessorScope scope, int limit);

    /**
     * How many events wait for this and nothing that was done before, counted up to {@code most}; failed executions that wait
     * are left out.
     *
     * @param advances how the streams of the processor would move
     * @param scope counts events of these processors
     */
    int dependents(String processor, Collection<Advance> advances, ProcessorScope scope, int most);

    /** One lane, empty if nothing holds it. */
    Optional<LaneSummary> lane(String processor, String key);

    /**
     * A text that is another one when processors or lanes were paused or resumed, when waits have begun, been tried or ended,
     * or when events were parked or released. Of waits and parked events it knows the first {@link QueueCounts#CAP}.
     */
    String laneMark();

    /** The events of a lane with positions greater than {@code after}, in order. */
    List<LaneSummary.Entry> laneEvents(String processor, String key, long after, int limit);

    /**
     * The event of a lane with the greatest position of those that are done: handled, skipped or stale. It looks at {@link
     * LaneSummary#LOOK_BACK} positions before the first event that is not done, and at as many before how far the lane's slot
     * is, of what the inbox still has. Empty if there is none; also of a lane whose events are not known by their own key,
     * since its processor takes the key from the payload, or keeps a slot in order and not a key.
     */
    Optional<LaneSummary.Done> lastDone(String processor, String key);

    /** The nodes, those that joined last first; at most 1,000. */
    List<NodeStatus> nodes();

    // ---- flow -----------------------------------------------------------------------------------------------------

    /** What waits now. Counts end at {@link FlowNow#CAP}. */
    FlowNow flowNow();

    /** What flowed, by time, then stage, then processor. A piece of time in which no node lived has no points. */
    List<FlowPoint> flow(FlowSearch search);

    /** The builds that began to run in this time, the latest first; at most {@code limit}. */
    List<BuildSeen> buildsSeen(Instant from, Instant to, int limit);

    // ---- batches --------------------------------------------------------------------------------------------------

    /**
     * Freezes the records that are looked for now, at most {@link #MOST_ITEMS}, as the items of a new batch, and says on
     * which of them the command would do nothing.
     */
    BatchPlan planBatch(BatchPlan.Draft draft);

    /**
     * Locks a batch, asks the decision, and writes state, stop, pace and canary as it says. A batch that is cancelled gets its
     * waiting items skipped with the code {@code cancelled} in the same transaction.
     *
     * @return what was decided, with the batch as it is now; a refusal if there is no such batch
     */
    BatchDecision.Result changeBatch(String id, BatchDecision decision);

    /** One batch. */
    Optional<Batch> batch(String id);

    /**
     * Batches, the newest first, below this id; those that are only planned are left out.
     *
     * @param scope whose filter names one of these processors; what names none may reach every processor
     */
    List<Batch> batches(ProcessorScope scope, @Nullable String before, int limit);

    /**
     * Items of a batch in order.
     *
     * @param state only in this state, null for any
     * @param after behind this place
     */
    List<Batch.Item> items(String batch, Batch.@Nullable ItemState state, int after, int limit);

    /** Why items of a batch ended as they did. */
    BatchOutcomes outcomes(String batch);

    /** Takes the batches that begin items or have running ones and have no other live node, and extends the lease. */
    List<Batch> takeBatches(String node, Duration lease);

    /**
     * Gives running items of a retry their outcome where their record has one: done, or a later attempt that failed.
     *
     * @return the outcomes; none if the batch belongs to another node
     */
    List<Batch.ItemState> settleBatch(String batch, String node);

    /**
     * Marks up to {@code limit} waiting items as running, in order, with the attempt that their records have; nothing if the
     * batch belongs to another node, or begins no items.
     *
     * @return how many
     */
    int beginItems(String batch, String node, int limit);

    /** Running items whose record shows no sign of the command, in order. */
    List<Batch.Begun> uncommanded(String batch, String node, int limit);

    /** Gives running items their outcome; those that have one, or a batch of another node, are left alone. */
    void endItems(String batch, String node, List<Batch.Item> items);

    /** Removes batches that were planned and not started for an hour, and those that ended longer ago; returns how many. */
    int pruneBatches(Duration keep, int limit);

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

    /** Removes lines that are older and whose outcome is known; returns how many. */
    int pruneAudit(Duration keep, int limit);

    /**
     * Forgets the keys, with their answers, of commands that are older and whose outcome is known, so that the same key
     * begins another command; their lines stay. Returns how many.
     */
    int forgetRequestKeys(Duration keep, int limit);
}
