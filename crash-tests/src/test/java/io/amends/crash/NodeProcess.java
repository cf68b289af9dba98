package io.amends.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One {@link CrashNode}, seen from outside. */
final class NodeProcess {
    private final String name;
    private final Process process;

    private NodeProcess(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    /** Starts it; its output is appended to a file of its name. */
    static NodeProcess start(String url, String name, long seed, int publishers, Path logs) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                classPath,
                CrashNode.class.getName(),
                url,
                name,
                Long.toString(seed),
                Integer.toString(publishers)));
        builder.redirectErrorStream(true);
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(logs.resolve(name + ".log").toFile()));
        return new NodeProcess(name, builder.start());
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("%s is gone", name).isTrue();
    }

    /** Stops it where it stands, until {@link #resume}. */
    void pause() throws Exception {
        signal(process.pid(), "STOP");
    }

    void resume() throws Exception {
        signal(process.pid(), "CONT");
    }

    /** Publishes no more. */
    void quiet() throws IOException {
        tell("quiet");
    }

    /** Ends in order; its exit value must be 0. */
    void leave() throws Exception {
        tell("leave");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("%s left", name).isTrue();
        assertThat(process.exitValue()).as("exit value of %s", name).isZero();
    }

    private void tell(String command) throws IOException {
        OutputStream commands = process.getOutputStream();
        commands.write((command + "\n").getBytes(StandardCharsets.UTF_8));
        commands.flush();
    }

    static void signal(long pid, String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
        assertThat(kill.waitFor()).as("kill -%s %d", name, pid).isZero();
    }
}
