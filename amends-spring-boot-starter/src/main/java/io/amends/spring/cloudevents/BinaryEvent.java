package io.amends.spring.cloudevents;

import io.amends.api.EventEnvelope;
import io.amends.core.event.EventLimits;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the binary mode of the CloudEvents HTTP binding 1.0.2: attributes in {@code ce-} headers, the body is the payload. */
final class BinaryEvent {
    static final String PREFIX = "ce-";
    private final EventLimits limits;

    BinaryEvent(EventLimits limits) {
        this.limits = limits;
    }

    static boolean isBinary(Map<String, List<String>> headers) {
        return headers.keySet().stream()
                .anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith(PREFIX));
    }

    ReadEvents read(
            Map<String, List<String>> headers,
            @Nullable String contentType,
            byte[] body,
            @Nullable String hopTraceParent) {
        List<String> mistakes = new ArrayList<>();
        EventDraft draft = new EventDraft("", mistakes);
        headers.forEach((header, values) -> {
            String name = header.toLowerCase(Locale.ROOT);
            if (name.startsWith(PREFIX)) {
                values.forEach(value -> attribute(draft, name.substring(PREFIX.length()), value));
            }
        });
        if (draft.attribute("datacontenttype") != null) {
            draft.mistake("datacontenttype", "given as ce-datacontenttype (expected: the Content-Type header)");
        }
        if (body.length > 0) {
            draft.data(body);
            if (contentType != null) {
                draft.attribute("datacontenttype", contentType);
                String mistake = JsonScan.isJson(contentType) ? JsonScan.mistake(body) : null;
                if (mistake != null) {
                    draft.mistake("data", mistake + ", although the content type is " + EventDraft.shown(contentType));
                }
            }
        }
        EventEnvelope event = draft.build(limits, hopTraceParent);
        return new ReadEvents(event == null ? List.of() : List.of(event), mistakes, false);
    }

    private static void attribute(EventDraft draft, String name, String header) {
        String value = decode(unquote(header.strip()));
        if (value == null) {
            draft.mistake(
                    EventDraft.shown(name),
                    EventDraft.shown(header)
                            + " (expected: printable ASCII, with everything else as percent-encoded UTF-8)");
        } else {
            draft.attribute(name, value);
        }
    }

    /** RFC 9110, 5.6.4: the text of a quoted string. */
    private static String unquote(String value) {
        if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
            return value;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < value.length() - 1; i++) {
            if (value.charAt(i) == '\\' && i + 1 < value.length() - 1) {
                i++;
            }
            text.append(value.charAt(i));
        }
        return text.toString();
    }

    /** HTTP binding, 3.1.3.2: one round of percent-decoding; null if it is not ASCII, or does not decode to UTF-8. */
    private static @Nullable String decode(String value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                return null;
            }
            if (c != '%') {
                bytes.write(c);
                continue;
            }
            int high = i + 2 < value.length() ? Character.digit(value.charAt(i + 1), 16) : -1;
            int low = i + 2 < value.length() ? Character.digit(value.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return null;
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return JsonScan.utf8(bytes.toByteArray());
    }
}
