package io.amends.core.causality;

import io.amends.api.EventEnvelope;
import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import io.amends.core.event.EventLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a function declares about streams, read from its events. A pure function of the stored event.
 */
public final class Causality {
    /** Nothing declared. */
    public static final Causality NONE = new Causality(List.of(), null);

    private final List<StreamRule> rules;
    private final @Nullable EventCodec codec;

    private Causality(List<StreamRule> rules, @Nullable EventCodec codec) {
        this.rules = rules;
        this.codec = codec;
    }

    /** These declarations, with the codec that reads their paths. */
    public static Causality of(List<StreamRule> rules, EventCodec codec) {
        return rules.isEmpty() ? NONE : new Causality(List.copyOf(rules), codec);
    }

    /** The declarations. */
    public List<StreamRule> rules() {
        return rules;
    }

    /**
     * How the event moves its streams when it is done, in the order of the declarations.
     *
     * @throws CodecException if the event lacks a value that a declaration names, or the value is not what it has to be
     */
    public List<Advance> advances(EventEnvelope event) {
        if (rules.isEmpty()) {
            return List.of();
        }
        List<Advance> advances = new ArrayList<>(rules.size());
        for (StreamRule rule : rules) {
            StreamVersion version = new StreamVersion(epoch(rule, event), version(rule, event));
            advances.add(new Advance(entity(rule, event), version, rule.deletes(), rule.rule()));
        }
        return advances;
    }

    private StreamKey entity(StreamRule rule, EventEnvelope event) {
        String key;
        if (rule.keyPath().isEmpty()) {
            key = event.key();
            if (key == null) {
                throw missing(rule, "key", "the event has no key");
            }
        } else {
            key = text(event, rule.keyPath())
                    .orElseThrow(() -> missing(rule, "key", "the payload has no value at " + rule.keyPath()));
        }
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > EventLimits.TEXT_BYTES || key.indexOf('\0') >= 0) {
            throw missing(
                    rule,
                    "key",
                    bytes + " bytes (expected: at most " + EventLimits.TEXT_BYTES + ", without NUL characters)");
        }
        String tenant = event.headers().get("tenantid");
        return new StreamKey(rule.stream(), tenant == null ? key : tenant + "/" + key);
    }

    private long version(StreamRule rule, EventEnvelope event) {
        if (rule.versionPath().isEmpty()) {
            Long version = event.version();
            if (version == null) {
                throw missing(rule, "version", "the event has no version");
            }
            return version;
        }
        String text = text(event, rule.versionPath())
                .orElseThrow(() -> missing(rule, "version", "the payload has no value at " + rule.versionPath()));
        return number(rule, "version", text);
    }

    private long epoch(StreamRule rule, EventEnvelope event) {
        if (rule.epochPath().isEmpty()) {
            Long epoch = event.epoch();
            return epoch == null ? 0 : epoch;
        }
        Optional<String> text = text(event, rule.epochPath());
        return text.isEmpty() ? 0 : number(rule, "epoch", text.get());
    }

    private Optional<String> text(EventEnvelope event, String path) {
        byte[] data = event.data();
        if (codec == null || data == null) {
            return Optional.empty();
        }
        return codec.text(data, path);
    }

    private static long number(StreamRule rule, String what, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
            throw new CodecException(
                    "stream " + rule.stream() + ": " + what + ": " + shown + " (expected: a whole number of 64 bits)",
                    e);
        }
    }

    private static CodecException missing(StreamRule rule, String what, String why) {
        return new CodecException("stream " + rule.stream() + ": " + what + ": " + why, null);
    }
}
