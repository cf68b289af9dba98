package io.amends.examples.loyalty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share a data directory, are killed, and start again. */
class RestartTest {
    private static final Duration TAKEOVER = Duration.ofSeconds(40);

    @TempDir
    Path files;

    @Test
    void aKilledProcessLosesNothingAndTheLastOneStopsTheDatabase() throws Exception {
        String directory = "--amends.embedded.directory=" + files.resolve("database");
        Path serverFile = files.resolve("database/cluster/postmaster.pid");
        Instance first = Instance.start(files.resolve("first.log"), directory);
        try {
            Http http = first.awaitReady();
            http.post("/users", "{\"id\":\"u1\",\"name\":\"Ann\",\"region\":\"north\"}");
            for (int i = 0; i < 50; i++) {
                http.post("/orders", "{\"id\":\"o" + i + "\",\"userId\":\"u1\",\"amount\":2}");
                assertThat(http.post("/orders/o" + i + "/pay").status()).isEqualTo(200);
            }
            first.kill();

            try (Instance second = Instance.start(files.resolve("second.log"), directory)) {
                Http other = second.awaitReady();
                assertThat(second.text()).contains("joined PostgreSQL");
                await().atMost(TAKEOVER).until(() -> score(other) == 100);

                try (Instance third = Instance.start(files.resolve("third.log"), directory)) {
                    Http both = third.awaitReady();
                    assertThat(score(both)).isEqualTo(100);
                    both.post("/orders", "{\"id\":\"last\",\"userId\":\"u1\",\"amount\":5}");
                    both.post("/orders/last/pay");
                    await().atMost(TAKEOVER).until(() -> score(other) == 105);
                }
                assertThat(serverFile)
                        .as("the second process still uses the database")
                        .exists();
                assertThat(score(other)).isEqualTo(105);
            }
            assertThat(serverFile).as("the last one stopped it").doesNotExist();
        } finally {
            first.kill();
        }

        try (Instance again = Instance.start(files.resolve("again.log"), directory)) {
            Http http = again.awaitReady();
            assertThat(score(http)).isEqualTo(105);
        }
        assertThat(serverFile).doesNotExist();
    }

    private static int score(Http http) {
        Http.Answer answer = http.get("/points/u1");
        return answer.status() == 200 ? answer.body().path("score").asInt() : -1;
    }
}
