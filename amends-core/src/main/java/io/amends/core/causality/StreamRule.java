package io.amends.core.causality;

/**
 * A declaration that a function's events move a stream.
 *
 * @param stream the stream
 * @param keyPath the payload path to the entity, empty for the event's own key
 * @param versionPath the payload path to the version, empty for the event's own version
 * @param epochPath the payload path to the epoch, empty for the event's own epoch
 * @param deletes whether the events delete the entity
 * @param rule what is stale
 */
public record StreamRule(
        String stream, String keyPath, String versionPath, String epochPath, boolean deletes, Advance.Rule rule) {}
