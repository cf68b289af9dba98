package io.amends.examples.loyalty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** The application as a newcomer tries it, over HTTP. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"amends.retry.min-backoff=10m", "amends.retry.execution-timeout=3s"})
@DirtiesContext // closed before its database's directory goes
class LoyaltyTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    static Path directory;

    @LocalServerPort
    int port;

    @Autowired
    JdbcClient jdbc;

    private Http http;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        registry.add("amends.embedded.directory", directory::toString);
    }

    @BeforeEach
    void connect() {
        http = new Http(port);
    }

    @AfterEach
    void liftFaults() {
        for (String type : List.of("user.created", "user.changed", "user.deleted", "order.paid", "order.cancelled")) {
            http.put("/faults/loyalty." + type, "{\"mode\":\"NONE\"}");
        }
    }

    @Test
    void aPaidOrderIsPointsWithinASecond() {
        createUser("ann");
        createOrder("ann-1", "ann", "12.99");
        await().atMost(SOON).until(() -> score("ann") == 0);
        assertThat(http.post("/orders/ann-1/pay").text("state")).isEqualTo("PAID");
        await().atMost(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> score("ann") == 12);
        assertThat(http.get("/points/ann").body().propertyNames())
                .containsExactlyInAnyOrder("userId", "name", "region", "score");
    }

    @Test
    void aFailureHoldsUpItsUserAndNobodyElseAndIsMadeGoodInOrder() {
        Stream.of("u1", "u2").forEach(this::createUser);
        createOrder("u1-a", "u1", "100");
        createOrder("u1-b", "u1", "20");
        createOrder("u2-a", "u2", "7");
        await().atMost(SOON).until(() -> score("u1") == 0 && score("u2") == 0);
        http.put("/faults/loyalty.order.paid", "{\"mode\":\"FAIL\",\"userId\":\"u1\"}");

        http.post("/orders/u1-a/pay");
        JsonNode failure = awaitFailure("u1");
        assertThat(failure.path("eventType").asString()).isEqualTo("loyalty.order.paid");
        assertThat(failure.path("processor").asString()).isEqualTo("points");
        assertThat(failure.path("message").asString()).contains("PUT /faults/loyalty.order.paid");
        String id = failure.path("id").asString();

        http.post("/orders/u1-b/pay");
        http.post("/orders/u2-a/pay");
        await().atMost(SOON).until(() -> score("u2") == 7);
        await().atMost(SOON)
                .until(() -> http.get("/amends/api/v1/failures/" + id)
                                .body()
                                .path("followers")
                                .asInt()
                        == 1);
        assertThat(score("u1")).isZero();
        assertThat(openFailures("u1")).hasSize(1);

        http.put("/faults/loyalty.order.paid", "{\"mode\":\"NONE\"}");
        assertThat(http.post("/amends/api/v1/failures/" + id + "/prepare").status())
                .isEqualTo(202);
        await().atMost(SOON).until(() -> score("u1") == 120);
        assertThat(openFailures("u1")).isEmpty();
        assertThat(http.get("/amends/api/v1/failures/" + id).text("state")).isEqualTo("SUCCEEDED");
    }

    @Test
    void aHopelessFailureWaitsForAPersonWhoForcesIt() {
        createUser("hope");
        createOrder("hope-1", "hope", "5");
        http.put("/faults/loyalty.order.paid", "{\"mode\":\"FAIL_UNRECOVERABLE\",\"userId\":\"hope\"}");
        http.post("/orders/hope-1/pay");
        JsonNode failure = awaitFailure("hope");
        assertThat(failure.path("recoverability").asString()).isEqualTo("UNRECOVERABLE");
        http.put("/faults/loyalty.order.paid", "{\"mode\":\"NONE\"}");
        String path = "/amends/api/v1/failures/" + failure.path("id").asString();

        assertThat(http.post(path + "/prepare").status()).isEqualTo(409);
        assertThat(http.post(path + "/force-prepare").status()).isEqualTo(202);
        await().atMost(SOON).until(() -> score("hope") == 5);
    }

    @Test
    void aHandlerThatHangsEndsByItsTimeoutAndIsAFailure() {
        Stream.of("hang", "free").forEach(this::createUser);
        createOrder("hang-1", "hang", "5");
        createOrder("free-1", "free", "5");
        http.put("/faults/loyalty.order.paid", "{\"mode\":\"HANG\",\"userId\":\"hang\"}");
        http.post("/orders/hang-1/pay");
        http.post("/orders/free-1/pay");
        await().atMost(SOON).until(() -> score("free") == 5);
        await().atMost(SOON)
                .until(() -> openFailures("hang").stream()
                        .anyMatch(failure -> failure.path("state").asString().equals("FAILED")
                                && failure.path("reason").asString().equals("HANDLER_TIMEOUT")));
    }

    @Test
    void theSameCloudEventFiveTimesAtOnceCountsOnce() throws Exception {
        createUser("dup");
        String event = """
                {"specversion":"1.0","id":"dup-1","source":"/loyalty/shop","type":"loyalty.order.paid",
                 "partitionkey":"dup","datacontenttype":"application/json",
                 "data":{"orderId":"dup-1","userId":"dup","amount":40,"paidTime":"2026-11-25T10:00:00Z","userRegionVersion":1}}""";
        try (ExecutorService five = Executors.newFixedThreadPool(5)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(five.submit(() -> http.post("/events", event, "application/cloudevents+json")
                        .status()));
            }
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isBetween(200, 299);
            }
        }
        await().atMost(SOON).until(() -> score("dup") == 40);
        // what comes after them in the same lane is handled after them
        createOrder("dup-2", "dup", "1");
        http.post("/orders/dup-2/pay");
        await().atMost(SOON).until(() -> score("dup") == 41);
    }

    @Test
    void anEventThatBreaksTheContractIsAFailureThatSaysWhy() {
        String event = """
                {"specversion":"1.0","id":"bad-1","source":"/loyalty/shop","type":"loyalty.order.paid",
                 "partitionkey":"bad","datacontenttype":"application/json",
                 "data":{"orderId":"bad-1","userId":"bad","amount":-40,"paidTime":"2026-11-25T10:00:00Z","userRegionVersion":1}}""";
        assertThat(http.post("/events", event, "application/cloudevents+json").status())
                .isBetween(200, 299);
        JsonNode failure = awaitFailure("bad");
        assertThat(failure.path("reason").asString()).isEqualTo("UNDECODABLE");
        assertThat(failure.path("message").asString()).contains("amount: -40");
    }

    @Test
    void cancellingTakesThePointsOfAPaidOrderBackAndNothingElse() {
        createUser("can");
        for (String order : List.of("can-1:10", "can-2:20", "can-3:30")) {
            createOrder(order.split(":")[0], "can", order.split(":")[1]);
        }
        http.post("/orders/can-1/pay");
        http.post("/orders/can-2/pay");
        http.post("/orders/can-3/cancel");
        http.post("/orders/can-2/cancel");
        http.post("/orders/can-2/cancel");
        await().atMost(SOON).until(() -> score("can") == 10);
        assertThat(http.post("/orders/can-2/pay").status()).isEqualTo(409);
        assertThat(http.post("/orders/can-1/pay").status()).isEqualTo(200);
    }

    @Test
    void whatChangesOfAUserIsSeenAndADeletedUserIsGone() {
        createUser("mov");
        createOrder("mov-1", "mov", "10");
        http.post("/orders/mov-1/pay");
        await().atMost(SOON).until(() -> score("mov") == 10);
        assertThat(http.put("/users/mov", "{\"region\":\"south\"}")
                        .body()
                        .path("regionVersion")
                        .asInt())
                .isEqualTo(2);
        await().atMost(SOON).until(() -> http.get("/points/mov").text("region").equals("south"));
        assertThat(http.delete("/users/mov").status()).isEqualTo(204);
        await().atMost(SOON).until(() -> http.get("/points/mov").status() == 404);
        assertThat(http.post("/orders/mov-1/cancel").status()).isEqualTo(404);
        createUser("mov");
        await().atMost(SOON).until(() -> score("mov") == 0);
    }

    @Test
    void theListOfPointsHasPages() {
        Stream.of("page-1", "page-2", "page-3").forEach(this::createUser);
        await().atMost(SOON).until(() -> score("page-3") == 0);
        JsonNode first = http.get("/points?after=page&limit=2").body();
        assertThat(ids(first)).containsExactly("page-1", "page-2");
        assertThat(first.path("next").asString()).isEqualTo("page-2");
        assertThat(ids(http.get("/points?limit=2&after=page-2").body())).startsWith("page-3");
    }

    @Test
    void theDemoMakesTheTrafficItSaysAndTheScoresAgreeWithTheShop() {
        Http.Answer demo = http.post("/demo?users=5&orders=60&rate=1000");
        assertThat(demo.status()).isEqualTo(202);
        assertThat(demo.body().path("orders").asInt()).isEqualTo(60);
        String prefix = demo.text("prefix");
        await().atMost(SOON)
                .until(() -> jdbc.sql("select count(*) from orders where id = ?")
                                .param(prefix + "-o59")
                                .query(Integer.class)
                                .single()
                        == 1);
        await().atMost(SOON).until(() -> scores(prefix) == shopScores(prefix) && scores(prefix) > 0);
    }

    static Stream<String> hostileRequests() {
        String longText = "x".repeat(100_000);
        return Stream.of(
                "POST /users {",
                "POST /users []",
                "POST /users null",
                "POST /users {\"id\":\"\",\"name\":\"n\",\"region\":\"r\"}",
                "POST /users {\"id\":\"a/b\",\"name\":\"n\",\"region\":\"r\"}",
                "POST /users {\"id\":\"..\",\"name\":\"n\",\"region\":\"r\"}",
                "POST /users {\"id\":\"a\\u0000\",\"name\":\"n\",\"region\":\"r\"}",
                "POST /users {\"id\":\"h\",\"name\":\"\\ud800\",\"region\":\"r\"}",
                "POST /users {\"id\":\"h\",\"name\":\"" + longText + "\",\"region\":\"r\"}",
                "POST /users " + "[".repeat(10_000),
                "POST /users {\"id\":{\"a\":1},\"name\":\"n\",\"region\":\"r\"}",
                "PUT /users/nobody {\"name\":\"n\"}",
                "PUT /users/nobody {}",
                "DELETE /users/nobody",
                "DELETE /users/%20",
                "POST /orders {\"id\":\"o\",\"userId\":\"nobody\",\"amount\":1}",
                "POST /orders {\"id\":\"o\",\"userId\":\"u\",\"amount\":0}",
                "POST /orders {\"id\":\"o\",\"userId\":\"u\",\"amount\":-1}",
                "POST /orders {\"id\":\"o\",\"userId\":\"u\",\"amount\":0.001}",
                "POST /orders {\"id\":\"o\",\"userId\":\"u\",\"amount\":1e999999999}",
                "POST /orders {\"id\":\"o\",\"userId\":\"u\",\"amount\":1e-999999999}",
                "POST /orders {\"id\":\"o\",\"userId\":\"u\",\"amount\":\"much\"}",
                "POST /orders {\"id\":\"o\",\"userId\":\"u\"}",
                "POST /orders/none/pay ",
                "POST /orders/none/cancel ",
                "GET /points/nobody",
                "GET /points/%22%3Cscript%3E",
                "GET /points?limit=0",
                "GET /points?limit=1001",
                "GET /points?limit=x",
                "GET /points?after=%00",
                "PUT /faults/loyalty.order.paid {\"mode\":\"EXPLODE\"}",
                "PUT /faults/loyalty.order.paid {\"mode\":\"FAIL\",\"rate\":2}",
                "PUT /faults/loyalty.order.paid {}",
                "PUT /faults/unknown {\"mode\":\"FAIL\"}",
                "POST /demo?users=0 ",
                "POST /demo?orders=-1 ",
                "POST /demo?rate=1000000000000 ",
                "POST /users/x ",
                "GET /nothing",
                "POST /events {}",
                "GET /amends/api/v1/failures?state=BROKEN",
                "GET /amends/api/v1/failures/none",
                "POST /amends/api/v1/failures/none/prepare ");
    }

    @ParameterizedTest
    @MethodSource("hostileRequests")
    void whatCanNotBeDoneGetsProblemDetails(String request) {
        String[] parts = request.split(" ", 3);
        Http.Answer answer = switch (parts[0].toUpperCase(Locale.ROOT)) {
            case "GET" -> http.get(parts[1]);
            case "DELETE" -> http.delete(parts[1]);
            case "PUT" -> http.put(parts[1], parts[2]);
            default -> parts[2].isEmpty() ? http.post(parts[1]) : http.post(parts[1], parts[2]);
        };
        assertThat(answer.status()).isBetween(400, 499);
        assertThat(answer.isProblem()).as(answer.toString()).isTrue();
    }

    private void createUser(String id) {
        Http.Answer answer = http.post("/users", "{\"id\":\"" + id + "\",\"name\":\"N\",\"region\":\"north\"}");
        assertThat(answer.status()).isEqualTo(201);
    }

    private void createOrder(String id, String userId, String amount) {
        Http.Answer answer =
                http.post("/orders", "{\"id\":\"" + id + "\",\"userId\":\"" + userId + "\",\"amount\":" + amount + "}");
        assertThat(answer.status()).isEqualTo(201);
    }

    /** The user's score, or -1 if the points side does not know the user. */
    private int score(String userId) {
        Http.Answer answer = http.get("/points/" + userId);
        return answer.status() == 200 ? answer.body().path("score").asInt() : -1;
    }

    private List<JsonNode> openFailures(String key) {
        JsonNode items = http.get("/amends/api/v1/failures?state=FAILED,PREPARED&key=" + key)
                .body()
                .path("items");
        assertThat(items.isArray()).isTrue();
        return items.valueStream().toList();
    }

    private JsonNode awaitFailure(String key) {
        await().atMost(SOON).until(() -> !openFailures(key).isEmpty());
        return openFailures(key).getFirst();
    }

    private static List<String> ids(JsonNode page) {
        return page.path("items")
                .valueStream()
                .map(item -> item.path("userId").asString())
                .toList();
    }

    private long scores(String prefix) {
        return jdbc.sql("select coalesce(sum(points), 0) from score where user_id like ?")
                .param(prefix + "-%")
                .query(Long.class)
                .single();
    }

    private long shopScores(String prefix) {
        return jdbc.sql("select coalesce(sum(amount), 0) from orders"
                        + " where paid_time is not null and cancelled_time is null and user_id like ?")
                .param(prefix + "-%")
                .query(Long.class)
                .single();
    }
}
