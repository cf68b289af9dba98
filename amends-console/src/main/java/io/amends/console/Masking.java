package io.amends.console;

import io.amends.api.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Hides secrets in what is shown: the values of JSON members and headers whose names say that they are one. Numbers and
 * texts that stay are shown as they were written.
 *
 * @param names parts of names, in lower case without {@code -} and {@code _}; a name that contains one is hidden
 */
public record Masking(List<String> names) {
    /** What stands in the place of a secret. */
    public static final String MASK = "•••";

    /** What is hidden if nothing else is configured. */
    public static final Masking DEFAULT = new Masking(List.of(
            "password",
            "passwd",
            "secret",
            "token",
            "authorization",
            "cookie",
            "apikey",
            "privatekey",
            "credential",
            "card",
            "cvv",
            "cvc",
            "iban",
            "ssn",
            "pin"));

    private static final JsonFactory FACTORY = new JsonFactory();

    /** Copies the names. */
    public Masking {
        names = names.stream()
                .map(Masking::plain)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** Whether a value of this name is a secret. */
    public boolean hides(String name) {
        String plain = plain(name);
        // a short word is a secret only by itself: "pin" must not hide "shipping"
        return names.stream().anyMatch(part -> part.length() > 3 ? plain.contains(part) : plain.equals(part));
    }

    /** The headers, those that are secrets with {@link #MASK} in the place of their values unless they are revealed. */
    Map<String, String> headers(Headers headers, boolean reveal) {
        Map<String, String> shown = new TreeMap<>();
        headers.values().forEach((name, value) -> shown.put(name, reveal || !hides(name) ? value : MASK));
        return shown;
    }

    /** The JSON with its secrets hidden; empty if the text is no JSON. */
    Optional<String> json(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length);
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text);
                JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            JsonToken token = parser.nextToken();
            while (token != null) {
                copy(parser, generator, token);
                token = parser.nextToken();
            }
        } catch (JacksonException e) {
            // told by the answer: no JSON has no names to look for
            return Optional.empty();
        }
        return Optional.of(out.toString(StandardCharsets.UTF_8));
    }

    private void copy(JsonParser parser, JsonGenerator generator, JsonToken token) {
        switch (token) {
            case PROPERTY_NAME -> {
                String name = parser.currentName();
                generator.writeName(name);
                if (hides(name)) {
                    parser.nextToken();
                    parser.skipChildren();
                    generator.writeString(MASK);
                }
            }
            // as it was written: no digit is lost
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> generator.writeNumber(parser.getString());
            default -> generator.copyCurrentEvent(parser);
        }
    }

    /** The bytes as text, null if they are not UTF-8. */
    static @Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            // shown in base 64 instead
            return null;
        }
    }
}
