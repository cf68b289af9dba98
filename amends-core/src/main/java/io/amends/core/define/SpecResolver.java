package io.amends.core.define;

import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.RetryPolicy;
import io.amends.api.Wait;
import io.amends.core.causality.Causality;
import io.amends.core.causality.RequireRule;
import io.amends.core.causality.StreamRule;
import io.amends.core.causality.TrackRule;
import io.amends.core.event.EventCodec;
import io.amends.core.event.EventLimits;
import io.amends.core.event.UnsafeCharacters;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Resolves the defaults of one processor and checks it, collecting the mistakes. */
final class SpecResolver {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final Pattern FUNCTION_NAME = Pattern.compile("[\\p{L}\\p{N}._()\\[\\]<>,$ -]{1,200}");
    // Neither comma nor space: the paths are part of the mapping's text in the database.
    private static final Pattern PATH = Pattern.compile("[\\p{L}\\p{N}_$@-]+(\\.[\\p{L}\\p{N}_$@-]+)*");
    private static final int MAX_PATHS = 8;
    private static final int MAX_PATH = 255;
    private static final int DEFAULT_SLOTS = 128;

    private final ProcessorSpec spec;
    private final EventCodec codec;
    private final RetryPolicy fallback;
    private final List<String> packages;
    private final Dependencies dependencies;
    private final List<String> mistakes;

    /**
     * Creates it for one processor.
     *
     * @param packages prefixes of own frames for all processors, empty for the packages of each function's code
     * @param dependencies what the functions of all processors wait for of each other
     */
    SpecResolver(
            ProcessorSpec spec,
            EventCodec codec,
            RetryPolicy fallback,
            List<String> packages,
            Dependencies dependencies,
            List<String> mistakes) {
        this.spec = spec;
        this.codec = codec;
        this.fallback = fallback;
        this.packages = packages;
        this.dependencies = dependencies;
        this.mistakes = mistakes;
    }

    /** The definition; of no use if there were mistakes. */
    ProcessorDefinition resolve() {
        checkNames();
        range("concurrency", spec.concurrency(), 1, 1000);
        range("batch", spec.batch(), 1, 1000);
        checkOrder();
        checkKey();
        List<FunctionDefinition> functions = functions();
        if (functions.isEmpty()) {
            mistake("no functions (expected: at least one @OnEvent method); annotate one, or remove the processor");
        }
        checkTypes(functions);
        return new ProcessorDefinition(
                spec.name(),
                spec.order(),
                onFailure(),
                spec.key(),
                spec.slots() != 0 ? spec.slots() : spec.order() == Order.ALL ? 1 : DEFAULT_SLOTS,
                spec.concurrency(),
                spec.batch(),
                spec.startFrom(),
                spec.formerly(),
                spec.drops(),
                functions);
    }

    private void checkNames() {
        name("name", spec.name());
        for (String earlier : spec.formerly()) {
            name("formerly", earlier);
            if (earlier.equals(spec.name())) {
                mistake("formerly: " + earlier + " (expected: another name than today's); remove it");
            }
        }
    }

    private void name(String attribute, String name) {
        if (!NAME.matcher(name).matches()) {
            mistake(attribute + ": \"" + printable(name)
                    + "\" (expected: 1 to 100 letters, digits or . _ -); choose a name that never has to change");
        }
    }

    private void checkOrder() {
        if (spec.slots() != 0) {
            range("slots", spec.slots(), 1, 1024);
        }
        if (spec.order() == Order.ALL && spec.slots() > 1) {
            mistake("slots: " + spec.slots() + " with order = ALL (expected: 1); leave slots out");
        }
        if (spec.order() == Order.NONE && !spec.key().isEmpty()) {
            mistake("key: " + spec.key() + " with order = NONE (expected: no key); leave it out, or use order = KEY");
        }
        if (spec.order() == Order.NONE && spec.onFailure() == OnFailure.PARK_KEY) {
            mistake("onFailure: PARK_KEY with order = NONE (expected: CONTINUE or STOP); without a key nothing is"
                    + " behind the failed event");
        }
    }

    private OnFailure onFailure() {
        if (spec.onFailure() != OnFailure.DEFAULT) {
            return spec.onFailure();
        }
        return switch (spec.order()) {
            case KEY -> OnFailure.PARK_KEY;
            case NONE -> OnFailure.CONTINUE;
            case ALL -> OnFailure.STOP;
        };
    }

