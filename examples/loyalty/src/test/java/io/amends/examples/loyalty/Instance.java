package io.amends.examples.loyalty;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The application as a process of its own. */
record Instance(Process process, Path output) implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("points +http://localhost:(\\d+)/points");
    private static final Duration LIMIT = Duration.ofSeconds(90);

    /** Starts one on a free port; its output goes to a file. */
    static Instance start(Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LoyaltyApplication.class.getName(),
                "--server.port=0"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new Instance(process, output);
    }

    /** Its client, once it says that it is ready. */
    Http awaitReady() {
        await().atMost(LIMIT)
                .until(() -> !process.isAlive() || READY.matcher(text()).find());
        Matcher matcher = READY.matcher(text());
        if (!matcher.find()) {
            throw new IllegalStateException("not ready: " + text());
        }
        return new Http(Integer.parseInt(matcher.group(1)));
    }

    /** Ends it as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Ends it as Ctrl-C does, with its clean-up. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("did not stop within " + LIMIT);
        }
    }

    String text() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new IllegalStateException("can not read " + output, e);
        }
    }
}
