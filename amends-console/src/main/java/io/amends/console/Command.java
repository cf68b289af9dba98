package io.amends.console;

import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The body of a command: a JSON object with known members, read with every mistake collected. */
final class Command {
    private static final int MAX_TEXT = 1000;
    private final Map<?, ?> members;
    private final List<String> mistakes = new ArrayList<>();

    private Command(Map<?, ?> members) {
        this.members = members;
    }

    /**
     * Reads a body, where an empty one is an empty object.
     *
     * @param names the members that the command knows, besides {@code reason}
     */
    static Command read(byte[] body, Set<String> names) {
        Command command;
        try {
            command = new Command(body.length == 0 ? Map.of() : Json.object(body));
        } catch (IOException e) {
            Command broken = new Command(Map.of());
            broken.mistakes.add("body: " + Texts.shown(String.valueOf(e.getMessage())));
            return broken;
        }
        Set<String> known = new TreeSet<>(names);
        known.add("reason");
        for (Object name : command.members.keySet()) {
            if (!known.contains(String.valueOf(name))) {
                command.mistakes.add(Texts.shown(String.valueOf(name)) + ": unknown member (expected: "
                        + String.join(", ", known) + ")");
            }
        }
        return command;
    }

    List<String> mistakes() {
        return mistakes;
    }

    @Nullable String reason() {
        String reason = text("reason");
        return reason == null || reason.isBlank() ? null : reason;
    }

    /** The reason where the command needs one; empty after a mistake. */
    String requiredReason() {
        String reason = reason();
        if (reason == null && mistakes.isEmpty()) {
            mistakes.add("reason: missing (expected: why)");
        }
        return reason == null ? "" : reason;
    }

    /** The member where the command needs it; empty after a mistake. */
    String required(String name, String expected) {
        String value = text(name);
        if (value == null || value.isBlank()) {
            mistakes.add(name + ": missing (expected: " + expected + ")");
            return "";
        }
        return value;
    }

    Recoverability recoverability() {
        String all = String.join(
                ", ", Arrays.stream(Recoverability.values()).map(Enum::name).toList());
        String text = required("recoverability", all);
        try {
            return text.isEmpty() ? Recoverability.UNKNOWN : Recoverability.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            mistakes.add("recoverability: " + Texts.shown(text) + " (expected: " + all + ")");
            return Recoverability.UNKNOWN;
        }
    }

    /** The policy with the members that are given in place of its own. */
    RetryPolicy policyOver(RetryPolicy current) {
        boolean enabled = current.enabled();
        Object given = members.get("enabled");
        if (given instanceof Boolean value) {
            enabled = value;
        } else if (given != null) {
            mistakes.add("enabled: " + Texts.shown(given.toString()) + " (expected: true or false)");
        }
        int maxRetries = current.maxRetries();
        given = members.get("maxRetries");
        if (given instanceof Integer value) {
            maxRetries = value;
        } else if (given != null) {
            mistakes.add("maxRetries: " + Texts.shown(given.toString()) + " (expected: 0..1000)");
        }
        double jitter = current.jitter();
        given = members.get("jitter");
        if (given instanceof Number value) {
            jitter = value.doubleValue();
        } else if (given != null) {
            mistakes.add("jitter: " + Texts.shown(given.toString()) + " (expected: 0..1)");
        }
        Duration minBackoff = duration("minBackoff", current.minBackoff());
        Duration executionTimeout = duration("executionTimeout", current.executionTimeout());
        Duration maxBackoff = duration("maxBackoff", current.maxBackoff());
        try {
            return new RetryPolicy(enabled, maxRetries, minBackoff, executionTimeout, maxBackoff, jitter);
        } catch (IllegalArgumentException e) {
            mistakes.addAll(List.of(String.valueOf(e.getMessage()).split("; ")));
            return current;
        }
    }

    private Duration duration(String name, Duration current) {
        Object given = members.get(name);
        if (given == null) {
            return current;
        }
        try {
            if (given instanceof String text) {
                return Duration.parse(text);
            }
        } catch (DateTimeException e) {
            mistakes.add(name + ": " + Texts.shown(given.toString()) + " (expected: ISO 8601, for instance PT3M)");
            return current;
        }
        mistakes.add(name + ": " + Texts.shown(given.toString()) + " (expected: ISO 8601 text, for instance \"PT3M\")");
        return current;
    }

    private @Nullable String text(String name) {
        Object value = members.get(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof String text)) {
            mistakes.add(name + ": not text");
            return null;
        }
        if (text.length() > MAX_TEXT || !Texts.isPlain(text.replace("\n", " "))) {
            mistakes.add(name + ": " + Texts.shown(text) + " (expected: at most " + MAX_TEXT
                    + " characters, no control characters or lone surrogates)");
            return null;
        }
        return text;
    }
}
