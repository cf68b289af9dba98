package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpenApiTest {
    private static final Path COMMITTED = Path.of("src/main/resources/META-INF/amends/openapi.json");

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final OperatorApi api = new OperatorApi(service.operations, service.operatorStore, new Access(false), true);

    @AfterEach
    void close() {
        service.close();
    }

    /** After a change of the API run with {@code -Damends.openapi.write=true}, and read what git says has changed. */
    @Test
    void theCommittedDescriptionIsTheApis() throws IOException {
        if (Boolean.getBoolean("amends.openapi.write")) {
            Files.write(COMMITTED, api.openApi());
        }
        assertThat(new String(api.openApi(), UTF_8)).isEqualTo(Files.readString(COMMITTED));
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        JsonNode document = JsonMapper.shared().readTree(api.openApi());
        List<String> references =
                document.findValuesAsString("$ref").stream().distinct().toList();
        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    @Test
    void everyOperationHasANameOfItsOwnAndAnAnswer() {
        TreeSet<String> ids = new TreeSet<>();
        for (Endpoint endpoint : api.endpoints()) {
            assertThat(ids.add(endpoint.id())).as(endpoint.id()).isTrue();
            assertThat(endpoint.answers()).as(endpoint.id()).isNotEmpty();
            if (endpoint.isCommand()) {
                assertThat(endpoint.body()).as(endpoint.id()).isNotNull();
                assertThat(endpoint.permission()).as(endpoint.id()).isNotNull();
            }
        }
    }

    /** Every status that the API can answer, every body and every good answer with an example, every header. */
    @Test
    void everyOperationIsDescribedToTheEnd() {
        JsonNode document = JsonMapper.shared().readTree(api.openApi());
        assertThat(document.get("components").get("securitySchemes").propertyNames())
                .contains("basic", "session");
        assertThat(document.get("components").get("headers").propertyNames())
                .contains("ETag", "Retry-After", "Idempotency-Replayed", "Amends-Sign-In");
        for (Endpoint endpoint : api.endpoints()) {
            JsonNode operation = document.get("paths")
                    .get(endpoint.path().replace("…", ""))
                    .get(endpoint.method().toLowerCase(Locale.ROOT));
            assertThat(operation.get("responses").propertyNames())
                    .as(endpoint.id())
                    .contains("400", "401", "403", "405", "429", "500", "503");
            assertThat(codes(document, operation, "401")).contains("unauthenticated", "session-ended");
            assertThat(codes(document, operation, "400")).contains("invalid-request");
            if (endpoint.isCommand()) {
                assertThat(operation
                                .at("/requestBody/content/application~1json/example")
                                .isObject())
                        .as(endpoint.id())
                        .isTrue();
            }
            for (String status : operation.get("responses").propertyNames()) {
                JsonNode response =
                        resolved(document, operation.get("responses").get(status));
                if (status.startsWith("2")) {
                    for (JsonNode content : response.get("content")) {
                        assertThat(content.has("example")).as(endpoint.id()).isTrue();
                    }
                    assertThat(response.path("headers").has("Idempotency-Replayed"))
                            .as(endpoint.id())
                            .isEqualTo(endpoint.isCommand());
                }
                if (Set.of("429", "503").contains(status)) {
                    assertThat(response.get("headers").has("Retry-After")).isTrue();
                }
            }
        }
    }

    /** Bodies in the description are ones that their commands read without a mistake. */
    @Test
    void theExamplesOfBodiesAreRead() {
        JsonNode document = JsonMapper.shared().readTree(api.openApi());
        service.fail("f1", "a");
        for (String command : List.of("recoverable", "retry-spec", "prepare")) {
            JsonNode example = document.at(
                    "/paths/~1failures~1{id}~1" + command + "/post/requestBody/content/application~1json/example");
            ApiResponse response = api.handle(new ApiRequest(
                    "POST",
                    "/failures/f1/" + command,
                    Map.of(),
                    "application/json",
                    example.toString().getBytes(UTF_8),
                    new ApiRequest.Caller("x", "127.0.0.1", false, "localhost", null, null)));
            assertThat(response.status()).as(new String(response.body(), UTF_8)).isLessThan(300);
        }
    }

    private static JsonNode resolved(JsonNode document, JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asString().substring(1)) : node;
    }

    private static Collection<String> codes(JsonNode document, JsonNode operation, String status) {
        return resolved(document, operation.get("responses").get(status))
                .at("/content/application~1problem+json/examples")
                .propertyNames();
    }

    @Test
    void theDescriptionIsServed() {
        ApiResponse response = api.handle(new ApiRequest(
                "GET",
                "/openapi.json",
                java.util.Map.of(),
                null,
                new byte[0],
                new ApiRequest.Caller("x", "127.0.0.1", false, "localhost", null, null)));
        assertThat(response.status()).isEqualTo(200);
        assertThat(JsonMapper.shared().readTree(response.body()).get("openapi").asString())
                .isEqualTo("3.1.0");
    }
}
