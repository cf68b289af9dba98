package io.amends.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EventLimitsTest {
    private static final String NAME = "x".repeat(255);
    private static final String TEXT = "x".repeat(1024);

    @Test
    void anEventAtEveryLimitIsFine() {
        Map<String, String> headers = new TreeMap<>();
        for (int i = 0; i < 64; i++) {
            headers.put("h" + i + "h".repeat(64 - 1 - Integer.toString(i).length()), "v".repeat(4096));
        }
        EventEnvelope event = new EventEnvelope(
                NAME,
                NAME,
                NAME,
                TEXT,
                null,
                TEXT,
                new byte[1 << 20],
                NAME,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                TEXT,
                TEXT,
                TEXT,
                new Headers(headers));

        assertThat(EventLimits.DEFAULT.breaches(event)).isEmpty();
    }

    @Test
    void everyBreachIsNamedWithItsExpectation() {
        Map<String, String> headers = new TreeMap<>();
        for (int i = 0; i < 63; i++) {
            headers.put("h" + i, "");
        }
        headers.put("Upper", "v");
        headers.put("long", "v".repeat(4097));
        EventEnvelope event = new EventEnvelope(
                "",
                NAME + "x",
                "é".repeat(128),
                TEXT + "x",
                null,
                TEXT + "x",
                new byte[(1 << 20) + 1],
                NAME + "x",
                null,
                null,
                TEXT + "x",
                TEXT + "x",
                TEXT + "x",
                new Headers(headers));

        assertThat(EventLimits.DEFAULT.breaches(event))
                .containsExactlyInAnyOrder(
                        "id: missing (expected: 1 to 255 bytes)",
                        "source: 256 bytes (expected: at most 255)",
                        "type: 256 bytes (expected: at most 255)",
                        "key: 256 bytes (expected: at most 255)",
                        "subject: 1025 bytes (expected: at most 1024)",
                        "datacontenttype: 1025 bytes (expected: at most 1024)",
                        "correlationid: 1025 bytes (expected: at most 1024)",
                        "causationid: 1025 bytes (expected: at most 1024)",
                        "traceparent: 1025 bytes (expected: at most 1024)",
                        "data: 1048577 bytes (expected: at most 1048576)",
                        "headers: 65 (expected: at most 64)",
                        "header name: Upper (expected: 1 to 64 lower-case letters and digits)",
                        "header long: 4097 bytes (expected: at most 4096)");
    }

    @Test
    void controlCharactersAndLoneSurrogatesAreBreachesAndNotPrinted() {
        for (String bad : new String[] {"a\u0000b", "a\nb", "a\u007fb", "a\ud800b", "a\udc00b", "\udc00\ud800"}) {
            EventEnvelope event = event(bad);
            assertThat(EventLimits.DEFAULT.breaches(event))
                    .singleElement()
                    .asString()
                    .startsWith("key: ")
                    .contains("\ufffd", "no control characters")
                    .doesNotContain(bad);
        }
        assertThat(EventLimits.DEFAULT.breaches(event("smile \ud83d\ude00"))).isEmpty();
    }

    @Test
    void nullAndEmptyOptionalAttributesAreFine() {
        assertThat(EventLimits.DEFAULT.breaches(event(null))).isEmpty();
        assertThat(EventLimits.DEFAULT.breaches(event(""))).isEmpty();
    }

    @Test
    void thePayloadLimitCanBeSet() {
        EventEnvelope event = new EventEnvelope(
                "i", "s", "t", null, null, null, new byte[11], null, null, null, null, null, null, Headers.NONE);

        assertThat(new EventLimits(11).breaches(event)).isEmpty();
        assertThat(new EventLimits(10).breaches(event)).containsExactly("data: 11 bytes (expected: at most 10)");
    }

    private static EventEnvelope event(String key) {
        return new EventEnvelope(
                "i", "s", "t", null, null, null, null, key, null, null, null, null, null, Headers.NONE);
    }
}
