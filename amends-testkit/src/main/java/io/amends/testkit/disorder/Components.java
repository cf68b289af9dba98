package io.amends.testkit.disorder;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The named values of a payload: a record's components, a map's entries; other classes show none. */
final class Components {
    private Components() {}

    /** The values that are not null, by name. */
    static Map<String, Object> of(Object payload) {
        Map<String, Object> values = new TreeMap<>();
        if (payload instanceof Map<?, ?> map) {
            map.forEach((name, value) -> put(values, String.valueOf(name), value));
        } else if (payload.getClass().isRecord()) {
            for (RecordComponent component : payload.getClass().getRecordComponents()) {
                put(values, component.getName(), read(component.getAccessor(), payload));
            }
        }
        return Collections.unmodifiableMap(values);
    }

    private static void put(Map<String, Object> values, String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value);
        }
    }

    private static @Nullable Object read(Method accessor, Object payload) {
        try {
            accessor.setAccessible(true);
            return accessor.invoke(payload);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("can not read " + accessor, e);
        }
    }
}