    private void checkKey() {
        if (spec.key().size() > MAX_PATHS) {
            mistake("key: " + spec.key().size() + " paths (expected: at most " + MAX_PATHS + ")");
        }
        if (new LinkedHashSet<>(spec.key()).size() < spec.key().size()) {
            mistake("key: " + spec.key() + " (expected: each path once)");
        }
        for (String path : spec.key()) {
            if (isPath("key", path)) {
                checkPath(
                        "key",
                        path,
                        spec.functions().stream().map(FunctionSpec::definition).toList());
            }
        }
    }

    private boolean isPath(String attribute, String path) {
        if (path.length() <= MAX_PATH && PATH.matcher(path).matches()) {
            return true;
        }
        mistake(attribute + ": \"" + printable(path) + "\" (expected: names of letters, digits or _ $ @ - with dots"
                + " between them, at most " + MAX_PATH + " characters), for instance \"buyer.id\"");
        return false;
    }

    private void checkPath(String attribute, String path, List<FunctionSpec.Definition> functions) {
        checkPath(attribute, path, functions, false);
    }

    /**
     * A path is wrong only when no payload class can have it: a handler's class may leave properties out; {@code anyPlace} if
     * it may lead to an object or array too.
     */
    private void checkPath(String attribute, String path, List<FunctionSpec.Definition> functions, boolean anyPlace) {
        PayloadShape shape = codec instanceof PayloadShape exact ? exact : new MemberShape();
        List<String> without = new ArrayList<>();
        boolean somewhere = false;
        for (FunctionSpec.Definition function : functions) {
            Type payload = function.payload();
            PayloadShape.Place place = payload == null || PayloadTypes.mistake(payload) != null
                    ? PayloadShape.Place.UNKNOWN
                    : shape.at(payload, path);
            switch (place) {
                case VALUE, UNKNOWN -> somewhere = true;
                case ABSENT -> without.add(PayloadTypes.simpleName(payload == null ? Object.class : payload));
                case STRUCTURE -> {
                    somewhere = true;
                    if (anyPlace) {
                        continue;
                    }
                    mistake(attribute + ": " + path + " is an object or array in "
                            + PayloadTypes.simpleName(payload == null ? Object.class : payload)
                            + " (expected: a string, number or boolean); name a property of it, for instance \"" + path
                            + ".id\"");
                }
            }
        }
        if (!somewhere && !without.isEmpty()) {
            mistake(attribute + ": " + path + " (expected: a property of one of " + String.join(", ", without)
                    + "); correct the path, it follows the names in the JSON");
        }
    }

    private List<FunctionDefinition> functions() {
        RetryPolicy policy = policy(spec.retry(), fallback, "");
        ErrorRules rules = rules(spec.retry(), ErrorRules.NONE, "");
        PolicySources sources = PolicySources.ofApplication(fallback)
                .over(PolicySources.Source.CODE, spec.retry().change());
        List<FunctionDefinition> functions = new ArrayList<>();
        Map<String, Integer> names = new TreeMap<>();
        for (FunctionSpec function : spec.functions()) {
            FunctionSpec.Definition definition = function.definition();
            String name = definition.name();
            if (!FUNCTION_NAME.matcher(name).matches()) {
                mistake("function name: \"" + printable(name)
                        + "\" (expected: 1 to 200 letters, digits, spaces or . _ - ( ) [ ] < > , $)");
            }
            if (names.merge(name, 1, Integer::sum) == 2) {
                mistake("function name: " + name + " twice (expected: each once); give one of them a name of its own,"
                        + " @OnEvent(name = …)");
            }
            functions.add(new FunctionDefinition(
                    name,
                    types(definition),
                    new CodecFunction(codec, definition.payload(), definition.body()),
                    definition.batch(),
                    definition.effects(),
                    policy(definition.retry(), policy, ", " + name),
                    rules(definition.retry(), rules, ", " + name),
                    Causality.of(streams(definition), tracks(definition), requires(definition), codec),
                    packages.isEmpty() ? definition.packages() : packages,
                    sources.over(PolicySources.Source.CODE, definition.retry().change())));
        }
        return functions;
    }

