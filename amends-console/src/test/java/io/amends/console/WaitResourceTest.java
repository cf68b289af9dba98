package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.OnTimeout;
import io.amends.core.store.LaneEvent;
import io.amends.core.store.TimedOut;
import io.amends.core.store.WaitingEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people see of waits, and what they can do about one. */
class WaitResourceTest {
    private static final ApiRequest.Caller LOCAL =
            new ApiRequest.Caller("ann", "127.0.0.1", false, "localhost:8080", null, null);

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final OperatorApi api = new OperatorApi(service.operations, service.operatorStore, new Access(false), true);

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void waitsAreListedWithWhatTheyWaitFor() {
        service.letWait("anna");
        service.park("anna");
        service.letWait("bert");

        JsonNode page = json(api.handle(request("GET", "/waits", Map.of("limit", List.of("1")), "")));

        assertThat(page.get("items")).hasSize(1);
        JsonNode wait = page.get("items").get(0);
        assertThat(wait.get("lane").asString()).isEqualTo("anna");
        assertThat(wait.get("waitsFor").asString()).isEqualTo("version 3 of user/anna in processor points");
        assertThat(wait.get("kind").asString()).isEqualTo("VERSION");
        assertThat(wait.get("awaited").toString())
                .isEqualTo("{\"processor\":\"points\",\"stream\":\"user\",\"key\":\"anna\",\"version\":\"3\"}");
        assertThat(wait.get("followers").asInt()).isEqualTo(1);
        assertThat(wait.get("failure").isNull()).isTrue();
        String next = page.get("next").asString();
        JsonNode rest = json(api.handle(request("GET", "/waits", Map.of("after", List.of(next)), "")));
        assertThat(rest.get("items")).hasSize(1);
        assertThat(rest.get("items").get(0).get("key").asString()).isEqualTo("bert");
        assertThat(rest.get("next").isNull()).isTrue();
    }

    @Test
    void noPageEndsBetweenTwoProcessorsThatWaitAtOnePosition() {
        List<WaitingEvent> found = List.of(wait("a", 1), wait("a", 2), wait("b", 2), wait("a", 3));

        assertThat(WaitResource.page(found, 1)).hasSize(1);
        assertThat(WaitResource.page(found, 2)).hasSize(3);
        assertThat(WaitResource.page(found, 3)).hasSize(3);
        assertThat(WaitResource.page(found, 9)).hasSize(4);
        assertThat(WaitResource.page(List.of(), 9)).isEmpty();
    }

    private static WaitingEvent wait(String processor, long position) {
        return new WaitingEvent(
                processor,
                0,
                "lane",
                position,
                "/shop",
                "event-" + position,
                "order.paid",
                null,
                "something",
                null,
                WaitingEvent.Kind.NEXT,
                Instant.EPOCH,
                null,
                null,
                1,
                null,
                0);
    }

    @Test
    void aPersonEndsAWaitWithAReason() {
        for (Map.Entry<String, OnTimeout> verb : Map.of(
                        "run", OnTimeout.PROCEED, "fail", OnTimeout.FAIL, "skip", OnTimeout.SKIP)
                .entrySet()) {
            String lane = "lane-" + verb.getKey();
            String path = "/waits/points/" + service.letWait(lane) + "/" + verb.getKey();

            assertThat(api.handle(request("POST", path, Map.of(), "{}")).status())
                    .isEqualTo(400);
            assertThat(service.store.nextInLane("points", lane)).isEmpty();
            ApiResponse ended = api.handle(request("POST", path, Map.of(), "{\"reason\":\"never comes\"}"));

            assertThat(ended.status()).isEqualTo(202);
            assertThat(json(ended).get("then").asString())
                    .isEqualTo(verb.getValue().name());
            assertThat(service.store
                            .nextInLane("points", lane)
                            .map(LaneEvent::timedOut)
                            .map(TimedOut::then))
                    .contains(verb.getValue());
        }
    }

    @Test
    void whatDoesNotWaitIsNotFound() {
        for (String path : List.of("/waits/points/7/run", "/waits/nobody/1/run", "/waits/points/x/run")) {
            ApiResponse answer = api.handle(request("POST", path, Map.of(), "{\"reason\":\"why\"}"));
            assertThat(answer.status()).as(path).isEqualTo(404);
        }
    }

    private static JsonNode json(ApiResponse response) {
        return JsonMapper.shared().readTree(response.body());
    }

    private static ApiRequest request(String method, String path, Map<String, List<String>> query, String body) {
        return new ApiRequest(
                method, path, query, body.isEmpty() ? null : "application/json", body.getBytes(UTF_8), LOCAL);
    }
}
