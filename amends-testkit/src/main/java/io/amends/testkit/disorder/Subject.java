package io.amends.testkit.disorder;

import io.amends.core.event.EventCodec;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is tested.
 *
 * @param factory makes it anew for each history
 * @param processors gives the processors of it
 * @param state reads its state
 * @param codec reads payloads
 * @param onThrow what it means when a handler throws
 * @param takenAsDone processors that are not tested, and have done whatever is needed of them
 * @param database the real database to play on, or null for the sandbox's memory
 * @param <P> what holds processors and state
 */
record Subject<P>(
        Function<Sandbox, ? extends P> factory,
        Function<? super P, List<?>> processors,
        Function<? super P, ? extends @Nullable Object> state,
        EventCodec codec,
        OnThrow onThrow,
        Set<String> takenAsDone,
        @Nullable HistoryDatabase database) {}
