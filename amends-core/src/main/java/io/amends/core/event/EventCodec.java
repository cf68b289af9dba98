package io.amends.core.event;

import java.lang.reflect.Type;
import java.util.Optional;

/**
 * Turns payloads into bytes and back, and reads single values out of the bytes. Thread-safe, no I/O.
 */
public interface EventCodec {

    /** The media type that {@link #encode} writes, for instance {@code application/json}. */
    String contentType();

    /**
     * Encodes a payload.
     *
     * @throws CodecException if it can not be encoded
     */
    byte[] encode(Object payload);

    /**
     * Decodes a payload; unknown properties are ignored.
     *
     * @throws CodecException if the bytes are not what the type needs, or are nested or long beyond the codec's limits
     */
    Object decode(byte[] data, Type type);

    /**
     * Reads the value at a dotted path as text: a string as it is, a number or boolean in its JSON form. Empty if the
     * path is absent or null. A pure function of the bytes: slots depend on it.
     *
     * @throws CodecException if the bytes can not be read, or the value is an object or an array
     */
    Optional<String> text(byte[] data, String path);
}
