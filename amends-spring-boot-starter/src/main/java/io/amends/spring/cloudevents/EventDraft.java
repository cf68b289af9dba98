package io.amends.spring.cloudevents;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.core.event.EventLimits;
import io.amends.core.event.UnsafeCharacters;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The attributes and payload of one event while it is read; collects every mistake, each with its place. */
final class EventDraft {
    private final String place;
    private final List<String> mistakes;
    private final int mistakesBefore;
    private final NavigableMap<String, String> attributes = new TreeMap<>();
    private byte @Nullable [] data;

    /** A draft whose mistakes go into the list, with this text before the attribute's name. */
    EventDraft(String place, List<String> mistakes) {
        this.place = place;
        this.mistakes = mistakes;
        this.mistakesBefore = mistakes.size();
    }

    void attribute(String name, String value) {
        if (attributes.putIfAbsent(name, value) != null) {
            mistake(name, "given twice");
        }
    }

    void data(byte[] bytes) {
        if (data != null) {
            mistake("data", "given twice (expected: data or data_base64)");
        }
        data = bytes;
    }

    /** The payload in place of the one given before. */
    void replaceData(byte[] bytes) {
        data = bytes;
    }

    void mistake(String name, String what) {
        mistakes.add(place + name + ": " + what);
    }

    byte @Nullable [] data() {
        return data;
    }

    @Nullable String attribute(String name) {
        return attributes.get(name);
    }

    /** The event, or null if it has mistakes. */
    @Nullable EventEnvelope build(EventLimits limits, @Nullable String hopTraceParent) {
        String version = attributes.remove("specversion");
        if (version == null) {
            mistake("specversion", "missing (expected: 1.0)");
        } else if (!version.equals("1.0")) {
            mistake("specversion", shown(version) + " (expected: 1.0)");
        }
        String source = take("source");
        if (source != null && !isUriReference(source)) {
            mistake("source", shown(source) + " (expected: a URI reference)");
        }
        String traceParent = take("traceparent");
        EventEnvelope event = new EventEnvelope(
                orEmpty(take("id")),
                orEmpty(source),
                orEmpty(take("type")),
                take("subject"),
                time(),
                take("datacontenttype"),
                data,
                take("partitionkey"),
                number("version"),
                number("epoch"),
                take("correlationid"),
                take("causationid"),
                traceParent != null ? traceParent : hopTraceParent,
                new Headers(attributes));
        limits.breaches(event).forEach(breach -> mistakes.add(place + breach));
        return mistakes.size() == mistakesBefore ? event : null;
    }

    private @Nullable String take(String name) {
        String value = attributes.remove(name);
        // An empty id, source or type is reported as missing by the limits.
        if (value != null && value.isEmpty()) {
            if (!name.equals("id") && !name.equals("source") && !name.equals("type")) {
                mistake(name, "empty (expected: a value, or no such attribute)");
            }
            return null;
        }
        return value;
    }

    private @Nullable Instant time() {
        String value = take("time");
        if (value == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            mistake("time", shown(value) + " (expected: RFC 3339, for instance 2026-01-31T12:00:00Z)");
            return null;
        }
    }

    private @Nullable Long number(String name) {
        String value = take(name);
        if (value == null) {
            return null;
        }
        try {
            return Long.valueOf(value);
        } catch (NumberFormatException e) {
            mistake(name, shown(value) + " (expected: a whole number of 64 bits)");
            return null;
        }
    }

    private static boolean isUriReference(String text) {
        try {
            return !new URI(text).toString().isEmpty();
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** The value as it may stand in an answer: short, and without characters that break it. */
    static String shown(String value) {
        StringBuilder text = new StringBuilder(value.length() > 60 ? value.substring(0, 60) + "…" : value);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (UnsafeCharacters.contains(c)) {
                text.setCharAt(i, '\ufffd');
            }
        }
        return text.toString();
    }
}
