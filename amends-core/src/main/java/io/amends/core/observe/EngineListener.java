package io.amends.core.observe;

import io.amends.core.failure.FailureReason;
import java.time.Duration;
import java.util.List;

/**
 * Hears what the engine does, for metrics and logs. Called from the engine's threads after the fact; must be fast and
 * must not block. What it throws is logged and changes nothing.
 */
public interface EngineListener {

    /** Does nothing. */
    EngineListener NONE = new EngineListener() {};

    /** Events were written into the outbox's transaction (which may still roll back). */
    default void published(String eventType, int count) {}

    /** A relay batch ended. */
    default void relayed(int moved, int duplicates, int rejected) {}

    /**
     * A relay batch that found something ended.
     *
     * @param took how long its transaction took
     * @param waited how long each event had been in the outbox
     */
    default void leftOutbox(Duration took, List<Duration> waited) {}

    /** An event that nothing had held up was handled, so long after it came into the inbox. */
    default void leftInbox(String processor, Duration waited) {}

    /** An event that was parked or waited was handled. */
    default void released(String processor) {}

    /** A person declared a failed execution dealt with, on this node. */
    default void skipped(String processor, String function) {}

    /** An event was handled in its slot or from its lane. */
    default void handled(String processor, String function, Duration took) {}

    /** An event was older than what was done already for its entity, and so was not handled. */
    default void stale(String processor, String function) {}

    /** An event passed because its type is registered by no build. */
    default void passedUnknownType(String processor, String eventType) {}

    /** A failed execution was recorded. */
    default void failed(String processor, String function, FailureReason reason) {}

    /** An immediate re-run within an attempt. */
    default void reran(String processor, String function) {}

    /** A scheduled or requested attempt of a failed execution ended. */
    default void retried(String processor, String function, boolean succeeded) {}

    /** An event was parked behind an earlier one. */
    default void parked(String processor) {}

    /** An event was too early, and waits. */
    default void waiting(String processor, String function) {}

    /** What waits waited for was done, and they had not been told: they are now. Never in the course of things. */
    default void foundForgotten(String processor, int waits) {}

    /** Waits held each other across lanes, and what one of them waits for was let overtake. */
    default void untangled(String processor) {}

    /** A slot was taken, given back or lost. */
    default void leaseChanged(String processor, LeaseChange change) {}

    /** A run's result counted for nothing, since another owner or attempt was first. */
    default void refused(String processor) {}

    /** How a slot changed hands. */
    enum LeaseChange {
        /** Taken over. */
        TAKEN,
        /** Given back. */
        GIVEN_BACK,
        /** Found to belong to somebody else. */
        LOST,
        /** Its fence was raised after a lost connection. */
        RECLAIMED
    }
}
