package io.amends.core.causality;

import io.amends.api.EventEnvelope;
import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import io.amends.core.event.EventLimits;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a function declares about order: the streams that its events move, the keys under which others may wait for them,
 * and what has to be done before them. A pure function of the stored event.
 */
public final class Causality {
    /** Nothing declared. */
    public static final Causality NONE = new Causality(List.of(), List.of(), List.of(), null);

    /** The version of an entity that stands for one event. */
    private static final StreamVersion HANDLED = new StreamVersion(0, 1);

    private final List<StreamRule> rules;
    private final List<TrackRule> tracks;
    private final List<RequireRule> requires;
    private final @Nullable EventCodec codec;

    private Causality(
            List<StreamRule> rules, List<TrackRule> tracks, List<RequireRule> requires, @Nullable EventCodec codec) {
        this.rules = rules;
        this.tracks = tracks;
        this.requires = requires;
        this.codec = codec;
    }

    /** These declarations, with the codec that reads their paths. */
    public static Causality of(
            List<StreamRule> rules, List<TrackRule> tracks, List<RequireRule> requires, EventCodec codec) {
        return rules.isEmpty() && tracks.isEmpty() && requires.isEmpty()
                ? NONE
                : new Causality(List.copyOf(rules), List.copyOf(tracks), List.copyOf(requires), codec);
    }

    /** Declarations about streams only. */
    public static Causality of(List<StreamRule> rules, EventCodec codec) {
        return of(rules, List.of(), List.of(), codec);
    }

    /** The streams. */
    public List<StreamRule> rules() {
        return rules;
    }

    /** The keys under which others may wait for its events. */
    public List<TrackRule> tracks() {
        return tracks;
    }

    /** What has to be done before its events. */
    public List<RequireRule> requires() {
        return requires;
    }

    /**
     * How the event moves its streams when it is done, in the order of the declarations. An event without a value at a
     * tracked key's path is one that nobody can wait for.
     *
     * @throws CodecException if the event lacks a value that a stream's declaration names, or the value is not what it has
     *     to be
     */
    public List<Advance> advances(EventEnvelope event) {
        if (rules.isEmpty() && tracks.isEmpty()) {
            return List.of();
        }
        List<Advance> advances = new ArrayList<>(rules.size() + tracks.size());
        for (StreamRule rule : rules) {
            StreamVersion version = new StreamVersion(epoch(rule, event), version(rule, event));
            advances.add(new Advance(entity(rule, event), version, rule.deletes(), rule.rule()));
        }
        for (TrackRule rule : tracks) {
            // like a tombstone it is kept for a time only: nobody looks for it for ever
            (rule.isByEventId() ? Optional.of(event.id()) : trackedKey(event, rule.keyPaths()))
                    .ifPresent(key -> advances.add(
                            new Advance(entity(rule.stream(), key, event), HANDLED, true, Advance.Rule.NEVER_SKIP)));
        }
        return advances;
    }

    /** The entities that the event moves when it is done; empty as well if it can not be read. */
    public List<StreamKey> provides(EventEnvelope event) {
        try {
            return advances(event).stream().map(Advance::entity).distinct().toList();
        } catch (CodecException e) {
            return List.of(); // it becomes a failed execution in its turn
        }
    }

    /**
     * What has to be done before the event is handled, in the order of the declarations.
     *
     * @throws CodecException if the event lacks a value that a declaration names, or the value is not what it has to be
     */
    public List<Requirement> requirements(EventEnvelope event) {
        if (requires.isEmpty()) {
            return List.of();
        }
        List<Requirement> requirements = new ArrayList<>(requires.size());
        for (RequireRule rule : requires) {
            if (isNeeded(rule, event) && !isAssumed(rule.history(), event)) {
                for (WaitFor.Version needed : needed(rule, event)) {
                    requirements.add(new Requirement(
                            new WaitRequest(needed, rule.timeout(), rule.onTimeout()),
                            rule.history().probe()));
                }
            }
        }
        return requirements;
    }

    /** Whether what is needed happened so long ago that it is taken as done. */
    private boolean isAssumed(RequireRule.History history, EventEnvelope event) {
        Instant before = history.assumeHandledBefore();
        if (before == null) {
            return false;
        }
        Instant happened = history.timePath().isEmpty() ? event.time() : instant(event, history.timePath());
        return happened != null && happened.isBefore(before);
    }

