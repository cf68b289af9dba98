package io.amends.console;

import io.amends.core.event.UnsafeCharacters;
import java.io.IOException;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes and reads the API's JSON with a mapper of its own: the application's settings must not change the API. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().characterEscapes(new Escapes()).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final DefaultIndenter INDENTER = new DefaultIndenter("  ", "\n");
    private static final PrettyPrinter FORMAT =
            new DefaultPrettyPrinter().withObjectIndenter(INDENTER).withArrayIndenter(INDENTER);

    /**
     * Writes as escapes, besides what JSON asks for, what does harm where an answer is printed as it is: events keep such
     * characters in their keys, subjects, headers and payloads, and whoever reads the JSON gets them unchanged.
     */
    private static final class Escapes extends CharacterEscapes {
        @Serial
        private static final long serialVersionUID = 1L;

        private static final int[] ASCII = standardAsciiEscapesForJSON();

        static {
            ASCII[0x7f] = ESCAPE_STANDARD;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ASCII;
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int c) {
            // line separators end a line of JavaScript and of some logs, the others are invisible and move what is
            // beside them
            boolean moving = c == 0x61c || c == 0x200e || c == 0x200f || c == 0x2028 || c == 0x2029;
            boolean pair = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            return !pair && (moving || UnsafeCharacters.contains(c))
                    ? new SerializedString(String.format(Locale.ROOT, "\\u%04x", c))
                    : null;
        }
    }

    private Json() {}

    static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** Formatted for people, with one line feed per line on every system. */
    static byte[] pretty(Object value) {
        String text = MAPPER.writer().with(FORMAT).writeValueAsString(value);
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The JSON of a value as maps and lists. */
    static Map<?, ?> map(Object value) {
        return MAPPER.convertValue(value, Map.class);
    }

    /** Reads what this service itself wrote. */
    static <T> T read(byte[] text, Class<T> type) {
        return MAPPER.readValue(text, type);
    }

    /**
     * Reads a JSON object.
     *
     * @throws IOException if the text is something else
     */
    static Map<?, ?> object(byte[] text) throws IOException {
        try {
            return MAPPER.readValue(text, Map.class);
        } catch (JacksonException e) {
            throw new IOException("not a JSON object: " + e.getOriginalMessage(), e);
        }
    }
}
