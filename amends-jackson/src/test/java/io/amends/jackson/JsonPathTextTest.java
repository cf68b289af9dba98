package io.amends.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.event.CodecException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Slots of stored events depend on what is read here. */
class JsonPathTextTest {
    private final JacksonEventCodec codec = new JacksonEventCodec();

    @Test
    void aStringIsTakenAsItIs() {
        assertThat(text("{\"k\":\"v\"}", "k")).contains("v");
        assertThat(text("{\"k\":\"\"}", "k")).contains("");
        assertThat(text("{\"k\":\"a\\u00e9\\n\\\"\\ud83d\\ude00\"}", "k")).contains("aé\n\"\ud83d\ude00");
        assertThat(text("{\"k\":\"é\ud83d\ude00\"}", "k")).contains("é\ud83d\ude00");
        assertThat(text("{\"\\u006b\":\"escaped name\"}", "k")).contains("escaped name");
    }

    @Test
    void aNumberKeepsItsLiteralForm() {
        for (String literal : List.of(
                "0", "1", "-1", "1.0", "1.00", "1e0", "1E+2", "-0.0", "12345678901234567890123", "0.10", "1e400")) {
            assertThat(text("{\"k\":" + literal + "}", "k")).contains(literal);
        }
        assertThat(text("{\"k\":-0}", "k")).contains("0");
        assertThat(text("{\"k\":true}", "k")).contains("true");
        assertThat(text("{\"k\":false}", "k")).contains("false");
    }

    @Test
    void whatIsAbsentOrNullIsEmpty() {
        assertThat(text("{}", "k")).isEmpty();
        assertThat(text("{\"k\":null}", "k")).isEmpty();
        assertThat(text("{\"K\":1}", "k")).isEmpty();
        assertThat(text("{\"a\":{\"c\":1}}", "a.b")).isEmpty();
        assertThat(text("{\"a\":null}", "a.b")).isEmpty();
        assertThat(text("{\"a\":7}", "a.b")).isEmpty();
        assertThat(text("{\"a\":[{\"b\":1}]}", "a.b")).isEmpty();
        assertThat(text("[{\"k\":1}]", "k")).isEmpty();
        assertThat(text("7", "k")).isEmpty();
        assertThat(text("null", "k")).isEmpty();
    }

    @Test
    void aPathLeadsThroughObjects() {
        assertThat(text("{\"x\":{\"b\":{\"c\":1}},\"a\":{\"x\":[{}],\"b\":{\"c\":\"found\"}}}", "a.b.c"))
                .contains("found");
    }

    @Test
    void theFirstOfSeveralPropertiesOfANameWins() {
        assertThat(text("{\"k\":1,\"k\":2}", "k")).contains("1");
        assertThat(text("{\"k\":null,\"k\":2}", "k")).isEmpty();
        assertThat(text("{\"a\":{},\"a\":{\"b\":1}}", "a.b")).isEmpty();
    }

    @Test
    void readingStopsAtTheValue() {
        assertThat(text("{\"k\":\"v\", this is no JSON", "k")).contains("v");
        assertThat(text("\ufeff{\"k\":\"v\"}", "k")).contains("v");
    }

    @Test
    void whatIsNoKeyIsRefused() {
        for (String bad : List.of(
                "{\"k\":{}}",
                "{\"k\":[1]}",
                "{\"k\":\"\\u0000\"}",
                "{\"k\":\"\\ud800\"}",
                "{\"k\":\"\\udc00\\ud800\"}",
                "{\"k\":" + "1".repeat(1001) + "}")) {
            assertThatThrownBy(() -> text(bad, "k")).as(bad).isInstanceOf(CodecException.class);
        }
    }

