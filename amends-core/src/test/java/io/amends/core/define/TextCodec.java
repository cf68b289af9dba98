package io.amends.core.define;

import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Payloads are one text: strings as they are, maps with it at "text", classes by a constructor that takes it. */
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
        String text = new String(data, StandardCharsets.UTF_8);
        if (type == String.class || type == Object.class) {
            return text;
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
            return Map.of("text", text);
        }
        try {
            var constructor = ((Class<?>) type).getDeclaredConstructor(String.class);
            constructor.setAccessible(true);
            return constructor.newInstance(text);
        } catch (ReflectiveOperationException e) {
            throw new CodecException("no " + type, e);
        }
    }

    @Override
    public Optional<String> text(byte[] data, String path) {
        return Optional.empty();
    }
}
