package io.amends.examples.loyalty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Runs the commands of {@code docs/operate.md} as they stand there. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"amends.retry.min-backoff=10m", "amends.retry.execution-timeout=3s"})
@DirtiesContext // closed before its database's directory goes
class OperateByExampleTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern BLOCK = Pattern.compile("```sh\\R(.*?)```", Pattern.DOTALL);

    @TempDir
    static Path directory;

    @LocalServerPort
    int port;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        registry.add("amends.embedded.directory", directory::toString);
    }

    @Test
    void thePageRunsFromTopToBottom() throws IOException, InterruptedException {
        Http http = new Http(port);
        int failures = 6;
        for (int i = 0; i < failures; i++) {
            http.post("/users", "{\"id\":\"op%d\",\"name\":\"N\",\"region\":\"north\"}".formatted(i));
            http.post("/orders", "{\"id\":\"op%d-1\",\"userId\":\"op%d\",\"amount\":5}".formatted(i, i));
        }
        http.put("/faults/loyalty.order.paid", "{\"mode\":\"FAIL\"}");
        for (int i = 0; i < failures; i++) {
            http.post("/orders/op%d-1/pay".formatted(i));
        }
        await().atMost(SOON).until(() -> open(http).size() == failures);
        http.put("/faults/loyalty.order.paid", "{\"mode\":\"NONE\"}");

        String output = run(script());

        assertThat(open(http)).as(output).isEmpty();
        JsonNode batch = http.get("/amends/api/v1/batches").body().path("items").path(0);
        assertThat(batch.path("handled").asInt()).as(output).isEqualTo(failures - 1);
        assertThat(batch.path("total").asInt()).isEqualTo(failures - 1);
    }

    private static JsonNode open(Http http) {
        return http.get("/amends/api/v1/failures?state=active").body().path("items");
    }

    private String script() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("amends-api"))) {
            root = root.getParent();
        }
        StringBuilder script = new StringBuilder("set -euo pipefail\n");
        Matcher block = BLOCK.matcher(Files.readString(root.resolve("docs/operate.md")));
        while (block.find()) {
            script.append(block.group(1));
        }
        return script.toString().replace("localhost:8080", "localhost:" + port);
    }

    private static String run(String script) throws IOException, InterruptedException {
        Path file = directory.resolve("operate.sh");
        Files.writeString(file, script);
        Path log = directory.resolve("operate.log");
        Process bash = new ProcessBuilder("bash", "-x", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = bash.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            bash.destroyForcibly();
        }
        String output = Files.readString(log, StandardCharsets.UTF_8);
        assertThat(ended).as(output).isTrue();
        assertThat(bash.exitValue()).as(output).isZero();
        return output;
    }
}
