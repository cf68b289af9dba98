package io.amends.simulation;

import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Payloads as {@code name=value;name=value}: small, readable in a trace, and with paths. */
final class TextCodec implements EventCodec {
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
        String text = new String(data, StandardCharsets.UTF_8);
        if (text.startsWith("!")) {
            throw new CodecException("not a payload: " + text, null);
        }
        for (String pair : text.split(";")) {
            if (pair.startsWith(path + "=")) {
                return Optional.of(pair.substring(path.length() + 1));
            }
        }
        return Optional.empty();
    }
}
