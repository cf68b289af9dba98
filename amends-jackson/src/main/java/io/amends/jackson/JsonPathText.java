package io.amends.jackson;

import io.amends.core.event.CodecException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the text at a path out of JSON, token by token, up to the value. A pure function: strict JSON, whatever the
 * application's mapper allows, and without the symbol table that parsers of one factory share (it refuses names after
 * too many collisions, so that the answer would depend on what was read before).
 *
 * <p>From characters, not bytes: a decoder that reads ahead finds malformed bytes behind the value or not, as its buffer
 * has it, and the size of a buffer must not decide about a slot.
 */
final class JsonPathText {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JacksonEventCodec.DEPTH)
                    .maxNumberLength(1000)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonPathText() {}

    /**
     * The text, null if the path is absent or its value is null.
     *
     * @throws CodecException if the text up to the value is not JSON, or the value is no key
     */
    static @Nullable String read(String json, String path) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), withoutMark(json))) {
            parser.nextToken();
            for (String name : path.split("\\.", -1)) {
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    // An array or a scalar has no properties; what follows can not change that.
                    return null;
                }
                if (!moveTo(parser, name)) {
                    return null;
                }
            }
            return text(parser, path);
        } catch (JacksonException e) {
            throw new CodecException(
                    "no value can be read at " + path + ", the payload is not JSON: " + JacksonEventCodec.reason(e), e);
        }
    }

    /** A byte order mark is allowed to be ignored (RFC 8259, section 8.1), and Jackson does so when it decodes. */
    private static String withoutMark(String json) {
        return json.startsWith("\ufeff") ? json.substring(1) : json;
    }

    /** Moves to the value of the first property of this name in the object that has begun; false if there is none. */
    private static boolean moveTo(JsonParser parser, String name) {
        for (String found = parser.nextName(); found != null; found = parser.nextName()) {
            parser.nextToken();
            if (found.equals(name)) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }

    private static @Nullable String text(JsonParser parser, String path) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case VALUE_STRING -> storable(parser.getString(), path);
            case VALUE_NUMBER_INT -> parser.getString().equals("-0") ? "0" : parser.getString();
            case VALUE_NUMBER_FLOAT -> parser.getString();
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_NULL -> null;
            case START_OBJECT, START_ARRAY ->
                throw new CodecException(
                        "the value at " + path + " is an " + (token == JsonToken.START_OBJECT ? "object" : "array")
                                + " (expected: a string, number or boolean)",
                        null);
            default -> throw new CodecException("the payload ends before the value at " + path, null);
        };
    }

    /** Two keys that a database or an encoder turns into one would be in one lane: better a visible failure. */
    private static String storable(String text, String path) {
        boolean harmful = text.codePoints()
                .anyMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
        if (harmful) {
            throw new CodecException(
                    "the value at " + path + " has a NUL character or half a surrogate pair (expected: neither)", null);
        }
        return text;
    }
}
