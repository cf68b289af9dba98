package io.amends.core.define;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function that gets its payload from a codec, if it takes one.
 *
 * @param codec reads payloads
 * @param payload what it reads them into, null for nothing
 * @param body the code
 */
record CodecFunction(EventCodec codec, @Nullable Type payload, FunctionSpec.Body body) implements HandlerFunction {
    @Override
    public Object decode(EventEnvelope event) {
        if (payload == null) {
            return event;
        }
        byte[] data = event.data();
        if (data == null) {
            throw new CodecException(
                    "the event has no payload (expected: " + payload.getTypeName()
                            + "); a function that takes only the EventEnvelope handles such events",
                    null);
        }
        return codec.decode(data, payload);
    }

    @Override
    public @Nullable Object invoke(List<HandledEvent> events, Attempt attempt) throws Throwable {
        return body.call(events, attempt);
    }
}
