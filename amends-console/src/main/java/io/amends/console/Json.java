package io.amends.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes and reads the API's JSON with a mapper of its own: the application's settings must not change the API. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final DefaultIndenter INDENTER = new DefaultIndenter("  ", "\n");
    private static final PrettyPrinter FORMAT =
            new DefaultPrettyPrinter().withObjectIndenter(INDENTER).withArrayIndenter(INDENTER);

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
