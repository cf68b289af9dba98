package io.amends.core.causality;

import org.jspecify.annotations.Nullable;

/**
 * How an event moves an entity's stream when it is done.
 *
 * @param entity the entity
 * @param version the event's version of it
 * @param deletes whether the event deletes it: what is written is a tombstone
 * @param rule what a version means that is not newer than what was done
 * @param since what had been done of the entity when the handler began ({@link StreamVersion#NOTHING} for nothing), which
 *     must be all when it ends: a delete that runs beside the creation does not see what it deletes, however new it is;
 *     null if that was not asked
 */
public record Advance(
        StreamKey entity,
        StreamVersion version,
        boolean deletes,
        Rule rule,
        @Nullable StreamVersion since) {

    /** How an event moves a stream, before anybody has asked what was done. */
    public Advance(StreamKey entity, StreamVersion version, boolean deletes, Rule rule) {
        this(entity, version, deletes, rule, null);
    }

    /** What it means that the stream is there already. */
    public enum Rule {
        /** An event whose version is not greater is stale. */
        SKIP_OLDER_AND_EQUAL,
        /** An event whose version is smaller is stale; an equal one is handled again. */
        SKIP_OLDER,
        /**
         * An event with an equal version, or of an older epoch, is stale; one with a smaller version comes too late, and is a
         * failure.
         */
        FAIL_OLDER,
        /** The event is handled; a version that is not greater leaves the stream as it is. */
        NEVER_SKIP
    }

    /** The same, for a handler that began when this had been done. */
    public Advance since(StreamVersion done) {
        return new Advance(entity, version, deletes, rule, done);
    }

    /** Whether the advance may be refused; another one moves the stream forward or not at all. */
    public boolean isGuarded() {
        return since != null || rule != Rule.NEVER_SKIP;
    }

    /** Whether it may not be written any more if this has been done meanwhile. */
    public boolean isOvertakenBy(StreamVersion done) {
        return isStaleAt(done) || isLateAt(done) || (since != null && !since.equals(done));
    }

    /** Whether the event is stale if this was done already. */
    public boolean isStaleAt(StreamVersion done) {
        int compared = version.compareTo(done);
        return switch (rule) {
            case SKIP_OLDER_AND_EQUAL -> compared <= 0;
            case SKIP_OLDER -> compared < 0;
            case FAIL_OLDER -> compared == 0 || version.epoch() < done.epoch();
            case NEVER_SKIP -> false;
        };
    }

    /** Whether the event comes too late if this was done already. */
    public boolean isLateAt(StreamVersion done) {
        return rule == Rule.FAIL_OLDER && version.epoch() == done.epoch() && version.version() < done.version();
    }
}
