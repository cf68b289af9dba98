package io.amends.core.store;

import io.amends.api.EventEnvelope;
import io.amends.api.OnTimeout;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamKey;
import io.amends.core.event.StoredEvent;
import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.HistoryEntry;
import io.amends.core.failure.NewFailure;
import io.amends.core.flow.FlowDelta;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the engine asks of a database: verbs, each atomic in a transaction of its own unless it says otherwise, durable
 * when it returns, at READ COMMITTED or stronger.
 *
 * <p>A lost race is a return value. {@link StoreUnavailableException} means that the outcome is unknown; any other
 * exception that nothing was written. All verbs are thread-safe. The database's clock decides leases and due times.
 * Locks are taken in the order record → lane → progress → waits → cursor. The contract suite in the test kit is the
 * definition; every implementation passes it.
 */
public interface Store {

    // ---- publish --------------------------------------------------------------------------------------------------

    /** Access to the calling thread's transaction, for publishing. */
    CallerTransaction caller();

    // ---- relay and doors ------------------------------------------------------------------------------------------

    /**
     * Moves up to {@code limit} outbox rows into the inbox, in the order of their sequence, and numbers them from head +
     * 1 on without gaps. Never waits for another node's relay.
     */
    RelayResult relay(int limit);

    /**
     * Appends events that come from outside, in the order given, under the head's lock; all or nothing. After its commit
     * the listeners of this node hear {@link Signal#INBOX} before it returns, those of other nodes soon.
     *
     * @return what became of each, in order
     */
    List<AppendResult> append(List<EventEnvelope> events, String origin);

    // ---- read -----------------------------------------------------------------------------------------------------

    /** Reads up to {@code limit} events with positions greater than {@code after}. */
    InboxBatch read(long after, int limit);

    /** Moves cursors that have nothing to handle in between; returns the moves that were made. */
    List<CursorMove> carryForward(List<CursorMove> moves);

    /**
     * Removes up to {@code limit} inbox events that every registered processor has passed and that are older than {@code
     * keep}; also forgets dedupe entries older than their horizon.
     *
     * @return how many events
     */
    int retain(Duration keep, int limit);

    // ---- handle ---------------------------------------------------------------------------------------------------

    /**
     * Runs work in a new transaction bound to the calling thread, which the publisher and the application's own data
     * access join.
     *
     * @param timeout how long the transaction may live at all; the database ends an idle one after it
     */
    <T> TransactionResult<T> inTransaction(Duration timeout, HandlerWork<T> work);

    // ---- fail and park --------------------------------------------------------------------------------------------

    /**
     * Records a failure, holds its lane if it names one, and passes the event: moves the cursor, or turns the lane row
     * from parked to failed.
     *
     * @return false if the fence or the position is another one, or a person has said meanwhile something else of an event
     *     whose wait was too long: nothing was written
     */
    boolean recordFailure(RunOrigin origin, NewFailure failure);

    /**
     * Parks an event behind its lane, deciding after the lane was locked.
     *
     * @param provides the entities that it moves when it is done: what waits in the lane for one of them lets it overtake
     */
    ParkResult park(CursorMove move, String laneKey, StoredEvent event, List<StreamKey> provides);

    /**
     * Lets an event wait, holds its lane, and passes it: moves the cursor, or turns its lane row into a waiting one. For a
     * version it announces itself at the entity, where whoever does that version looks, and then looks itself: one of
     * both finds the other. What provides the version may overtake it in its lane. An event that waits once more does so only
     * if nobody, nor its time, has ended its wait meanwhile.
     */
    WaitResult enterWait(RunOrigin origin, NewWait wait);

    /**
     * The same for a failed execution whose attempt was too early; the decision ends the attempt.
     *
     * @return {@link WaitResult#LOST} if the decision is a refusal
     */
    WaitResult enterWait(FailureId failure, Decision decision, NewWait wait);

    /**
     * Ends the waits in these slots whose time has come. A wait is too long only when whoever should have done what it
     * waits for has passed the head of the moment in which its time was over; so an outage ends none.
     *
     * @return when the next wait is due by time, an hour from now at most; null if nothing of the processor waits
     */
    @Nullable Duration endWaits(String processor, List<Claim> claims);

    /**
     * Makes due what waits for something that is done, of up to {@code limit} waits whose turn it is to be looked at, as {@link
     * #untangle} says. No verb leaves such a wait behind; a restored backup or a change by hand may.
     *
     * @return how many
     */
    int wakeForgotten(String processor, int limit);

