package io.amends.spring.cloudevents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.core.event.EventLimits;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CloudEventReadingTest {
    private static final int MOST = 100_000;
    private final StructuredEvents structured = new StructuredEvents(EventLimits.DEFAULT, MOST, 3);
    private final BinaryEvent binary = new BinaryEvent(EventLimits.DEFAULT);

    @Test
    void readsEveryAttributeOfAStructuredEvent() {
        ReadEvents read = structured("""
                {"specversion":"1.0","id":"1","source":"/shop","type":"order.paid","subject":"o-7",
                 "time":"2026-01-31T12:00:00.5+01:00","datacontenttype":"application/json",
                 "partitionkey":"u-1","version":7,"epoch":2,"correlationid":"c","causationid":"k",
                 "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                 "dataschema":"/schemas/1","test":true,"count":-3, "gone":null,
                 "data" : {"userId" : "u-1", "amount":1.10e2}}
                """);

        assertThat(read.mistakes()).isEmpty();
        EventEnvelope event = read.events().getFirst();
        assertThat(event.id()).isEqualTo("1");
        assertThat(event.source()).isEqualTo("/shop");
        assertThat(event.type()).isEqualTo("order.paid");
        assertThat(event.subject()).isEqualTo("o-7");
        assertThat(event.time()).isEqualTo(Instant.parse("2026-01-31T11:00:00.500Z"));
        assertThat(event.dataContentType()).isEqualTo("application/json");
        assertThat(event.key()).isEqualTo("u-1");
        assertThat(event.version()).isEqualTo(7);
        assertThat(event.epoch()).isEqualTo(2);
        assertThat(event.correlationId()).isEqualTo("c");
        assertThat(event.causationId()).isEqualTo("k");
        assertThat(event.traceParent()).startsWith("00-0af76519");
        assertThat(event.headers().values())
                .isEqualTo(Map.of("dataschema", "/schemas/1", "test", "true", "count", "-3"));
        assertThat(new String(event.data(), UTF_8))
                .as("the payload's bytes are kept as they are")
                .isEqualTo("{\"userId\" : \"u-1\", \"amount\":1.10e2}");
    }

    @Test
    void keepsTheExactBytesOfEachKindOfPayload() {
        for (String data : List.of("7", "-1.50", "true", "false", "\"a\\u00e4\\\"b\"", "[1, 2 ]", "{}", "\"ü😀\"")) {
            for (String after : List.of("}", " }", "\n,\"subject\":\"s\"}")) {
                ReadEvents read =
                        structured("{\"specversion\":\"1.0\",\"id\":\"ü\",\"source\":\"s\",\"type\":\"t\",\"data\": "
                                + data + after);
                assertThat(read.mistakes()).as(data).isEmpty();
                EventEnvelope event = read.events().getFirst();
                assertThat(new String(event.data(), UTF_8)).isEqualTo(data);
                assertThat(event.dataContentType()).isEqualTo("application/json");
            }
        }
    }

    @Test
    void readsTextAndBase64AsTheJsonFormatSays() {
        assertThat(data("\"datacontenttype\":\"text/plain\",\"data\":\"a\\nb\""))
                .isEqualTo("a\nb");
        assertThat(data("\"data\":\"a\",\"datacontenttype\":\"text/plain\"")).isEqualTo("a");
        assertThat(data("\"data_base64\":\"eyJhIjoxfQ==\"")).isEqualTo("{\"a\":1}");
        assertThat(data("\"datacontenttype\":\"application/avro\",\"data_base64\":\"AAE=\""))
                .isEqualTo("\0\1");
        assertThat(structured(minimal("\"data\":null")).events().getFirst().data())
                .isNull();
        assertThat(structured(minimal("\"datacontenttype\":\"text/plain\",\"data\":{}"))
                        .mistakes())
                .containsExactly(
                        "data: not a string although datacontenttype is text/plain (expected: a string, or data_base64)");
        assertThat(structured(minimal("\"data\":1,\"data_base64\":\"MQ==\"")).mistakes())
                .containsExactly("data: given twice (expected: data or data_base64)");
        assertThat(structured(minimal("\"data_base64\":\"*\"")).mistakes())
                .containsExactly("data_base64: not Base64 (expected: RFC 4648, section 4)");
        assertThat(structured(minimal("\"data_base64\":\"e30k\"")).mistakes())
                .singleElement()
                .asString()
                .startsWith("data_base64: ");
    }

    @Test
    void namesEveryMistakeOfAnEventAtOnce() {
        assertThat(structured("""
                                {"specversion":"0.3","id":"a\\u0000b","type":"\\ud800","source":"no uri","time":"today","version":"x",
                                 "epoch":1.5,"Bad-Name":"x","subject":"","nested":{"a":[1]},"data":["\\udc00"],"id":"2"}
                                """).mistakes())
                .containsExactlyInAnyOrder(
                        "specversion: 0.3 (expected: 1.0)",
                        "id: a�b (expected: no control characters or lone surrogates)",
                        "id: given twice",
                        "type: � (expected: no control characters or lone surrogates)",
                        "source: no uri (expected: a URI reference)",
                        "time: today (expected: RFC 3339, for instance 2026-01-31T12:00:00Z)",
                        "version: x (expected: a whole number of 64 bits)",
                        "epoch: neither text nor boolean nor whole number (expected: one of these)",
                        "header name: Bad-Name (expected: 1 to 64 lower-case letters and digits)",
                        "subject: empty (expected: a value, or no such attribute)",
                        "nested: neither text nor boolean nor whole number (expected: one of these)",
                        "data: a lone surrogate in a string (expected: Unicode text)");
        assertThat(structured("{}").mistakes())
                .containsExactlyInAnyOrder(
                        "specversion: missing (expected: 1.0)",
                        "id: missing (expected: 1 to 255 bytes)",
                        "source: missing (expected: 1 to 255 bytes)",
                        "type: missing (expected: 1 to 255 bytes)");
    }

    @Test
    void refusesWhatIsNotAJsonEvent() {
        for (String text :
                List.of("", " ", "[]", "null", "1", "{", "{\"id\":", "{\"id\":1}x", "{'a':1}", "\ufeff{}", "{} {}")) {
            ReadEvents read = structured(text);
            assertThat(read.mistakes()).as(text).isNotEmpty();
            assertThat(read.events()).isEmpty();
        }
        assertThat(structured.one(new byte[] {'{', (byte) 0xc0, '}'}, null).mistakes())
                .containsExactly("body: not UTF-8");
        assertThat(structured
                        .one("{}".getBytes(java.nio.charset.StandardCharsets.UTF_16), null)
                        .mistakes())
                .containsExactly("body: not UTF-8");
    }

    @Test
    void refusesTenThousandLevelsInEveryMode() {
        String deep = "[".repeat(10_000) + "]".repeat(10_000);
        assertThat(structured(minimal("\"data\":" + deep)).mistakes())
                .containsExactly("body: Document nesting depth (501) exceeds the maximum allowed (500)");
        assertThat(structured(minimal("\"x\":" + deep)).mistakes()).isNotEmpty();
        assertThat(batch(deep).mistakes()).isNotEmpty();
        assertThat(binary(attributes(), "application/json", deep).mistakes())
                .singleElement()
                .asString()
                .startsWith("data: ")
                .contains("nesting depth");
    }

    @Test
    void refusesAnEventThatIsTooLargeByItsBytes() {
        String text = "ü".repeat(MOST / 2);
        ReadEvents read = structured(minimal("\"data\":\"" + text + "\""));
        assertThat(read.tooLarge()).isTrue();
        assertThat(read.mistakes().getFirst()).matches("event: \\d+ bytes \\(expected: at most 100000\\)");
    }

    @Test
    void readsABatchInOrderAndNamesThePlaceOfEachMistake() {
        assertThat(batch("[]").events()).isEmpty();
        assertThat(batch("[]").mistakes()).isEmpty();
        ReadEvents two = batch("[" + event("1") + ", " + event("2") + "]");
        assertThat(two.mistakes()).isEmpty();
        assertThat(two.events()).extracting(EventEnvelope::id).containsExactly("1", "2");

        ReadEvents wrong = batch("[" + event("1") + ",{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"s\"},7]");
        assertThat(wrong.events()).as("all or nothing").isEmpty();
        assertThat(wrong.mistakes())
                .containsExactly(
                        "[1].type: missing (expected: 1 to 255 bytes)", "[2]: not a JSON object (expected: an event)");
        assertThat(batch(event("1")).mistakes())
                .containsExactly("body: not a JSON array (expected: an array of events)");
        ReadEvents many = batch("[" + event("1") + "," + event("2") + "," + event("3") + "," + event("4") + "]");
        assertThat(many.tooLarge()).isTrue();
    }

    @Test
    void readsBinaryModeWithPercentEncodingAndQuotes() {
        Map<String, List<String>> headers = attributes();
        headers.put("CE-Subject", List.of("\"a \\\"b\\\" %C3%BC%20%F0%9F%98%80\""));
        headers.put("ce-partitionkey", List.of("k"));
        headers.put("ce-tenant", List.of("acme"));
        ReadEvents read = binary(headers, "application/json; charset=utf-8", "{\"a\": 1}");
        assertThat(read.mistakes()).isEmpty();
        EventEnvelope event = read.events().getFirst();
        assertThat(event.subject()).isEqualTo("a \"b\" ü 😀");
        assertThat(event.key()).isEqualTo("k");
        assertThat(event.headers().values()).isEqualTo(Map.of("tenant", "acme"));
        assertThat(event.dataContentType()).isEqualTo("application/json; charset=utf-8");
        assertThat(event.data()).asString(UTF_8).isEqualTo("{\"a\": 1}");
    }

    @Test
    void refusesHeadersThatDoNotDecode() {
        for (String value : List.of("%", "%4", "%zz", "%C3", "%ED%A0%80", "ü", "%C0%80")) {
            Map<String, List<String>> headers = attributes();
            headers.put("ce-subject", List.of(value));
            assertThat(binary(headers, null, "").mistakes())
                    .as(value)
                    .singleElement()
                    .asString()
                    .contains("percent-encoded UTF-8");
        }
        Map<String, List<String>> nul = attributes();
        nul.put("ce-subject", List.of("a%00b"));
        assertThat(binary(nul, null, "").mistakes())
                .containsExactly("subject: a�b (expected: no control characters or lone surrogates)");
        Map<String, List<String>> twice = attributes();
        twice.put("ce-subject", List.of("a", "b"));
        assertThat(binary(twice, null, "").mistakes()).containsExactly("subject: given twice");
        assertThat(binary(new LinkedHashMap<>(), null, "").mistakes()).hasSize(4);
    }

    @Test
    void refusesABinaryBodyThatIsNotTheJsonItClaimsToBe() {
        for (String body : List.of("{", "nope", "{} {}", "\"\\ud800\"")) {
            assertThat(binary(attributes(), "application/vnd.shop+json", body).mistakes())
                    .as(body)
                    .singleElement()
                    .asString()
                    .startsWith("data: ")
                    .endsWith("although the content type is application/vnd.shop+json");
        }
        assertThat(binary(attributes(), "application/avro", "{").mistakes()).isEmpty();
        assertThat(binary(attributes(), "application/json", "\"a\\u0000\"").mistakes())
                .as("NUL is JSON")
                .isEmpty();
    }

    @Test
    void takesTheTraceOfTheRequestWhereTheEventHasNone() {
        String hop = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assertThat(structured
                        .one(event("1").getBytes(UTF_8), hop)
                        .events()
                        .getFirst()
                        .traceParent())
                .isEqualTo(hop);
        assertThat(structured
                        .one(minimal("\"traceparent\":\"own\"").getBytes(UTF_8), hop)
                        .events()
                        .getFirst()
                        .traceParent())
                .isEqualTo("own");
    }

    @Test
    void readsWhatTheCloudEventsSdkWrites() {
        CloudEvent sent = CloudEventBuilder.v1()
                .withId("9")
                .withSource(URI.create("urn:shop"))
                .withType("order.paid")
                .withTime(OffsetDateTime.parse("2026-01-31T12:00:00Z"))
                .withSubject("o-1")
                .withExtension("partitionkey", "u-1")
                .withExtension("version", 3)
                .withData("application/json", "{\"a\":1}".getBytes(UTF_8))
                .build();
        ReadEvents read = structured.one(new JsonFormat().serialize(sent), null);
        assertThat(read.mistakes()).isEmpty();
        EventEnvelope event = read.events().getFirst();
        assertThat(event.id()).isEqualTo("9");
        assertThat(event.version()).isEqualTo(3);
        assertThat(event.key()).isEqualTo("u-1");
        assertThat(event.data()).asString(UTF_8).isEqualTo("{\"a\":1}");
    }

    private ReadEvents structured(String body) {
        return structured.one(body.getBytes(UTF_8), null);
    }

    private ReadEvents batch(String body) {
        return structured.batch(body.getBytes(UTF_8), null);
    }

    private ReadEvents binary(Map<String, List<String>> headers, String contentType, String body) {
        return binary.read(headers, contentType, body.getBytes(UTF_8), null);
    }

    private String data(String members) {
        ReadEvents read = structured(minimal(members));
        assertThat(read.mistakes()).isEmpty();
        return new String(read.events().getFirst().data(), UTF_8);
    }

    private static String minimal(String members) {
        return "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"," + members + "}";
    }

    private static String event(String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"s\",\"type\":\"t\"}";
    }

    private static Map<String, List<String>> attributes() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("ce-specversion", List.of("1.0"));
        headers.put("ce-id", List.of("1"));
        headers.put("ce-source", List.of("/s"));
        headers.put("ce-type", List.of("t"));
        return headers;
    }
}
