package io.amends.core.define;

import io.amends.api.OnGap;
import io.amends.api.OnTimeout;
import io.amends.api.Sequenced;
import io.amends.api.Wait;
import io.amends.core.causality.Advance;
import io.amends.core.causality.RequireRule;
import io.amends.core.causality.StreamRule;
import java.time.Duration;
import java.util.List;

/** That a function's events are handled in the order of their versions: the programmatic equivalent of {@link Sequenced}. Immutable. */
public final class SequenceSpec {
    private final String stream;
    private final String key;
    private final String version;
    private final String epoch;
    private final long first;
    private final OnGap onGap;
    private final String timeout;

    private SequenceSpec(
            String stream, String key, String version, String epoch, long first, OnGap onGap, String timeout) {
        this.stream = stream;
        this.key = key;
        this.version = version;
        this.epoch = epoch;
        this.first = first;
        this.onGap = onGap;
        this.timeout = timeout;
    }

    /** A stream of this name; key, version and epoch are the event's own, the first version seen is the base. */
    public static SequenceSpec of(String stream) {
        return new SequenceSpec(stream, "", "", "", Sequenced.FIRST_SEEN, OnGap.WAIT, Wait.DEFAULT_TIMEOUT.toString());
    }

    static SequenceSpec of(Sequenced declared) {
        return new SequenceSpec(
                declared.stream(),
                declared.key(),
                declared.version(),
                declared.epoch(),
                declared.first(),
                declared.onGap(),
                declared.timeout());
    }

    /** The same with the entity at this payload path. */
    public SequenceSpec key(String path) {
        return new SequenceSpec(stream, path, version, epoch, first, onGap, timeout);
    }

    /** The same with the version at this payload path. */
    public SequenceSpec version(String path) {
        return new SequenceSpec(stream, key, path, epoch, first, onGap, timeout);
    }

    /** The same with the epoch at this payload path; an absent one is 0. */
    public SequenceSpec epoch(String path) {
        return new SequenceSpec(stream, key, version, path, first, onGap, timeout);
    }

    /** The same with the version that nothing has to come before. */
    public SequenceSpec first(long newFirst) {
        return new SequenceSpec(stream, key, version, epoch, newFirst, onGap, timeout);
    }

    /** The same, waiting so long for a gap to be filled, 1 ms to 365 days, and what happens then; default one hour, and it fails. */
    public SequenceSpec onGap(OnGap what, Duration after) {
        return new SequenceSpec(stream, key, version, epoch, first, what, after.toString());
    }

    StreamRule rule() {
        Advance.Rule rule = onGap == OnGap.PROCEED ? Advance.Rule.FAIL_OLDER : Advance.Rule.SKIP_OLDER_AND_EQUAL;
        return new StreamRule(stream, key, version, epoch, false, rule);
    }

    Dependency dependency() {
        return new Dependency(
                RequireRule.Kind.PREVIOUS,
                "",
                "",
                stream,
                key.isEmpty() ? List.of() : List.of(key),
                List.of(),
                version,
                epoch,
                "",
                first,
                timeout,
                onGap == OnGap.PROCEED ? OnTimeout.PROCEED : OnTimeout.FAIL,
                "",
                "",
                null);
    }
}
