package io.amends.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.OnTimeout;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.define.DependencySpec;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.core.store.Signal;
import io.amends.core.store.SignalListener;
import io.amends.core.store.Store;
import io.amends.core.store.WokenLane;
import io.amends.testkit.time.VirtualClock;
import io.amends.testkit.time.VirtualLoop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ways on which an event hears that its wait is over; nothing polls meanwhile. */
class WakeUpTest {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final VirtualLoop loop = new VirtualLoop(new VirtualClock(), 1);
    private final InMemoryStore store = new InMemoryStore(loop.clock());
    private final List<String> handled = new ArrayList<>();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void whoDoesWhatItWaitsForBeginsItsLane() {
        engine("node", false, true, "orders", "points").start();

        assertThat(handledSoon()).containsExactly("created", "paid");
    }

    @Test
    void aSignalHasItLookedFor() {
        engine("node", true, false, "orders", "points").start();

        assertThat(handledSoon()).containsExactly("created", "paid");
    }

    @Test
    void anotherNodeIsToldWhereTheLaneIsNotOnesOwn() {
        engine("one", true, true, "orders").start();
        engine("other", true, false, "points").start();

        assertThat(handledSoon()).containsExactly("created", "paid");
    }

    private List<String> handledSoon() {
        loop.runFor(Duration.ofSeconds(10));
        publish("paid");
        loop.runFor(SOON);
        assertThat(handled).isEmpty();
        publish("created");
        loop.runFor(SOON);
        return handled;
    }

    private void publish(String type) {
        EventEnvelope event = TextEvents.event(type, type, "key");
        store.caller().inNew(() -> store.caller().publish(event, false));
    }

    private AmendsEngine engine(String name, boolean signals, boolean lanes, String... processors) {
        ProcessorBinder binder = new ProcessorBinder(new TextEvents(), RetryPolicy.DEFAULT)
                .add(ProcessorSpec.named("orders")
                        .startFrom(StartFrom.EARLIEST)
                        .function(FunctionSpec.of(String.class, (text, delivery) -> handled.add("created"))
                                .named("on")
                                .types("created")))
                .add(ProcessorSpec.named("points")
                        .startFrom(StartFrom.EARLIEST)
                        .function(FunctionSpec.of(String.class, (text, delivery) -> handled.add("paid"))
                                .named("on")
                                .types("paid")
                                .requires(DependencySpec.after("created")
                                        .inProcessor("orders")
                                        .timeout(Duration.ofHours(1), OnTimeout.FAIL))));
        return AmendsEngine.builder(hearing(signals, lanes))
                .settings(EngineSettings.defaults("/shop")
                        .with(it -> it.nodeName(name).idlePoll(Duration.ofMinutes(30))))
                .codec(new TextEvents())
                .processors(binder.bind().stream()
                        .filter(definition -> List.of(processors).contains(definition.name()))
                        .toList())
                .conductor(loop.conductor(name))
                .build();
    }

    /** A store that keeps some of what it has to tell of waits to itself. */
    private Store hearing(boolean signals, boolean lanes) {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    try {
                        return method.getName().equals("listen")
                                ? store.listen(new Deaf((SignalListener) arguments[0], signals, lanes))
                                : method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private record Deaf(SignalListener listener, boolean signals, boolean lanes) implements SignalListener {
        @Override
        public void heard(Collection<Signal> heard) {
            if (signals || !heard.contains(Signal.WAITS)) {
                listener.heard(heard);
            }
        }

        @Override
        public boolean woken(List<WokenLane> woken) {
            return lanes && listener.woken(woken);
        }
    }
}