    private @Nullable Instant instant(EventEnvelope event, String path) {
        String text = text(event, path).orElse(null);
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
            throw new CodecException(
                    path + ": " + shown + " (expected: a time with an offset, for instance 2026-01-01T00:00:00Z)", e);
        }
    }

    /** Present, not null and not false. */
    private boolean isNeeded(RequireRule rule, EventEnvelope event) {
        if (rule.when().isEmpty()) {
            return true;
        }
        try {
            return text(event, rule.when())
                    .filter(value -> !value.equals("false"))
                    .isPresent();
        } catch (CodecException e) {
            return true; // an object or an array
        }
    }

    private List<WaitFor.Version> needed(RequireRule rule, EventEnvelope event) {
        if (rule.kind() == RequireRule.Kind.CAUSES) {
            return Causes.of(event).stream()
                    .filter(cause -> rule.causes().contains(cause.type()))
                    .map(cause -> new WaitFor.Version(
                            rule.processor(),
                            entity(TrackRule.causeStream(cause.type()), cause.id(), event),
                            HANDLED,
                            false))
                    .toList();
        }
        WaitFor.Version needed = neededVersion(rule, event);
        return needed == null ? List.of() : List.of(needed);
    }

    private WaitFor.@Nullable Version neededVersion(RequireRule rule, EventEnvelope event) {
        String what = "needs " + rule.stream();
        String key = key(what, rule.keyPaths(), event);
        StreamKey entity = entity(rule.stream(), key, event);
        return switch (rule.kind()) {
            case EVENT -> new WaitFor.Version(rule.processor(), entity, HANDLED, false);
            case AT_LEAST -> {
                Optional<String> version = text(event, rule.versionPath());
                yield version.isEmpty()
                        ? null
                        : new WaitFor.Version(
                                rule.processor(),
                                entity,
                                new StreamVersion(
                                        // the event's own epoch is another entity's
                                        rule.epochPath().isEmpty() ? 0 : epoch(what, rule.epochPath(), event),
                                        number(what, "version", version.get())),
                                false);
            }
            case CAUSES -> throw new IllegalArgumentException("causes have no version");
            case PREVIOUS -> {
                long version = version(what, rule.versionPath(), event);
                yield version == rule.first() || version == Long.MIN_VALUE
                        ? null
                        : new WaitFor.Version(
                                rule.processor(),
                                entity,
                                new StreamVersion(epoch(what, rule.epochPath(), event), version - 1),
                                rule.first() == RequireRule.FIRST_SEEN);
            }
        };
    }

    private Optional<String> trackedKey(EventEnvelope event, List<String> paths) {
        if (paths.isEmpty()) {
            return Optional.ofNullable(event.key()).filter(Causality::isShort);
        }
        List<String> parts = new ArrayList<>(paths.size());
        for (String path : paths) {
            Optional<String> part = text(event, path);
            if (part.isEmpty()) {
                return Optional.empty();
            }
            parts.add(part.get());
        }
        return Optional.of(joined(parts)).filter(Causality::isShort);
    }

    private static boolean isShort(String key) {
        return key.getBytes(StandardCharsets.UTF_8).length <= EventLimits.TEXT_BYTES && key.indexOf('\0') < 0;
    }

    /** One part as it is; several with {@code /} between them, and {@code /} and {@code \\} in them escaped. */
    public static String joined(List<String> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        List<String> escaped = new ArrayList<>(parts.size());
        parts.forEach(part -> escaped.add(escaped(part)));
        return String.join("/", escaped);
    }

    private static String escaped(String part) {
        return part.replace("\\", "\\\\").replace("/", "\\/");
    }

    private static String named(StreamRule rule) {
        return "stream " + rule.stream();
    }

    private StreamKey entity(StreamRule rule, EventEnvelope event) {
        List<String> paths = rule.keyPath().isEmpty() ? List.of() : List.of(rule.keyPath());
        return entity(rule.stream(), key(named(rule), paths, event), event);
    }

    private String key(String what, List<String> paths, EventEnvelope event) {
        if (paths.isEmpty()) {
            String key = event.key();
            if (key == null) {
                throw missing(what, "key", "the event has no key");
            }
            return checked(what, key);
        }
        List<String> parts = new ArrayList<>(paths.size());
        for (String path : paths) {
            parts.add(text(event, path).orElseThrow(() -> missing(what, "key", "the payload has no value at " + path)));
        }
        return checked(what, joined(parts));
    }

    private static String checked(String what, String key) {
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > EventLimits.TEXT_BYTES || key.indexOf('\0') >= 0) {
            throw missing(
                    what,
                    "key",
                    bytes + " bytes (expected: at most " + EventLimits.TEXT_BYTES + ", without NUL characters)");
        }
        return key;
    }

    /** The entity of a stream that an event means by its key: one of the event's tenant, if it has one. */
    public static StreamKey entity(String stream, String key, EventEnvelope event) {
        String tenant = event.headers().get("tenantid");
        return new StreamKey(stream, tenant == null ? key : escaped(tenant) + "/" + key);
    }

    /** The key of an entity as the event says it, without its tenant. */
    public static String keyOf(StreamKey entity, EventEnvelope event) {
        String tenant = event.headers().get("tenantid");
        return tenant == null
                ? entity.key()
                : entity.key().substring(escaped(tenant).length() + 1);
    }

    private long version(StreamRule rule, EventEnvelope event) {
        return version(named(rule), rule.versionPath(), event);
    }

    private long version(String what, String path, EventEnvelope event) {
        if (path.isEmpty()) {
            Long version = event.version();
            if (version == null) {
                throw missing(what, "version", "the event has no version");
            }
            return version;
        }
        String text =
                text(event, path).orElseThrow(() -> missing(what, "version", "the payload has no value at " + path));
        return number(what, "version", text);
    }

    private long epoch(StreamRule rule, EventEnvelope event) {
        return epoch(named(rule), rule.epochPath(), event);
    }

    private long epoch(String what, String path, EventEnvelope event) {
        if (path.isEmpty()) {
            Long epoch = event.epoch();
            return epoch == null ? 0 : epoch;
        }
        Optional<String> text = text(event, path);
        return text.isEmpty() ? 0 : number(what, "epoch", text.get());
    }

    private Optional<String> text(EventEnvelope event, String path) {
        byte[] data = event.data();
        if (codec == null || data == null) {
            return Optional.empty();
        }
        return codec.text(data, path);
    }

    private static long number(String what, String which, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
            throw new CodecException(what + ": " + which + ": " + shown + " (expected: a whole number of 64 bits)", e);
        }
    }

    private static CodecException missing(String what, String which, String why) {
        return new CodecException(what + ": " + which + ": " + why, null);
    }
}
