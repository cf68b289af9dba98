package io.amends.spring;

import io.amends.core.event.EventLimits;
import io.amends.core.operate.OperatorRetention;
import io.amends.core.runtime.EngineSettings;
import io.amends.spring.settings.AmendsProperties;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Makes the engine's settings of the application's properties, and finds every value that is out of its range. */
final class SettingsReader {
    private static final int MAX_PAYLOAD = 16 << 20;
    private final AmendsProperties properties;
    private final Environment environment;

    SettingsReader(AmendsProperties properties, Environment environment) {
        this.properties = properties;
        this.environment = environment;
    }

    EngineSettings settings() {
        AmendsProperties p = properties;
        return new EngineSettings(
                p.source() != null
                        ? p.source()
                        : "/" + environment.getProperty("spring.application.name", "application"),
                p.nodeName() != null ? p.nodeName() : hostName(),
                p.build() != null ? p.build() : environment.getProperty("spring.application.version", "unknown"),
                new EventLimits((int) Math.min(MAX_PAYLOAD, p.limits().payload().toBytes())),
                p.lease(),
                p.heartbeat(),
                p.patience(),
                p.immediateBackoffs(),
                p.relayBatch(),
                p.readBatch(),
                p.slotQueue(),
                p.idlePoll(),
                p.keepPassed(),
                p.keepDone(),
                p.keepTombstones(),
                new OperatorRetention(p.keepAudit(), p.keepRequestKeys(), p.keepGroups(), p.keepBatches()),
                p.stuckThreads(),
                p.shutdownPatience(),
                p.compensation().enabled(),
                p.handling().enabled());
    }

    /** Every mistake, each naming the property, its value and what was expected. */
    List<String> mistakes() {
        AmendsProperties p = properties;
        List<String> mistakes = new ArrayList<>();
        within(mistakes, "lease", p.lease(), Duration.ofSeconds(2), Duration.ofMinutes(5));
        within(
                mistakes,
                "heartbeat",
                p.heartbeat(),
                Duration.ofMillis(100),
                p.lease().dividedBy(3));
        within(mistakes, "patience", p.patience(), Duration.ofMillis(10), Duration.ofHours(1));
        if (p.immediateBackoffs().size() > 10) {
            mistakes.add("amends.immediate-backoffs: " + p.immediateBackoffs().size() + " (expected: at most 10)");
        }
        p.immediateBackoffs()
                .forEach(each -> within(mistakes, "immediate-backoffs", each, Duration.ZERO, Duration.ofSeconds(10)));
        within(mistakes, "relay-batch", p.relayBatch(), 1, 10_000);
        within(mistakes, "read-batch", p.readBatch(), 1, 10_000);
        within(mistakes, "slot-queue", p.slotQueue(), 1, 10_000);
        within(mistakes, "idle-poll", p.idlePoll(), Duration.ofMillis(10), Duration.ofMinutes(1));
        within(mistakes, "keep-passed", p.keepPassed(), Duration.ZERO, Duration.ofDays(3650));
        within(mistakes, "keep-done", p.keepDone(), Duration.ZERO, Duration.ofDays(3650));
        within(mistakes, "keep-tombstones", p.keepTombstones(), Duration.ZERO, Duration.ofDays(36500));
        // an answer that is forgotten at once would let a repeated request be done twice
        within(mistakes, "keep-request-keys", p.keepRequestKeys(), Duration.ofMinutes(1), Duration.ofDays(3650));
        within(mistakes, "keep-audit", p.keepAudit(), p.keepRequestKeys(), Duration.ofDays(36500));
        within(mistakes, "keep-groups", p.keepGroups(), Duration.ZERO, Duration.ofDays(36500));
        within(mistakes, "keep-batches", p.keepBatches(), Duration.ZERO, Duration.ofDays(36500));
        within(mistakes, "stuck-threads", p.stuckThreads(), 1, 1000);
        within(mistakes, "shutdown-patience", p.shutdownPatience(), Duration.ZERO, Duration.ofHours(1));
        within(mistakes, "start-timeout", p.startTimeout(), Duration.ZERO, Duration.ofHours(1));
        within(mistakes, "limits.payload", p.limits().payload().toBytes(), 1, MAX_PAYLOAD);
        within(mistakes, "datasource.pool-size", p.datasource().poolSize(), 4, 100);
        within(
                mistakes,
                "cloudevents.max-event-bytes",
                p.cloudevents().maxEventBytes().toBytes(),
                1,
                2L * MAX_PAYLOAD);
        within(mistakes, "cloudevents.max-batch", p.cloudevents().maxBatch(), 1, 10_000);
        within(
                mistakes,
                "cloudevents.max-batch-bytes",
                p.cloudevents().maxBatchBytes().toBytes(),
                p.cloudevents().maxEventBytes().toBytes(),
                1L << 30);
        mistakes.addAll(new RedactionReader(p.redact()).mistakes());
        path(mistakes, "console.path", p.console().path());
        path(mistakes, "cloudevents.path", p.cloudevents().path());
        text(mistakes, "source", p.source());
        text(mistakes, "node-name", p.nodeName());
        text(mistakes, "build", p.build());
        return mistakes;
    }

    private static void within(List<String> mistakes, String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            mistakes.add(
                    "amends." + name + ": " + text(value) + " (expected: " + text(least) + ".." + text(most) + ")");
        }
    }

    private static void within(List<String> mistakes, String name, long value, long least, long most) {
        if (value < least || value > most) {
            mistakes.add("amends." + name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    private static void path(List<String> mistakes, String name, String value) {
        if (!value.matches("(/[A-Za-z0-9._~-]+)+")) {
            mistakes.add("amends." + name + ": \"" + value
                    + "\" (expected: a path like /amends, without a slash at its end)");
        }
    }

    private static void text(List<String> mistakes, String name, @Nullable String value) {
        if (value != null
                && (value.isBlank() || value.length() > 100 || value.chars().anyMatch(c -> c < 0x20))) {
            mistakes.add(
                    "amends." + name + ": \"" + value + "\" (expected: 1 to 100 characters, no control characters)");
        }
    }

    private static String text(Duration value) {
        return value.toMillis() % 1000 == 0 ? value.toSeconds() + "s" : value.toMillis() + "ms";
    }

    private static String hostName() {
        String name = System.getenv("HOSTNAME");
        if (name != null && !name.isBlank()) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // only for people; the node's id is unique all the same
            return "node";
        }
    }
}
