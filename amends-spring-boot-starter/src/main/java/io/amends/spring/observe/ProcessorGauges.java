package io.amends.spring.observe;

import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.Store;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows how far each processor is: {@code amends.lag}, {@code amends.oldest.age}, {@code amends.open.failures}, {@code
 * amends.open.parked}, {@code amends.slots.unowned} and {@code amends.paused}, each by {@code processor}.
 *
 * <p>All of them come from one query, made when somebody reads a gauge, at most every ten seconds; NaN while the
 * database is away.
 */
public final class ProcessorGauges implements MeterBinder {
    private static final Logger log = LoggerFactory.getLogger(ProcessorGauges.class);
    private static final Duration FRESH = Duration.ofSeconds(10);

    private final Store store;
    private final List<String> processors;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private Map<String, ProcessorGauge> last = Map.of();
    private boolean read;
    private long readAt;

    /** Creates it for these processors. */
    public ProcessorGauges(Store store, List<String> processors) {
        this(store, processors, System::nanoTime);
    }

    ProcessorGauges(Store store, List<String> processors, LongSupplier nanoClock) {
        this.store = store;
        this.processors = List.copyOf(processors);
        this.nanoClock = nanoClock;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (String processor : processors) {
            gauge(registry, processor, "amends.lag", "Positions that it is behind", ProcessorGauge::lag);
            gauge(
                    registry,
                    processor,
                    "amends.open.failures",
                    "Failed executions that are not done, up to 10,001",
                    ProcessorGauge::failed);
            gauge(
                    registry,
                    processor,
                    "amends.open.parked",
                    "Events behind failed ones, up to 10,001",
                    ProcessorGauge::parked);
            gauge(registry, processor, "amends.slots.unowned", "Slots without a live node", ProcessorGauge::unowned);
            gauge(registry, processor, "amends.paused", "1 if a person has paused it", g -> g.paused() ? 1 : 0);
            TimeGauge.builder(
                            "amends.oldest.age",
                            () -> value(processor, ProcessorGauges::oldestSeconds),
                            TimeUnit.SECONDS)
                    .description("Age of the oldest event that it has not passed")
                    .tag("processor", processor)
                    .register(registry);
        }
    }

    private void gauge(
            MeterRegistry registry,
            String processor,
            String name,
            String description,
            ToDoubleFunction<ProcessorGauge> reading) {
        Gauge.builder(name, () -> value(processor, reading))
                .description(description)
                .tag("processor", processor)
                .register(registry);
    }

    private static double oldestSeconds(ProcessorGauge gauge) {
        Duration age = gauge.oldestAge();
        return age == null ? 0 : age.toMillis() / 1000.0;
    }

    private double value(String processor, ToDoubleFunction<ProcessorGauge> reading) {
        ProcessorGauge gauge = gauge(processor);
        return gauge == null ? Double.NaN : reading.applyAsDouble(gauge);
    }

    private @Nullable ProcessorGauge gauge(String processor) {
        lock.lock();
        try {
            long now = nanoClock.getAsLong();
            if (!read || now - readAt >= FRESH.toNanos()) {
                read = true;
                last = Map.of();
                last = readAll();
                // after the query, so that a slow one is not asked again at once
                readAt = nanoClock.getAsLong();
            }
            return last.get(processor);
        } finally {
            lock.unlock();
        }
    }

    private Map<String, ProcessorGauge> readAll() {
        Map<String, ProcessorGauge> byName = new TreeMap<>();
        try {
            store.gauges().forEach(gauge -> byName.put(gauge.processor(), gauge));
        } catch (RuntimeException e) {
            log.warn("how far the processors are is not known: {}", e.toString());
        }
        return byName;
    }
}
