package io.amends.spring.observe;

import io.amends.core.runtime.EngineReport;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.Store;
import io.amends.spring.lifecycle.EngineLifecycle;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether events are handled: DOWN while the engine does not run, has lost its lease, the database is away, a processor
 * has stopped on this node because runs hang, or slots have had no live owner for long. A paused processor, failed executions and slots
 * that stand behind one are shown and change nothing: they are work for a person, and no reason to restart the service.
 */
public final class EngineHealth extends AbstractHealthIndicator {
    private final EngineLifecycle lifecycle;
    private final Store store;
    private final Duration grace;
    private final LongSupplier nanoClock;
    private final ConcurrentMap<String, Long> unownedSince = new ConcurrentHashMap<>();

    /**
     * Creates it.
     *
     * @param grace how long slots may have no owner, as they do while nodes come and go
     */
    public EngineHealth(EngineLifecycle lifecycle, Store store, Duration grace) {
        this(lifecycle, store, grace, System::nanoTime);
    }

    EngineHealth(EngineLifecycle lifecycle, Store store, Duration grace, LongSupplier nanoClock) {
        super("the engine's health is not known");
        this.lifecycle = lifecycle;
        this.store = store;
        this.grace = grace;
        this.nanoClock = nanoClock;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        EngineReport report = lifecycle.report();
        builder.up()
                .withDetail("node", report.nodeId())
                .withDetail("nodes", report.nodes().size());
        if (!report.running()) {
            builder.down().withDetail("reason", "the engine does not run");
            return;
        }
        if (!report.leaseHolds()) {
            builder.down().withDetail("reason", "the node's lease was not renewed in time");
        }
        Map<String, ProcessorGauge> gauges = new TreeMap<>();
        // an exception, as when the database is away, makes it DOWN with the exception's name
        store.gauges().forEach(gauge -> gauges.put(gauge.processor(), gauge));
        Map<String, Object> processors = new LinkedHashMap<>();
        for (EngineReport.ProcessorReport processor : report.processors()) {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("slots", processor.slots());
            details.put("stoppedSlots", processor.stoppedSlots());
            if (processor.stuck()) {
                details.put("stuck", true);
                builder.down()
                        .withDetail("reason", processor.name() + " has stopped here: its runs ignore their timeout");
            }
            ProcessorGauge gauge = gauges.get(processor.name());
            if (gauge != null) {
                details.put("lag", gauge.lag());
                details.put("failed", gauge.failed());
                details.put("parked", gauge.parked());
                details.put("paused", gauge.paused());
                details.put("unownedSlots", gauge.unowned());
                if (isUnownedForLong(gauge)) {
                    builder.down().withDetail("reason", processor.name() + " has slots that no live node owns");
                }
            }
            processors.put(processor.name(), details);
        }
        builder.withDetail("processors", processors);
    }

    private boolean isUnownedForLong(ProcessorGauge gauge) {
        if (gauge.unowned() == 0) {
            unownedSince.remove(gauge.processor());
            return false;
        }
        long now = nanoClock.getAsLong();
        return now - unownedSince.computeIfAbsent(gauge.processor(), name -> now) > grace.toNanos();
    }
}
