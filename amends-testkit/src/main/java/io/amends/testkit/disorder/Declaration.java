package io.amends.testkit.disorder;

import io.amends.core.causality.Advance;
import io.amends.core.causality.Causality;
import io.amends.core.causality.StreamRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
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
    static @Nullable String skipStale(
            TestEvent earlier, TestEvent later, String versionName, Function<TestEvent, Causality> declaredOf) {
        String key = keyPath(earlier, later);
        if (key == null) {
            return null;
        }
        boolean attribute =
                earlier.envelope().version() != null && later.envelope().version() != null;
        String version = attribute ? "" : ", version = \"" + versionName + "\"";
        List<String> there = Stream.of(earlier, later)
                .flatMap(event -> declaredOf.apply(event).rules().stream())
                .filter(rule -> rule.rule() != Advance.Rule.NEVER_SKIP)
                .map(StreamRule::stream)
                .distinct()
                .toList();
        String stream = there.size() == 1 ? there.get(0) : entity(earlier);
        List<String> functions = new ArrayList<>();
        for (TestEvent event : List.of(earlier, later)) {
            if (declaredOf.apply(event).rules().stream()
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

    /** A version that is required, and the stream that brings it. */
    static String requireVersion(TestEvent earlier, TestEvent later, String brings, String needs) {
        String stream = brings.toLowerCase(Locale.ROOT).endsWith("version") && brings.length() > "version".length()
                ? brings.substring(0, brings.length() - "version".length())
                : entity(earlier);
        String key = keyPath(earlier, later);
        String path = key == null ? "" : key;
        return function(later, "@RequireVersion(stream = \"" + stream + "\"" + path + ", atLeast = \"" + needs + "\")")
                + function(
                        earlier, "@SkipStale(stream = \"" + stream + "\"" + path + ", version = \"" + brings + "\")");
    }

    /** An event that has to be done before. */
    static String runAfter(TestEvent earlier, TestEvent later, List<String> key) {
        String paths = key.size() == 1 ? "\"" + key.get(0) + "\"" : "{\"" + String.join("\", \"", key) + "\"}";
        return function(later, "@RunAfter(event = " + name(earlier) + ".class, key = " + paths + ")");
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
