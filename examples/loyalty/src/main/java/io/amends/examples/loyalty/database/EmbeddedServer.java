package io.amends.examples.loyalty.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server whose data are in a directory, shared by all processes that name this directory.
 *
 * <p>The first process starts it, the others join it, and the last one stops it. A process that was killed leaves it
 * running; the next one joins. Who uses it is known by a shared file lock, which the operating system takes from the
 * dead; a second, exclusive lock is held while one starts, joins or stops. Writes are durable: fsync and
 * synchronous_commit are on.
 */
final class EmbeddedServer implements AutoCloseable {
    static final String USER = "postgres";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration PACE = Duration.ofMillis(50);

    private final Path directory;
    private final Path cluster;
    private final FileChannel users;
    private final FileLock use;
    private final int port;
    private final @Nullable EmbeddedPostgres started;

    private EmbeddedServer(
            Path directory, FileChannel users, FileLock use, int port, @Nullable EmbeddedPostgres started) {
        this.directory = directory;
        this.cluster = cluster(directory);
        this.users = users;
        this.use = use;
        this.port = port;
        this.started = started;
    }

    /**
     * Joins the directory's server, or starts it.
     *
     * @param port the port if it is started, 0 for a free one
     * @throws IOException if it does not start; the log in the directory says why
     */
    @SuppressWarnings("try") // a lock is held, not used
    static EmbeddedServer open(Path given, int port) throws IOException {
        Path directory =
                Files.createDirectories(given.toAbsolutePath().normalize()).toRealPath();
        try (FileChannel gate = channel(directory.resolve("start.lock"));
                FileLock ignored = gate.lock()) {
            FileChannel users = channel(directory.resolve("users.lock"));
            FileLock use = users.lock(0, Long.MAX_VALUE, true);
            try {
                Optional<Integer> running = awaitRunning(cluster(directory));
                EmbeddedPostgres started = running.isPresent() ? null : start(directory, port);
                int actual = started == null ? running.orElseThrow() : started.getPort();
                LOG.info(
                        "{} PostgreSQL on port {}, data in {}",
                        started == null ? "joined" : "started",
                        actual,
                        directory);
                return new EmbeddedServer(directory, users, use, actual, started);
            } catch (IOException | RuntimeException e) {
                users.close();
                throw e;
            }
        }
    }

    String url() {
        return url(port);
    }

    Path directory() {
        return directory;
    }

    /** Stops the server, unless another process uses it. */
    @Override
    @SuppressWarnings("try") // a lock is held, not used
    public void close() throws IOException {
        if (!use.isValid()) {
            return;
        }
        try (FileChannel gate = channel(directory.resolve("start.lock"));
                FileLock ignored = gate.lock();
                FileChannel channel = users) {
            use.release();
            FileLock alone = channel.tryLock();
            if (alone == null) {
                LOG.info("PostgreSQL on port {} goes on: another process uses it", port);
                return;
            }
            stop();
        }
    }

    private static EmbeddedPostgres start(Path directory, int port) throws IOException {
        ProcessBuilder.Redirect log = ProcessBuilder.Redirect.appendTo(
                directory.resolve("postgresql.log").toFile());
        try {
            return EmbeddedPostgres.builder()
                    .setDataDirectory(cluster(directory))
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setPort(port)
                    .setPGStartupWait(START_LIMIT)
                    // a file, because a pipe would end with this process
                    .setOutputRedirector(log)
                    .setErrorRedirector(log)
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .start();
        } catch (IllegalStateException e) {
            throw new IOException("PostgreSQL does not start; see " + directory.resolve("postgresql.log"), e);
        }
    }

    private void stop() throws IOException {
        Optional<Postmaster> postmaster = Postmaster.read(cluster);
        if (postmaster.isEmpty()) {
            return;
        }
        if (started != null) {
            started.close();
        } else {
            ask(postmaster.get());
        }
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        while (Postmaster.read(cluster).isPresent()) {
            if (System.nanoTime() > deadline) {
                LOG.warn("PostgreSQL on port {} did not stop within {} s", port, STOP_LIMIT.toSeconds());
                return;
            }
            LockSupport.parkNanos(PACE.toNanos());
        }
        LOG.info("stopped PostgreSQL on port {}", port);
    }

    /** Asks a server to stop that another process has started. */
    private void ask(Postmaster postmaster) {
        // What the server waits for when it is asked to stop: sessions of others, such as a forgotten psql.
        try (Connection connection = DriverManager.getConnection(url(port), USER, USER);
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where backend_type = 'client backend' and pid <> pg_backend_pid()");
        } catch (SQLException e) {
            LOG.warn("could not end the sessions of others: {}", e.getMessage());
        }
        ProcessHandle.of(postmaster.pid()).ifPresent(ProcessHandle::destroy);
    }

    /** The port of the server that runs on these data, once it takes connections; empty if none runs. */
    private static Optional<Integer> awaitRunning(Path cluster) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            Optional<Postmaster> postmaster = Postmaster.read(cluster);
            if (postmaster.isEmpty()) {
                return Optional.empty();
            }
            if (!postmaster.get().isAlive()) {
                // The server would not start: to it, any process with that number is a server.
                Files.deleteIfExists(cluster.resolve(Postmaster.FILE));
                return Optional.empty();
            }
            if (postmaster.get().serves(cluster)) {
                return Optional.of(postmaster.get().port());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("process " + postmaster.get().pid() + " runs PostgreSQL on " + cluster
                        + " and takes no connections on port "
                        + postmaster.get().port() + "; stop it");
            }
            LockSupport.parkNanos(PACE.toNanos());
        }
    }

    private static Path cluster(Path directory) {
        return directory.resolve("cluster");
    }

    private static String url(int port) {
        return "jdbc:postgresql://localhost:" + port + "/postgres";
    }

    private static FileChannel channel(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** What a running server writes into its directory. */
    private record Postmaster(long pid, int port) {
        static final String FILE = "postmaster.pid";
        private static final int PORT_LINE = 3;

        /** Reads the file; empty if there is none, or it is not complete yet. */
        static Optional<Postmaster> read(Path cluster) throws IOException {
            Path file = cluster.resolve(FILE);
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(file);
            int port = lines.size() > PORT_LINE && !lines.get(PORT_LINE).isBlank()
                    ? Integer.parseInt(lines.get(PORT_LINE).strip())
                    : 0;
            return lines.isEmpty() || lines.getFirst().isBlank()
                    ? Optional.empty()
                    : Optional.of(new Postmaster(Long.parseLong(lines.getFirst().strip()), port));
        }

        boolean isAlive() {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().command())
                    .filter(command -> command.contains("postgres"))
                    .isPresent();
        }

        boolean serves(Path cluster) {
            try (Connection connection = DriverManager.getConnection(url(port), USER, USER);
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select current_setting('data_directory')")) {
                return row.next() && Path.of(row.getString(1)).toRealPath().equals(cluster.toRealPath());
            } catch (SQLException | IOException e) {
                LOG.debug("PostgreSQL does not answer on port {}", port, e);
                return false;
            }
        }
    }
}