    /**
     * Looks at up to {@code limit} waits of the processor, each when it begins and again after as long as it lasts already,
     * whether they hold up what they wait for: it stands in its lane behind an event that waits, directly or through more of
     * them (a thousand are followed), for something that stands behind the first wait. What such a wait waits for is let
     * overtake the waiting and parked events of its lane, never those whose handler failed. Waits that wait for one another
     * directly stay as they are: only their timeout ends them.
     *
     * @return what was let overtake; its lane may have a row that may run now
     */
    List<Untangled> untangle(String processor, int limit);

    /**
     * Locks the record, then its lane, asks the decision, and writes what it says.
     *
     * @param advances how streams move if the change ends the record: forward or not at all
     * @param dependents what becomes of the events that wait for that, failed executions among them left out: they run, or
     *     their waits end like this, as if a person had said so of each
     * @return what was decided; {@link Change.Refuse} with NOT_FOUND if there is no such record
     */
    Change change(FailureId failure, Decision decision, Collection<Advance> advances, OnTimeout dependents);

    /** The same, and what waits for it runs. */
    Change change(FailureId failure, Decision decision, Collection<Advance> advances);

    /**
     * The same for changes that end no record, all in one transaction that waits for nobody: it decides about those of the
     * records whose locks it gets at once, with those of their lanes.
     *
     * @param decision called once for each of them, in this order
     * @return what was decided; without those that are not there, or that somebody else has locked
     */
    Map<FailureId, Change> changeMany(List<FailureId> failures, Decision decision);

    /**
     * Gives a record to another processor, and with it all of its lane that is not done: records by the decision, what is parked
     * as it is, events that wait as parked ones, so that their new processor says what they wait for. The lane there is of the
     * same key, and its slot loses its owner, so that the next one knows of it. All in one transaction, or nothing; refused
     *
     * <ul>
     *   <li>by the decision, about any record of the lane
     *   <li>UNKNOWN_PROCESSOR, TARGET_LANE_DIFFERS: the other processor is not registered, or keeps other lanes
     *   <li>UNKNOWN_FOLLOWER: it does not take the type of an event of the lane
     *   <li>TARGET_HAS_EVENT: it took that type already when the event came by, or has yet to pass it
     *   <li>TARGET_LANE_HELD: something holds that lane, or somebody has paused it
     *   <li>CHANGED_MEANWHILE: a record was added to the lane while the others were locked
     * </ul>
     *
     * @return what became of the record that was named
     */
    Change moveLane(FailureId failure, LaneMove move);

    // ---- compensate -----------------------------------------------------------------------------------------------

    /**
     * Asks the decision about records of these slots that are due, or PREPARED under another fence, oldest first, and
     * writes what it says, in one transaction that holds the claims' fences: a record whose claim is lost is left alone.
     */
    DueBatch claimDue(DueQuery query, Decision decision);

    /** The lanes that hold something in this slot; read after the claim was made. */
    List<HeldLane> heldLanes(Claim claim);

    /** Up to {@code limit} lanes of these slots that have a row which may run now: a parked event, or one whose wait is over. */
    List<HeldLane> releasedLanes(String processor, List<Claim> claims, int limit);

    /** The first row of a lane that is not done, empty if nothing holds it. */
    Optional<LaneEvent> laneHead(String processor, String laneKey);

    /**
     * The first row of a lane that may run now: a parked event, or one whose wait is over, that nothing before it holds
     * up, or for which something before it waits while no failed handler is before it.
     */
    Optional<LaneEvent> nextInLane(String processor, String laneKey);

    // ---- own ------------------------------------------------------------------------------------------------------

    /**
     * Joins the cluster: registers the node with its first lease, and each processor's function set; another set than
     * the registered one raises the processor's fences and ends its ownerships in the same transaction.
     *
     * @throws MappingChangedException if a processor's mapping is not the registered one; nothing is registered
     */
    void join(NodeRegistration node, Duration lease);

    /** Extends the node's lease. */
    Membership heartbeat(String nodeId, Duration lease);

