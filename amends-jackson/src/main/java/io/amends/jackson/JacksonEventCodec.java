package io.amends.jackson;

import io.amends.core.define.PayloadShape;
import io.amends.core.event.CodecException;
import io.amends.core.event.EventCodec;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Payloads as JSON. Thread-safe.
 *
 * <p>Encodes and decodes with a {@link JsonMapper}, the application's or its own: unknown properties are ignored, times
 * are ISO 8601 texts, {@code Optional} is the value or null; the own one refuses a primitive that is missing or null
 * rather than take 0. Two types are taken as stored, without Jackson: {@code
 * byte[]} gets the bytes and {@code String} the JSON text. Where JSON repeats a property of an object, {@link #text}
 * takes the first; what {@link #decode} takes is the mapper's affair (the last, unless it is told to refuse).
 *
 * <p>{@link #text} never asks the mapper: slots depend on it, and a mapper's settings may differ between builds. It reads
 * strict JSON in UTF-8, by property names in the bytes, up to the value and no further (but all bytes are UTF-8). A string is taken as it is. A
 * number keeps its literal form, except that {@code -0} is {@code 0}: {@code 1}, {@code 1.0} and {@code 1e0} are three
 * keys. {@code true} and {@code false} are these words.
 *
 * <p>Limits: nesting {@value #DEPTH} levels, {@value #DEFAULT_BYTES} bytes unless told otherwise, numbers 1,000
 * characters. Whatever is thrown on the way, also a stack overflow of a getter, comes out as {@link CodecException}.
 */
public final class JacksonEventCodec implements EventCodec, PayloadShape {
    /** The deepest nesting that is read or written. */
    public static final int DEPTH = 500;

    /** The longest payload, 16 MiB, unless the constructor sets another one; the engine's limit is usually lower. */
    public static final int DEFAULT_BYTES = 16 << 20;

    private final JsonMapper mapper;
    private final int maxBytes;
    private final JsonShape shape;
    private final Map<Type, ObjectReader> readers = new ConcurrentHashMap<>();

    /** Creates it with a mapper of its own. */
    public JacksonEventCodec() {
        this(defaultMapper(), DEFAULT_BYTES);
    }

    /** Creates it with the application's mapper, which keeps its own settings and limits of nesting. */
    public JacksonEventCodec(JsonMapper mapper) {
        this(mapper, DEFAULT_BYTES);
    }

    /** Creates it with a mapper and the longest payload in bytes. */
    public JacksonEventCodec(JsonMapper mapper, int maxBytes) {
        this.mapper = mapper;
        this.maxBytes = maxBytes;
        this.shape = new JsonShape(mapper);
    }

    /** The mapper that is used without another one: a start for one that adds modules. */
    public static JsonMapper defaultMapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
                .streamWriteConstraints(
                        StreamWriteConstraints.builder().maxNestingDepth(DEPTH).build())
                .build();
        return JsonMapper.builder(factory)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .build();
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    /** A {@code byte[]} is taken as it is. */
    @Override
    public byte[] encode(Object payload) {
        if (payload instanceof byte[] bytes) {
            return bytes.clone();
        }
        String type = payload.getClass().getName();
        BoundedBytes bytes = new BoundedBytes(maxBytes);
        try {
            mapper.writeValue(bytes, payload);
            return bytes.toByteArray();
        } catch (RuntimeException e) {
            throw bytes.isFull()
                    ? new CodecException(type + ": more than " + maxBytes + " bytes of JSON", null)
                    : new CodecException(type + " can not be written as JSON: " + reason(e), e);
        } catch (StackOverflowError e) {
            throw new CodecException(type + " can not be written as JSON: it refers to itself without an end", e);
        }
    }

    @Override
    public Object decode(byte[] data, Type type) {
        checkLength(data);
        if (type == byte[].class) {
            return data.clone();
        }
        if (type == String.class) {
            return utf8(data);
        }
        try {
            Object payload = readers.computeIfAbsent(type, this::readerFor).readValue(data);
            if (payload == null) {
                throw new CodecException("the payload is null (expected: " + type.getTypeName() + ")", null);
            }
            return payload;
        } catch (CodecException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CodecException("the payload can not be read as " + type.getTypeName() + ": " + reason(e), e);
        } catch (StackOverflowError e) {
            throw new CodecException("the payload can not be read as " + type.getTypeName() + ": nested too deeply", e);
        }
    }

    @Override
    public Optional<String> text(byte[] data, String path) {
        checkLength(data);
        return Optional.ofNullable(JsonPathText.read(utf8(data), path));
    }

    @Override
    public Place at(Type payload, String path) {
        boolean asStored = payload == byte[].class || payload == String.class;
        return asStored ? Place.UNKNOWN : shape.at(payload, path);
    }

    private ObjectReader readerFor(Type type) {
        return mapper.readerFor(mapper.constructType(type));
    }

    private void checkLength(byte[] data) {
        if (data.length > maxBytes) {
            throw new CodecException(
                    "the payload has " + data.length + " bytes (expected: at most " + maxBytes + ")", null);
        }
        if (data.length == 0) {
            throw new CodecException("the payload is empty (expected: JSON)", null);
        }
    }

    private static String utf8(byte[] data) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CodecException("the payload is not UTF-8", e);
        }
    }

    static String reason(RuntimeException error) {
        if (error instanceof JacksonException jackson) {
            String message = jackson.getOriginalMessage();
            return message != null ? message : jackson.getClass().getSimpleName();
        }
        return error.toString();
    }
}
