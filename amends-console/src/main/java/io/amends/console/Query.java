package io.amends.console;

import io.amends.core.event.EventLimits;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request's query, read by its endpoint's parameters with every mistake collected. */
final class Query {
    static final int DEFAULT_LIMIT = 50;
    static final int MAX_LIMIT = 200;
    private static final int MAX_TEXT = EventLimits.TEXT_BYTES;
    private static final int MAX_CURSOR = 2000;

    private final Map<String, List<String>> values = new TreeMap<>();
    private final List<String> mistakes = new ArrayList<>();

    private Query() {}

    static Query read(Map<String, List<String>> given, List<Parameter> parameters) {
        Query query = new Query();
        String names = parameters.stream().map(Parameter::name).collect(Collectors.joining(", "));
        given.keySet().stream()
                .sorted()
                .filter(name -> parameters.stream()
                        .noneMatch(parameter -> parameter.name().equals(name)))
                .forEach(name -> query.mistakes.add(Texts.shown(name) + ": unknown parameter (expected: "
                        + (names.isEmpty() ? "none" : names) + ")"));
        for (Parameter parameter : parameters) {
            query.read(parameter, given.getOrDefault(parameter.name(), List.of()));
        }
        return query;
    }

    private void read(Parameter parameter, List<String> given) {
        if (given.size() > 1 && !parameter.repeated()) {
            mistakes.add(parameter.name() + ": given " + given.size() + " times (expected: once)");
        }
        List<String> read = new ArrayList<>();
        for (String text :
                parameter.repeated() ? given : given.stream().limit(1).toList()) {
            for (String part : parameter.repeated() ? List.of(text.split(",", -1)) : List.of(text)) {
                String value = part.strip();
                if (!value.isEmpty() && isValid(parameter, value)) {
                    read.add(parameter.oneOf().isEmpty() ? value : value.toLowerCase(Locale.ROOT));
                }
            }
        }
        values.put(parameter.name(), read);
    }

    private boolean isValid(Parameter parameter, String value) {
        String expected = switch (parameter.kind()) {
            case TEXT ->
                parameter.oneOf().isEmpty()
                        ? value.length() <= MAX_TEXT && Texts.isOfEvent(value)
                                ? null
                                : "at most " + MAX_TEXT + " characters, no control characters or lone surrogates"
                        : parameter.oneOf().contains(value.toLowerCase(Locale.ROOT))
                                ? null
                                : String.join(", ", parameter.oneOf());
            case CURSOR ->
                value.length() <= MAX_CURSOR && Texts.isOfEvent(value) ? null : "the next of the page before";
            case INSTANT -> instant(value) != null ? null : "ISO 8601, for instance 2026-01-31T12:00:00Z";
            case NUMBER -> value.matches("\\d{1,18}") ? null : "a whole number";
            case LIMIT ->
                value.matches("\\d{1,3}") && Integer.parseInt(value) >= 1 && Integer.parseInt(value) <= MAX_LIMIT
                        ? null
                        : "1.." + MAX_LIMIT;
            case TRUTH -> value.equals("true") || value.equals("false") ? null : "true or false";
        };
        if (expected != null) {
            mistakes.add(parameter.name() + ": " + Texts.shown(value) + " (expected: " + expected + ")");
        }
        return expected == null;
    }

    private static @Nullable Instant instant(String value) {
        try {
            Instant instant = Instant.parse(value);
            // what every database takes
            return instant.isAfter(Instant.parse("0001-01-01T00:00:00Z"))
                            && instant.isBefore(Instant.parse("9999-01-01T00:00:00Z"))
                    ? instant
                    : null;
        } catch (DateTimeException e) {
            // told as a mistake
            return null;
        }
    }

    List<String> mistakes() {
        return mistakes;
    }

    void mistake(String text) {
        mistakes.add(text);
    }

    List<String> all(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    @Nullable String text(String name) {
        return all(name).isEmpty() ? null : all(name).getFirst();
    }

    @Nullable Instant time(String name) {
        String text = text(name);
        return text == null ? null : instant(text);
    }

    @Nullable Long number(String name) {
        String text = text(name);
        return text == null ? null : Long.valueOf(text);
    }

    boolean isTrue(String name) {
        return "true".equals(text(name));
    }

    int limit() {
        String text = text("limit");
        return text == null ? DEFAULT_LIMIT : Integer.parseInt(text);
    }
}
