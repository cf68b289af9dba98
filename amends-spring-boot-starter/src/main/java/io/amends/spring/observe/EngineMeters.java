package io.amends.spring.observe;

import io.amends.core.failure.FailureReason;
import io.amends.core.observe.EngineListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Counts what the engine does.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>kind</th><th>tags</th><th>counts</th></tr>
 * <tr><td>{@code amends.published}</td><td>counter</td><td>type</td><td>events written into the outbox, commit or not</td></tr>
 * <tr><td>{@code amends.relay.batch}</td><td>summary</td><td></td><td>events per relay batch that moved any</td></tr>
 * <tr><td>{@code amends.relay.duplicates}</td><td>counter</td><td></td><td>events dropped as repetitions</td></tr>
 * <tr><td>{@code amends.relay.rejected}</td><td>counter</td><td></td><td>events that the inbox can not take</td></tr>
 * <tr><td>{@code amends.handled}</td><td>timer</td><td>processor, function</td><td>handled events</td></tr>
 * <tr><td>{@code amends.passed.unknown}</td><td>counter</td><td>processor, type</td><td>events of types that no build handles</td></tr>
 * <tr><td>{@code amends.failed}</td><td>counter</td><td>processor, function, reason</td><td>recorded failures</td></tr>
 * <tr><td>{@code amends.reran}</td><td>counter</td><td>processor, function</td><td>immediate re-runs</td></tr>
 * <tr><td>{@code amends.retried}</td><td>counter</td><td>processor, function, outcome</td><td>ended attempts of failed executions</td></tr>
 * <tr><td>{@code amends.stale}</td><td>counter</td><td>processor, function</td><td>events older than what was done
 *     already, and so not handled</td></tr>
 * <tr><td>{@code amends.outbox.waited}</td><td>timer</td><td>–</td><td>time from the outbox into the inbox</td></tr>
 * <tr><td>{@code amends.inbox.waited}</td><td>timer</td><td>processor</td><td>time from the inbox until it was handled, of
 *     events that nothing held up</td></tr>
 * <tr><td>{@code amends.released}</td><td>counter</td><td>processor</td><td>events handled after they were parked or
 *     waited</td></tr>
 * <tr><td>{@code amends.skipped}</td><td>counter</td><td>processor, function</td><td>failed executions that a person
 *     declared dealt with</td></tr>
 * <tr><td>{@code amends.parked}</td><td>counter</td><td>processor</td><td>events parked behind a failed one</td></tr>
 * <tr><td>{@code amends.lease.changes}</td><td>counter</td><td>processor, change</td><td>slots taken, given back, lost, reclaimed</td></tr>
 * <tr><td>{@code amends.refused}</td><td>counter</td><td>processor</td><td>results that counted for nothing</td></tr>
 * </table>
 */
public final class EngineMeters implements EngineListener {
    private final MeterRegistry registry;
    private final DistributionSummary relayBatch;
    private final Counter relayDuplicates;
    private final Timer outboxWaited;
    private final Counter relayRejected;
    // looked up per event: a map of our own costs less than building tags for the registry's
    private final ConcurrentMap<String, Counter> published = new ConcurrentHashMap<>();
    private final ConcurrentMap<FunctionKey, Timer> handled = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Timer> inboxWaited = new ConcurrentHashMap<>();

    /** Creates it for the registry. */
    public EngineMeters(MeterRegistry registry) {
        this.registry = registry;
        this.relayBatch = DistributionSummary.builder("amends.relay.batch")
                .description("Events per relay batch that moved any")
                .register(registry);
        this.outboxWaited = Timer.builder("amends.outbox.waited")
                .description("Time from the outbox into the inbox")
                .register(registry);
        this.relayDuplicates = Counter.builder("amends.relay.duplicates")
                .description("Events dropped as repetitions")
                .register(registry);
        this.relayRejected = Counter.builder("amends.relay.rejected")
                .description("Events that the inbox can not take")
                .register(registry);
    }

    private record FunctionKey(String processor, String function) {
        Tags tags() {
            return Tags.of("processor", processor, "function", function);
        }
    }

    @Override
    public void published(String eventType, int count) {
        published
                .computeIfAbsent(
                        eventType,
                        type -> Counter.builder("amends.published")
                                .description("Events written into the outbox")
                                .tag("type", type)
                                .register(registry))
                .increment(count);
    }

    @Override
    public void relayed(int moved, int duplicates, int rejected) {
        if (moved > 0) {
            relayBatch.record(moved);
        }
        relayDuplicates.increment(duplicates);
        relayRejected.increment(rejected);
    }

    @Override
    public void leftOutbox(Duration took, List<Duration> waited) {
        waited.forEach(outboxWaited::record);
    }

    @Override
    public void leftInbox(String processor, Duration waited) {
        inboxWaited
                .computeIfAbsent(
                        processor,
                        name -> Timer.builder("amends.inbox.waited")
                                .description("Time from the inbox until it was handled")
                                .tag("processor", name)
                                .register(registry))
                .record(waited);
    }

    @Override
    public void released(String processor) {
        count("amends.released", Tags.of("processor", processor));
    }

    @Override
    public void skipped(String processor, String function) {
        count("amends.skipped", Tags.of("processor", processor, "function", function));
    }

    @Override
    public void handled(String processor, String function, Duration took) {
        handled.computeIfAbsent(
                        new FunctionKey(processor, function),
                        key -> Timer.builder("amends.handled")
                                .description("Handled events")
                                .tags(key.tags())
                                .register(registry))
                .record(took);
    }

    @Override
    public void passedUnknownType(String processor, String eventType) {
        count("amends.passed.unknown", Tags.of("processor", processor, "type", eventType));
    }

    @Override
    public void failed(String processor, String function, FailureReason reason) {
        count("amends.failed", new FunctionKey(processor, function).tags().and("reason", lower(reason)));
    }

    @Override
    public void reran(String processor, String function) {
        count("amends.reran", new FunctionKey(processor, function).tags());
    }

    @Override
    public void retried(String processor, String function, boolean succeeded) {
        count(
                "amends.retried",
                new FunctionKey(processor, function).tags().and("outcome", succeeded ? "succeeded" : "failed"));
    }

    @Override
    public void stale(String processor, String function) {
        count("amends.stale", Tags.of("processor", processor, "function", function));
    }

    @Override
    public void waiting(String processor, String function) {
        count("amends.waits", Tags.of("processor", processor, "function", function));
    }

    @Override
    public void foundForgotten(String processor, int waits) {
        registry.counter("amends.waits.forgotten", Tags.of("processor", processor))
                .increment(waits);
    }

    @Override
    public void untangled(String processor) {
        count("amends.untangled", Tags.of("processor", processor));
    }

    @Override
    public void parked(String processor) {
        count("amends.parked", Tags.of("processor", processor));
    }

    @Override
    public void leaseChanged(String processor, LeaseChange change) {
        count("amends.lease.changes", Tags.of("processor", processor, "change", lower(change)));
    }

    @Override
    public void refused(String processor) {
        count("amends.refused", Tags.of("processor", processor));
    }

    private void count(String name, Tags tags) {
        registry.counter(name, tags).increment();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
