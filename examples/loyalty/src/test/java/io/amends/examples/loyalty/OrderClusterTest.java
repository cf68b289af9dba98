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

    @TempDir
    Path files;

    /** An event of a user; one that comes twice has the same id. */
    private record Sent(String user, String change, int version) {
        String json() {
            return """
                    {"specversion":"1.0","id":"%1$s-%3$d","source":"/test","type":"loyalty.user.%2$s",
                     "partitionkey":"%1$s","datacontenttype":"application/json",
                     "data":{"id":"%1$s","name":"version %3$d","region":"north","regionVersion":1,"entityVersion":%3$d}}""".formatted(user, change, version);
        }
    }

    @Test
    void theNewestVersionOfEachUserStaysAndDeletedUsersAreGone() throws Exception {
        Random random = new Random(SEED);
        List<Sent> events = new ArrayList<>();
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < USERS; i++) {
            String user = "user-" + i;
            events.addAll(
                    List.of(new Sent(user, "created", 1), new Sent(user, "changed", 2), new Sent(user, "changed", 3)));
            if (i % 2 == 0) {
                events.add(new Sent(user, "deleted", 4));
            }
            expected.put(user, i % 2 == 0 ? "-" : "version 3");
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
                        .untilAsserted(() -> assertThat(names(all.get(random.nextInt(3)), expected))
                                .isEqualTo(expected));
                assertThat(all.getFirst()
                                .get("/amends/api/v1/failures")
                                .body()
                                .path("items")
                                .valueStream())
                        .isEmpty();
            }
        }
    }

    private static void send(Http http, Sent event) {
        assertThat(http.post("/events", event.json(), "application/cloudevents+json")
                        .status())
                .isEqualTo(202);
    }

    /** How many positions the processor of users has not passed. */
    private static long lag(Http http) {
        return http.get("/amends/api/v1/processors")
                .body()
                .path("items")
                .valueStream()
                .filter(processor -> processor.path("name").asString().equals("users"))
                .mapToLong(processor -> processor.path("lag").asLong(-1))
                .sum();
    }

    private static Map<String, String> names(Http http, Map<String, String> of) {
        Map<String, String> names = new TreeMap<>();
        for (String user : of.keySet()) {
            Http.Answer answer = http.get("/points/" + user);
            names.put(user, answer.status() == 200 ? answer.text("name") : "-");
        }
        return names;
    }
}
