package io.amends.console;

import java.io.IOException;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes and reads the API's JSON with a mapper of its own: the application's settings must not change the API. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
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
