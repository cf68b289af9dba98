package io.amends.core.define;

import io.amends.api.OnTimeout;
import io.amends.api.RequireVersion;
import io.amends.api.RunAfter;
import io.amends.api.Wait;
import io.amends.core.causality.Probe;
import io.amends.core.causality.RequireRule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What has to be done before a function's events: the programmatic equivalent of {@link RunAfter} and {@link
 * RequireVersion}. Immutable.
 */
public final class DependencySpec {
    private final Dependency definition;

    private DependencySpec(Dependency definition) {
        this.definition = definition;
    }

    /** An event of this class, identified by this event's key until {@link #key} says otherwise. */
    public static DependencySpec after(Class<?> event) {
        List<String> types = PayloadTypes.eventTypes(event);
        return after(types.isEmpty() ? event.getName() : types.get(0));
    }

    /** An event of this type, identified by this event's key until {@link #key} says otherwise. */
    public static DependencySpec after(String eventType) {
        return create(RequireRule.Kind.EVENT, draft -> draft.eventType = eventType);
    }

    /** The events by which this one came about, as far as the processor has functions for them. */
    public static DependencySpec afterCauses() {
        return create(RequireRule.Kind.CAUSES, draft -> {});
    }

    /** At least the version at this payload path of an entity of a stream, by default the one of the event's key. */
    public static DependencySpec atLeast(String stream, String versionPath) {
        return create(RequireRule.Kind.AT_LEAST, draft -> {
            draft.stream = stream;
            draft.versionPath = versionPath;
        });
    }

    static DependencySpec of(RunAfter declared, @Nullable Probe probe) {
        DependencySpec spec = declared.causes()
                ? afterCauses()
                : declared.eventType().isEmpty() ? after(declared.event()) : after(declared.eventType());
        return spec.with(draft -> {
            draft.processor = declared.processor();
            draft.key = List.of(declared.key());
            draft.eventKey = List.of(declared.eventKey());
            draft.when = declared.when();
            draft.timeout = declared.timeout();
            draft.onTimeout = declared.onTimeout();
            draft.assumeHandledBefore = declared.assumeHandledBefore();
            draft.time = declared.time();
            draft.probe = probe;
        });
    }

    static DependencySpec of(RequireVersion declared, @Nullable Probe probe) {
        return atLeast(declared.stream(), declared.atLeast()).with(draft -> {
            draft.processor = declared.processor();
            draft.key = declared.key().isEmpty() ? List.of() : List.of(declared.key());
            draft.epochPath = declared.epoch();
            draft.timeout = declared.timeout();
            draft.onTimeout = declared.onTimeout();
            draft.assumeHandledBefore = declared.assumeHandledBefore();
            draft.time = declared.time();
            draft.probe = probe;
        });
    }

    /** The same with these payload paths to the other event's key, or the entity. */
    public DependencySpec key(String... paths) {
        return with(draft -> draft.key = List.of(paths));
    }

    /** The same with these paths into the other event's payload; default: the same as {@link #key}. */
    public DependencySpec eventKey(String... paths) {
        return with(draft -> draft.eventKey = List.of(paths));
    }

    /** The same with the epoch of the version at this payload path; default: epoch 0. */
    public DependencySpec epoch(String path) {
        return with(draft -> draft.epochPath = path);
    }

    /** The same, needed only if the value at this payload path is present, not null and not false. */
    public DependencySpec when(String path) {
        return with(draft -> draft.when = path);
    }

    /** The same, done by this processor of the service; default the function's own. */
    public DependencySpec inProcessor(String name) {
        return with(draft -> draft.processor = name);
    }

    /** The same with this timeout, 1 ms to 365 days, and what happens then; default one hour, and it fails. */
    public DependencySpec timeout(Duration timeout, OnTimeout onTimeout) {
        return with(draft -> {
            draft.timeout = timeout.toString();
            draft.onTimeout = onTimeout;
        });
    }

    /** The same, taking as done what happened before this moment by the time at this payload path; empty for the event's own. */
    public DependencySpec assumeHandledBefore(Instant moment, String timePath) {
        return with(draft -> {
            draft.assumeHandledBefore = moment.toString();
            draft.time = timePath;
        });
    }

    /** The same, asking the application whether it was done where nothing was tracked. */
    public DependencySpec probe(Probe probe) {
        return with(draft -> draft.probe = probe);
    }

    Dependency definition() {
        return definition;
    }

    private static DependencySpec create(RequireRule.Kind kind, Consumer<Draft> settings) {
        Draft draft = new Draft(kind);
        settings.accept(draft);
        return new DependencySpec(draft.build());
    }

    private DependencySpec with(Consumer<Draft> settings) {
        Draft draft = new Draft(definition);
        settings.accept(draft);
        return new DependencySpec(draft.build());
    }

    /** Where a definition is changed, one setting at a time. */
    private static final class Draft {
        private final RequireRule.Kind kind;
        private String processor = "";
        private String eventType = "";
        private String stream = "";
        private List<String> key = List.of();
        private List<String> eventKey = List.of();
        private String versionPath = "";
        private String epochPath = "";
        private String when = "";
        private String timeout = Wait.DEFAULT_TIMEOUT.toString();
        private OnTimeout onTimeout = OnTimeout.FAIL;
        private String assumeHandledBefore = "";
        private String time = "";
        private @Nullable Probe probe;

        Draft(RequireRule.Kind kind) {
            this.kind = kind;
        }

        Draft(Dependency from) {
            kind = from.kind();
            processor = from.processor();
            eventType = from.eventType();
            stream = from.stream();
            key = from.key();
            eventKey = from.eventKey();
            versionPath = from.versionPath();
            epochPath = from.epochPath();
            when = from.when();
            timeout = from.timeout();
            onTimeout = from.onTimeout();
            assumeHandledBefore = from.assumeHandledBefore();
            time = from.time();
            probe = from.probe();
        }

        Dependency build() {
            return new Dependency(
                    kind,
                    processor,
                    eventType,
                    stream,
                    key,
                    eventKey,
                    versionPath,
                    epochPath,
                    when,
                    RequireRule.FIRST_SEEN,
                    timeout,
                    onTimeout,
                    assumeHandledBefore,
                    time,
                    probe);
        }
    }
}
