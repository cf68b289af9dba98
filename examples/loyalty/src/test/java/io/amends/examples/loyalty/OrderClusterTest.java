package io.amends.examples.loyalty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three instances, events in any order at any of them, every fifth of them twice. */
class OrderClusterTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final long SEED = Long.getLong("amends.seed", 20261125L);
    private static final int USERS = 40;
    private static final String GONE = "-";

    @TempDir
    Path files;

    /** An event; one that comes twice has the same id. */
    private record Sent(String id, String type, String user, String data) {
        /** What is the newest of a user: it moves to another region with its second version. */
        static Sent user(String user, String change, int version) {
            int region = Math.min(version, 2);
            return new Sent(user + "-" + version, "user." + change, user, """
                    {"id":"%s","name":"version %d","region":"r%3$d","regionVersion":%3$d,"entityVersion":%2$d}""".formatted(user, version, region));
        }

        static Sent paid(String user, String order, int amount, int region) {
            return new Sent(order + "-paid", "order.paid", user, """
                    {"orderId":"%s","userId":"%s","amount":%d,"paidTime":"2026-11-25T10:00:00Z",
                     "userRegionVersion":%d}""".formatted(order, user, amount, region));
        }

        static Sent cancelled(String user, String order, int amount) {
            return new Sent(order + "-cancelled", "order.cancelled", user, """
                    {"orderId":"%s","userId":"%s","amount":%d,"paidTime":"2026-11-25T10:00:00Z",
                     "cancelledTime":"2026-11-25T11:00:00Z"}""".formatted(order, user, amount));
        }

        String json() {
            return """
                    {"specversion":"1.0","id":"%s","source":"/test","type":"loyalty.%s","partitionkey":"%s",
                     "datacontenttype":"application/json","data":%s}""".formatted(id, type, user, data);
        }
    }

    @Test
    void whateverTheOrderTheNewestVersionsStayAndOnlyWhatIsPaidInTheLastRegionCounts() throws Exception {
        Random random = new Random(SEED);
        List<Sent> events = new ArrayList<>();
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < USERS; i++) {
            String user = "user-" + i;
            events.addAll(List.of(
                    Sent.user(user, "created", 1), Sent.user(user, "changed", 2), Sent.user(user, "changed", 3)));
            if (i % 2 == 0) {
                // nobody's points: its payments wait for no version that is stale by now
                events.addAll(List.of(
                        Sent.user(user, "deleted", 4),
                        Sent.paid(user, user + "-old", 100, 1),
                        Sent.paid(user, user + "-new", 20, 2),
                        Sent.cancelled(user, user + "-new", 20)));
                expected.put(user, GONE);
            } else {
                events.addAll(List.of(
                        Sent.paid(user, user + "-old", 100, 1),
                        Sent.paid(user, user + "-new", 20, 2),
                        Sent.paid(user, user + "-back", 50, 2),
                        Sent.cancelled(user, user + "-back", 50)));
                expected.put(user, "version 3, score 20");
            }
        }
        Collections.shuffle(events, random);
        String directory = "--amends.embedded.directory=" + files.resolve("database");
        try (Instance first = Instance.start(files.resolve("first.log"), directory)) {
            first.awaitReady();
            try (Instance second = Instance.start(files.resolve("second.log"), directory);
                    Instance third = Instance.start(files.resolve("third.log"), directory)) {
                List<Http> all = List.of(first.awaitReady(), second.awaitReady(), third.awaitReady());
                for (Sent event : events) {
                    send(all.get(random.nextInt(3)), event);
                    if (random.nextInt(5) == 0) {
                        send(all.get(random.nextInt(3)), event);
                    }
                }
                await("seed " + SEED).atMost(SOON).until(() -> lag(all.getFirst()) == 0);
                await("seed " + SEED)
                        .atMost(SOON)
                        .untilAsserted(() -> assertThat(users(all.get(random.nextInt(3)), expected))
                                .isEqualTo(expected));
                assertThat(items(all.getFirst(), "failures")).isZero();
                assertThat(items(all.getFirst(), "waits")).isZero();
            }
        }
    }

    private static void send(Http http, Sent event) {
        assertThat(http.post("/events", event.json(), "application/cloudevents+json")
                        .status())
                .isEqualTo(202);
    }

    /** How many positions the processors have not passed. */
    private static long lag(Http http) {
        return http.get("/amends/api/v1/processors")
                .body()
                .path("items")
                .valueStream()
                .mapToLong(processor -> processor.path("lag").asLong(-1))
                .sum();
    }

    private static long items(Http http, String of) {
        return http.get("/amends/api/v1/" + of)
                .body()
                .path("items")
                .valueStream()
                .count();
    }

    private static Map<String, String> users(Http http, Map<String, String> of) {
        Map<String, String> users = new TreeMap<>();
        for (Map.Entry<String, String> one : of.entrySet()) {
            Http.Answer answer = http.get("/points/" + one.getKey());
            String name = answer.status() == 200 ? answer.text("name") : GONE;
            if (answer.status() == 200) {
                assertThat(Long.parseLong(answer.text("score")))
                        .as(one.getKey())
                        .isNotNegative();
                name += one.getValue().contains("score") ? ", score " + answer.text("score") : "";
            }
            users.put(one.getKey(), name);
        }
        return users;
    }
}
