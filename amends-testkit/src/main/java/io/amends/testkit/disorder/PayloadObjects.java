package io.amends.testkit.disorder;

import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Hands the payload objects of a test to the handlers as they are: the bytes are only their number. */
final class PayloadObjects implements EventCodec {
    private final List<Object> payloads = new ArrayList<>();

    @Override
    public String contentType() {
        return "application/x-java-object";
    }

    @Override
    public byte[] encode(Object payload) {
        payloads.add(payload);
        return ByteBuffer.allocate(Integer.BYTES).putInt(payloads.size() - 1).array();
    }

    @Override
    public Object decode(byte[] data, Type type) {
        Object payload = payload(data);
        if (type instanceof Class<?> wanted && !wanted.isInstance(payload)) {
            throw new CodecException(
                    "payload: " + payload.getClass().getName() + " (expected: " + wanted.getName()
                            + "); give the test a codec(…) if the publisher's class is another one than the handler's",
                    null);
        }
        return payload;
    }

    @Override
    public Optional<String> text(byte[] data, String path) {
        Object value = payload(data);
        for (String name : path.split("\\.")) {
            Object next = Components.of(value).get(name);
            if (next == null) {
                return Optional.empty();
            }
            value = next;
        }
        return Optional.of(value.toString());
    }

    private Object payload(byte[] data) {
        int number = data.length == Integer.BYTES ? ByteBuffer.wrap(data).getInt() : -1;
        if (number < 0 || number >= payloads.size()) {
            throw new CodecException(
                    "data: " + data.length + " bytes that the test did not write (expected: payload objects); give the"
                            + " test the codec(…) that reads the envelopes",
                    null);
        }
        return payloads.get(number);
    }
}
