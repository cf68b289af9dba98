package io.amends.core.causality;

/**
 * How an event moves an entity's stream when it is done.
 *
 * @param entity the entity
 * @param version the event's version of it
 * @param deletes whether the event deletes it: what is written is a tombstone
 * @param rule what a version means that is not newer than what was done
 */
public record Advance(StreamKey entity, StreamVersion version, boolean deletes, Rule rule) {

    /** What it means that the stream is there already. */
    public enum Rule {
        /** An event whose version is not greater is stale. */
        SKIP_OLDER_AND_EQUAL,
        /** An event whose version is smaller is stale; an equal one is handled again. */
        SKIP_OLDER,
        /** The event is handled; a version that is not greater leaves the stream as it is. */
        NEVER_SKIP
    }

    /** Whether the event is stale if this was done already. */
    public boolean isStaleAt(StreamVersion done) {
        int compared = version.compareTo(done);
        return switch (rule) {
            case SKIP_OLDER_AND_EQUAL -> compared <= 0;
            case SKIP_OLDER -> compared < 0;
            case NEVER_SKIP -> false;
        };
    }
}
