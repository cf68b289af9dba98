package io.amends.core.handle;

import io.amends.api.RetryPolicy;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.failure.FailureId;
import io.amends.core.step.Conductor;
import io.amends.core.store.Membership.ProcessorState;
import io.amends.core.store.PolicyOverride;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A processor on this node: its definition, its share of concurrency, and what the cluster says about it. */
public final class LocalProcessor {
    /** More causes than a processor has; beyond them they are met anew. */
    private static final int MOST_CAUSES = 1000;

    private final Set<String> causes = ConcurrentHashMap.newKeySet();

    private static final Logger LOG = LoggerFactory.getLogger(LocalProcessor.class);

    /** The most records prepared at the same time because they share transactions: each is in memory with its payload. */
    private static final int MOST_RETRIES = 500;

    private final ProcessorDefinition definition;
    private final Conductor.Group group;
    private final AtomicInteger stuck = new AtomicInteger();
    private final AtomicInteger aside = new AtomicInteger();
    private final AtomicInteger retrying = new AtomicInteger();
    private final Set<String> inHand = new ConcurrentSkipListSet<>();
    private final SatisfiedWaits satisfied = new SatisfiedWaits();
    private volatile Set<String> registered = Set.of();
    private volatile Set<String> elsewhere = Set.of();
    private volatile Set<String> pausedLanes = new ConcurrentSkipListSet<>();
    private volatile Map<String, RetryPolicy> policies = Map.of();
    private volatile boolean paused;
    private volatile boolean suspended;
    private volatile boolean halted;
    private volatile boolean waits;

    /** Creates it with a group of its own. */
    public LocalProcessor(ProcessorDefinition definition, Conductor conductor) {
        this.definition = definition;
        this.group = conductor.group(definition.name(), definition.concurrency());
    }

    /** The definition. */
    public ProcessorDefinition definition() {
        return definition;
    }

    /** What its events need not wait for. */
    SatisfiedWaits satisfied() {
        return satisfied;
    }

    /** The limit that slots, lanes and retries of the processor share. */
    public Conductor.Group group() {
        return group;
    }

    /** Event types that some build has registered for it. */
    public Set<String> registered() {
        return registered;
    }

    /** Whether another live node has a function for the type. */
    public boolean othersHave(String eventType) {
        return elsewhere.contains(eventType);
    }

    /** Event types that other live nodes have functions for, and this build has none. */
    public Set<String> missingTypes() {
        Set<String> missing = new TreeSet<>(elsewhere);
        missing.removeAll(types());
        return missing;
    }

    /** Event types that no other live node has a function for, so that this node has to do what can be done for them. */
    public Set<String> typesToCareFor() {
        Set<String> types = new TreeSet<>(registered);
        types.removeAll(elsewhere);
        types.addAll(types());
        return types;
    }

    /** Whether no run may begin: paused by a person, stopped for stuck threads, or the node's lease in doubt. */
    public boolean isHalted() {
        return paused || suspended || halted;
    }

    /** Whether it stopped on this node because too many runs ignore their interrupt. */
    public boolean isStuck() {
        return halted;
    }

    /** Takes what the last heartbeat said. */
    public void update(ProcessorState state, Set<String> nowElsewhere, String build) {
        policies = policies(state.overrides(), build);
        registered = new TreeSet<>(state.types());
        elsewhere = new TreeSet<>(nowElsewhere);
        pausedLanes = new ConcurrentSkipListSet<>(state.pausedLanes());
        paused = state.paused();
    }

    private Map<String, RetryPolicy> policies(List<PolicyOverride> overrides, String build) {
        Map<String, RetryPolicy> found = new TreeMap<>();
        for (PolicyOverride override : overrides) {
            FunctionDefinition function = definition.function(override.function());
            if (function == null || !override.holdsFor(build)) {
                continue;
            }
            try {
                found.put(function.name(), override.change().over(function.policy()));
            } catch (IllegalArgumentException e) {
                LOG.warn(
                        "processor {}: the override of {} does not fit this build, and is left out: {}",
                        definition.name(),
                        function.name(),
                        e.getMessage());
            }
        }
        return found;
    }

