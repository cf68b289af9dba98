package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.Recoverability;
import io.amends.api.RetryPolicy;
import io.amends.core.failure.Change;
import io.amends.core.failure.Compensation;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.Refusal;
import io.amends.core.failure.Status;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.AuditTicket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OperatorApiTest {
    private static final ApiRequest.Caller LOCAL =
            new ApiRequest.Caller("ann", "127.0.0.1", false, "localhost:8080", null, null);
    private static final RetryPolicy SPENT =
            new RetryPolicy(true, 0, Duration.ofSeconds(1), Duration.ofSeconds(9), Duration.ZERO, 0);

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final OperatorApi api = new OperatorApi(service.operations, service.operatorStore, new Access(false), true);

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void listsNewestFirstInPagesThatStayPutWhenRecordsAreAdded() {
        for (int i = 1; i <= 5; i++) {
            service.fail("f" + i, "key-" + i);
        }
        JsonNode first = get("/failures", Map.of("limit", "2"));
        assertThat(ids(first)).containsExactly("f5", "f4");
        service.fail("f6", "key-6");
        JsonNode second =
                get("/failures", Map.of("limit", "2", "after", first.get("next").asString()));
        assertThat(ids(second)).containsExactly("f3", "f2");
        JsonNode last = get(
                "/failures", Map.of("limit", "2", "after", second.get("next").asString()));
        assertThat(ids(last)).containsExactly("f1");
        assertThat(last.get("next").isNull()).isTrue();
        assertThat(ids(get("/failures", Map.of("limit", "6")))).hasSize(6);
    }

    @Test
    void filtersByStateProcessorKeyTypeAndCause() {
        service.fail("f1", "a");
        service.fail("f2", "b");
        post("/failures/f2/skip", "{\"reason\":\"done by hand\"}", 200);
        assertThat(ids(get("/failures", Map.of("state", "FAILED")))).containsExactly("f1");
        assertThat(ids(get("/failures", Map.of("state", "failed,SKIPPED")))).containsExactly("f2", "f1");
        assertThat(ids(get("/failures", Map.of("key", "b")))).containsExactly("f2");
        assertThat(ids(get("/failures", Map.of("processor", "other")))).isEmpty();
        assertThat(ids(get("/failures", Map.of("processor", "points", "type", "order.paid"))))
                .hasSize(2);
        assertThat(ids(get("/failures", Map.of("fingerprint", "none")))).isEmpty();
    }

    @Test
    void namesEveryMistakeOfAQuery() {
        JsonNode problem = answer(
                request(
                        "GET",
                        "/failures",
                        Map.of(
                                "state", List.of("BROKEN"),
                                "limit", List.of("201"),
                                "processor", List.of("a\0b"),
                                "colour", List.of("red"),
                                "from", List.of("yesterday"))),
                400);
        assertThat(problem.get("type").asString()).isEqualTo("urn:amends:problem:invalid-request");
        assertThat(problem.get("status").asInt()).isEqualTo(400);
        assertThat(problem.get("mistakes").valueStream().map(JsonNode::asString))
                .containsExactlyInAnyOrder(
                        "state: BROKEN (expected: active, scheduled, due, running, waiting, needs-operator, handled, skipped, failed,"
                                + " prepared, succeeded, all)",
                        "limit: 201 (expected: 1..200)",
                        "processor: a�b (expected: at most 1024 characters, no control characters or lone surrogates)",
                        "colour: unknown parameter (expected: state, reason, processor, function, type, eventId, key, tenant,"
                                + " error, fingerprint, from, to, text, sort, after, limit, total)",
                        "from: yesterday (expected: ISO 8601, for instance 2026-01-31T12:00:00Z)");
        assertThat(answer(request("GET", "/failures", Map.of("after", List.of("x".repeat(65)))), 400)
                        .get("detail")
                        .asString())
                .endsWith("(expected: the next of the page before)");
    }

    @Test
    void showsEverythingButThePayload() {
        FailureId id = service.fail("f1", "u-1");
        service.park("u-1");
        service.park("u-1");
        ApiResponse response = api.handle(request("GET", "/failures/f1", Map.of()));
        String text = new String(response.body(), UTF_8);
        assertThat(text).doesNotContain("4111-secret");
        JsonNode shown = JsonMapper.shared().readTree(text);
        assertThat(shown.get("id").asString()).isEqualTo("f1");
        assertThat(shown.get("state").asString()).isEqualTo("FAILED");
        assertThat(shown.get("followers").asInt()).isEqualTo(2);
        assertThat(shown.get("payloadBytes").asInt()).isEqualTo(22);
        assertThat(shown.get("event").get("version").asInt()).isEqualTo(3);
        assertThat(shown.get("event").get("headers").get("region").asString()).isEqualTo("eu");
        assertThat(shown.get("error").get("bindings").get(0).get("path").asString())
                .isEqualTo("amount");
        assertThat(shown.get("error").get("stack").asString()).contains("x.Y.z");
        assertThat(shown.get("effects").asString()).isEqualTo("DATABASE");
        assertThat(shown.get("policy").get("minBackoff").asString()).isEqualTo("PT3M");
        assertThat(shown.get("retry").get("nextRetryAt").asString()).endsWith("Z");
        assertThat(shown.get("next").get("code").asString()).isEqualTo("retry");
        assertThat(shown.get("next").get("text").asString()).startsWith("Retry 1 of 10 is due at ");
        assertThat(shown.get("history").get(0).get("type").asString()).isEqualTo("execution_failed_created");
        assertThat(service.operations.failure(id).orElseThrow().event().data()).isNotNull();
    }

    @Test
    void saysWhyNothingHappensByItself() {
        service.fail("spent", "a", SPENT, Recoverability.UNKNOWN);
        service.fail("never", "b", RetryPolicy.DEFAULT, Recoverability.UNRECOVERABLE);
        assertThat(next("spent")).contains("its 0 retries are spent");
        assertThat(next("never")).contains("marked unrecoverable");
        service.fail("off", "c");
        assertThat(JsonMapper.shared()
                        .readTree(new OperatorApi(service.operations, service.operatorStore, new Access(false), false)
                                .handle(request("GET", "/failures/off", Map.of()))
                                .body())
                        .get("next")
                        .get("text")
                        .asString())
                .contains("switched off for the application");
        post("/failures/spent/force-prepare", "", 202);
        assertThat(next("spent")).contains("A person asked for a retry");
        post("/failures/never/skip", "{\"reason\":\"paid in cash\"}", 200);
        assertThat(next("never")).contains("a person declared it dealt with");
    }

    @Test
    void commandsNameTheirActorAndReasonInTheHistory() {
        service.fail("f1", "a");
        JsonNode result = post("/failures/f1/prepare", "{\"reason\":\"the account is open again\"}", 202);
        assertThat(result.get("entry").get("type").asString()).isEqualTo("compensation_requested");
        assertThat(result.get("entry").get("actor").asString()).isEqualTo("ann");
        assertThat(result.get("entry").get("reason").asString()).isEqualTo("the account is open again");
        assertThat(result.get("failure").get("state").asString()).isEqualTo("FAILED");
    }

    @Test
    void appliesARetrySpecOverTheCurrentOne() {
        service.fail("f1", "a");
        JsonNode result =
                post("/failures/f1/retry-spec", "{\"maxRetries\":3,\"minBackoff\":\"PT30S\",\"jitter\":0.5}", 200);
        assertThat(result.get("entry").get("type").asString()).isEqualTo("retry_spec_applied");
        RetryPolicy policy =
                service.operations.failure(new FailureId("f1")).orElseThrow().policy();
        assertThat(policy)
                .isEqualTo(
                        new RetryPolicy(true, 3, Duration.ofSeconds(30), Duration.ofSeconds(120), Duration.ZERO, 0.5));
        JsonNode problem = post(
                "/failures/f1/retry-spec",
                "{\"maxRetries\":1001,\"minBackoff\":\"soon\",\"executionTimeout\":\"PT0S\",\"maxBackoff\":7,"
                        + "\"enabled\":\"no\",\"colour\":1}",
                400);
        assertThat(problem.get("mistakes").valueStream().map(JsonNode::asString).map(text -> text.split(":")[0]))
                .containsExactlyInAnyOrder(
                        "maxRetries", "minBackoff", "executionTimeout", "maxBackoff", "enabled", "colour");
    }

    @Test
    void marksAndRedirects() {
        service.fail("f1", "a");
        post("/failures/f1/recoverable", "{\"recoverability\":\"unrecoverable\"}", 200);
        assertThat(service.operations.failure(new FailureId("f1")).orElseThrow().recoverabilityBy())
                .isEqualTo("ann");
        assertThat(post("/failures/f1/recoverable", "{\"recoverability\":\"maybe\"}", 400)
                        .get("detail")
                        .asString())
                .contains("maybe (expected: RECOVERABLE, UNRECOVERABLE, UNKNOWN)");
        assertThat(post("/failures/f1/function", "{}", 400).get("detail").asString())
                .contains("function: missing");
        assertThat(post("/failures/f1/function", "{\"function\":\"nope\"}", 400)
                        .get("code")
                        .asString())
                .isEqualTo("unknown-function");
        assertThat(post("/failures/f1/function", "{\"function\":\"on(OrderCancelled)\"}", 400)
                        .get("code")
                        .asString())
                .as("a function of another event type")
                .isEqualTo("unknown-function");
        post("/failures/f1/function", "{\"function\":\"renamed(OrderPaid)\"}", 200);
        assertThat(service.operations.failure(new FailureId("f1")).orElseThrow().function())
                .isEqualTo("renamed(OrderPaid)");
    }

    @Test
    void refusesWithTheReasonAsCode() {
        service.fail("spent", "a", SPENT, Recoverability.UNKNOWN);
        service.fail("never", "b", RetryPolicy.DEFAULT, Recoverability.UNRECOVERABLE);
        assertThat(post("/failures/spent/prepare", "", 409).get("code").asString())
                .isEqualTo("retries-spent");
        assertThat(post("/failures/never/prepare", "", 409).get("code").asString())
                .isEqualTo("unrecoverable");
        assertThat(post("/failures/spent/skip", "{\"reason\":\"x\",\"dependents\":\"WAIT\"}", 400)
                        .get("detail")
                        .asString())
                .contains("dependents: WAIT (expected: FAIL, PROCEED, SKIP)");
        assertThat(post("/failures/spent/skip", "{}", 400).get("detail").asString())
                .isEqualTo("reason: missing (expected: why)");
        assertThat(post("/failures/spent/skip", "{\"reason\":\" \"}", 400)
                        .get("detail")
                        .asString())
                .contains("reason: missing");
        post("/failures/spent/skip", "{\"reason\":\"by hand\"}", 200);
        JsonNode done = post("/failures/spent/force-prepare", "", 409);
        assertThat(done.get("code").asString()).isEqualTo("already-done");
        assertThat(done.get("detail").asString()).isEqualTo("failed execution spent: it is done already");
        assertThat(service.operations
                        .failure(new FailureId("spent"))
                        .orElseThrow()
                        .status())
                .isEqualTo(Status.SKIPPED);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /failures/none, 404, not-found",
        "POST, /failures/none/prepare, 404, not-found",
        "POST, /failures/none/retry-spec, 404, not-found",
        "POST, /failures/none/function, 404, not-found",
        "POST, /failures/none/explode, 404, not-found",
        "GET, /nothing, 404, not-found",
        "GET, /, 404, not-found",
        "GET, /failures/, 404, not-found",
        "GET, /failures/a/b/c, 404, not-found",
        "DELETE, /failures, 405, method-not-allowed",
        "POST, /failures/none, 405, method-not-allowed",
        "GET, /failures/none/prepare, 405, method-not-allowed",
        "POST, /processors/none/pause, 404, not-found",
        "POST, /processors/points/stop, 404, not-found"
    })
    void answersWithAProblem(String method, String path, int status, String code) {
        assertThat(answer(request(method, path, Map.of()), status).get("code").asString())
                .isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "\ud800", "01234567890123456789012345678901234567890123456789012345678901234"})
    void anIdThatCanNotBeIsNotFound(String id) {
        answer(request("GET", "/failures/" + id, Map.of()), 404);
        post("/failures/" + id + "/prepare", "", 404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "1",
                "nope",
                "{",
                "{} {}",
                "{\"reason\":1}",
                "{\"reason\":\"\\u0000\"}",
                "{\"reason\":\"\\ud800\"}"
            })
    void refusesABodyThatIsNoCommand(String body) {
        service.fail("f1", "a");
        assertThat(post("/failures/f1/prepare", body, 400).get("mistakes")).isNotEmpty();
        assertThat(post("/processors/points/pause", body, 400).get("mistakes")).isNotEmpty();
    }

    @Test
    void takesJsonOrNothingAsABody() {
        service.fail("f1", "a");
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "application/jsonx")) {
            assertThat(answer(post("/failures/f1/prepare", type, "{}", LOCAL), 415)
                            .get("code")
                            .asString())
                    .isEqualTo("unsupported-media-type");
        }
        answer(post("/failures/f1/prepare", null, "{}", LOCAL), 415);
        answer(post("/failures/f1/prepare", "application/json", " ".repeat(ApiRequest.MAX_BODY + 1), LOCAL), 413);
        answer(post("/failures/f1/prepare", "application/json; charset=utf-8", "{}", LOCAL), 202);
        service.fail("f2", "b");
        answer(post("/failures/f2/prepare", null, "", LOCAL), 202);
    }

    @Test
    void showsAndPausesProcessors() {
        service.fail("f1", "a");
        JsonNode before = get("/processors", Map.of()).get("items").get(0);
        assertThat(before.get("name").asString()).isEqualTo("points");
        assertThat(before.get("failed").asInt()).isEqualTo(1);
        assertThat(before.get("lag").asInt()).isZero();
        assertThat(before.get("paused").asBoolean()).isFalse();
        post("/processors/points/pause", "{\"reason\":\"maintenance\"}", 200);
        assertThat(get("/processors", Map.of())
                        .get("items")
                        .get(0)
                        .get("paused")
                        .asBoolean())
                .isTrue();
        post("/processors/points/resume", "", 200);
        assertThat(get("/processors", Map.of())
                        .get("items")
                        .get(0)
                        .get("paused")
                        .asBoolean())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "127.0.0.1, false, localhost:8080, true",
                "127.8.9.10, false, 127.0.0.1, true",
                "::1, false, [::1]:8080, true",
                "0:0:0:0:0:0:0:1, false, -, true",
                "::ffff:127.0.0.1, false, demo.localhost, true",
                "10.0.0.1, false, localhost, false",
                "127.0.0.1, true, localhost, false",
                "127.0.0.1, false, evil.example, false",
                "127.0.0.1, false, 127.0.0.1.evil.example, false",
                "127.0.0.1, false, localhost.evil.example:80, false",
                "1270.0.0.1, false, localhost, false"
            })
    void letsThisMachineInOnly(String address, boolean forwarded, String host, boolean allowed) {
        ApiRequest request =
                request("GET", "/failures", Map.of(), new ApiRequest.Caller("x", address, forwarded, host, null, null));
        assertThat(api.handle(request).status()).isEqualTo(allowed ? 200 : 403);
        assertThat(new OperatorApi(service.operations, service.operatorStore, new Access(true), true)
                        .handle(request)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void saysHowToLetOthersIn() {
        JsonNode problem = answer(
                request("GET", "/failures", Map.of(), new ApiRequest.Caller("x", "10.0.0.1", false, null, null, null)),
                403);
        assertThat(problem.get("code").asString()).isEqualTo("remote-access");
        assertThat(problem.get("detail").asString()).contains("10.0.0.1", "amends.console.allow-remote=true");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, true",
                "-, same-origin, true",
                "-, none, true",
                "http://localhost:8080, -, true",
                "http://localhost:8080, same-origin, true",
                "http://localhost:9090, -, false",
                "http://evil.example, -, false",
                "null, -, false",
                "-, cross-site, false",
                "-, same-site, false",
                "http://localhost:8080, cross-site, false",
                "::, -, false"
            })
    void takesCommandsOfTheSameOriginOnly(String origin, String fetchSite, boolean allowed) {
        service.fail("f1", "a");
        ApiRequest.Caller caller = new ApiRequest.Caller("x", "127.0.0.1", false, "localhost:8080", origin, fetchSite);
        assertThat(api.handle(post("/failures/f1/prepare", null, "", caller)).status())
                .isEqualTo(allowed ? 202 : 403);
        assertThat(api.handle(request("GET", "/failures", Map.of(), caller)).status())
                .isEqualTo(200);
    }

    @Test
    void findsByQueueReasonFieldAndText() {
        service.fail("f1", "a");
        service.fail("spent", "b", SPENT, Recoverability.UNKNOWN);
        service.fail("never", "c", RetryPolicy.DEFAULT, Recoverability.UNRECOVERABLE);
        post("/failures/f1/prepare", "", 202);
        assertThat(ids(get("/failures", Map.of("state", "needs-operator")))).containsExactly("spent", "never");
        assertThat(ids(get("/failures", Map.of("reason", "exhausted")))).containsExactly("spent");
        assertThat(ids(get("/failures", Map.of("reason", "handler-failed")))).hasSize(3);
        assertThat(ids(get("/failures", Map.of("state", "due", "sort", "next"))))
                .containsExactly("f1");
        assertThat(ids(get("/failures", Map.of("text", "ACCOUNT is")))).hasSize(3);
        assertThat(ids(get("/failures", Map.of("error", "POINTS_CLOSED", "eventId", "event-2"))))
                .containsExactly("spent");
        JsonNode counted = get("/failures", Map.of("total", "true", "limit", "1"));
        assertThat(counted.get("total").get("number").asInt()).isEqualTo(3);
        assertThat(counted.get("total").get("atLeast").asBoolean()).isFalse();
        JsonNode counts = get("/counts", Map.of());
        assertThat(counts.get("failures").get("active").asInt()).isEqualTo(3);
        assertThat(counts.get("needsOperator").get("unrecoverable").asInt()).isEqualTo(1);
    }

    @Test
    void pagesByWhatIsDueNext() {
        service.fail("f1", "a");
        service.fail("f2", "b");
        service.fail("f3", "c");
        JsonNode first = get("/failures", Map.of("sort", "next", "limit", "2"));
        assertThat(ids(first)).containsExactly("f1", "f2");
        assertThat(ids(get(
                        "/failures",
                        Map.of(
                                "sort",
                                "next",
                                "limit",
                                "2",
                                "after",
                                first.get("next").asString()))))
                .containsExactly("f3");
        answer(request("GET", "/failures", Map.of("sort", List.of("next"), "after", List.of("f2"))), 400);
        answer(request("GET", "/failures", Map.of("sort", List.of("next"), "after", List.of("soon~f2"))), 400);
    }

    @Test
    void doesACommandOnlyOnTheVersionThatWasSeen() {
        service.fail("f1", "a");
        String seen = get("/failures/f1", Map.of()).get("version").asString();
        assertThat(api.handle(request("GET", "/failures/f1", Map.of())).headers())
                .containsEntry("ETag", '"' + seen + '"');
        post("/failures/f1/recoverable", "{\"recoverability\":\"recoverable\"}", 200);
        JsonNode refused =
                answer(post("/failures/f1/skip", "{\"reason\":\"x\"}", Map.of("if-match", '"' + seen + '"')), 412);
        assertThat(refused.get("code").asString()).isEqualTo("changed-meanwhile");
        answer(post("/failures/f1/skip", "{\"reason\":\"x\"}", Map.of("if-match", "nonsense")), 400);
        String now = get("/failures/f1", Map.of()).get("version").asString();
        answer(post("/failures/f1/skip", "{\"reason\":\"x\"}", Map.of("if-match", '"' + now + '"')), 200);
    }

    @Test
    void twoOperatorsAndTheSchedulerMakeOneAttempt() {
        service.fail("f1", "a");
        String seen = '"' + get("/failures/f1", Map.of()).get("version").asString() + '"';
        List<Integer> answers = Stream.of("ann", "bert")
                .map(name ->
                        new FutureTask<>(() -> api.handle(post("/failures/f1/prepare", "{}", Map.of("if-match", seen)))
                                .status()))
                .peek(task -> Thread.ofVirtual().start(task))
                .toList()
                .stream()
                .map(OperatorApiTest::result)
                .sorted()
                .toList();
        assertThat(answers).containsExactly(202, 412);
        assertThat(service.beginDue()).isEqualTo(1);
        assertThat(service.beginDue()).isZero();
        assertThat(post("/failures/f1/force-prepare", "", 409).get("code").asString())
                .isEqualTo("running");
        assertThat(service.store.change(new FailureId("f1"), Compensation.succeeded(1), List.of()))
                .as("the late result of attempt 1")
                .isEqualTo(new Change.Refuse(Refusal.OTHER_ATTEMPT));
        assertThat(get("/failures/f1", Map.of()).get("attempt").asInt()).isEqualTo(2);
    }

    /** Without a version as well: who comes second is told so, and not that their retry was taken. */
    @Test
    void whatIsRequestedIsNotRequestedAgain() {
        service.fail("f1", "a");
        List<Integer> answers = Stream.of("prepare", "force-prepare", "prepare")
                .map(command -> new FutureTask<>(() -> api.handle(post("/failures/f1/" + command, "{}", Map.of()))
                        .status()))
                .peek(task -> Thread.ofVirtual().start(task))
                .toList()
                .stream()
                .map(OperatorApiTest::result)
                .sorted()
                .toList();

        assertThat(answers).containsExactly(202, 409, 409);
        JsonNode refused = post("/failures/f1/prepare", "", 409);
        assertThat(refused.get("code").asString()).isEqualTo("already-requested");
        assertThat(refused.get("detail").asString())
                .isEqualTo("failed execution f1: its retry is requested already, and begins soon");
        assertThat(service.operations.history(new FailureId("f1"))).hasSize(2);
        assertThat(service.beginDue()).isEqualTo(1);
        assertThat(service.beginDue()).isZero();
        assertThat(post("/failures/f1/prepare", "", 409).get("code").asString()).isEqualTo("running");
    }

    private static int result(FutureTask<Integer> task) {
        try {
            return task.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void doesACommandOnceHoweverOftenItIsSentWithItsKey() {
        service.fail("f1", "a");
        Map<String, String> key = Map.of("idempotency-key", "k1");
        JsonNode first = answer(post("/failures/f1/prepare", "{\"reason\":\"again\"}", key), 202);
        ApiResponse second = api.handle(post("/failures/f1/prepare", "{\"reason\":\"again\"}", key));
        assertThat(second.headers()).containsEntry("Idempotency-Replayed", "true");
        assertThat(JsonMapper.shared().readTree(second.body())).isEqualTo(first);
        assertThat(service.operations.history(new FailureId("f1"))).hasSize(2);
        assertThat(answer(post("/failures/f1/prepare", "{\"reason\":\"other\"}", key), 422)
                        .get("code")
                        .asString())
                .isEqualTo("idempotency-key-reused");
        answer(post("/failures/f1/prepare", "{}", Map.of("idempotency-key", " ")), 400);
    }

    /** The query of a plan says which records are meant: another one is another command. */
    @Test
    void aKeyThatCameWithAnotherQueryIsRefused() {
        service.fail("f1", "a");
        Map<String, String> key = Map.of("idempotency-key", "k1");
        String body = "{\"action\":\"prepare\"}";
        answer(plan(Map.of("fingerprint", List.of("A"), "key", List.of("a")), body, key), 200);

        ApiResponse same = api.handle(plan(Map.of("fingerprint", List.of("A"), "key", List.of("a")), body, key));
        JsonNode other = answer(plan(Map.of("fingerprint", List.of("B"), "key", List.of("a")), body, key), 422);

        assertThat(same.headers()).containsEntry("Idempotency-Replayed", "true");
        assertThat(other.get("code").asString()).isEqualTo("idempotency-key-reused");
    }

    private static ApiRequest plan(Map<String, List<String>> query, String body, Map<String, String> headers) {
        return new ApiRequest(
                "POST", "/batches/plan", query, "application/json", headers, body.getBytes(UTF_8), LOCAL, null);
    }

    /** Otherwise the second reading would have no line, and the payload would be kept with the first one's. */
    @Test
    void readingAPayloadIsAuditedEachTimeWhateverKeyItBrings() {
        service.fail("f1", "a");
        ApiRequest reading = new ApiRequest(
                "GET",
                "/failures/f1/event",
                Map.of("reveal", List.of("true")),
                null,
                Map.of("idempotency-key", "k1"),
                new byte[0],
                LOCAL,
                null);
        for (int n = 1; n <= 2; n++) {
            ApiResponse read = api.handle(reading);

            assertThat(read.status()).isEqualTo(200);
            assertThat(read.headers()).doesNotContainKey("Idempotency-Replayed");
            assertThat(get("/audit", Map.of("action", "payload.read")).get("items"))
                    .hasSize(n);
        }
        AuditTicket kept = service.operatorStore.begin(
                new AuditEntry("x", "ann", null, null, null, null, null, new java.util.TreeMap<>()),
                new AuditTicket.Key("k1", "hash"));
        assertThat(kept).as("no answer is kept under the key").isInstanceOf(AuditTicket.Begun.class);
    }

    @Test
    void auditsEveryCommandWithWhatItFoundAndMade() {
        service.fail("f1", "a");
        post("/failures/f1/skip", "{\"reason\":\"by hand\"}", 200);
        post("/failures/f1/prepare", "{}", 409);
        post("/processors/points/pause", "{}", 200);
        JsonNode lines = get("/audit", Map.of("failure", "f1")).get("items");
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0).get("result").asString()).isEqualTo("refused");
        assertThat(lines.get(0).get("code").asString()).isEqualTo("already-done");
        assertThat(lines.get(1).get("action").asString()).isEqualTo("failure.skip");
        assertThat(lines.get(1).get("actor").asString()).isEqualTo("ann");
        assertThat(lines.get(1).get("reason").asString()).isEqualTo("by hand");
        assertThat(lines.get(1).get("before").get("state").asString()).isEqualTo("FAILED");
        assertThat(lines.get(1).get("after").get("state").asString()).isEqualTo("SKIPPED");
        post("/processors/points/pause", "{}", 200);
        JsonNode pauses = get("/audit", Map.of("action", "processor.pause")).get("items");
        assertThat(pauses.valueStream()
                        .map(line -> line.get("before").get("paused").asString() + " "
                                + line.get("after").get("paused").asString()))
                .containsExactly("true true", "false true");
    }

    @Test
    void showsPayloadsMaskedUnlessTheyAreRevealedAndAuditsBoth() {
        service.fail("f1", "a");
        JsonNode masked = get("/failures/f1/event", Map.of());
        assertThat(masked.get("data").asString()).isEqualTo("{\"card\":\"•••\"}");
        assertThat(masked.get("encoding").asString()).isEqualTo("json");
        JsonNode open = get("/failures/f1/event", Map.of("reveal", "true"));
        assertThat(open.get("data").asString()).isEqualTo("{\"card\":\"4111-secret\"}");
        JsonNode lines = get("/audit", Map.of("action", "payload.read")).get("items");
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0).get("parameters").get("reveal").asString()).isEqualTo("true");
    }

    @Test
    void tellsTheAttempts() {
        service.fail("f1", "a");
        JsonNode attempts = get("/failures/f1/history", Map.of()).get("attempts");
        assertThat(attempts).hasSize(1);
        assertThat(attempts.get(0).get("trigger").asString()).isEqualTo("event");
        assertThat(attempts.get(0).get("result").asString()).isEqualTo("failed");
        assertThat(attempts.get(0).get("errorCode").asString()).isEqualTo("POINTS_CLOSED");
    }

    @Test
    void groupsByCauseWithNotesAndAcknowledgements() {
        service.fail("f1", "a");
        service.fail("f2", "b", SPENT, Recoverability.UNKNOWN);
        JsonNode group = get("/groups", Map.of()).get("items").get(0);
        assertThat(group.get("fingerprint").asString()).isEqualTo("fingerprint-1");
        assertThat(group.get("active").asInt()).isEqualTo(2);
        assertThat(group.get("needsOperator").asInt()).isEqualTo(1);
        assertThat(group.get("hours")).hasSize(24);
        JsonNode noted = post("/groups/fingerprint-1/note", "{\"note\":\"see INC-1\"}", 200);
        assertThat(noted.get("note").asString()).isEqualTo("see INC-1");
        assertThat(noted.get("notedBy").asString()).isEqualTo("ann");
        assertThat(noted.get("builds").get(0).get("build").asString()).isEqualTo("1.0");
        JsonNode taken = post("/groups/fingerprint-1/acknowledge", "{\"duration\":\"PT1H\",\"above\":5}", 200);
        assertThat(taken.get("acknowledged").get("by").asString()).isEqualTo("ann");
        assertThat(get("/groups", Map.of("acknowledged", "false")).get("items")).isEmpty();
        post("/groups/fingerprint-1/acknowledge", "{\"duration\":\"PT0S\"}", 400);
        post("/groups/fingerprint-1/acknowledge", "{\"above\":\"x\"}", 400);
        post("/groups/fingerprint-1/unacknowledge", "", 200);
        assertThat(get("/groups/fingerprint-1", Map.of()).get("acknowledged").isNull())
                .isTrue();
        post("/groups/none/note", "{}", 404);
        JsonNode lines = get("/audit", Map.of("target", "fingerprint-1")).get("items");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0).get("before").get("acknowledgedBy").asString()).isEqualTo("ann");
        assertThat(lines.get(0).get("before").get("acknowledgedAbove").asString())
                .isEqualTo("5");
        assertThat(lines.get(0).get("after").get("acknowledgedBy").asString()).isEqualTo("null");
        assertThat(lines.get(0).get("after").get("note").asString()).isEqualTo("see INC-1");
    }

    private static List<String> keys(JsonNode page) {
        return page.get("items")
                .valueStream()
                .map(lane -> lane.get("key").asString())
                .toList();
    }

    @Test
    void saysWhyAFailureIsInItsGroup() {
        service.fail("f1", "a");
        assertThat(get("/groups/fingerprint-1", Map.of()).get("why")).isEmpty();
        service.store.explain(new Fingerprint("fingerprint-1", List.of("processor points", "frame x.Y#z")));

        for (String path : List.of("/groups/fingerprint-1", "/failures/f1")) {
            assertThat(get(path, Map.of()).get("why").valueStream().map(JsonNode::asString))
                    .as(path)
                    .containsExactly("processor points", "frame x.Y#z");
        }
    }

    @Test
    void aCauseWithoutAnErrorIsNamedByItsReason() {
        service.fail("f1", "a");
        String slow = service.operations
                .failure(service.runSlowly("f2", "b"))
                .orElseThrow()
                .fingerprint();

        for (JsonNode group : get("/groups", Map.of()).get("items")) {
            boolean isSlow = group.get("fingerprint").asString().equals(slow);
            assertThat(group.get("errorCode").asString()).isEqualTo(isSlow ? "" : "POINTS_CLOSED");
            assertThat(group.get("reason").isNull()).isEqualTo(!isSlow);
        }
        JsonNode detail = get("/groups/" + slow, Map.of());
        assertThat(detail.get("reason").asString()).isEqualTo("SLOW");
        assertThat(detail.get("why").valueStream().map(JsonNode::asString))
                .startsWith("processor points", "reason SLOW");
        assertThat(get("/groups/fingerprint-1", Map.of()).get("reason").isNull())
                .isTrue();
    }

    @Test
    void aFunctionOfAnotherProcessorTakesTheWholeLane() {
        service.fail("f1", "u1");
        service.park("u1");
        service.rename();
        String body = "{\"function\":\"earn(OrderPaid)\",\"processor\":\"loyalty\",\"reason\":\"INC-1\"}";

        JsonNode result = post("/failures/f1/function", body, 200);

        assertThat(result.get("failure").get("processor").asString()).isEqualTo("loyalty");
        assertThat(result.get("failure").get("function").asString()).isEqualTo("earn(OrderPaid)");
        assertThat(result.get("entry").get("details").get("processor before").asString())
                .isEqualTo("points");
        answer(request("GET", "/lanes/points/u1", Map.of()), 404);
        assertThat(get("/lanes/loyalty/u1", Map.of()).get("followers").asInt()).isEqualTo(1);
        JsonNode group =
                get("/groups/" + result.get("failure").get("fingerprint").asString(), Map.of());
        assertThat(group.get("processor").asString()).isEqualTo("loyalty");
        assertThat(group.get("why").valueStream().map(JsonNode::asString))
                .containsExactly("processor loyalty", "moved from the group fingerprint-1");
        JsonNode line = get("/audit", Map.of()).get("items").get(0);
        assertThat(line.get("action").asString()).isEqualTo("failure.function");
        assertThat(line.get("before").get("processor").asString()).isEqualTo("points");
        assertThat(line.get("after").get("processor").asString()).isEqualTo("loyalty");
        assertThat(line.get("reason").asString()).isEqualTo("INC-1");
    }

    @Test
    void saysWhyALaneIsNotGivenToAnotherProcessor() {
        service.fail("f1", "u1");
        String body = "{\"function\":\"earn(OrderPaid)\",\"processor\":\"loyalty\"}";
        assertRefused(body, 400, "unknown-processor", "no such processor in this build: loyalty");
        service.rename();
        assertRefused(body.replace("loyalty", "nobody"), 400, "unknown-processor", "nobody");
        assertRefused(body.replace("earn", "lose"), 400, "unknown-function", "no such function");
        post("/lanes/loyalty/u1/pause", "{}", 200);
        assertRefused(body, 409, "target-lane-held", "is held");
        post("/lanes/loyalty/u1/resume", "{}", 200);
        service.park("u1");
        assertRefused(body, 409, "target-has-event", "order.paid at position 2");
        assertThat(get("/failures/f1", Map.of()).get("processor").asString()).isEqualTo("points");
    }

    private void assertRefused(String body, int status, String code, String detail) {
        JsonNode problem = post("/failures/f1/function", body, status);
        assertThat(problem.get("code").asString()).isEqualTo(code);
        assertThat(problem.get("detail").asString()).contains(detail);
    }

    @Test
    void showsLanesAndNodes() {
        service.fail("f1", "orders/4711");
        service.park("orders/4711");
        service.fail("f2", "b");
        JsonNode lanes = get("/lanes", Map.of("limit", "1"));
        assertThat(lanes.get("items").get(0).get("followers").asInt()).isEqualTo(1);
        assertThat(lanes.get("items").get(0).get("head").get("id").asString()).isEqualTo("f1");
        JsonNode rest = get("/lanes", Map.of("after", lanes.get("next").asString()));
        assertThat(rest.get("items").get(0).get("key").asString()).isEqualTo("b");
        assertThat(rest.get("next").isNull()).isTrue();
        answer(request("GET", "/lanes", Map.of("after", List.of("x"))), 400);
        JsonNode lane = get("/lanes/points/orders/4711", Map.of());
        assertThat(lane.get("blocked").asBoolean()).isTrue();
        assertThat(lane.get("events")
                        .valueStream()
                        .map(event -> event.get("kind").asString()))
                .containsExactly("FAILED", "PARKED");
        assertThat(lane.get("events").get(1).get("waiting").isNull()).isTrue();
        assertThat(lane.get("lastDone").isNull()).isTrue();
        post("/failures/f1/skip", "{\"reason\":\"INC-1\"}", 200);
        JsonNode done = get("/lanes/points/orders/4711", Map.of()).get("lastDone");
        assertThat(done.get("position").asLong()).isEqualTo(1);
        assertThat(done.get("eventId").asString()).isEqualTo("event-1");
        assertThat(done.get("source").asString()).isEqualTo("/shop");
        assertThat(done.get("eventType").asString()).isEqualTo("order.paid");
        assertThat(done.get("at").asString()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(keys(get("/lanes", Map.of("key", "4711")))).containsExactly("orders/4711");
        assertThat(keys(get("/lanes", Map.of("key", "4711", "processor", "other"))))
                .isEmpty();
        assertThat(keys(get("/lanes", Map.of("key", "nobody")))).isEmpty();
        service.letWait("early");
        assertThat(keys(get("/lanes", Map.of("key", "early")))).containsExactly("early");
        post("/lanes/points/acme/u1/pause", "{\"reason\":\"INC-1\"}", 200);
        assertThat(keys(get("/lanes", Map.of("key", "u1")))).containsExactly("acme/u1");
        JsonNode early = get("/lanes/points/early", Map.of()).get("events").get(0);
        assertThat(early.get("kind").asString()).isEqualTo("WAITING");
        assertThat(early.get("waiting"))
                .isEqualTo(get("/waits", Map.of()).get("items").get(0));
        answer(request("GET", "/lanes/points/none", Map.of()), 404);
        JsonNode node = get("/nodes", Map.of()).get("items").get(0);
        assertThat(node.get("alive").asBoolean()).isTrue();
        assertThat(node.get("slots").get("points").asInt()).isEqualTo(1);
        service.failOf("mails", "f3", "orders/4711");
        assertThat(get("/lanes", Map.of("key", "4711")).get("more").asBoolean()).isFalse();
        JsonNode first = get("/lanes", Map.of("key", "4711", "limit", "1"));
        assertThat(first.get("items").size()).isEqualTo(1);
        assertThat(first.get("more").asBoolean()).isTrue();
        assertThat(first.get("next").isNull()).isTrue();
    }

    /** The lane of an event without a key begins with a control character, and a key may be as long as a page of them. */
    @Test
    void pagesAndShowsLanesWhateverTheirKeys() {
        List<String> keys = List.of("a~b", "acme/u1", "\u00017", "ü".repeat(127), "~x", "~YQ");
        keys.forEach(key -> service.fail("f" + keys.indexOf(key), key));
        List<String> seen = new ArrayList<>();
        JsonNode page = get("/lanes", Map.of("limit", "1"));
        seen.add(page.get("items").get(0).get("key").asString());
        while (!page.get("next").isNull()) {
            page = get("/lanes", Map.of("limit", "1", "after", page.get("next").asString()));
            seen.add(page.get("items").get(0).get("key").asString());
        }
        assertThat(seen).containsExactlyElementsOf(keys);
        for (String key : keys) {
            String path = "/lanes/points/" + encoded(key);
            assertThat(get(path, Map.of()).get("key").asString()).isEqualTo(key);
            assertThat(post(path + "/pause", "{}", 200).get("key").asString()).isEqualTo(key);
            assertThat(get(path, Map.of()).get("paused").get("by").asString()).isEqualTo("ann");
        }
    }

    private static String encoded(String key) {
        return "~" + Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"~", "~!", "~YQ==", "~_w", "~AA", "~7aCA", "~YQ/x"})
    void aLaneThatNoKeyIsCalledIsAMistake(String part) {
        assertThat(answer(request("GET", "/lanes/points/" + part, Map.of()), 400)
                        .get("detail")
                        .asString())
                .startsWith("key: ~");
        assertThat(post("/lanes/points/" + part + "/pause", "{}", 400)
                        .get("detail")
                        .asString())
                .startsWith("key: ~");
    }

    @Test
    void putsValuesOverARetryPolicyAndTakesThemAway() {
        service.fail("f1", "a");
        String path = "/processors/points/functions/on(OrderPaid)/policy";
        String body = "{\"maxRetries\":2,\"minBackoff\":\"PT1S\",\"untilNextBuild\":true,\"reason\":\"INC-1\"";
        JsonNode function = function();
        assertThat(function.get("sources").get("maxRetries").asString()).isEqualTo("DEFAULT");
        assertThat(function.get("override").isNull()).isTrue();
        assertThat(function.get("beneath").isNull()).isTrue();

        JsonNode tried = answer(
                command("PUT", path, "{\"maxRetries\":2,\"minBackoff\":\"PT1S\",\"waiting\":true,\"dryRun\":true}"),
                200);

        assertThat(tried.get("waiting").get("number").asInt()).isEqualTo(1);
        assertThat(tried.get("policy").get("maxRetries").asInt()).isEqualTo(2);
        assertThat(tried.get("retriesAfter").valueStream().map(after -> after.asString()))
                .containsExactly("PT1S", "PT3S");
        assertThat(function().get("override").isNull()).isTrue();
        assertThat(get("/batches", Map.of()).get("items")).isEmpty();

        JsonNode done = answer(command("PUT", path, body + ",\"validFor\":\"PT1H\",\"waiting\":true}"), 200);

        String batch = done.get("batch").asString();
        assertThat(get("/batches/" + batch, Map.of()).get("action").asString()).isEqualTo("retry-spec");
        assertThat(get("/batches/" + batch, Map.of()).get("total").asInt()).isEqualTo(1);
        JsonNode overridden = function();
        assertThat(overridden.get("policy").get("minBackoff").asString()).isEqualTo("PT1S");
        assertThat(overridden.get("sources").get("minBackoff").asString()).isEqualTo("OVERRIDE");
        assertThat(overridden.get("sources").get("jitter").asString()).isEqualTo("DEFAULT");
        assertThat(overridden.get("override").get("by").asString()).isEqualTo("ann");
        assertThat(overridden.get("override").get("build").asString()).isEqualTo("1.0");
        assertThat(overridden.get("override").get("inForce").asBoolean()).isTrue();
        assertThat(overridden.get("beneath")).isEqualTo(function.get("policy"));

        answer(command("DELETE", path, "{\"reason\":\"over\"}"), 200);
        answer(command("DELETE", path, "{}"), 404);
        assertThat(function().get("policy").get("maxRetries").asInt()).isEqualTo(10);
        answer(command("PUT", "/processors/points/functions/none/policy", body + "}"), 404);
        answer(command("PUT", path, "{\"reason\":\"x\"}"), 400);
        answer(command("PUT", path, "{\"maxRetries\":2}"), 400);
        answer(command("PUT", path, "{\"maxRetries\":-1,\"reason\":\"x\"}"), 400);
        JsonNode made = get("/audit", Map.of("action", "policy.override")).get("items");
        assertThat(made).hasSize(1);
        assertThat(made.get(0).get("before").get("override").asString()).isEqualTo("none");
        assertThat(made.get(0).get("before").get("maxRetries").asString()).isEqualTo("10");
        assertThat(made.get(0).get("after").get("override").asString()).isEqualTo("maxRetries, minBackoff");
        assertThat(made.get(0).get("after").get("maxRetries").asString()).isEqualTo("2");
        JsonNode removed = get("/audit", Map.of("action", "policy.remove")).get("items");
        assertThat(removed.get(1).get("before")).isEqualTo(made.get(0).get("after"));
        assertThat(removed.get(1).get("after")).isEqualTo(made.get(0).get("before"));
    }

    private JsonNode function() {
        return get("/processors/points", Map.of())
                .get("definition")
                .get("functions")
                .get(0);
    }

    private static ApiRequest command(String method, String path, String body) {
        return new ApiRequest(method, path, Map.of(), "application/json", body.getBytes(UTF_8), LOCAL);
    }

    @Test
    void pausesAndResumesLanes() {
        service.fail("f1", "orders/4711");
        service.park("orders/4711");
        JsonNode seen = get("/lanes/points/orders/4711", Map.of());
        assertThat(seen.get("paused").isNull()).isTrue();
        String version = seen.get("version").asString();

        JsonNode paused = post("/lanes/points/orders/4711/pause", "{\"reason\":\"INC-1\"}", 200);

        assertThat(paused.get("key").asString()).isEqualTo("orders/4711");
        JsonNode shown = get("/lanes", Map.of()).get("items").get(0);
        assertThat(shown.get("paused").get("by").asString()).isEqualTo("ann");
        assertThat(shown.get("paused").get("reason").asString()).isEqualTo("INC-1");
        assertThat(post("/failures/f1/prepare", "", 409).get("code").asString()).isEqualTo("lane-paused");
        assertThat(answer(
                                new ApiRequest(
                                        "POST",
                                        "/lanes/points/orders/4711/resume",
                                        Map.of(),
                                        null,
                                        Map.of("if-match", '"' + version + '"'),
                                        new byte[0],
                                        LOCAL,
                                        null),
                                412)
                        .get("code")
                        .asString())
                .isEqualTo("changed-meanwhile");
        post("/lanes/points/orders/4711/resume", "", 200);
        post("/lanes/points/orders/4711/resume", "", 200);
        post("/failures/f1/prepare", "", 202);

        post("/lanes/points/nothing/resume", "", 404);
        post("/lanes/points/nothing/pause", "", 200);
        JsonNode empty = get("/lanes/points/nothing", Map.of());
        assertThat(empty.get("events")).isEmpty();
        assertThat(empty.get("slot").isNull()).isTrue();
        assertThat(empty.get("headPosition").isNull()).isTrue();
        post("/lanes/nobody/nothing/pause", "", 404);
        assertThat(get("/audit", Map.of("action", "lane.pause")).get("items").size())
                .isEqualTo(3);
    }

    @Test
    void plansStartsAndStopsBatches() {
        service.fail("f1", "a");
        service.park("a");
        service.fail("f2", "b", SPENT, Recoverability.UNKNOWN);
        service.park("b");
        JsonNode plan = answer(
                new ApiRequest(
                        "POST",
                        "/batches/plan",
                        Map.of("state", List.of("active")),
                        "application/json",
                        "{\"action\":\"prepare\",\"reason\":\"INC-1\"}".getBytes(UTF_8),
                        LOCAL),
                200);
        assertThat(plan.get("willRun").asInt()).isEqualTo(1);
        assertThat(plan.get("willNotRun").get("retries-spent").asInt()).isEqualTo(1);
        assertThat(plan.get("followers").asInt()).isEqualTo(1);
        assertThat(plan.get("sample")).hasSize(2);
        assertThat(plan.get("large").asBoolean()).isFalse();
        String path = "/batches/" + plan.get("batch").get("id").asString();
        assertThat(get("/batches", Map.of()).get("items")).isEmpty();
        post(path + "/pause", "{}", 409);
        assertThat(post(path + "/start", "{\"canary\":-1,\"perSecond\":0,\"inFlight\":\"x\"}", 400)
                        .get("detail")
                        .asString())
                .contains("inFlight: x");
        assertThat(post(path + "/start", "{\"canary\":-1,\"perSecond\":0}", 400).get("mistakes"))
                .hasSize(2);
        JsonNode started = post(path + "/start", "{\"canary\":1,\"perSecond\":10}", 200);
        assertThat(started.get("state").asString()).isEqualTo("CANARY");
        assertThat(started.get("pace").get("perSecond").asInt()).isEqualTo(10);
        assertThat(started.get("pace").get("inFlight").asInt()).isEqualTo(20);
        assertThat(post(path + "/start", "{}", 409).get("code").asString()).isEqualTo("batch-state");
        assertThat(post(path + "/pace", "{\"perSecond\":7}", 200)
                        .get("pace")
                        .get("canary")
                        .asInt())
                .isEqualTo(1);
        JsonNode paced =
                get("/audit", Map.of("action", "batch.pace")).get("items").get(0);
        assertThat(paced.get("before").get("perSecond").asString()).isEqualTo("10");
        assertThat(paced.get("after").get("perSecond").asString()).isEqualTo("7");
        assertThat(paced.get("after").get("state").asString()).isEqualTo("CANARY");
        JsonNode paused = post(path + "/pause", "{\"reason\":\"wait\"}", 200);
        assertThat(paused.get("stoppedBy").asString()).isEqualTo("ann");
        assertThat(paused.get("stoppedCode").asString()).isEqualTo("person");
        assertThat(paused.get("stoppedReason").asString()).isEqualTo("wait");
        assertThat(paused.get("stoppedOf").isNull()).isTrue();
        post(path + "/resume", "{}", 200);
        JsonNode cancelled = post(path + "/cancel", "{}", 200);
        assertThat(cancelled.get("skipped").asInt()).isEqualTo(2);
        assertThat(cancelled.get("skippedBy").isNull())
                .as("what a command answers")
                .isTrue();
        JsonNode ended = get(path, Map.of());
        assertThat(ended.get("skippedBy").get("cancelled").asInt()).isEqualTo(2);
        assertThat(ended.get("failedBy").isEmpty()).isTrue();
        assertThat(ended.get("canaryPassed").isNull()).isTrue();
        JsonNode first = get(path + "/items", Map.of()).get("items").get(0);
        assertThat(first.get("record").get("id").asString()).isEqualTo("f1");
        assertThat(first.get("record").get("lane").asString()).isEqualTo("a");
        assertThat(first.get("record").get("message").asString()).isEqualTo("the account is closed");
        assertThat(get(path + "/items", Map.of("state", "skipped"))
                        .get("items")
                        .valueStream()
                        .map(item -> item.get("code").asString()))
                .containsExactly("cancelled", "cancelled");
        assertThat(get(path + "/items", Map.of("limit", "1")).get("next").asInt())
                .isEqualTo(1);
        assertThat(get("/batches", Map.of()).get("items")).hasSize(1);
        answer(request("GET", "/batches/none", Map.of()), 404);
        post("/batches/plan", "{\"action\":\"explode\"}", 400);
        post("/batches/plan", "{\"action\":\"skip\"}", 400);
        post("/batches/plan", "{\"action\":\"retry-spec\",\"maxRetries\":-1}", 400);
        assertThat(get("/audit", Map.of("target", path.substring("/batches/".length())))
                        .get("items")
                        .size())
                .isEqualTo(8);
    }

    @Test
    void thePlanOfARedirectSaysWhatItsFunctionDoesNotTake() {
        service.fail("f1", "a");
        service.fail("f2", "b");
        for (Map.Entry<String, Integer> function : Map.of("renamed(OrderPaid)", 2, "on(OrderCancelled)", 0, "nope", 0)
                .entrySet()) {
            JsonNode plan =
                    post("/batches/plan", "{\"action\":\"function\",\"function\":\"" + function.getKey() + "\"}", 200);

            assertThat(plan.get("willRun").asInt()).as(function.getKey()).isEqualTo(function.getValue());
            assertThat(plan.get("willNotRun").path("unknown-function").asInt())
                    .as(function.getKey())
                    .isEqualTo(2 - function.getValue());
        }
    }

    @Test
    void plansForTheIdsThatAPersonSelected() {
        String first = service.fail("f1", "a").value();
        service.fail("f2", "b");
        String third = service.fail("f3", "c").value();
        JsonNode plan = post(
                "/batches/plan",
                "{\"action\":\"prepare\",\"ids\":[\"" + first + "\",\"" + third + "\",\"gone\"]}",
                200);
        assertThat(plan.get("batch").get("total").asInt()).isEqualTo(2);
        assertThat(plan.get("batch").get("filter").get("selected").asString()).isEqualTo("3");
        assertThat(plan.get("sample").valueStream().map(one -> one.get("id").asString()))
                .containsExactly(first, third);
        // none is not all
        for (String wrong : List.of("[]", "\"f1\"", "[1]", "[\"\"]")) {
            assertThat(post("/batches/plan", "{\"action\":\"prepare\",\"ids\":" + wrong + "}", 400)
                            .get("detail")
                            .asString())
                    .contains("ids: ");
        }
    }

    @Test
    void showsHowAProcessorRetries() {
        service.fail("f1", "a");
        JsonNode shown = get("/processors/points", Map.of());
        assertThat(shown.get("failed").asInt()).isEqualTo(1);
        JsonNode function = shown.get("definition").get("functions").get(0);
        assertThat(function.get("name").asString()).isEqualTo("on(OrderPaid)");
        assertThat(function.get("policy").get("minBackoff").asString()).isEqualTo("PT3M");
        assertThat(function.get("retriesAfter")).hasSize(10);
        assertThat(function.get("retriesAfter").get(1).asString()).isEqualTo("PT9M");
        answer(request("GET", "/processors/none", Map.of()), 404);
    }

    @Test
    void saysWhoTheCallerIs() {
        JsonNode me = get("/me", Map.of());
        assertThat(me.get("name").asString()).isEqualTo("ann");
        assertThat(me.get("mode").asString()).isEqualTo("none");
        assertThat(me.get("actions"))
                .isNotEmpty()
                .allSatisfy(
                        action -> assertThat(action.get("allowed").asBoolean()).isTrue());
    }

    private static ApiRequest post(String path, String body, Map<String, String> headers) {
        return new ApiRequest("POST", path, Map.of(), "application/json", headers, body.getBytes(UTF_8), LOCAL, null);
    }

    private String next(String id) {
        return get("/failures/" + id, Map.of()).get("next").get("text").asString();
    }

    private static List<String> ids(JsonNode page) {
        return page.get("items")
                .valueStream()
                .map(item -> item.get("id").asString())
                .toList();
    }

    private JsonNode get(String path, Map<String, String> query) {
        java.util.TreeMap<String, List<String>> lists = new java.util.TreeMap<>();
        query.forEach((name, value) -> lists.put(name, List.of(value)));
        return answer(request("GET", path, lists), 200);
    }

    private JsonNode post(String path, String body, int status) {
        return answer(post(path, body.isEmpty() ? null : "application/json", body, LOCAL), status);
    }

    private JsonNode answer(ApiRequest request, int status) {
        ApiResponse response = api.handle(request);
        assertThat(response.status()).as(new String(response.body(), UTF_8)).isEqualTo(status);
        assertThat(response.contentType()).isEqualTo(status < 400 ? "application/json" : "application/problem+json");
        return JsonMapper.shared().readTree(response.body());
    }

    private static ApiRequest request(String method, String path, Map<String, List<String>> query) {
        return request(method, path, query, LOCAL);
    }

    private static ApiRequest request(
            String method, String path, Map<String, List<String>> query, ApiRequest.Caller caller) {
        return new ApiRequest(method, path, query, null, new byte[0], caller);
    }

    private static ApiRequest post(String path, String contentType, String body, ApiRequest.Caller caller) {
        return new ApiRequest("POST", path, Map.of(), contentType, body.getBytes(UTF_8), caller);
    }
}
