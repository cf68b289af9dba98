package io.amends.crash;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL that can be stopped hard and started again on its files. */
final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final Path directory;
    private final int port;
    private EmbeddedPostgres postgres;

    Server(Path directory) throws IOException {
        this.directory = directory;
        postgres = start(0);
        port = postgres.getPort();
    }

    String url() {
        return "jdbc:postgresql://localhost:" + port + "/postgres?connectTimeout=3&socketTimeout=60&tcpKeepAlive=true";
    }

    /** Sends the postmaster a signal ({@code QUIT} is an immediate stop), and waits until all its processes are gone. */
    void stopHard(String signal) throws Exception {
        long postmaster = Long.parseLong(
                Files.readAllLines(directory.resolve("postmaster.pid")).get(0).strip());
        List<ProcessHandle> processes = Stream.concat(
                        ProcessHandle.of(postmaster).stream(),
                        ProcessHandle.of(postmaster).stream().flatMap(ProcessHandle::children))
                .toList();
        LOG.info("PostgreSQL {} gets SIG{}", postmaster, signal);
        NodeProcess.signal(postmaster, signal);
        await("end of PostgreSQL")
                .atMost(Duration.ofSeconds(30))
                .until(() -> processes.stream().noneMatch(Server::runs));
    }

    /** A process that ended but was not waited for yet counts as gone. */
    private static boolean runs(ProcessHandle process) {
        try {
            return process.isAlive()
                    && !Files.readString(Path.of("/proc/" + process.pid() + "/stat"))
                            .contains(") Z ");
        } catch (IOException e) {
            return false;
        }
    }

    /** Starts it again on its files; returns when it takes connections. */
    void startAgain() throws IOException {
        postgres.close(); // finds no server to stop, says so, and lets go of the directory
        postgres = start(port);
    }

    private EmbeddedPostgres start(int onPort) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "200")
                .setPGStartupWait(Duration.ofSeconds(60));
        if (onPort != 0) {
            builder.setPort(onPort);
        }
        return builder.start();
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
