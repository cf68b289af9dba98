package io.amends.spring.cloudevents;

import io.amends.api.EventEnvelope;
import io.amends.core.event.EventLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the JSON event format and the JSON batch format of CloudEvents 1.0.2; the payload keeps its exact bytes. */
final class StructuredEvents {
    private final EventLimits limits;
    private final int maxEventBytes;
    private final int maxBatch;

    StructuredEvents(EventLimits limits, int maxEventBytes, int maxBatch) {
        this.limits = limits;
        this.maxEventBytes = maxEventBytes;
        this.maxBatch = maxBatch;
    }

    /** Reads one event. */
    ReadEvents one(byte[] body, @Nullable String hopTraceParent) {
        return read(body, false, hopTraceParent);
    }

    /** Reads an array of events, which may be empty. */
    ReadEvents batch(byte[] body, @Nullable String hopTraceParent) {
        return read(body, true, hopTraceParent);
    }

    private ReadEvents read(byte[] body, boolean batch, @Nullable String hopTraceParent) {
        List<String> mistakes = new ArrayList<>();
        List<EventEnvelope> events = new ArrayList<>();
        boolean tooLarge = false;
        String text = JsonScan.utf8(body);
        if (text == null) {
            return ReadEvents.wrong(List.of("body: not UTF-8"));
        }
        try (JsonParser parser = JsonScan.parser(text)) {
            JsonToken first = parser.nextToken();
            if (batch) {
                if (first != JsonToken.START_ARRAY) {
                    return ReadEvents.wrong(List.of("body: not a JSON array (expected: an array of events)"));
                }
                int index = 0;
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (index == maxBatch) {
                        return ReadEvents.tooLarge("batch: more than " + maxBatch + " events (expected: at most "
                                + maxBatch + ", send the rest in a second request)");
                    }
                    tooLarge |= event(parser, text, "[" + index + "].", events, mistakes, hopTraceParent);
                    index++;
                }
            } else {
                tooLarge = event(parser, text, "", events, mistakes, hopTraceParent);
            }
            if (parser.nextToken() != null) {
                mistakes.add("body: more than one JSON value");
            }
        } catch (JacksonException e) {
            mistakes.add("body: " + JsonScan.reason(e));
        }
        return new ReadEvents(mistakes.isEmpty() ? events : List.of(), mistakes, tooLarge);
    }

    /** Reads the event that the parser stands at; returns whether it is too large. */
    private boolean event(
            JsonParser parser,
            String text,
            String place,
            List<EventEnvelope> events,
            List<String> mistakes,
            @Nullable String hopTraceParent) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            JsonScan.skipValue(parser);
            mistakes.add((place.isEmpty() ? "body" : place.substring(0, place.length() - 1))
                    + ": not a JSON object (expected: an event)");
            return false;
        }
        int begin = (int) parser.currentTokenLocation().getCharOffset();
        EventDraft draft = new EventDraft(place, mistakes);
        Payload payload = null;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.getString();
            parser.nextToken();
            switch (name) {
                case "data" -> {
                    payload = payload(parser, text, draft);
                    if (payload != null) {
                        draft.data(payload.json());
                    }
                }
                case "data_base64" -> base64(parser, draft);
                default -> attribute(parser, name, draft);
            }
        }
        if (payload != null) {
            fitDataToItsType(payload, draft);
        } else if (draft.data() != null) {
            checkBinary(draft.data(), draft);
        }
        long length = bytes(text, begin, (int) parser.currentLocation().getCharOffset());
        if (length > maxEventBytes) {
            draft.mistake("event", length + " bytes (expected: at most " + maxEventBytes + ")");
            return true;
        }
        EventEnvelope event = draft.build(limits, hopTraceParent);
        if (event != null) {
            events.add(event);
        }
        return false;
    }

    /**
     * The {@code data} member.
     *
     * @param json its bytes as they stand in the document
     * @param string its value if it is a JSON string
     */
    private record Payload(byte[] json, @Nullable String string) {}

    private static @Nullable Payload payload(JsonParser parser, String text, EventDraft draft) {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        int begin = (int) parser.currentTokenLocation().getCharOffset();
        String string = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : null;
        String mistake = JsonScan.skipValue(parser);
        if (mistake != null) {
            draft.mistake("data", mistake);
        }
        int end = (int) parser.currentLocation().getCharOffset();
        return new Payload(text.substring(begin, end).strip().getBytes(StandardCharsets.UTF_8), string);
    }

    /** JSON format, 3.1: what is not JSON is a string whose text is the payload; no type means JSON. */
    private static void fitDataToItsType(Payload payload, EventDraft draft) {
        String type = draft.attribute("datacontenttype");
        if (type == null) {
            draft.attribute("datacontenttype", "application/json");
        } else if (!JsonScan.isJson(type)) {
            if (payload.string() == null) {
                draft.mistake(
                        "data",
                        "not a string although datacontenttype is " + EventDraft.shown(type)
                                + " (expected: a string, or data_base64)");
            } else {
                draft.replaceData(payload.string().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void checkBinary(byte[] data, EventDraft draft) {
        String type = draft.attribute("datacontenttype");
        if (type == null) {
            draft.attribute("datacontenttype", "application/json");
        }
        String mistake = type == null || JsonScan.isJson(type) ? JsonScan.mistake(data) : null;
        if (mistake != null) {
            draft.mistake("data_base64", mistake + ", although it stands for JSON");
        }
    }

    private static long bytes(String text, int begin, int end) {
        long bytes = 0;
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            // a pair of surrogates is four bytes
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }

    private static void base64(JsonParser parser, EventDraft draft) {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            JsonScan.skipValue(parser);
            draft.mistake("data_base64", "not a string (expected: Base64)");
            return;
        }
        try {
            draft.data(Base64.getDecoder().decode(parser.getString()));
        } catch (IllegalArgumentException e) {
            draft.mistake("data_base64", "not Base64 (expected: RFC 4648, section 4)");
        }
    }

    private static void attribute(JsonParser parser, String name, EventDraft draft) {
        switch (parser.currentToken()) {
            case VALUE_STRING, VALUE_TRUE, VALUE_FALSE, VALUE_NUMBER_INT -> draft.attribute(name, parser.getString());
            // JSON format, 2.2: null is as if the attribute were not there
            case VALUE_NULL -> {}
            default -> {
                JsonScan.skipValue(parser);
                draft.mistake(
                        EventDraft.shown(name), "neither text nor boolean nor whole number (expected: one of these)");
            }
        }
    }
}
