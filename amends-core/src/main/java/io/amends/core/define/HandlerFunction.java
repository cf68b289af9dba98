package io.amends.core.define;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The code of a function: the programmatic equivalent of a method with {@link io.amends.api.OnEvent}. Thread-safe. */
public interface HandlerFunction {

    /**
     * Makes the payload, before the transaction begins.
     *
     * @throws io.amends.core.event.CodecException if the bytes are not what the function takes
     */
    Object decode(EventEnvelope event);

    /**
     * Handles one event, or for a batch function several of one slot in order, inside the engine's transaction.
     *
     * @return events to publish in the same transaction: one, an Iterable, Stream, array or Optional of them, or null
     * @throws Throwable anything; the transaction is rolled back
     */
    @Nullable Object invoke(List<HandledEvent> events, Attempt attempt) throws Throwable;
}