    private List<StreamRule> streams(FunctionSpec.Definition function) {
        Set<String> seen = new TreeSet<>();
        for (StreamRule rule : function.causality().streams()) {
            if (!NAME.matcher(rule.stream()).matches()) {
                mistake(function.name() + ": stream: \"" + printable(rule.stream())
                        + "\" (expected: 1 to 100 letters, digits or . _ -); name the kind of entity");
            }
            if (!seen.add(rule.stream())) {
                mistake(function.name() + ": stream: " + printable(rule.stream())
                        + " twice (expected: each once); one declaration says all of a stream");
            }
            checkDeclaredPath(function, "stream key", rule.keyPath());
            checkDeclaredPath(function, "stream version", rule.versionPath());
            checkDeclaredPath(function, "stream epoch", rule.epochPath());
        }
        return function.causality().streams();
    }

    private List<TrackRule> tracks(FunctionSpec.Definition function) {
        Set<List<String>> own = new LinkedHashSet<>();
        for (List<String> paths : function.causality().tracks()) {
            if (paths.isEmpty() || paths.size() > MAX_PATHS) {
                mistake(function.name() + ": tracks: " + paths.size() + " paths (expected: 1 to " + MAX_PATHS + ")");
            }
            paths.forEach(path -> checkDeclaredPath(function, "tracks", path));
            own.add(paths);
        }
        List<TrackRule> tracks = new ArrayList<>();
        for (String type : Dependencies.types(function)) {
            Set<List<String>> all = new LinkedHashSet<>(own);
            for (List<String> paths : dependencies.trackedBy(spec.name(), type)) {
                paths.forEach(path -> checkDeclaredPath(function, "runAfter " + type + ": key", path));
                all.add(paths);
            }
            all.forEach(paths -> tracks.add(TrackRule.of(type, paths)));
            if (dependencies.areCauses(spec.name())) {
                tracks.add(TrackRule.byEventId(type));
            }
        }
        return tracks;
    }

    private List<RequireRule> requires(FunctionSpec.Definition function) {
        List<RequireRule> rules = new ArrayList<>();
        for (Dependency dependency : function.causality().dependencies()) {
            check(function, dependency);
            Duration timeout = dependency.parsedTimeout();
            String processor = dependency.processorOr(spec.name());
            rules.add(new RequireRule(
                    dependency.kind(),
                    processor,
                    dependency.kind() == RequireRule.Kind.EVENT
                            ? TrackRule.streamOf(dependency.eventType(), dependency.trackedBy())
                            : dependency.stream(),
                    dependency.key(),
                    dependency.versionPath(),
                    dependency.epochPath(),
                    dependency.when(),
                    dependency.first(),
                    dependency.kind() == RequireRule.Kind.CAUSES ? dependencies.eventTypesOf(processor) : List.of(),
                    timeout == null ? Wait.DEFAULT_TIMEOUT : timeout,
                    dependency.onTimeout(),
                    new RequireRule.History(dependency.parsedMoment(), dependency.time(), dependency.probe())));
        }
        return rules;
    }

    private void check(FunctionSpec.Definition function, Dependency dependency) {
        String where = function.name() + ": " + dependency.name();
        if (function.batch()) {
            mistake(where + ": on a batch function (expected: one that takes a single event)");
        }
        if (dependency.key().size() != dependency.trackedBy().size()) {
            mistake(where + ": eventKey: " + dependency.trackedBy().size() + " paths (expected: as many as in key, "
                    + dependency.key().size() + ")");
        }
        if (dependency.key().size() > MAX_PATHS) {
            mistake(where + ": key: " + dependency.key().size() + " paths (expected: at most " + MAX_PATHS + ")");
        }
        if (dependency.kind() != RequireRule.Kind.PREVIOUS) { // whose paths are those of its stream
            dependency.key().forEach(path -> checkDeclaredPath(function, dependency.name() + ": key", path));
            checkDeclaredPath(function, dependency.name() + ": atLeast", dependency.versionPath());
            checkDeclaredPath(function, dependency.name() + ": epoch", dependency.epochPath());
        }
        if (dependency.kind() == RequireRule.Kind.CAUSES
                && !(dependency.key().isEmpty() && dependency.eventKey().isEmpty())) {
            mistake(where + ": key (expected: none); causes are known by their ids, leave it out");
        }
        if (!dependency.when().isEmpty() && isPath(where + ": when", dependency.when())) {
            checkPath(where + ": when", dependency.when(), List.of(function), true);
        }
        if (dependency.kind() == RequireRule.Kind.AT_LEAST
                && dependency.versionPath().isEmpty()) {
            mistake(where + ": atLeast is empty (expected: a path into the payload)");
        }
        if (dependency.parsedTimeout() == null) {
            mistake(where + ": timeout: \"" + printable(dependency.timeout())
                    + "\" (expected: an ISO 8601 duration, PT0.001S to P365D), for instance \"PT1H\"");
        }
        if (!dependency.assumeHandledBefore().isEmpty() && dependency.parsedMoment() == null) {
            mistake(where + ": assumeHandledBefore: \"" + printable(dependency.assumeHandledBefore())
                    + "\" (expected: a time with an offset), for instance \"2026-01-01T00:00:00Z\"");
        }
        if (!dependency.time().isEmpty()) {
            checkDeclaredPath(function, dependency.name() + ": time", dependency.time());
            if (dependency.assumeHandledBefore().isEmpty()) {
                mistake(where + ": time: " + dependency.time()
                        + " without assumeHandledBefore (expected: both, or none); it has no effect alone");
            }
        }
    }

