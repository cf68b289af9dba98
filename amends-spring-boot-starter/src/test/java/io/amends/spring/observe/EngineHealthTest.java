package io.amends.spring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.StartFrom;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.Store;
import io.amends.core.store.StoreUnavailableException;
import io.amends.jackson.JacksonEventCodec;
import io.amends.spring.lifecycle.DatabaseWait;
import io.amends.spring.lifecycle.EngineLifecycle;
import io.amends.testkit.memory.InMemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class EngineHealthTest {
    private static final Duration GRACE = Duration.ofSeconds(14);

    private final AtomicLong nanos = new AtomicLong();
    private final InMemoryStore memory = new InMemoryStore(InstantSource.system());
    private Supplier<List<ProcessorGauge>> gauges = () -> List.of(gauge(0, false));

    /** The store in memory, but for its gauges. */
    private final Store store = (Store) Proxy.newProxyInstance(
            Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("gauges")) {
                    return gauges.get();
                }
                try {
                    return method.invoke(memory, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });

    private final EngineLifecycle lifecycle =
            new EngineLifecycle(newEngine(), this::newEngine, new DatabaseWait(Duration.ZERO));
    private final EngineHealth indicator = new EngineHealth(lifecycle, store, GRACE, nanos::get);

    private AmendsEngine newEngine() {
        return AmendsEngine.builder(store)
                .settings(EngineSettings.defaults("/test"))
                .codec(new JacksonEventCodec())
                .processors(List.of(new ProcessorDefinition(
                        "points",
                        Order.KEY,
                        OnFailure.PARK_KEY,
                        List.of(),
                        1,
                        1,
                        1,
                        StartFrom.NOW,
                        List.of(),
                        List.of(),
                        List.of())))
                .build();
    }

    private static ProcessorGauge gauge(int unowned, boolean paused) {
        return new ProcessorGauge("points", 5, 9, Duration.ofSeconds(3), 2, 1, unowned, paused);
    }

    private Health health() {
        return indicator.health();
    }

    @BeforeEach
    void start() {
        lifecycle.start();
    }

    @AfterEach
    void stop() {
        lifecycle.stop();
    }

    @Test
    void isUpWithFailuresAndAPausedProcessorWhichAreWorkForAPerson() {
        gauges = () -> List.of(gauge(0, true));
        assertThat(health().getStatus()).isEqualTo(Status.UP);
        assertThat(health().getDetails().get("processors").toString())
                .contains("lag=4", "failed=2", "parked=1", "paused=true", "unownedSlots=0");
    }

    @Test
    void isDownOnlyWhenSlotsHaveHadNoOwnerForLong() {
        gauges = () -> List.of(gauge(3, false));
        assertThat(health().getStatus()).isEqualTo(Status.UP);
        nanos.addAndGet(GRACE.toNanos());
        assertThat(health().getStatus()).isEqualTo(Status.UP);
        nanos.incrementAndGet();
        assertThat(health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(health().getDetails()).containsEntry("reason", "points has slots that no live node owns");

        gauges = () -> List.of(gauge(0, false));
        assertThat(health().getStatus()).isEqualTo(Status.UP);
        gauges = () -> List.of(gauge(1, false));
        assertThat(health().getStatus()).as("counted anew").isEqualTo(Status.UP);
    }

    @Test
    void isDownWhileTheDatabaseIsAway() {
        gauges = () -> {
            throw new StoreUnavailableException("away", null);
        };
        assertThat(health().getStatus()).isEqualTo(Status.DOWN);
    }

    @Test
    void isDownWhileTheEngineDoesNotRun() {
        lifecycle.stop();
        assertThat(health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(health().getDetails()).containsEntry("reason", "the engine does not run");
    }
}
