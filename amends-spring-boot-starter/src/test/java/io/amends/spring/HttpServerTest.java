package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.StartFrom;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.Store;
import io.amends.testkit.memory.InMemoryStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.json.JsonMapper;

/** The console and the door behind a real server, whose parsing of requests MockMvc does not have. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"amends.cloudevents.enabled=true", "amends.console.path=/ops/amends"})
@DirtiesContext
class HttpServerTest {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(
            exclude = {
                DataSourceAutoConfiguration.class,
                HibernateJpaAutoConfiguration.class,
                DataJpaRepositoriesAutoConfiguration.class
            })
    @Import(InMemorySetup.class)
    static class Application {}

    @LocalServerPort
    int port;

    @Autowired
    Store store;

    private final HttpClient client = HttpClient.newHttpClient();

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void takesABinaryEventWithEncodedAttributes() throws Exception {
        HttpResponse<String> response = send(to("/events")
                .header("ce-specversion", "1.0")
                .header("ce-id", "binary")
                .header("ce-source", "/till")
                .header("ce-type", "order.paid")
                .header("ce-subject", "%C3%BC%20x")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"a\":\"ü\"}")));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        assertThat(store.read(0, 100).events()).anySatisfy(event -> {
            assertThat(event.origin()).isEqualTo("http");
            assertThat(event.event().id()).isEqualTo("binary");
            assertThat(event.event().subject()).isEqualTo("ü x");
            assertThat(event.event().data()).asString().isEqualTo("{\"a\":\"ü\"}");
        });
    }

    @Test
    void namesTheMistakesOfAnEvent() throws Exception {
        HttpResponse<String> response = send(to("/events")
                .header("ce-specversion", "0.3")
                .header("ce-id", "a%00b")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("[".repeat(10_000))));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body())
                .contains(
                        "specversion: 0.3",
                        "id: a�b",
                        "source: missing",
                        "type: missing",
                        "data: Document nesting depth");
    }

    @Test
    void stopsReadingABodyThatIsTooLarge() throws Exception {
        HttpResponse<String> response = send(to("/events")
                .header("Content-Type", "application/cloudevents+json")
                .POST(BodyPublishers.ofString(" ".repeat((1 << 20) + 1))));
        assertThat(response.statusCode()).isEqualTo(413);
    }

    @Test
    void servesTheConsoleBelowItsPath() throws Exception {
        assertThat(send(to("/ops/amends/api/v1/failures")).body())
                .isEqualTo("{\"items\":[],\"next\":null,\"total\":null,\"searched\":null}");
        assertThat(send(to("/ops/amends/api/v1/failures/x%01")).statusCode()).isIn(400, 404);
        assertThat(send(to("/ops/amends/api/v1/failures/none/prepare").POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(to("/ops/amends/api/v1/failures/none/prepare")
                                .header("Origin", "http://evil.example")
                                .POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(to("/ops/amends/api/v1/failures/none/prepare")
                                .header("Origin", "http://localhost:" + port)
                                .POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(to("/amends/api/v1/failures")).statusCode()).isEqualTo(404);
        assertThat(store).isInstanceOf(InMemoryStore.class);
    }

    /** The server itself refuses %2F, which every key with a tenant has, and control characters. */
    @Test
    void readsAndPausesLanesWhateverTheirKeys() throws Exception {
        store.join(
                new NodeRegistration(
                        "other",
                        "1.0",
                        "host",
                        List.of(new ProcessorRegistration(
                                "points",
                                "order=KEY key= slots=1 hash=1",
                                1,
                                new TreeMap<>(Map.of("order.paid", "on")),
                                List.of(),
                                List.of(),
                                StartFrom.EARLIEST))),
                Duration.ofMinutes(1));
        String lanes = "/ops/amends/api/v1/lanes/points/";
        for (String key : List.of("acme/u1", "Zoë/用户", "~x", "\u00015", "a b;c=%2F")) {
            String lane = lanes
                    + "~"
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(StandardCharsets.UTF_8));

            HttpResponse<String> paused = send(to(lane + "/pause").POST(BodyPublishers.noBody()));
            HttpResponse<String> shown = send(to(lane));
            HttpResponse<String> resumed = send(to(lane + "/resume").POST(BodyPublishers.noBody()));

            assertThat(paused.statusCode()).as(paused.body()).isEqualTo(200);
            assertThat(JsonMapper.shared().readTree(shown.body()).get("key").asString())
                    .isEqualTo(key);
            assertThat(resumed.statusCode()).as(resumed.body()).isEqualTo(200);
        }
        assertThat(send(to(lanes + "acme%2Fu1")).body())
                .as("the server's own page")
                .doesNotContain("\"code\"");
        assertThat(send(to(lanes + "plain-1/pause").POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(to(lanes + "plain-1")).statusCode()).isEqualTo(200);
    }

    @Test
    void streamsWhatChanges() throws Exception {
        HttpResponse<java.util.stream.Stream<String>> response = java.net.http.HttpClient.newHttpClient()
                .send(to("/ops/amends/api/v1/stream").GET().build(), HttpResponse.BodyHandlers.ofLines());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(response.headers().allValues("Cache-Control")).contains("no-store");
        try (java.util.stream.Stream<String> lines = response.body()) {
            assertThat(lines.filter(line -> line.equals("event:counts")).findFirst())
                    .isPresent();
        }
    }
}
