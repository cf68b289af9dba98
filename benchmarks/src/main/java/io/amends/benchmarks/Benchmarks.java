package io.amends.benchmarks;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures what the engine costs. Arguments: names of scenarios ({@code throughput latency publishing backlog retries
 * batches poisoned preloaded operate waits declared beside-waits causes cancel streams}, default all), {@code --seconds=20},
 * {@code --rounds=3}, {@code --modes=sql,engine,spring}, {@code --statements}, {@code --records=1000000},
 * {@code --data=directory}.
 */
public final class Benchmarks {
    private static final List<String> ALL = List.of(
            "throughput",
            "latency",
            "publishing",
            "backlog",
            "retries",
            "batches",
            "poisoned",
            "preloaded",
            "operate",
            "waits",
            "declared",
            "beside-waits",
            "causes",
            "cancel",
            "streams");

    private Benchmarks() {}

    /** Measures, prints, and writes {@code target/results.md}. */
    public static void main(String[] arguments) throws Exception {
        List<String> names = new ArrayList<>();
        Map<String, String> options = new TreeMap<>();
        for (String argument : arguments) {
            if (argument.startsWith("--")) {
                String[] parts = argument.substring(2).split("=", 2);
                options.put(parts[0], parts.length == 2 ? parts[1] : "true");
            } else if (!ALL.contains(argument)) {
                throw new IllegalArgumentException("scenario: " + argument + " (expected: one of " + ALL + ")");
            } else {
                names.add(argument);
            }
        }
        Scenarios.Options how = new Scenarios.Options(
                modes(options.getOrDefault("modes", "sql,engine,spring")),
                Integer.parseInt(options.getOrDefault("rounds", "3")),
                Integer.parseInt(options.getOrDefault("seconds", "20")),
                Boolean.parseBoolean(options.getOrDefault("statements", "false")),
                Integer.parseInt(options.getOrDefault("records", "1000000")));
        String data = options.get("data");
        Report report = new Report(System.out);
        try (Database database = new Database(data == null ? null : Path.of(data))) {
            report.line(machine() + "; " + database.description());
            Scenarios scenarios = new Scenarios(database, report, how);
            for (String name : names.isEmpty() ? ALL : names) {
                run(scenarios, name);
                report.save(Path.of("target", "results.md"));
            }
        }
    }

    private static void run(Scenarios scenarios, String name) throws Exception {
        switch (name) {
            case "throughput" -> scenarios.throughput();
            case "latency" -> scenarios.latency();
            case "publishing" -> scenarios.publishing();
            case "backlog" -> scenarios.backlog();
            case "retries" -> scenarios.retries();
            case "batches" -> scenarios.batches();
            case "poisoned" -> scenarios.poisoned();
            case "preloaded" -> scenarios.preloaded();
            case "operate" -> scenarios.operate();
            case "waits" -> scenarios.waits();
            case "declared" -> scenarios.declared();
            case "beside-waits" -> scenarios.besideWaits();
            case "causes" -> scenarios.causes();
            case "cancel" -> scenarios.cancel();
            case "streams" -> scenarios.streams();
            default -> throw new IllegalArgumentException(name);
        }
    }

    private static List<Mode> modes(String names) {
        List<Mode> modes = new ArrayList<>();
        for (String name : names.split(",")) {
            modes.add(
                    switch (name) {
                        case "sql" -> new SqlMode(true);
                        case "sql-without-relay" -> new SqlMode(false);
                        case "engine" -> new EngineMode();
                        case "spring" -> new SpringMode();
                        default ->
                            throw new IllegalArgumentException(
                                    "mode: " + name + " (expected: sql, sql-without-relay, engine or spring)");
                    });
        }
        return modes;
    }

    private static String machine() throws Exception {
        String processor = "processor unknown";
        Path file = Path.of("/proc/cpuinfo");
        if (Files.isReadable(file)) {
            processor = Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(processor);
        }
        return Instant.now().truncatedTo(ChronoUnit.MINUTES).atOffset(ZoneOffset.UTC) + ", "
                + Runtime.getRuntime().availableProcessors() + " × " + processor + ", Java "
                + Runtime.version();
    }
}
