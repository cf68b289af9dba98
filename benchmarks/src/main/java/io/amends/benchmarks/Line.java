package io.amends.benchmarks;

import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A payload of about a hundred bytes, written without a library.
 *
 * @param n the event's number
 * @param key its key
 */
record Line(long n, String key) {
    static final String TYPE = "bench.line";
    private static final String FILL = "-".repeat(80);

    byte[] bytes() {
        return (n + "|" + key + "|" + FILL).getBytes(StandardCharsets.UTF_8);
    }

    static Line parse(byte[] data) {
        String[] parts = new String(data, StandardCharsets.UTF_8).split("\\|", 3);
        return new Line(Long.parseLong(parts[0]), parts[1]);
    }

    /** Reads and writes lines. */
    static final class Codec implements EventCodec {
        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public byte[] encode(Object payload) {
            return ((Line) payload).bytes();
        }

        @Override
        public Object decode(byte[] data, Type type) {
            return parse(data);
        }

        @Override
        public Optional<String> text(byte[] data, String path) {
            throw new CodecException("path: " + path + " (expected: none, lines have no paths)", null);
        }
    }
}
