package io.amends.testkit.memory;

import io.amends.api.EventEnvelope;
import io.amends.api.Headers;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Events whose payload is their id. */
final class TextEvents implements EventCodec {

    static EventEnvelope event(int i) {
        return event("e" + i, "paid", "key-" + i);
    }

    static EventEnvelope event(String id, String type, String key) {
        return new EventEnvelope(
                id,
                "/shop",
                type,
                null,
                null,
                "text/plain",
                id.getBytes(StandardCharsets.UTF_8),
                key,
                null,
                null,
                null,
                null,
                null,
                Headers.NONE);
    }

    @Override
    public String contentType() {
        return "text/plain";
    }

    @Override
    public byte[] encode(Object payload) {
        return payload.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Object decode(byte[] data, Type type) {
        return new String(data, StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> text(byte[] data, String path) {
        return Optional.empty();
    }
}
