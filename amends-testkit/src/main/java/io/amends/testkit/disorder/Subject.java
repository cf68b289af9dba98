package io.amends.testkit.disorder;

import io.amends.core.event.EventCodec;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is tested.
 *
 * @param factory makes it anew for each history
 * @param processor gives the processor of it
 * @param state reads its state
 * @param codec reads payloads
 * @param onThrow what it means when a handler throws
 * @param database the real database to play on, or null for the sandbox's memory
 * @param <P> what holds processor and state
 */
record Subject<P>(
        Function<Sandbox, ? extends P> factory,
        Function<? super P, ?> processor,
        Function<? super P, ? extends @Nullable Object> state,
        EventCodec codec,
        OnThrow onThrow,
        @Nullable HistoryDatabase database) {}
