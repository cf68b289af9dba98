package io.amends.core.event;

import io.amends.api.EventEnvelope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limits that every event keeps, at each door alike: the inbox's columns carry the same as CHECKs.
 *
 * @param payloadBytes the longest payload, default 1 MiB
 */
public record EventLimits(int payloadBytes) {
    /** The longest id, source, type and key, in bytes of UTF-8. */
    public static final int NAME_BYTES = 255;
    /** The longest subject, correlation id, causation id and content type, in bytes of UTF-8. */
    public static final int TEXT_BYTES = 1024;
    /** The most headers of an event, and the longest header name and value. */
    public static final int HEADERS = 64;
    /** The longest header name in characters. */
    public static final int HEADER_NAME = 64;
    /** The longest header value in bytes of UTF-8. */
    public static final int HEADER_BYTES = 4096;
    /** The limits that hold without configuration. */
    public static final EventLimits DEFAULT = new EventLimits(1 << 20);

    /** All breaches, each naming the attribute and what was expected; empty if the event is fine. */
    public List<String> breaches(EventEnvelope event) {
        List<String> found = new ArrayList<>();
        text(found, "id", event.id(), NAME_BYTES, true);
        text(found, "source", event.source(), NAME_BYTES, true);
        text(found, "type", event.type(), NAME_BYTES, true);
        text(found, "key", event.key(), NAME_BYTES, false);
        text(found, "subject", event.subject(), TEXT_BYTES, false);
        text(found, "datacontenttype", event.dataContentType(), TEXT_BYTES, false);
        text(found, "correlationid", event.correlationId(), TEXT_BYTES, false);
        text(found, "causationid", event.causationId(), TEXT_BYTES, false);
        text(found, "traceparent", event.traceParent(), TEXT_BYTES, false);
        byte[] data = event.data();
        if (data != null && data.length > payloadBytes) {
            found.add("data: " + data.length + " bytes (expected: at most " + payloadBytes + ")");
        }
        headers(found, event.headers().values());
        return found;
    }

    private static void headers(List<String> found, Map<String, String> headers) {
        if (headers.size() > HEADERS) {
            found.add("headers: " + headers.size() + " (expected: at most " + HEADERS + ")");
        }
        headers.forEach((name, value) -> {
            if (!name.matches("[a-z0-9]{1," + HEADER_NAME + "}")) {
                found.add("header name: " + printable(name) + " (expected: 1 to " + HEADER_NAME
                        + " lower-case letters and digits)");
            }
            text(found, "header " + printable(name), value, HEADER_BYTES, false);
        });
    }

    private static void text(List<String> found, String name, @Nullable String value, int bytes, boolean required) {
        if (value == null || value.isEmpty()) {
            if (required) {
                found.add(name + ": missing (expected: 1 to " + bytes + " bytes)");
            }
            return;
        }
        int length = value.getBytes(StandardCharsets.UTF_8).length;
        if (length > bytes) {
            found.add(name + ": " + length + " bytes (expected: at most " + bytes + ")");
        }
        if (value.chars().anyMatch(c -> c < 0x20 || c == 0x7f) || hasLoneSurrogate(value)) {
            found.add(name + ": " + printable(value) + " (expected: no control characters or lone surrogates)");
        }
    }

    private static boolean hasLoneSurrogate(String value) {
        return value.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static String printable(String value) {
        String cut = value.length() > 60 ? value.substring(0, 60) + "…" : value;
        StringBuilder text = new StringBuilder();
        cut.codePoints().forEach(c -> text.appendCodePoint(UnsafeCharacters.contains(c) ? 0xfffd : c));
        return text.toString();
    }
}
