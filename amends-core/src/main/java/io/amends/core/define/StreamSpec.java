package io.amends.core.define;

import io.amends.api.Advances;
import io.amends.api.SkipStale;
import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamRule;

/**
 * How a function's events move a stream: the programmatic equivalent of {@link SkipStale} and {@link Advances}.
 * Immutable.
 */
public final class StreamSpec {
    private final StreamRule rule;

    private StreamSpec(StreamRule rule) {
        this.rule = rule;
    }

    /** A stream of this name, usually the kind of entity; key, version and epoch are the event's own. */
    public static StreamSpec of(String stream) {
        return new StreamSpec(new StreamRule(stream, "", "", "", false, Advance.Rule.SKIP_OLDER_AND_EQUAL));
    }

    static StreamSpec of(SkipStale declared) {
        return new StreamSpec(new StreamRule(
                declared.stream(),
                declared.key(),
                declared.version(),
                declared.epoch(),
                declared.deletes(),
                declared.acceptEqual() ? Advance.Rule.SKIP_OLDER : Advance.Rule.SKIP_OLDER_AND_EQUAL));
    }

    static StreamSpec of(Advances declared) {
        return new StreamSpec(new StreamRule(
                declared.stream(),
                declared.key(),
                declared.version(),
                declared.epoch(),
                false,
                Advance.Rule.NEVER_SKIP));
    }

    /** The same with the entity at this payload path. */
    public StreamSpec key(String path) {
        return new StreamSpec(
                new StreamRule(rule.stream(), path, rule.versionPath(), rule.epochPath(), rule.deletes(), rule.rule()));
    }

    /** The same with the version at this payload path. */
    public StreamSpec version(String path) {
        return new StreamSpec(
                new StreamRule(rule.stream(), rule.keyPath(), path, rule.epochPath(), rule.deletes(), rule.rule()));
    }

    /** The same with the epoch at this payload path; an absent one is 0. */
    public StreamSpec epoch(String path) {
        return new StreamSpec(
                new StreamRule(rule.stream(), rule.keyPath(), rule.versionPath(), path, rule.deletes(), rule.rule()));
    }

    /** The same for events that delete the entity: they leave a tombstone. */
    public StreamSpec deletes() {
        return new StreamSpec(
                new StreamRule(rule.stream(), rule.keyPath(), rule.versionPath(), rule.epochPath(), true, rule.rule()));
    }

    /** The same, handling an equal version again instead of skipping it. */
    public StreamSpec acceptEqual() {
        return new StreamSpec(new StreamRule(
                rule.stream(),
                rule.keyPath(),
                rule.versionPath(),
                rule.epochPath(),
                rule.deletes(),
                Advance.Rule.SKIP_OLDER));
    }

    StreamRule rule(boolean skipsStale) {
        return skipsStale
                ? rule
                : new StreamRule(
                        rule.stream(),
                        rule.keyPath(),
                        rule.versionPath(),
                        rule.epochPath(),
                        rule.deletes(),
                        Advance.Rule.NEVER_SKIP);
    }
}
