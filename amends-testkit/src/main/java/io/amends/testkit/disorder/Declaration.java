package io.amends.testkit.disorder;

import io.amends.core.causality.Advance;
import io.amends.core.causality.StreamRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The code that would make an order good, written for the events of a divergence. */
final class Declaration {
    private static final Pattern VERB =
            Pattern.compile("(.+?)(Created|Registered|Opened|Added|Joined|Changed|Updated|Renamed|Moved"
                    + "|Deleted|Removed|Closed|Left|Snapshot|Event)");
    private static final Pattern ENDS = Pattern.compile(".*(Deleted|Removed|Closed|Left)");

    private Declaration() {}

    /**
     * Stale events skipped: one stream for the types of both events, and only the functions that do not declare it yet; null if
     * they do not have one version of one entity.
     */
    static @Nullable String skipStale(TestEvent earlier, TestEvent later, String versionName, Declared declared) {
        String key = keyPath(earlier, later);
        if (key == null) {
            return null;
        }
        boolean attribute =
                earlier.envelope().version() != null && later.envelope().version() != null;
        String version = attribute ? "" : ", version = \"" + versionName + "\"";
        List<String> there = Stream.of(earlier, later)
                .flatMap(event -> rules(declared, event))
                .filter(rule -> rule.rule() != Advance.Rule.NEVER_SKIP)
                .map(StreamRule::stream)
                .distinct()
                .toList();
        String stream = there.size() == 1 ? there.get(0) : entity(earlier);
        List<String> functions = new ArrayList<>();
        for (TestEvent event : List.of(earlier, later)) {
            if (rules(declared, event)
                    .anyMatch(rule -> rule.stream().equals(stream) && rule.rule() != Advance.Rule.NEVER_SKIP)) {
                continue;
            }
            String name = event.shown().getClass().getSimpleName();
            String deletes = ENDS.matcher(name).matches() ? ", deletes = true" : "";
            String function = "  @OnEvent\n  @SkipStale(stream = \"" + stream + "\"" + key + version + deletes + ")\n"
                    + "  void on(" + name + " event)";
            if (!functions.contains(function)) {
                functions.add(function);
            }
        }
        return functions.isEmpty() ? null : "\n\n" + String.join("\n\n", functions);
    }

    private static Stream<StreamRule> rules(Declared declared, TestEvent event) {
        return declared.of(event).stream().flatMap(causality -> causality.rules().stream());
    }

    /** A version that is required, and the stream that brings it; of another processor if it is not null. */
    static String requireVersion(
            TestEvent earlier, TestEvent later, String brings, String needs, @Nullable String processor) {
        return function(later, requires(earlier, later, brings, needs, processor))
                + function(earlier, moves(earlier, later, brings));
    }

    /** A version that is required and not over yet. */
    static String ended(TestEvent brings, TestEvent needs, String name, String needed, @Nullable String processor) {
        String requires = requires(brings, needs, name, needed, processor);
        String skips = processor != null
                ? ""
                : "\n  @SkipStale(stream = \"" + stream(brings, name) + "\"" + path(brings, needs) + ", version = \""
                        + needed + "\", acceptEqual = true)";
        return function(needs, requires + skips) + function(brings, moves(brings, needs, name));
    }

    private static String requires(
            TestEvent brings, TestEvent needs, String name, String needed, @Nullable String processor) {
        return "@RequireVersion(" + of(processor) + "stream = \"" + stream(brings, name) + "\"" + path(brings, needs)
                + ", atLeast = \"" + needed + "\")";
    }

    /** An event whose own version is another one may bring the same version again, and is not stale by that. */
    private static String moves(TestEvent brings, TestEvent needs, String name) {
        boolean isOwn = brings.envelope().version() == null || name.equals("version");
        return (isOwn ? "@SkipStale" : "@Advances") + "(stream = \"" + stream(brings, name) + "\"" + path(brings, needs)
                + ", version = \"" + name + "\")";
    }

    private static String stream(TestEvent brings, String name) {
        return name.toLowerCase(Locale.ROOT).endsWith("version") && name.length() > "version".length()
                ? name.substring(0, name.length() - "version".length())
                : entity(brings);
    }

    private static String path(TestEvent one, TestEvent other) {
        String key = keyPath(one, other);
        return key == null ? "" : key;
    }

    private static String of(@Nullable String processor) {
        return processor == null ? "" : "processor = \"" + processor + "\", ";
    }

    /** An event that has to be done before; by another processor if it is not null. */
    static String runAfter(TestEvent earlier, TestEvent later, List<String> key, @Nullable String processor) {
        String paths = key.size() == 1 ? "\"" + key.get(0) + "\"" : "{\"" + String.join("\", \"", key) + "\"}";
        return function(
                later, "@RunAfter(" + of(processor) + "event = " + name(earlier) + ".class, key = " + paths + ")");
    }

    /** An exception that means too early. */
    static String waitOn(TestEvent later, @Nullable Throwable error) {
        String exception =
                error == null ? "EntityNotFoundException" : error.getClass().getSimpleName();
        return function(later, "@Retry(waitOn = " + exception + ".class)");
    }

    private static String function(TestEvent event, String declaration) {
        return "\n\n  @OnEvent\n  " + declaration + "\n  void on(" + name(event) + " event)";
    }

    private static String name(TestEvent event) {
        return event.shown().getClass().getSimpleName();
    }

    /** The declaration's key: nothing if both events have one key, else the value that both have; null if none is. */
    private static @Nullable String keyPath(TestEvent earlier, TestEvent later) {
        String own = earlier.envelope().key();
        if (own != null && own.equals(later.envelope().key())) {
            return "";
        }
        Map<String, Object> others = Components.of(later.shown());
        for (Map.Entry<String, Object> value : Components.of(earlier.shown()).entrySet()) {
            if (value.getKey().toLowerCase(Locale.ROOT).endsWith("id")
                    && value.getValue().equals(others.get(value.getKey()))) {
                return ", key = \"" + value.getKey() + "\"";
            }
        }
        return null;
    }

    /** What an event is about, by the name of its class: UserChanged is about a user. */
    private static String entity(TestEvent event) {
        String name = event.shown().getClass().getSimpleName();
        Matcher matcher = VERB.matcher(name);
        String noun = matcher.matches() ? matcher.group(1) : name;
        return noun.isEmpty() ? "entity" : noun.substring(0, 1).toLowerCase(Locale.ROOT) + noun.substring(1);
    }
}
