package io.amends.console;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.RetryPolicyChange;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The body of a command: a JSON object with known members, read with every mistake collected. */
final class Command {
    private static final int MAX_TEXT = 1000;
    private static final int MAX_IDS = 1000;
    private final Map<?, ?> members;
    private final List<String> mistakes = new ArrayList<>();
    private @Nullable RetryPolicyChange change;

    private Command(Map<?, ?> members) {
        this.members = members;
    }

    /** Reads a call's body, where an empty one is an empty object; the endpoint says which members it knows. */
    static Command read(Call call) {
        byte[] body = call.request().body();
        Class<? extends Record> type = Objects.requireNonNull(call.endpoint().body(), "an endpoint with a body");
        Command command;
        try {
            command = new Command(body.length == 0 ? Map.of() : Json.object(body));
        } catch (IOException e) {
            Command broken = new Command(Map.of());
            broken.mistakes.add("body: " + Texts.shown(String.valueOf(e.getMessage())));
            return broken;
        }
        Set<String> known = Bodies.membersOf(type);
        for (Object name : command.members.keySet()) {
            if (!known.contains(String.valueOf(name))) {
                command.mistakes.add(Texts.shown(String.valueOf(name)) + ": unknown member (expected: "
                        + String.join(", ", known) + ")");
            }
        }
        return command;
    }

    /** What was asked for besides the reason, for the audit. */
    SortedMap<String, String> parameters() {
        SortedMap<String, String> parameters = new TreeMap<>();
        members.forEach((name, value) -> {
            if (!name.equals("reason")) {
                parameters.put(String.valueOf(name), Texts.shown(String.valueOf(value)));
            }
        });
        return parameters;
    }

    void mistake(String text) {
        mistakes.add(text);
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

    /** The version that If-Match names, null for any. */
    @Nullable String expectedVersion(Call call) {
        String header = call.header("if-match");
        if (header == null || header.strip().equals("*")) {
            return null;
        }
        String tag = header.strip();
        if (!tag.matches("\"[0-9a-f]{1,64}\"")) {
            mistakes.add("If-Match: " + Texts.shown(tag) + " (expected: the ETag of what it is about)");
            return null;
        }
        return tag.substring(1, tag.length() - 1);
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

    /** What becomes of the events that wait for what is skipped; they run unless it says otherwise. */
    OnTimeout dependents() {
        String text = text("dependents");
        String all = String.join(
                ", ", Arrays.stream(OnTimeout.values()).map(Enum::name).toList());
        try {
            return text == null ? OnTimeout.PROCEED : OnTimeout.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            mistakes.add("dependents: " + Texts.shown(text) + " (expected: " + all + ")");
            return OnTimeout.PROCEED;
        }
    }

    /** The policy with the members that are given in place of its own; its mistakes are this body's. */
    RetryPolicy policyOver(RetryPolicy current) {
        RetryPolicyChange change = policyChange();
        try {
            return change.over(current);
        } catch (IllegalArgumentException e) {
            mistakes.addAll(List.of(String.valueOf(e.getMessage()).split("; ")));
            return current;
        }
    }

    /** The members of a retry policy that are given. */
    RetryPolicyChange policyChange() {
        RetryPolicyChange known = change;
        if (known == null) {
            known = new RetryPolicyChange(
                    member("enabled", Boolean.class, "true or false"),
                    member("maxRetries", Integer.class, "0..1000"),
                    duration("minBackoff"),
                    duration("executionTimeout"),
                    duration("maxBackoff"),
                    jitter());
            change = known;
        }
        return known;
    }

    private @Nullable Double jitter() {
        Number jitter = member("jitter", Number.class, "0..1");
        return jitter == null ? null : jitter.doubleValue();
    }

    /** The member of this type, null if it is not given. */
    <T> @Nullable T member(String name, Class<T> type, String expected) {
        Object given = members.get(name);
        if (given == null || type.isInstance(given)) {
            return type.cast(given);
        }
        mistakes.add(name + ": " + Texts.shown(given.toString()) + " (expected: " + expected + ")");
        return null;
    }

    /** The ids that the member names, empty if it is not given; naming none is a mistake, as that would mean all. */
    Set<FailureId> ids(String name) {
        Object given = members.get(name);
        if (given == null) {
            return Set.of();
        }
        if (given instanceof List<?> list
                && !list.isEmpty()
                && list.size() <= MAX_IDS
                && list.stream().allMatch(one -> one instanceof String id && isId(id))) {
            return list.stream().map(id -> new FailureId((String) id)).collect(Collectors.toSet());
        }
        mistakes.add(name + ": " + Texts.shown(given.toString()) + " (expected: 1 to " + MAX_IDS
                + " ids of failed executions)");
        return Set.of();
    }

    private static boolean isId(String text) {
        return !text.isEmpty() && text.length() <= 64 && Texts.isPlain(text);
    }

    @Nullable Duration duration(String name) {
        Object given = members.get(name);
        if (given == null) {
            return null;
        }
        try {
            if (given instanceof String text) {
                return Duration.parse(text);
            }
        } catch (DateTimeException e) {
            mistakes.add(name + ": " + Texts.shown(given.toString()) + " (expected: ISO 8601, for instance PT3M)");
            return null;
        }
        mistakes.add(name + ": " + Texts.shown(given.toString()) + " (expected: ISO 8601 text, for instance \"PT3M\")");
        return null;
    }

    @Nullable String text(String name) {
        Object value = members.get(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof String text)) {
            mistakes.add(name + ": not text");
            return null;
        }
        if (text.length() > MAX_TEXT || !Texts.isPlain(text.replace("\n", " "))) {
            mistakes.add(name + ": " + Texts.shown(text) + " (expected: at most " + MAX_TEXT + " characters, "
                    + Texts.PLAIN + ")");
            return null;
        }
        return text;
    }
}
