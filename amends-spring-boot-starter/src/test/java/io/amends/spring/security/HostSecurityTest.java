package io.amends.spring.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.spring.InMemorySetup;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The console behind the sign-in of Spring Security, in mode host. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.application.name=secured",
            "spring.autoconfigure.exclude=",
            "amends.immediate-backoffs=",
            "amends.compensation.enabled=false",
            "amends.console.access.mode=host"
        })
@DirtiesContext
class HostSecurityTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @EventType("card.charged")
    record Charged(@EventKey String user) {}

    @EventProcessor(name = "charges")
    static class Charges {
        @OnEvent
        void on(Charged charged) {
            throw new IllegalStateException("refused");
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration(
            exclude = {
                DataSourceAutoConfiguration.class,
                HibernateJpaAutoConfiguration.class,
                DataJpaRepositoriesAutoConfiguration.class
            })
    @Import({InMemorySetup.class, ConsoleSecurity.class, Charges.class})
    static class Application {
        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(
                    user("vera", "viewer"), user("olga", "operator"), user("nora", "clerk"));
        }

        private static UserDetails user(String name, String role) {
            return User.withUsername(name).password("{noop}secret").roles(role).build();
        }
    }

    @LocalServerPort
    int port;

    @Autowired
    EventPublisher events;

    private final HttpClient client = HttpClient.newHttpClient();
    private String failure = "";

    @BeforeEach
    void oneFailedExecution() {
        events.publishNow(new Charged("u-1"));
        await().atMost(SOON).untilAsserted(() -> {
            JsonNode failures = json(get("olga", "/failures")).get("items");
            assertThat(failures).isNotEmpty();
            failure = "/failures/" + failures.get(0).get("id").asString();
        });
    }

    @Test
    void whoHasTheRoleReadsAndCommands() throws Exception {
        assertThat(json(get("vera", "/me")).get("name").asString()).isEqualTo("vera");
        assertThat(get("vera", failure).statusCode()).isEqualTo(200);
        int before = audited();

        assertThat(mark("vera").statusCode()).as("a viewer commands nothing").isEqualTo(403);
        assertThat(json(mark("vera")).get("code").asString()).isEqualTo("forbidden");
        assertThat(audited())
                .as("what was refused is not done, and not audited")
                .isEqualTo(before);

        HttpResponse<byte[]> marked = mark("olga");
        assertThat(marked.statusCode()).as(new String(marked.body(), UTF_8)).isEqualTo(200);
        assertThat(audited()).isEqualTo(before + 1);
        JsonNode line = json(get("olga", "/audit")).get("items").get(0);
        assertThat(line.get("actor").asString()).isEqualTo("olga");
        assertThat(line.get("action").asString()).isEqualTo("failure.recoverable");
    }

    @Test
    void nobodyElseGetsThrough() throws Exception {
        assertThat(send(request("/me"), null).statusCode()).as("nobody").isEqualTo(401);
        assertThat(get("nora", "/failures").statusCode())
                .as("a role that is no console's")
                .isEqualTo(403);
        assertThat(mark("nora").statusCode()).isEqualTo(403);
    }

    /** What Spring Security's own filter would have refused: a page of another site that uses the browser's sign-in. */
    @Test
    void aForeignPageIsRefusedAlthoughTheFilterIgnoresThePath() throws Exception {
        int before = audited();
        for (String[] header : new String[][] {
            {"Origin", "https://evil.example"},
            {"Origin", "null"},
            {"Sec-Fetch-Site", "cross-site"},
            {"Sec-Fetch-Site", "same-site"}
        }) {
            HttpResponse<byte[]> refused = send(marking().header(header[0], header[1]), "olga");
            assertThat(refused.statusCode()).as("%s: %s", header[0], header[1]).isEqualTo(403);
            assertThat(json(refused).get("code").asString()).isEqualTo("cross-site");
        }
        HttpResponse<byte[]> form = send(
                request(failure + "/recoverable")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("recoverability=RECOVERABLE")),
                "olga");
        assertThat(form.statusCode()).as("no form is a command").isEqualTo(415);
        assertThat(audited()).isEqualTo(before);

        HttpResponse<byte[]> own = send(marking().header("Origin", "http://localhost:" + port), "olga");
        assertThat(own.statusCode()).as("the console's own page").isEqualTo(200);
    }

    /** The exception is for the console only: without it every command would be refused like this. */
    @Test
    void theRestOfTheApplicationKeepsItsProtection() throws Exception {
        URI elsewhere = URI.create("http://localhost:" + port + "/orders");
        assertThat(send(HttpRequest.newBuilder(elsewhere), "olga").statusCode())
                .as("nothing is there, but olga may look")
                .isEqualTo(404);
        assertThat(send(HttpRequest.newBuilder(elsewhere).POST(BodyPublishers.noBody()), "olga")
                        .statusCode())
                .isIn(401, 403);
    }

    private int audited() throws Exception {
        return json(get("olga", "/audit")).get("items").size();
    }

    private HttpResponse<byte[]> mark(String user) throws Exception {
        return send(marking(), user);
    }

    private HttpRequest.Builder marking() {
        return request(failure + "/recoverable")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"recoverability\":\"RECOVERABLE\",\"reason\":\"the bank is back\"}"));
    }

    private HttpResponse<byte[]> get(String user, String path) throws Exception {
        return send(request(path), user);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/amends/api/v1" + path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request, @Nullable String user) throws Exception {
        if (user != null) {
            request.header(
                    "Authorization", "Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(UTF_8)));
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
