package io.amends.spring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.Store;
import io.amends.core.store.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ProcessorGaugesTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger queries = new AtomicInteger();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private void bind(Supplier<List<ProcessorGauge>> answer) {
        Store store = (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("gauges");
                    queries.incrementAndGet();
                    return answer.get();
                });
        new ProcessorGauges(store, List.of("points", "mail"), nanos::get).bindTo(registry);
    }

    private double value(String name, String processor) {
        return registry.get(name).tag("processor", processor).gauge().value();
    }

    @Test
    void asksTheStoreAtMostEveryTenSeconds() {
        bind(() -> List.of(
                new ProcessorGauge("points", 10, 17, Duration.ofMillis(1500), 3, 2, 1, true),
                new ProcessorGauge("mail", 17, 17, null, 0, 0, 0, false)));
        assertThat(queries).as("nothing is asked before somebody reads").hasValue(0);
        assertThat(value("amends.lag", "points")).isEqualTo(7);
        assertThat(registry.get("amends.oldest.age")
                        .tag("processor", "points")
                        .timeGauge()
                        .value(java.util.concurrent.TimeUnit.SECONDS))
                .isEqualTo(1.5);
        assertThat(value("amends.open.failures", "points")).isEqualTo(3);
        assertThat(value("amends.open.parked", "points")).isEqualTo(2);
        assertThat(value("amends.slots.unowned", "points")).isEqualTo(1);
        assertThat(value("amends.paused", "points")).isEqualTo(1);
        assertThat(value("amends.lag", "mail")).isZero();
        assertThat(queries).hasValue(1);
        nanos.addAndGet(Duration.ofSeconds(10).toNanos() - 1);
        value("amends.lag", "mail");
        assertThat(queries).hasValue(1);
        nanos.incrementAndGet();
        value("amends.lag", "mail");
        assertThat(queries).hasValue(2);
    }

    @Test
    void showsNothingWhileTheDatabaseIsAwayAndDoesNotAskForIt() {
        bind(() -> {
            throw new StoreUnavailableException("away", null);
        });
        assertThat(value("amends.lag", "points")).isNaN();
        assertThat(value("amends.lag", "mail")).isNaN();
        assertThat(queries).hasValue(1);
    }
}
