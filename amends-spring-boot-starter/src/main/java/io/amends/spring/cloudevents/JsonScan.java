package io.amends.spring.cloudevents;

import io.amends.core.event.UnsafeCharacters;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Looks at JSON without building a tree of it, so that deep or long documents cost no more than their bytes. */
final class JsonScan {
    /** The deepest nesting of objects and arrays that is taken; Jackson's own limit, stated so that it stays. */
    static final int MAX_DEPTH = 500;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    // the door has limited the whole text already
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonScan() {}

    /** Whether a media type is JSON: {@code application/json}, {@code text/json} or {@code …+json}. */
    static boolean isJson(String mediaType) {
        String type = mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.endsWith("/json") || type.endsWith("+json");
    }

    static JsonParser parser(String text) {
        return FACTORY.createParser(ObjectReadContext.empty(), text);
    }

    /** The text, or null if the bytes are not UTF-8. */
    static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** What is wrong with a document that should be one JSON value, or null. */
    static @Nullable String mistake(byte[] document) {
        String text = utf8(document);
        if (text == null) {
            return "not UTF-8";
        }
        try (JsonParser parser = parser(text)) {
            if (parser.nextToken() == null) {
                return "empty";
            }
            String found = skipValue(parser);
            return found != null ? found : parser.nextToken() == null ? null : "more than one JSON value";
        } catch (JacksonException e) {
            return reason(e);
        }
    }

    /**
     * Goes to the end of the value that the parser stands at.
     *
     * @return what is wrong with it although it is JSON, or null
     */
    static @Nullable String skipValue(JsonParser parser) {
        String mistake = null;
        int depth = 0;
        for (JsonToken token = parser.currentToken(); ; token = parser.nextToken()) {
            if (token == null) {
                return mistake;
            }
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token == JsonToken.PROPERTY_NAME || token == JsonToken.VALUE_STRING) {
                if (mistake == null && hasLoneSurrogate(parser.getString())) {
                    mistake = "a lone surrogate in a string (expected: Unicode text)";
                }
            }
            if (depth == 0 && token != JsonToken.PROPERTY_NAME) {
                parser.finishToken();
                return mistake;
            }
        }
    }

    /** What the parser says, in one line and with the place. */
    static String reason(JacksonException error) {
        String message = error.getOriginalMessage() == null ? "not JSON" : error.getOriginalMessage();
        // without the names of Jackson's own settings, which mean nothing to a sender
        String line = message.lines().findFirst().orElse("not JSON").replaceAll(", from `[^`]*`", "");
        StringBuilder text = new StringBuilder(line.length() > 200 ? line.substring(0, 200) + "…" : line);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (UnsafeCharacters.contains(c)) {
                text.setCharAt(i, '\ufffd');
            }
        }
        return error.getLocation() == null
                ? text.toString()
                : text + " (line " + error.getLocation().getLineNr() + ", column "
                        + error.getLocation().getColumnNr() + ")";
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
