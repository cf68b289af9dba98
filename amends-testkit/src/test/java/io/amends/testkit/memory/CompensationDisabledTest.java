package io.amends.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.api.EventEnvelope;
import io.amends.api.RetryPolicy;
import io.amends.api.StartFrom;
import io.amends.core.define.FunctionSpec;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.failure.Status;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.testkit.time.VirtualClock;
import io.amends.testkit.time.VirtualConductor;
import io.amends.testkit.time.VirtualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An engine that retries nothing by itself beside what another had scheduled. */
class CompensationDisabledTest {
    private static final int CONCURRENCY = 2;
    /** More than one step prepares: four times the concurrency. */
    private static final int MANY = 40;

    private final VirtualLoop loop = new VirtualLoop(new VirtualClock(), 1);
    private final InMemoryStore store = new InMemoryStore(loop.clock());
    private final List<String> handled = new ArrayList<>();
    private boolean failing = true;

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void aPersonsRetryRunsThoughManyOlderOnesAreDue() {
        List<FailedExecution> failed = failedUnderAnEngineThatRetries();
        failing = false;
        loop.runFor(Duration.ofHours(1));
        AmendsEngine engine = start("off", false);
        FailedExecution wanted = failed.getLast();

        assertThat(engine.operations().prepare(wanted.id(), "anna", null)).isInstanceOf(Change.Write.class);
        loop.runFor(Duration.ofMinutes(1));

        assertThat(handled).containsExactly(wanted.event().id());
        assertThat(withStatus(Status.SUCCEEDED)).extracting(FailedExecution::id).containsExactly(wanted.id());
        assertThat(withStatus(Status.FAILED)).hasSize(MANY - 1);
    }

    /** In the order in which they become due. */
    private List<FailedExecution> failedUnderAnEngineThatRetries() {
        VirtualConductor conductor = loop.conductor("on");
        engine(conductor, true).start();
        for (int i = 0; i < MANY; i++) {
            EventEnvelope event = TextEvents.event(i);
            store.caller().inNew(() -> store.caller().publish(event, false));
            loop.runFor(Duration.ofSeconds(1));
        }
        assertThat(withStatus(Status.FAILED)).hasSize(MANY);
        conductor.drop();
        return withStatus(Status.FAILED).stream()
                .sorted((one, other) -> Long.compare(one.position(), other.position()))
                .toList();
    }

    private AmendsEngine start(String name, boolean compensation) {
        AmendsEngine engine = engine(loop.conductor(name), compensation);
        engine.start();
        loop.runFor(Duration.ofMinutes(1));
        return engine;
    }

    private AmendsEngine engine(VirtualConductor conductor, boolean compensation) {
        return AmendsEngine.builder(store)
                .settings(EngineSettings.defaults("/shop")
                        .with(it -> it.immediateBackoffs(List.of()).compensationEnabled(compensation)))
                .codec(new TextEvents())
                .processors(new ProcessorBinder(new TextEvents(), RetryPolicy.DEFAULT)
                        .add(ProcessorSpec.named("points")
                                .concurrency(CONCURRENCY)
                                .startFrom(StartFrom.EARLIEST)
                                .function(FunctionSpec.of(String.class, (text, delivery) -> handle(text))
                                        .named("on")
                                        .types("paid")))
                        .bind())
                .conductor(conductor)
                .build();
    }

    private void handle(String text) {
        if (failing) {
            throw new IllegalStateException("no");
        }
        handled.add(text);
    }

    private List<FailedExecution> withStatus(Status status) {
        return store.failures(new FailureFilter(Set.of(status), "points", null, null, null), null, MANY);
    }
}
