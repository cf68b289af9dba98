package io.amends.console;

import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Status;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a list of failed executions was asked for.
 *
 * @param filter which ones
 * @param after the last id of the page before, or null
 * @param limit the most of a page
 */
record FailureQuery(FailureFilter filter, @Nullable FailureId after, int limit) {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 200;
    private static final int MAX_TEXT = 300;
    private static final Set<String> NAMES =
            Set.of("state", "processor", "key", "type", "fingerprint", "after", "limit");

    /** Reads the query; every mistake goes into the list. */
    static FailureQuery of(Map<String, List<String>> query, List<String> mistakes) {
        query.keySet().stream()
                .sorted()
                .filter(name -> !NAMES.contains(name))
                .forEach(name ->
                        mistakes.add(Texts.shown(name) + ": unknown parameter (expected: state, processor, key, type,"
                                + " fingerprint, after, limit)"));
        String after = text(query, "after", mistakes);
        if (after != null && after.length() > 64) {
            mistakes.add("after: " + after.length() + " characters (expected: the next of the page before)");
            after = null;
        }
        return new FailureQuery(
                new FailureFilter(
                        states(query, mistakes),
                        text(query, "processor", mistakes),
                        text(query, "key", mistakes),
                        text(query, "type", mistakes),
                        text(query, "fingerprint", mistakes)),
                after == null ? null : new FailureId(after),
                limit(query, mistakes));
    }

    private static Set<Status> states(Map<String, List<String>> query, List<String> mistakes) {
        EnumSet<Status> states = EnumSet.noneOf(Status.class);
        for (String value : query.getOrDefault("state", List.of())) {
            for (String name : value.split(",", -1)) {
                if (name.isBlank()) {
                    continue;
                }
                try {
                    states.add(Status.valueOf(name.strip().toUpperCase(Locale.ROOT)));
                } catch (IllegalArgumentException e) {
                    mistakes.add("state: " + Texts.shown(name) + " (expected: "
                            + String.join(
                                    ", ",
                                    Arrays.stream(Status.values())
                                            .map(Enum::name)
                                            .toList())
                            + ")");
                }
            }
        }
        return states;
    }

    private static @Nullable String text(Map<String, List<String>> query, String name, List<String> mistakes) {
        List<String> values = query.getOrDefault(name, List.of());
        if (values.size() > 1) {
            mistakes.add(name + ": given " + values.size() + " times (expected: once)");
        }
        if (values.isEmpty() || values.getFirst().isEmpty()) {
            return null;
        }
        String value = values.getFirst();
        if (value.length() > MAX_TEXT || !Texts.isPlain(value)) {
            mistakes.add(name + ": " + Texts.shown(value) + " (expected: at most " + MAX_TEXT
                    + " characters, no control characters or lone surrogates)");
            return null;
        }
        return value;
    }

    private static int limit(Map<String, List<String>> query, List<String> mistakes) {
        String text = text(query, "limit", mistakes);
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        if (text.matches("\\d{1,3}")) {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        }
        mistakes.add("limit: " + Texts.shown(text) + " (expected: 1.." + MAX_LIMIT + ")");
        return DEFAULT_LIMIT;
    }
}
