package io.amends.examples.loyalty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The console's page in a real browser, against this application and its PostgreSQL: runs the tests of {@code
 * console-ui/e2e}, which start the application themselves. Their report lies beside the other reports.
 */
class ConsoleInBrowserTest {
    private static final long LIMIT_MINUTES = 20;

    @Test
    void thePageDoesWhatItsTestsSay() throws IOException, InterruptedException {
        Path reports =
                Files.createDirectories(Path.of("target/surefire-reports").toAbsolutePath());
        Path output = reports.resolve("console-e2e.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        "node",
                        script().toString(),
                        "e2e",
                        reports.resolve("TEST-console-e2e.xml").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "AMENDS_E2E_JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "AMENDS_E2E_CLASSPATH",
                        System.getProperty("java.class.path"),
                        "NO_COLOR",
                        "1"));
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
            assertThat(ended)
                    .as("ended within %d minutes: %s", LIMIT_MINUTES, text(output))
                    .isTrue();
            assertThat(process.exitValue()).as(text(output)).isZero();
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    private static String text(Path output) throws IOException {
        return Files.readString(output);
    }

    private static Path script() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(directory.resolve("console-ui"))) {
            directory = directory.getParent();
        }
        return directory.resolve("console-ui/build.mjs");
    }
}
