package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.core.failure.FailureId;
import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditLine;
import io.amends.core.operate.AuditSearch;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureSearch;
import io.amends.core.store.PolicyOverride;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AccessMatrixTest {
    private static final String PASSWORD = "pass:wörd";
    /** Hashed with one iteration: the test is of the matrix, not of the time that hashing takes. */
    private static final String HASH = "pbkdf2-sha256$1$AAAAAAAAAAAAAAAAAAAAAA==$" + SignInTest.derived(PASSWORD);

    private static final Roles ROLES = Roles.DEFAULT.with(Map.of(
            "retrier",
                    new Roles.Rule(EnumSet.of(Permission.FAILURES_RETRY, Permission.FAILURES_READ), List.of("points")),
            "elsewhere", new Roles.Rule(EnumSet.allOf(Permission.class), List.of("mails", "mail.*")),
            "reader-elsewhere",
                    new Roles.Rule(EnumSet.complementOf(EnumSet.of(Permission.FAILURES_READ)), List.of("mails"))));

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final OperatorApi api = new OperatorApi(
            service.operations,
            service.operatorStore,
            Access.with(new SignIn.Basic(
                    Map.of(
                            "nobody", new SignIn.User(HASH, List.of()),
                            "vic", new SignIn.User(HASH, List.of("viewer", "unknown-role")),
                            "olga", new SignIn.User(HASH, List.of("operator")),
                            "ada", new SignIn.User(HASH, List.of("admin")),
                            "rene", new SignIn.User(HASH, List.of("retrier")),
                            "else", new SignIn.User(HASH, List.of("elsewhere")),
                            "both", new SignIn.User(HASH, List.of("viewer", "reader-elsewhere"))),
                    ROLES,
                    service.clock)),
            true);

    @AfterEach
    void close() {
        service.close();
    }

    /** The position of an event that waits. */
    private long waiting;

    /** Each operation for each role, with the page bypassed: no write without permission, no write without a line. */
    @Test
    void everyOperationIsDecidedByTheServerForEveryRole() {
        int n = 0;
        for (Endpoint endpoint : api.endpoints()) {
            for (String user : List.of("-", "nobody", "vic", "olga", "ada", "rene", "else", "both")) {
                String id = "f" + n++;
                service.fail(id, "key-" + id);
                planBatch(id);
                waiting = service.letWait("waits-" + id);
                service.operations.overridePolicy(new PolicyOverride.Draft(
                        "points",
                        "on(OrderPaid)",
                        new RetryPolicyChange(null, 7, null, null, null, null),
                        "setup",
                        "for the test",
                        null,
                        null));
                String before = state(id);
                int lines = audit().size();
                ApiResponse response = api.handle(request(endpoint, id, user));
                String as = endpoint.method() + " " + endpoint.path() + " by " + user + ": " + response.status() + " "
                        + new String(response.body(), UTF_8);
                boolean allowed = allowed(endpoint, user);
                if (user.equals("-")) {
                    assertThat(response.status()).as(as).isEqualTo(401);
                } else if (allowed) {
                    assertThat(response.status()).as(as).isLessThan(300);
                } else {
                    assertThat(response.status()).as(as).isIn(403, 404);
                }
                boolean audited = endpoint.isCommand() || endpoint.id().equals("getEvent");
                if (!allowed) {
                    assertThat(state(id)).as(as).isEqualTo(before);
                    assertThat(audit()).as(as).hasSize(lines);
                } else if (audited) {
                    assertThat(audit().size()).as(as).isGreaterThan(lines);
                    assertThat(audit().getFirst().entry().actor()).as(as).isEqualTo(user);
                }
            }
        }
    }

    /** A batch of this record, in a state in which the operation's command means something. */
    private void planBatch(String id) {
        FailureSearch search = new FailureSearch(
                Set.of(), null, null, new TreeMap<>(Map.of(FailureField.KEY, "key-" + id)), null, null, null);
        for (String state : List.of("PLANNED", "RUNNING", "PAUSED")) {
            String batch = id + "-" + state;
            service.operatorStore.planBatch(new BatchPlan.Draft(
                    batch,
                    new FailureCommand.Prepare(false),
                    search,
                    new TreeMap<>(Map.of("processor", "points")),
                    "setup",
                    null));
            if (!state.equals("PLANNED")) {
                service.operatorStore.changeBatch(batch, BatchDecision.start(Batch.Pace.DEFAULT));
            }
            if (state.equals("PAUSED")) {
                service.operatorStore.changeBatch(batch, BatchDecision.pause(Batch.Stop.byPerson("setup", null)));
            }
        }
    }

    private static boolean allowed(Endpoint endpoint, String user) {
        Permission needed = endpoint.permission();
        if (user.equals("-")) {
            return false;
        }
        if (needed == null) {
            return true;
        }
        if (endpoint.id().equals("getStream")) {
            // it tells of every processor
            return Set.of("vic", "olga", "ada", "both").contains(user);
        }
        boolean aboutPoints = endpoint.path().contains("{") || endpoint.id().equals("planBatch");
        return switch (user) {
            case "vic" -> needed == Permission.FAILURES_READ;
            case "olga" ->
                Set.of(
                                Permission.FAILURES_READ,
                                Permission.PAYLOAD_READ,
                                Permission.FAILURES_RETRY,
                                Permission.FAILURES_MARK,
                                Permission.LANE_PAUSE,
                                Permission.BATCH_START,
                                Permission.AUDIT_READ)
                        .contains(needed);
            case "ada" -> true;
            case "rene" -> needed == Permission.FAILURES_READ || needed == Permission.FAILURES_RETRY;
            // may do everything, but not with this processor
            case "else" -> !aboutPoints;
            // sees everything, and may command what it is not about
            case "both" -> needed == Permission.FAILURES_READ || !aboutPoints;
            default -> false;
        };
    }

    @Test
    void aLaneIsGivenOnlyToAProcessorThatTheCallerMayRetryIn() {
        service.fail("given", "key-given");
        service.rename();
        // rene may retry in points, and knows of no other processor
        assertThat(given("rene").get("code")).isEqualTo("unknown-processor");
        assertThat(given("vic").get("code")).isEqualTo("forbidden");
        assertThat(service.operations
                        .failure(new FailureId("given"))
                        .orElseThrow()
                        .processor())
                .isEqualTo("points");
        assertThat(given("olga").get("failure")).isNotNull();
        assertThat(service.operations
                        .failure(new FailureId("given"))
                        .orElseThrow()
                        .processor())
                .isEqualTo("loyalty");
    }

    private Map<?, ?> given(String user) {
        ApiResponse response = api.handle(new ApiRequest(
                "POST",
                "/failures/given/function",
                Map.of(),
                "application/json",
                headers(user),
                "{\"function\":\"earn(OrderPaid)\",\"processor\":\"loyalty\"}".getBytes(UTF_8),
                REMOTE,
                null));
        try {
            return Json.object(response.body());
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void listsShowOnlyTheProcessorsThatTheCallerMaySee() {
        service.fail("f1", "a");
        service.fail("f2", "b");
        service.letWait("c");
        for (String path : List.of("/failures", "/groups", "/lanes", "/waits", "/processors")) {
            assertThat(items(path, "ada")).as(path).isPositive();
            assertThat(items(path, "else")).as(path).isZero();
            assertThat(items(path, "rene")).as(path).isEqualTo(items(path, "ada"));
        }
        for (String user : List.of("ada", "else")) {
            ApiResponse counted = api.handle(new ApiRequest(
                    "GET",
                    "/failures",
                    Map.of("total", List.of("true")),
                    null,
                    headers(user),
                    new byte[0],
                    REMOTE,
                    null));
            assertThat(JsonMapper.shared().readTree(counted.body()).get("total").isNull())
                    .as(user)
                    .isFalse();
            assertThat(JsonMapper.shared()
                            .readTree(counted.body())
                            .get("total")
                            .get("number")
                            .asInt())
                    .as(user)
                    .isEqualTo(user.equals("else") ? 0 : 2);
        }
        service.operations.pause("points", "x", null);
        api.handle(request("POST", "/failures/f1/prepare", "ada", "{}"));
        assertThat(items("/audit", "ada")).isPositive();
        assertThat(items("/audit", "else")).isZero();
    }

    /** Events of any processor may wait for what is skipped. */
    @Test
    void whoMaySkipForOneProcessorEndsNoWaitsOfOthers() {
        service.failOf("mails", "m1", "user-1");
        service.failOf("mails", "m2", "user-2");
        String andDependents = "{\"reason\":\"x\",\"dependents\":\"SKIP\"}";
        assertThat(skip("m1", "else", andDependents)).isEqualTo(403);
        assertThat(skip("m1", "else", "{\"reason\":\"x\"}")).isEqualTo(200);
        assertThat(skip("m2", "ada", andDependents)).isEqualTo(200);
    }

    private int skip(String failure, String who, String body) {
        return api.handle(request("POST", "/failures/" + failure + "/skip", who, body))
                .status();
    }

    /** What others have is newer, and fills a page: it must not take the place of what the caller may see. */
    @Test
    void pagesAndNumbersAreOfTheProcessorsThatTheCallerMaySee() {
        for (int i = 1; i <= 3; i++) {
            service.failOf("mails", "a" + i, "user-" + i);
        }
        for (int i = 1; i <= 5; i++) {
            service.failOf("orders", "b" + i, "user-" + i);
        }
        for (String path : List.of("/failures", "/lanes")) {
            JsonNode first = page(path, Map.of("limit", List.of("2")));
            JsonNode second = page(
                    path,
                    Map.of(
                            "limit",
                            List.of("2"),
                            "after",
                            List.of(first.get("next").asString())));
            assertThat(first.get("items")).as(path).hasSize(2);
            assertThat(second.get("items")).as(path).hasSize(1);
            assertThat(second.get("next").isNull()).as(path).isTrue();
        }
        assertThat(page("/groups", Map.of("limit", List.of("1"))).get("items"))
                .singleElement()
                .satisfies(
                        group -> assertThat(group.get("processor").asString()).isEqualTo("mails"));
        JsonNode counts = page("/counts", Map.of());
        assertThat(counts.get("failures").get("active").asInt()).isEqualTo(3);
        assertThat(counts.get("blockedLanes").asInt()).isEqualTo(3);
        assertThat(page("/nodes", Map.of())
                        .get("items")
                        .valueStream()
                        .map(node -> node.get("slots").toString()))
                .containsExactlyInAnyOrder("{\"mails\":1}", "{}", "{}");
        assertThat(page("/me", Map.of())
                        .get("actions")
                        .valueStream()
                        .filter(action -> !action.get("allowed").asBoolean())
                        .map(action -> action.get("operation").asString()))
                .containsExactly("getStream");
        for (String processor : List.of("mails", "orders")) {
            service.operatorStore.begin(
                    new AuditEntry("x", "ada", null, processor, null, null, null, new TreeMap<>()), null);
        }
        assertThat(page("/audit", Map.of("limit", List.of("1"))).get("items"))
                .singleElement()
                .satisfies(line -> assertThat(line.get("processor").asString()).isEqualTo("mails"));
    }

    private JsonNode page(String path, Map<String, List<String>> query) {
        ApiResponse response =
                api.handle(new ApiRequest("GET", path, query, null, headers("else"), new byte[0], REMOTE, null));
        assertThat(response.status()).as(new String(response.body(), UTF_8)).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    @Test
    void secretsAreShownOnlyToWhoMayRevealThem() {
        service.fail("f1", "a");
        ApiRequest reveal = new ApiRequest(
                "GET",
                "/failures/f1/event",
                Map.of("reveal", List.of("true")),
                null,
                headers("olga"),
                new byte[0],
                REMOTE,
                null);
        assertThat(api.handle(reveal).status()).isEqualTo(403);
        ApiResponse masked = api.handle(request("GET", "/failures/f1/event", "olga", ""));
        assertThat(new String(masked.body(), UTF_8)).doesNotContain("4111-secret");
    }

    @Test
    void secretsInHeadersAreHiddenFromWhoMayNotReadPayloads() {
        service.fail("f1", "a");

        ApiResponse shown = api.handle(request("GET", "/failures/f1", "vic", ""));

        assertThat(JsonMapper.shared()
                        .readTree(shown.body())
                        .get("event")
                        .get("headers")
                        .toString())
                .isEqualTo("{\"authorization\":\"•••\",\"region\":\"eu\"}");
        assertThat(new String(shown.body(), UTF_8)).doesNotContain("4711-secret");
    }

    @Test
    void guessingIsSlowedDownForTheAddressAndTheName() {
        for (int i = 0; i < 5; i++) {
            assertThat(api.handle(signedIn("ada", "wrong")).status()).isEqualTo(401);
        }
        ApiResponse refused = api.handle(signedIn("ada", PASSWORD));
        assertThat(refused.status()).as("right, but too soon").isEqualTo(429);
        assertThat(refused.headers()).containsEntry("Retry-After", "11");
        assertThat(api.handle(signedIn("olga", PASSWORD)).status())
                .as("of the same address")
                .isEqualTo(429);
        service.clock.advance(Duration.ofSeconds(11));
        assertThat(api.handle(signedIn("ada", PASSWORD)).status()).isEqualTo(200);
    }

    /** Those that come at the same time would all be looked at before the first is counted. */
    @Test
    void guessesThatComeAtTheSameTimeAreSlowedDownToo() throws Exception {
        OperatorApi slow = new OperatorApi(
                service.operations,
                service.operatorStore,
                Access.with(new SignIn.Basic(
                        Map.of("ada", new SignIn.User(SignIn.Basic.hash(PASSWORD), List.of("admin"))),
                        ROLES,
                        service.clock)),
                true);
        CountDownLatch start = new CountDownLatch(1);
        List<FutureTask<Integer>> guesses = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String guess = "guess-" + i;
            FutureTask<Integer> task = new FutureTask<>(() -> {
                start.await();
                return slow.handle(signedIn("ada", guess)).status();
            });
            guesses.add(task);
            Thread.ofPlatform().daemon().start(task);
        }
        start.countDown();
        List<Integer> answers = new ArrayList<>();
        for (FutureTask<Integer> guess : guesses) {
            answers.add(guess.get(60, TimeUnit.SECONDS));
        }

        assertThat(answers).filteredOn(status -> status == 401).hasSize(5);
        assertThat(answers).filteredOn(status -> status == 429).hasSize(15);
    }

    @ParameterizedTest
    @CsvSource({"Bearer x", "Basic", "Basic !!!", "Basic YWRh", "Digest a"})
    void whoNamesNobodyIsAskedToSignIn(String header) {
        ApiResponse response = api.handle(new ApiRequest(
                "GET", "/me", Map.of(), null, Map.of("authorization", header), new byte[0], REMOTE, null));
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.headers().get("WWW-Authenticate")).startsWith("Basic realm=");
    }

    @Test
    void everyAnswerTellsTheBrowserToRunNothing() {
        ApiResponse response = api.handle(signedIn("ada", PASSWORD));
        assertThat(response.headers())
                .containsEntry("X-Content-Type-Options", "nosniff")
                .containsEntry("Cache-Control", "no-store")
                .containsEntry("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }

    @Test
    void aPasswordIsAHash() {
        assertThatThrownBy(() -> new SignIn.Basic(
                        Map.of("ada", new SignIn.User("plain", List.of("admin"))), Roles.DEFAULT, service.clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a hash")
                .hasMessageNotContaining("plain");
        assertThat(PasswordHash.parse(SignIn.Basic.hash("x")).matches("x")).isTrue();
        assertThat(PasswordHash.parse(SignIn.Basic.hash("x")).matches("y")).isFalse();
    }

    private static final ApiRequest.Caller REMOTE =
            new ApiRequest.Caller("anonymous", "10.1.2.3", false, "ops.example", null, null);

    private ApiRequest signedIn(String user, String password) {
        return new ApiRequest(
                "GET",
                "/me",
                Map.of(),
                null,
                Map.of("authorization", basic(user, password)),
                new byte[0],
                REMOTE,
                null);
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    private static Map<String, String> headers(String user) {
        return user.equals("-") ? Map.of() : Map.of("authorization", basic(user, PASSWORD));
    }

    private ApiRequest request(Endpoint endpoint, String id, String user) {
        String path = endpoint.path()
                .replace("{id}", id)
                .replace("{processor}", "points")
                .replace("{function}", "on(OrderPaid)")
                .replace("{position}", Long.toString(waiting))
                .replace(
                        "{batch}",
                        id + "-"
                                + switch (endpoint.id()) {
                                    case "startBatch" -> "PLANNED";
                                    case "resumeBatch" -> "PAUSED";
                                    default -> "RUNNING";
                                })
                .replace("{fingerprint}", "fingerprint-1")
                .replace("{key…}", "key-" + id);
        return new ApiRequest(
                endpoint.method(),
                path,
                endpoint.id().equals("planBatch") ? Map.of("processor", List.of("points")) : Map.of(),
                body(endpoint).isEmpty() ? null : "application/json",
                headers(user),
                body(endpoint).getBytes(UTF_8),
                REMOTE,
                null);
    }

    private static String body(Endpoint endpoint) {
        return switch (endpoint.id()) {
            case "markRecoverable" -> "{\"recoverability\":\"RECOVERABLE\"}";
            case "changeFunction" -> "{\"function\":\"on(OrderPaid)\"}";
            case "planBatch" -> "{\"action\":\"prepare\"}";
            case "skipFailure", "runWait", "failWait", "skipWait" -> "{\"reason\":\"by hand\"}";
            case "overridePolicy" -> "{\"maxRetries\":3,\"reason\":\"INC-1\"}";
            default -> endpoint.isCommand() ? "{}" : "";
        };
    }

    private ApiRequest request(String method, String path, String user, String body) {
        return new ApiRequest(
                method,
                path,
                Map.of(),
                body.isEmpty() ? null : "application/json",
                headers(user),
                body.getBytes(UTF_8),
                REMOTE,
                null);
    }

    private int items(String path, String user) {
        ApiResponse response = api.handle(request("GET", path, user, ""));
        assertThat(response.status()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body()).get("items").size();
    }

    private String state(String id) {
        return new TreeMap<>(Map.of(
                        "record", service.operations.failure(new FailureId(id)).toString(),
                        "batches",
                                List.of("PLANNED", "RUNNING", "PAUSED").stream()
                                        .map(state -> service.operatorStore.batch(id + "-" + state))
                                        .toList(),
                        "paused", service.operations.gauges().getFirst().paused(),
                        "lane",
                                service.operatorStore
                                        .lane("points", "key-" + id)
                                        .orElseThrow(),
                        "group",
                                service.operatorStore
                                        .group("fingerprint-1")
                                        .orElseThrow()
                                        .remarks()))
                .toString();
    }

    private List<AuditLine> audit() {
        return service.operatorStore.audit(AuditSearch.ALL, null, 10_000);
    }
}