    /**
     * Takes up to {@code most} slots that have no live owner; each gets a new fence. A take-over from an owner that died
     * counts up the slot's suspects, and those of the parked first rows of its lanes.
     *
     * @param types event types that the node has functions for: slots that need another one are left alone
     */
    List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most);

    /**
     * Raises the fence of a slot that the node owns, after its connection was lost, and reads the position again.
     *
     * @return empty if the slot has another owner or fence
     */
    Optional<TakenSlot> reclaim(String nodeId, Claim claim);

    /**
     * Gives slots back; claims that are lost are ignored.
     *
     * @param neededType the event type that the next owner must have a function for, or null
     */
    void giveBack(List<Claim> claims, @Nullable String neededType);

    /** Leaves the cluster: gives everything back and ends the lease. */
    void leave(String nodeId);

    // ---- operate --------------------------------------------------------------------------------------------------

    /** Lists records without payloads, newest id first, starting below {@code before}. */
    List<FailedExecution> failures(FailureFilter filter, @Nullable FailureId before, int limit);

    /** One record with its payload. */
    Optional<FailedExecution> failure(FailureId id);

    /** The history of a record, oldest first. */
    List<HistoryEntry> history(FailureId id);

    /** Keeps what a fingerprint was made of; does nothing if that is kept already. Removed with its group. */
    void explain(Fingerprint cause);

    /** How many events are parked behind a record in its lane. */
    long followers(FailureId id);

    /** Up to {@code limit} waits by position, starting above {@code after}; of one processor, or of all if it is null. */
    List<WaitingEvent> waits(@Nullable String processor, long after, int limit);

    /**
     * Ends a wait as if it had lasted too long; false if there is no such wait, or a failed execution has taken its place.
     * Recorded with actor and reason, unless {@code audited} says that the caller has recorded it.
     */
    boolean endWait(
            String processor, long position, OnTimeout then, String actor, @Nullable String reason, boolean audited);

    /**
     * Pauses or resumes a processor on all nodes; what it waits for has more time by as long as it was paused. False if there is no such processor.
     * Recorded with actor and reason, unless {@code audited} says that the caller has recorded it.
     */
    boolean pause(String processor, boolean paused, String actor, @Nullable String reason, boolean audited);

    /**
     * Pauses a lane, whether something holds it or not: its events are parked in order, at the latest from the next heartbeat
     * of the slot's owner on, and handled directly until then; nothing of it is released, no attempt of its records begins,
     * and none of its waits lasts too long. What runs ends. Recorded with actor and reason, unless the command says that
     * it is.
     */
    LaneChange pauseLane(LaneCommand command);

    /**
     * Resumes a lane: what is parked is released in order, and what waits has more time by as long as the lane was paused (not
     * counting twice what its processor was). Recorded with actor and reason, unless the command says that it is.
     */
    LaneChange resumeLane(LaneCommand command);

    /**
     * Puts values over a function's retry policy, in the place of those before; nodes take them up with their next heartbeat.
     * False if there is no such processor. Recorded with actor and reason, unless the draft says that it is.
     */
    boolean overridePolicy(PolicyOverride.Draft draft);

    /**
     * Ends an override; false if there is none. Recorded with actor and reason, unless {@code audited} says that the caller has
     * recorded it.
     */
    boolean removeOverride(String processor, String function, String actor, @Nullable String reason, boolean audited);

    /** The overrides of a processor that have not ended by time, by function. */
    List<PolicyOverride> overrides(String processor);

    /** How far every processor is. */
    List<ProcessorGauge> gauges();

    // ---- maintenance ----------------------------------------------------------------------------------------------

    /**
     * Lets the database take notice of tables that have grown since it last looked at them, so that it keeps finding the short
     * way through what waits; returns how many had. Called often while something waits, and cheap then.
     */
    int noticeGrowth();

    /**
     * Forgets up to {@code limit} tombstones of streams that are older than {@code keep} and that no event waits for;
     * returns how many.
     */
    int forgetTombstones(Duration keep, int limit);

    /** Removes up to {@code limit} records that are done for longer than {@code keep}; returns how many. */
    int prune(Duration keep, int limit);

    /**
     * Adds what a node counted to the minutes, ten minutes and hours of the database's clock.
     *
     * @param batch the node's own numbering of these calls, from 1 on: a call that is repeated after a lost reply adds nothing
     * @return whether it was added; false if this batch, or a later one, of the node was added before
     */
    boolean addFlow(String nodeId, long batch, List<FlowDelta> deltas);

    /**
     * Writes down what waits in each stage and which builds run, at most once in {@code pace} whichever node calls; so a minute
     * without events is another thing than a minute without nodes.
     *
     * @param keepPassed how long events that all have passed are to be kept, as {@link #retain} is told
     * @return whether it was time
     */
    boolean sampleFlow(Duration pace, Duration keepPassed);

    /** Removes up to {@code limit} numbers of each level that are older than it keeps them; returns the most of one level. */
    int pruneFlow(int limit);

    /** Tells other nodes; a hint that may be lost. Never part of a transaction. */
    void signal(Signal signal);

    /**
     * Calls the listener for signals of other nodes, and for local commits that published or that ended waits; it must not block.
     *
     * @return stops it
     */
    AutoCloseable listen(SignalListener listener);

    /** Whether the error means that the database is away, so that trying again later is right. */
    boolean isUnavailable(Throwable error);
}
