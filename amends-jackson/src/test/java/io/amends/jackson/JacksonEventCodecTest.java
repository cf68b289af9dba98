package io.amends.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.event.CodecException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class JacksonEventCodecTest {
    private final JacksonEventCodec codec = new JacksonEventCodec();

    record Paid(
            String userId,
            long amount,
            BigDecimal rate,
            Instant at,
            LocalDate day,
            Duration took,
            Optional<String> coupon,
            UUID id,
            List<String> items) {}

    @Test
    void aPayloadComesBackAsItWas() {
        Paid paid = new Paid(
                "u\u0000\"é\ud83d\ude00",
                Long.MAX_VALUE,
                new BigDecimal("1.10"),
                Instant.parse("2026-11-25T10:15:30.123456789Z"),
                LocalDate.of(2026, 2, 28),
                Duration.ofSeconds(90),
                Optional.of("c"),
                new UUID(1, 2),
                List.of("a"));

        assertThat(codec.decode(codec.encode(paid), Paid.class)).isEqualTo(paid);
        assertThat(codec.contentType()).isEqualTo("application/json");
    }

    @Test
    void timesAreIsoTextsAndOptionalsAreTheirValue() {
        Paid paid = new Paid(
                "u",
                1,
                BigDecimal.ONE,
                Instant.EPOCH,
                LocalDate.EPOCH,
                Duration.ofMinutes(3),
                Optional.empty(),
                new UUID(0, 0),
                List.of());

        assertThat(new String(codec.encode(paid), StandardCharsets.UTF_8))
                .contains("\"at\":\"1970-01-01T00:00:00Z\"", "\"day\":\"1970-01-01\"", "\"took\":\"PT3M\"")
                .contains("\"coupon\":null");
        Paid read = (Paid) codec.decode(json("{\"coupon\":\"c\",\"amount\":1}"), Paid.class);
        assertThat(read.coupon()).contains("c");
    }

    @Test
    void unknownPropertiesAreIgnored() {
        assertThat(codec.decode(json("{\"x\":{\"y\":[1]},\"amount\":7,\"z\":null}"), Paid.class))
                .extracting("amount")
                .isEqualTo(7L);
    }

    @Test
    void rawTargetsGetWhatIsStored() {
        byte[] data = json(" {\"a\": [1, 2.50]} ");

        assertThat((byte[]) codec.decode(data, byte[].class)).isEqualTo(data).isNotSameAs(data);
        assertThat(codec.decode(data, String.class)).isEqualTo(" {\"a\": [1, 2.50]} ");
        assertThat(((JsonNode) codec.decode(data, JsonNode.class)).at("/a/0").asInt())
                .isEqualTo(1);
        assertThat(codec.decode(data, Map.class)).isEqualTo(Map.of("a", List.of(1, 2.5)));
        assertThat(codec.decode(data, Object.class)).isEqualTo(Map.of("a", List.of(1, 2.5)));
        Type generic = new TypeReference<Map<String, List<BigDecimal>>>() {}.getType();
        assertThat(codec.decode(data, generic))
                .isEqualTo(Map.of("a", List.of(new BigDecimal("1"), new BigDecimal("2.50"))));
        assertThat(codec.encode(data)).isEqualTo(data).isNotSameAs(data);
        assertThat(codec.encode(Map.of("k", 1))).isEqualTo(json("{\"k\":1}"));
    }

    @Test
    void bytesThatAreNotWhatTheTypeNeedsAreRefused() {
        for (String bad : new String[] {
            "",
            " ",
            "null",
            "{",
            "{\"amount\":\"x\"}",
            "{\"amount\":null}",
            "{}",
            "[]",
            "{\"amount\":1} {}",
            "{\"at\":\"x\"}",
            "\u0000",
            "{'amount':1}",
            "{\"amount\":1e999999999}",
            "{\"rate\":" + "1".repeat(1001) + "}"
        }) {
            assertThatThrownBy(() -> codec.decode(json(bad), Paid.class))
                    .as(bad)
                    .isInstanceOf(CodecException.class)
                    .hasMessageStartingWith("the payload ");
        }
        assertThatThrownBy(() -> codec.decode(new byte[] {(byte) 0xff}, String.class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("UTF-8");
    }

    record Picky(String name) {
        Picky {
            if (name == null) {
                throw new IllegalStateException("no name");
            }
        }
    }

    @Test
    void whatAConstructorThrowsIsPartOfTheMessage() {
        assertThatThrownBy(() -> codec.decode(json("{}"), Picky.class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("no name");
    }

    @Test
    void deepJsonIsRefusedAtAnyTarget() {
        for (int levels : new int[] {501, 10_000, 1_000_000}) {
            for (String open : new String[] {"[", "{\"a\":"}) {
                byte[] deep = json(open.repeat(levels));
                for (Type type : new Type[] {Object.class, Map.class, JsonNode.class, Paid.class}) {
                    assertThatThrownBy(() -> codec.decode(deep, type)).isInstanceOf(CodecException.class);
                }
                assertThatThrownBy(() -> codec.text(json("{\"x\":" + open.repeat(levels)), "key"))
                        .isInstanceOf(CodecException.class)
                        .hasMessageContaining("500");
            }
        }
        String deepest = "[".repeat(500) + "]".repeat(500);
        assertThat(codec.decode(json(deepest), Object.class)).isInstanceOf(List.class);
    }

    @Test
    void aMapperWithoutALimitOfNestingEndsAtTheStackNotWithIt() {
        JsonMapper boundless = JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(Integer.MAX_VALUE)
                                .build())
                        .build())
                .build();
        byte[] deep = json("[".repeat(1_000_000) + "]".repeat(1_000_000));

        assertThatThrownBy(() -> new JacksonEventCodec(boundless).decode(deep, Nested.class))
                .isInstanceOf(CodecException.class);
    }

    static final class Nested extends java.util.ArrayList<Nested> {}

    static final class Loop {
        public Loop getNext() {
            return this;
        }
    }

    static final class Endless {
        public Endless getNext() {
            return new Endless();
        }
    }

    static final class Recursive {
        @Override
        public int hashCode() {
            return 1;
        }

        public String getText() {
            return hashCode() == 0 ? "" : getText() + "x";
        }
    }

    static final class Throwing {
        public String getText() {
            throw new IllegalStateException("boom");
        }
    }

    @Test
    void payloadsThatCanNotBeWrittenAreRefused() {
        for (Object bad : new Object[] {new Loop(), new Endless(), new Recursive(), new Throwing()}) {
            assertThatThrownBy(() -> codec.encode(bad))
                    .as(bad.getClass().getName())
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining(bad.getClass().getName());
        }
    }

    @Test
    void charactersThatDatabasesMindAreEscapedInTheBytes() {
        Map<String, String> payload = Map.of("k", "nul \u0000 lone \ud800 surrogate");

        byte[] data = codec.encode(payload);

        assertThat(new String(data, StandardCharsets.UTF_8).chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
        assertThat(codec.decode(data, Map.class)).isEqualTo(payload);
    }

    @Test
    void sizesAreBoundedBothWays() {
        JacksonEventCodec small = new JacksonEventCodec(JacksonEventCodec.defaultMapper(), 10);

        assertThat(small.encode("12345678")).hasSize(10);
        assertThatThrownBy(() -> small.encode("123456789"))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("more than 10 bytes");
        assertThatThrownBy(() -> small.encode("x".repeat(100_000))).isInstanceOf(CodecException.class);
        assertThatThrownBy(() -> small.decode(new byte[11], byte[].class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("11 bytes (expected: at most 10)");
        assertThatThrownBy(() -> small.text(new byte[11], "a")).isInstanceOf(CodecException.class);
    }

    @Test
    void theApplicationsMapperIsUsedAsItIs() {
        JsonMapper snake = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        JacksonEventCodec ofApplication = new JacksonEventCodec(snake);

        assertThat(ofApplication.encode(new Picky("n"))).isEqualTo(json("{\"name\":\"n\"}"));
        assertThat(ofApplication.decode(json("{\"user_id\":\"u\",\"amount\":1}"), Paid.class))
                .extracting("userId")
                .isEqualTo("u");
    }

    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