    @Test
    void whatIsNotJsonUpToTheValueIsRefused() {
        for (String bad :
                List.of("{", "{\"k\"", "{\"k\":", "{\"k\":\"v", "{\"a\":tru", "{a:1}", "{\"a\":1,}", "x", "// c\n{}")) {
            assertThatThrownBy(() -> text(bad, "k")).as(bad).isInstanceOf(CodecException.class);
        }
        assertThatThrownBy(() -> codec.text(new byte[0], "k")).isInstanceOf(CodecException.class);
        assertThatThrownBy(() -> codec.text("{\"k\":1}".getBytes(StandardCharsets.UTF_16BE), "k"))
                .isInstanceOf(CodecException.class);
        assertThatThrownBy(() -> codec.text(new byte[] {'{', '"', 'k', '"', ':', '"', (byte) 0xff, '"', '}'}, "k"))
                .isInstanceOf(CodecException.class);
    }

    @Test
    void randomDocumentsGiveWhatATreeGives() {
        for (long seed = 1; seed <= 2_000; seed++) {
            Random random = new Random(seed);
            ObjectNode document = object(random, 0);
            byte[] data = codec.encode(document);
            for (int i = 0; i < 5; i++) {
                List<String> path = new ArrayList<>();
                for (int depth = 1 + random.nextInt(3); depth > 0; depth--) {
                    path.add(name(random));
                }
                JsonNode expected = document;
                for (String segment : path) {
                    expected = expected.isObject() ? expected.path(segment) : expected.path("none");
                }
                String dotted = String.join(".", path);
                if (expected.isObject() || expected.isArray()) {
                    assertThatThrownBy(() -> codec.text(data, dotted)).isInstanceOf(CodecException.class);
                } else {
                    Optional<String> text = expected.isMissingNode() || expected.isNull()
                            ? Optional.empty()
                            : Optional.of(expected.isString() ? expected.stringValue() : expected.toString());
                    assertThat(codec.text(data, dotted))
                            .as("seed %d %s", seed, dotted)
                            .isEqualTo(text);
                }
            }
        }
    }

    @Test
    void damagedBytesGiveAnAnswerOrACodecExceptionAndTheSameOneAgain() {
        for (long seed = 1; seed <= 5_000; seed++) {
            Random random = new Random(seed);
            byte[] data = codec.encode(object(random, 0));
            for (int hits = 1 + random.nextInt(4); hits > 0; hits--) {
                data[random.nextInt(data.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = Arrays.copyOf(data, 1 + random.nextInt(data.length));
            String path = name(random);
            assertThat(answer(cut, path)).as("seed " + seed).isEqualTo(answer(cut, path));
            try {
                codec.decode(cut, Object.class);
            } catch (CodecException e) {
                assertThat(e).hasMessageStartingWith("the payload ");
            }
        }
    }

    @Test
    void randomBytesGiveAnAnswerOrACodecException() {
        String alphabet = "{}[]\":,\\u0123dek truefalsn-+.e9\u0000\n";
        for (long seed = 1; seed <= 20_000; seed++) {
            Random random = new Random(seed);
            byte[] data = new byte[1 + random.nextInt(60)];
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
            }
            assertThat(answer(data, "k")).isNotNull();
        }
    }

    private String answer(byte[] data, String path) {
        try {
            return "" + codec.text(data, path);
        } catch (CodecException e) {
            return e.getMessage();
        }
    }

    private Optional<String> text(String json, String path) {
        return codec.text(json.getBytes(StandardCharsets.UTF_8), path);
    }

    private static ObjectNode object(Random random, int depth) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = random.nextInt(6); i > 0; i--) {
            String name = name(random);
            switch (random.nextInt(depth > 4 ? 6 : 8)) {
                case 0 -> object.put(name, random.nextLong());
                case 1 -> object.put(name, random.nextBoolean());
                case 2 -> object.putNull(name);
                case 3 -> object.put(name, random.nextInt(100));
                case 4 -> object.put(name, "text \u00e9\ud83d\ude00 \" \\ " + random.nextInt());
                case 5 ->
                    object.putArray(name).add(random.nextInt()).addObject().put("a", 1);
                default -> object.set(name, object(random, depth + 1));
            }
        }
        return object;
    }

    private static String name(Random random) {
        return String.valueOf("abcdé".charAt(random.nextInt(5)));
    }
}
