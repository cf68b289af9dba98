package io.amends.api;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The CloudEvents extension attributes of an event beyond those that {@link EventEnvelope} names; immutable, sorted by name.
 *
 * @param values name to value; names are lower-case letters and digits
 */
public record Headers(Map<String, String> values) {

    /** No headers. */
    public static final Headers NONE = new Headers(Map.of());

    /** Copies the values. */
    public Headers {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /** The value, or null. */
    public @Nullable String get(String name) {
        return values.get(name);
    }
}