    private void checkDeclaredPath(FunctionSpec.Definition function, String attribute, String path) {
        if (!path.isEmpty() && isPath(function.name() + ": " + attribute, path)) {
            checkPath(function.name() + ": " + attribute, path, List.of(function));
        }
    }

    private List<String> types(FunctionSpec.Definition function) {
        Type payload = function.payload();
        List<String> types = Dependencies.types(function);
        if (types.isEmpty()) {
            mistake(function.name() + ": no event type (expected: one for "
                    + (payload == null ? "a function without a payload" : payload.getTypeName())
                    + "); name it, @OnEvent(\"…\"), or take a class that stands for an event");
        }
        for (String type : types) {
            type(function.name() + ": event type", type);
        }
        return List.copyOf(new LinkedHashSet<>(types));
    }

    private void checkTypes(List<FunctionDefinition> functions) {
        Map<String, String> functionOf = new TreeMap<>();
        for (FunctionDefinition function : functions) {
            for (String type : function.eventTypes()) {
                String other = functionOf.putIfAbsent(type, function.name());
                if (other != null) {
                    mistake("event type: " + printable(type) + " in " + other + " and in " + function.name()
                            + " (expected: in one function); call both from one, or put one into another processor");
                }
            }
        }
        for (String drop : spec.drops()) {
            type("drops", drop);
            String handler = functionOf.get(drop);
            if (handler != null) {
                mistake("drops: " + drop + " is handled by " + handler + " (expected: a type without a function);"
                        + " remove it from drops, or the function");
            }
        }
    }

    private void type(String attribute, String type) {
        int bytes = type.getBytes(StandardCharsets.UTF_8).length;
        boolean control = type.codePoints()
                .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
        if (type.isBlank() || bytes > EventLimits.NAME_BYTES || control) {
            mistake(attribute + ": \"" + printable(type) + "\" (expected: 1 to " + EventLimits.NAME_BYTES
                    + " bytes without control characters), for instance \"shop.order.paid\"");
        }
    }

    private RetryPolicy policy(RetrySpec retry, RetryPolicy wider, String function) {
        try {
            return retry.over(wider);
        } catch (IllegalArgumentException e) {
            mistakes.add(spec.where() + function + ": retry: " + e.getMessage());
            return wider;
        }
    }

    private ErrorRules rules(RetrySpec retry, ErrorRules wider, String function) {
        for (Class<? extends Throwable> error : retry.recoverable()) {
            if (retry.unrecoverable().contains(error)) {
                mistakes.add(spec.where() + function + ": retry: " + error.getName()
                        + " is recoverable and unrecoverable (expected: one of them); remove it from one list");
            }
        }
        return retry.over(wider);
    }

    private void range(String attribute, int value, int least, int most) {
        if (value < least || value > most) {
            mistake(attribute + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    private void mistake(String text) {
        mistakes.add(spec.where() + ": " + text);
    }

    static String printable(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        String cut = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        StringBuilder printable = new StringBuilder();
        cut.codePoints().forEach(c -> printable.appendCodePoint(UnsafeCharacters.contains(c) ? 0xfffd : c));
        return printable.toString();
    }
}
