package io.amends.core.define;

import io.amends.api.OnTimeout;
import io.amends.api.RequireVersion;
import io.amends.api.RunAfter;
import io.amends.api.Wait;
import io.amends.core.causality.RequireRule;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has to be done before a function's events: the programmatic equivalent of {@link RunAfter} and {@link
 * RequireVersion}. Immutable.
 */
public final class DependencySpec {
    private final Definition definition;

    private DependencySpec(Definition definition) {
        this.definition = definition;
    }

    /** An event of this class, identified by this event's key until {@link #key} says otherwise. */
    public static DependencySpec after(Class<?> event) {
        List<String> types = PayloadTypes.eventTypes(event);
        return after(types.isEmpty() ? event.getName() : types.get(0));
    }

    /** An event of this type, identified by this event's key until {@link #key} says otherwise. */
    public static DependencySpec after(String eventType) {
        return new DependencySpec(new Definition(
                RequireRule.Kind.EVENT,
                "",
                eventType,
                "",
                List.of(),
                List.of(),
                "",
                "",
                "",
                Wait.DEFAULT_TIMEOUT.toString(),
                OnTimeout.FAIL));
    }

    /** At least the version at this payload path of an entity of a stream, by default the one of the event's key. */
    public static DependencySpec atLeast(String stream, String versionPath) {
        return new DependencySpec(new Definition(
                RequireRule.Kind.AT_LEAST,
                "",
                "",
                stream,
                List.of(),
                List.of(),
                versionPath,
                "",
                "",
                Wait.DEFAULT_TIMEOUT.toString(),
                OnTimeout.FAIL));
    }

    static DependencySpec of(RunAfter declared) {
        DependencySpec spec = declared.eventType().isEmpty() ? after(declared.event()) : after(declared.eventType());
        return new DependencySpec(new Definition(
                RequireRule.Kind.EVENT,
                declared.processor(),
                spec.definition.eventType(),
                "",
                List.of(declared.key()),
                List.of(declared.eventKey()),
                "",
                "",
                declared.when(),
                declared.timeout(),
                declared.onTimeout()));
    }

    static DependencySpec of(RequireVersion declared) {
        return new DependencySpec(new Definition(
                RequireRule.Kind.AT_LEAST,
                declared.processor(),
                "",
                declared.stream(),
                declared.key().isEmpty() ? List.of() : List.of(declared.key()),
                List.of(),
                declared.atLeast(),
                declared.epoch(),
                "",
                declared.timeout(),
                declared.onTimeout()));
    }

    /** The same with these payload paths to the other event's key, or the entity. */
    public DependencySpec key(String... paths) {
        return new DependencySpec(definition.identifiedBy(List.of(paths), definition.eventKey()));
    }

    /** The same with these paths into the other event's payload; default: the same as {@link #key}. */
    public DependencySpec eventKey(String... paths) {
        return new DependencySpec(definition.identifiedBy(definition.key(), List.of(paths)));
    }

    /** The same with the epoch of the version at this payload path; default: epoch 0. */
    public DependencySpec epoch(String path) {
        return new DependencySpec(definition.at(path, definition.when()));
    }

    /** The same, needed only if the value at this payload path is present, not null and not false. */
    public DependencySpec when(String path) {
        return new DependencySpec(definition.at(definition.epochPath(), path));
    }

    /** The same, done by this processor of the service; default the function's own. */
    public DependencySpec inProcessor(String name) {
        return new DependencySpec(definition.by(name, definition.timeout(), definition.onTimeout()));
    }

    /** The same with this timeout, 1 ms to 365 days, and what happens then; default one hour, and it fails. */
    public DependencySpec timeout(Duration timeout, OnTimeout onTimeout) {
        return new DependencySpec(definition.by(definition.processor(), timeout.toString(), onTimeout));
    }

    Definition definition() {
        return definition;
    }

    /**
     * What was said.
     *
     * @param processor who has to have done it; empty for the function's own
     * @param eventType the other event's type, for {@link RequireRule.Kind#EVENT}
     * @param stream the stream, for the others
     * @param eventKey paths into the other event's payload; empty for the same as {@code key}
     * @param timeout as it was written
     */
    record Definition(
            RequireRule.Kind kind,
            String processor,
            String eventType,
            String stream,
            List<String> key,
            List<String> eventKey,
            String versionPath,
            String epochPath,
            String when,
            String timeout,
            OnTimeout onTimeout) {

        Definition identifiedBy(List<String> paths, List<String> otherPaths) {
            return new Definition(
                    kind,
                    processor,
                    eventType,
                    stream,
                    paths,
                    otherPaths,
                    versionPath,
                    epochPath,
                    when,
                    timeout,
                    onTimeout);
        }

        Definition at(String epoch, String condition) {
            return new Definition(
                    kind,
                    processor,
                    eventType,
                    stream,
                    key,
                    eventKey,
                    versionPath,
                    epoch,
                    condition,
                    timeout,
                    onTimeout);
        }

        Definition by(String who, String howLong, OnTimeout then) {
            return new Definition(
                    kind, who, eventType, stream, key, eventKey, versionPath, epochPath, when, howLong, then);
        }

        /** The paths that identify the other event in its own payload. */
        List<String> trackedBy() {
            return eventKey.isEmpty() ? key : eventKey;
        }

        String processorOr(String own) {
            return processor.isEmpty() ? own : processor;
        }

        /** What it says of itself in messages. */
        String name() {
            return kind == RequireRule.Kind.EVENT ? "runAfter " + eventType : "requireVersion of " + stream;
        }

        /** The timeout, null if it is none. */
        @Nullable Duration parsedTimeout() {
            try {
                Duration parsed = Duration.parse(timeout);
                return parsed.compareTo(Duration.ofMillis(1)) < 0 || parsed.compareTo(Duration.ofDays(365)) > 0
                        ? null
                        : parsed;
            } catch (DateTimeParseException e) {
                return null;
            }
        }
    }
}
