package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
