package io.amends.core.handle;

import io.amends.api.EventPublisher;
import io.amends.core.event.EventCodec;
import io.amends.core.observe.EngineListener;
import io.amends.core.observe.TraceContext;
import io.amends.core.step.Conductor;
import io.amends.core.store.Store;

/**
 * What every run needs.
 *
 * @param store the store
 * @param conductor threads, timers, ids
 * @param codec reads keys
 * @param publisher publishes what functions return
 * @param errors reads exceptions
 * @param listener hears of runs
 * @param traces carries traces
 * @param settings limits and names
 */
public record HandlerEnvironment(
        Store store,
        Conductor conductor,
        EventCodec codec,
        EventPublisher publisher,
        ErrorReader errors,
        EngineListener listener,
        TraceContext traces,
        HandlerSettings settings) {}
