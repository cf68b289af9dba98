package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.flow.FlowCount;
import io.amends.core.flow.FlowDelta;
import io.amends.core.flow.FlowNow;
import io.amends.core.flow.FlowNumbers;
import io.amends.core.flow.FlowStage;
import io.amends.core.flow.FlowTimes;
import io.amends.core.store.ProcessorGauge;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FlowResourceTest {
    private static final Duration PACE = Duration.ofSeconds(5);
    private static final Duration KEEP = Duration.ofDays(1);
    private static final ApiRequest.Caller LOCAL =
            new ApiRequest.Caller("ann", "127.0.0.1", false, "localhost:8080", null, null);

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final OperatorApi api = new OperatorApi(service.operations, service.operatorStore, new Access(false), true);
    private long batch;

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void showsEachStageAndEachProcessor() {
        for (int minute = 0; minute < 10; minute++) {
            minute(60, 3);
        }
        JsonNode flow = get(Map.of());

        assertThat(flow.get("step").asString()).isEqualTo("PT1M");
        assertThat(texts(flow.get("stages"), "stage")).containsExactly("outbox", "transport", "inbox", "handled");
        JsonNode outbox = flow.get("stages").get(0);
        assertThat(outbox.get("events").asInt()).isEqualTo(600);
        assertThat(outbox.get("perMinute").asDouble()).isBetween(55.0, 65.0);
        assertThat(outbox.get("trend").asString()).isEqualTo("steady");
        JsonNode handled = flow.get("stages").get(3);
        assertThat(handled.get("perMinuteNow").asDouble()).isBetween(55.0, 75.0);
        assertThat(handled.get("times").get("p95").asString()).isEqualTo("PT0.004S");
        assertThat(handled.get("waiting").isNull()).isTrue();

        JsonNode row = flow.get("processors").get(0);
        assertThat(row.get("name").asString()).isEqualTo("points");
        assertThat(row.get("counts").get("handled").asInt()).isEqualTo(600);
        assertThat(row.get("counts").get("failed").asInt()).as("first attempts").isEqualTo(20);
        assertThat(row.get("counts").get("failedAgain").asInt()).isEqualTo(10);
        assertThat(row.get("parts").size()).isLessThanOrEqualTo(25);
        assertThat(flow.get("moreProcessors").asInt()).isZero();

        assertThat(flow.get("points").size()).isBetween(9, 11);
        JsonNode point = flow.get("points").get(5);
        assertThat(point.get("minutes").asDouble()).isEqualTo(1);
        assertThat(point.get("published").asInt()).isEqualTo(60);
        assertThat(point.get("counts").get("handled").asInt()).isEqualTo(60);
        assertThat(point.get("handlerP95").asDouble()).isEqualTo(0.004);
    }

    @Test
    void leavesOutTheTimeInWhichNobodyLived() {
        minute(60, 0);
        minute(0, 0);
        service.clock.advance(Duration.ofMinutes(5));
        minute(60, 0);
        minute(60, 0);

        List<Instant> at = get(Map.of())
                .get("points")
                .valueStream()
                .map(point -> Instant.parse(point.get("at").asString()))
                .toList();
        assertThat(at).hasSizeBetween(3, 5);
        List<Duration> between = new ArrayList<>();
        for (int i = 1; i < at.size(); i++) {
            between.add(Duration.between(at.get(i - 1), at.get(i)));
        }
        assertThat(between).contains(Duration.ofMinutes(1)).contains(Duration.ofMinutes(6));
    }

    @Test
    void choosesTheStepByTheRangeAndTakesAnother() {
        minute(60, 0);
        assertThat(get(Map.of("range", "24h")).get("step").asString()).isEqualTo("PT10M");
        assertThat(get(Map.of("range", "24h", "step", "1m")).get("step").asString())
                .isEqualTo("PT1M");
        assertThat(get(Map.of("range", "3d", "step", "1m")).get("step").asString())
                .isEqualTo("PT1M");
        assertThat(get(Map.of("range", "30d")).get("step").asString()).isEqualTo("PT1H");
        assertThat(get(Map.of("range", "1y")).get("step").asString()).isEqualTo("PT24H");
        Instant now = service.clock.instant();
        JsonNode part = get(Map.of(
                "from", now.minus(Duration.ofMinutes(30)).toString(),
                "to", now.minus(Duration.ofMinutes(20)).toString()));
        assertThat(part.get("points")).isEmpty();
        assertThat(part.get("stages").get(0).get("perMinute").isNull()).isTrue();

        assertThat(mistakes(Map.of("range", "30d", "step", "1m")))
                .containsExactly("step: 1m (expected: one that gives at most 4,400 points)");
        assertThat(mistakes(Map.of(
                        "from",
                        now.minus(Duration.ofDays(5)).toString(),
                        "to",
                        now.minus(Duration.ofDays(4)).toString(),
                        "step",
                        "1m")))
                .singleElement()
                .asString()
                .startsWith("step: 1m (expected: a longer one");
        assertThat(mistakes(Map.of("range", "1h", "from", now.toString())))
                .contains("range: given with from or to (expected: one of both)");
        assertThat(mistakes(Map.of("range", "2h"))).hasSize(1);
    }

    @Test
    void saysWhatIsWrong() {
        service.clock.advance(Duration.ofMinutes(2));
        assertThat(texts(get(Map.of()).get("problems"), "code")).containsExactly("no-node");

        FlowNow now = new FlowNow(
                service.clock.instant(),
                10_001,
                Duration.ofSeconds(90),
                Duration.ofSeconds(40),
                3,
                1,
                new TreeMap<>(Map.of("alone", 4, "partly", 4, "behind", 4, "paused", 4)),
                Duration.ofHours(1),
                Duration.ofMinutes(3));
        List<FlowView.Trouble> troubles = FlowTroubles.of(
                now,
                List.of(
                        gauge("alone", Duration.ofMinutes(20), 4, false),
                        gauge("behind", Duration.ofMinutes(6), 0, false),
                        gauge("partly", null, 1, false),
                        gauge("paused", Duration.ofMinutes(60), 0, true)));

        assertThat(troubles)
                .extracting(one -> one.code() + " " + one.processor() + " " + one.age() + " " + one.number())
                .containsExactly(
                        "relay-stands null PT40S 10001",
                        "processor-without-node alone PT20M 4",
                        "slots-without-node partly null 1",
                        "processor-behind behind PT6M 7",
                        "rejected null null 3",
                        "prune-backlog null PT1H null",
                        "not-sampled null PT3M null");
    }

    @Test
    void tellsWhatPeopleAndDeploymentsDid() {
        minute(1, 0);
        post("/processors/points/pause");
        service.clock.advance(PACE);
        post("/processors/points/resume");
        service.clock.advance(PACE);

        JsonNode markers = get(Map.of()).get("markers");
        assertThat(texts(markers, "kind")).containsExactly("processor-resumed", "processor-paused", "build");
        assertThat(markers.get(2).get("target").asString()).isEqualTo("1.0");
        assertThat(markers.get(0).get("processor").asString()).isEqualTo("points");
    }

    @Test
    void showsNothingOfProcessorsThatSomebodyMayNotSee() {
        minute(60, 0);
        add("hidden", 40);
        assertThat(get(Map.of("processor", "points"))
                        .get("stages")
                        .get(3)
                        .get("events")
                        .asInt())
                .isEqualTo(60);
        assertThat(answer(Map.of("processor", "points"), 200).get("processors")).hasSize(1);
    }

    @Test
    void trendsCompareTheLastThirdWithTheFirst() {
        assertThat(FlowResource.trend(List.of())).isEqualTo(FlowView.Trend.UNKNOWN);
        assertThat(FlowResource.trend(List.of(1.0, 2.0))).isEqualTo(FlowView.Trend.UNKNOWN);
        assertThat(FlowResource.trend(List.of(1.0, 9.0, 1.1))).isEqualTo(FlowView.Trend.STEADY);
        assertThat(FlowResource.trend(List.of(1.0, 9.0, 1.3))).isEqualTo(FlowView.Trend.RISING);
        assertThat(FlowResource.trend(List.of(1.0, 9.0, 0.7))).isEqualTo(FlowView.Trend.FALLING);
        assertThat(FlowResource.trend(Arrays.asList(null, 0.0, null, 0.0, 0.0))).isEqualTo(FlowView.Trend.STEADY);
    }

    private static ProcessorGauge gauge(String name, @Nullable Duration oldest, int unowned, boolean paused) {
        return new ProcessorGauge(name, 3, 10, oldest, 0, 0, unowned, paused);
    }

    /** A minute in which so many events flow, every twentieth of which fails. */
    private void minute(long events, long failed) {
        service.store.heartbeat("node-1", Duration.ofMinutes(1));
        add(ServiceWithFailures.PROCESSOR, events);
        if (failed > 0) {
            TreeMap<FlowCount, Long> counts = new TreeMap<>();
            counts.put(FlowCount.FAILED, failed);
            counts.put(FlowCount.FAILED_AGAIN, failed / 3);
            service.store.addFlow(
                    "node-1",
                    ++batch,
                    List.of(delta(
                            FlowStage.HANDLED,
                            ServiceWithFailures.PROCESSOR,
                            new FlowNumbers(counts, FlowTimes.NONE, 0, null))));
        }
        service.store.sampleFlow(PACE, KEEP);
        service.clock.advance(Duration.ofMinutes(1));
        service.store.heartbeat("node-1", Duration.ofMinutes(1));
    }

    private void add(String processor, long events) {
        FlowNumbers counted = FlowNumbers.of(FlowCount.EVENTS, events);
        service.store.addFlow(
                "node-1",
                ++batch,
                List.of(
                        delta(FlowStage.OUTBOX, null, counted),
                        delta(FlowStage.TRANSPORT, null, counted),
                        delta(
                                FlowStage.HANDLED,
                                processor,
                                counted.plus(new FlowNumbers(
                                        new TreeMap<>(), FlowTimes.of(Duration.ofMillis(4)), 0, null)))));
    }

    private static FlowDelta delta(FlowStage stage, @Nullable String processor, FlowNumbers numbers) {
        return new FlowDelta(stage, processor, Duration.ZERO, numbers);
    }

    private static List<String> texts(JsonNode list, String name) {
        return list.valueStream().map(one -> one.get(name).asString()).toList();
    }

    private JsonNode get(Map<String, String> query) {
        return answer(query, 200);
    }

    private List<String> mistakes(Map<String, String> query) {
        return answer(query, 400)
                .get("mistakes")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    private JsonNode answer(Map<String, String> query, int status) {
        Map<String, List<String>> lists = new TreeMap<>();
        query.forEach((name, value) -> lists.put(name, List.of(value)));
        ApiResponse response = api.handle(new ApiRequest("GET", "/flow", lists, null, new byte[0], LOCAL));
        String text = new String(response.body(), UTF_8);
        assertThat(response.status()).as(text).isEqualTo(status);
        return JsonMapper.shared().readTree(text);
    }

    private void post(String path) {
        ApiResponse response = api.handle(new ApiRequest(
                "POST", path, Map.of(), "application/json", "{\"reason\":\"x\"}".getBytes(UTF_8), LOCAL));
        assertThat(response.status()).isEqualTo(200);
    }
}