    /** How failures of the function are retried now: as its definition says, and what was put over it. */
    RetryPolicy policyOf(FunctionDefinition function) {
        RetryPolicy overridden = policies.get(function.name());
        return overridden == null ? function.policy() : overridden;
    }

    /** Whether a person had paused the lane at the last heartbeat, and nothing has shown since that it is free. */
    boolean isPausedLane(String lane) {
        return pausedLanes.contains(lane);
    }

    /** The lane was found free: it was resumed meanwhile. */
    void isFreeLane(String lane) {
        pausedLanes.remove(lane);
    }

    /** Holds runs back while the node does not know whether its lease still holds. */
    public void suspend(boolean nowSuspended) {
        suspended = nowSuspended;
    }

    /** Event types that this build has functions for. */
    public Set<String> types() {
        return new TreeSet<>(definition.functionsByType().keySet());
    }

    /** Names of this build's functions. */
    public Set<String> functionNames() {
        Set<String> names = new TreeSet<>();
        for (FunctionDefinition function : definition.functions()) {
            names.add(function.name());
        }
        return names;
    }

    /**
     * How many records of it may be prepared now. In all it is four times what runs at the same time, or as many as fit into its
     * transactions where events share them.
     */
    public int freeForRetries() {
        return Math.max(0, retryPlaces() - retrying.get());
    }

    /** How many records of it may be prepared and not ended at the same time. */
    public int retryPlaces() {
        int shared = Math.min(MOST_RETRIES, definition.concurrency() * definition.batch());
        return Math.max(4 * definition.concurrency(), shared);
    }

    /** Counts a retry that begins. */
    public void retryBegins() {
        retrying.incrementAndGet();
    }

    /** Counts retries that end; whether just now half of the places became free. */
    public boolean retriesEnd(int count) {
        int half = retryPlaces() / 2;
        int now = retrying.addAndGet(-count);
        return now <= half && now + count > half;
    }

    /** Takes note whether some event of it waits, on whichever node. */
    public void noteWaits(boolean some) {
        waits = some;
    }

    /** Whether something of it waited when somebody looked. */
    public boolean hasWaits() {
        return waits;
    }

    /** Takes an attempt in hand: until it is let go, this node counts it as running however long it waits for a place. */
    public void takeInHand(FailureId failure, int attempt) {
        inHand.add(failure + "/" + attempt);
    }

    /** The attempt has ended, or was abandoned. */
    public void letGo(FailureId failure, int attempt) {
        inHand.remove(failure + "/" + attempt);
    }

    /** Whether the attempt runs on this node, or waits for a place here. */
    public boolean hasInHand(FailureId failure, int attempt) {
        return inHand.contains(failure + "/" + attempt);
    }

    /** Counts a run that steps aside, unless as many as may run at all have done so. */
    boolean beginAside() {
        if (aside.incrementAndGet() <= definition.concurrency()) {
            return true;
        }
        aside.decrementAndGet();
        return false;
    }

    /** A run that stepped aside has ended. */
    void endAside() {
        aside.decrementAndGet();
    }

    /** A run was abandoned: beyond the limit the processor stops on this node, visibly. */
    void countStuck(int limit) {
        int now = stuck.incrementAndGet();
        LOG.warn("processor {}: a run ignores its interrupt; {} such threads now", definition.name(), now);
        if (now > limit) {
            halted = true;
            LOG.error(
                    "processor {} stopped on this node: {} runs ignore their interrupt (limit {}); restart the process",
                    definition.name(),
                    now,
                    limit);
        }
    }

    /** An abandoned run has come back. */
    void countReturned() {
        stuck.decrementAndGet();
    }

    /** Whether this node meets a cause for the first time. */
    boolean meets(String fingerprint) {
        if (causes.size() >= MOST_CAUSES) {
            causes.clear();
        }
        return causes.add(fingerprint);
    }

    void forgets(String fingerprint) {
        causes.remove(fingerprint);
    }
}
