package io.amends.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON schemas (2020-12) of the records that the API reads and writes, made from their components: what is not {@code
 * @Nullable} is never null. Answers name every component; bodies may leave out what may be null.
 */
final class JsonSchemas {
    private final Map<String, Map<String, Object>> named = new TreeMap<>();

    /** All schemas that were referred to, by name. */
    Map<String, Map<String, Object>> named() {
        return named;
    }

    /** A reference to the schema of a record that the API answers with. */
    Map<String, Object> answer(Class<?> type) {
        return type == Object.class ? new LinkedHashMap<>() : reference(type, true);
    }

    /** A reference to the schema of a record that the API reads. */
    Map<String, Object> body(Class<?> type) {
        return reference(type, false);
    }

    private Map<String, Object> reference(Class<?> type, boolean complete) {
        String name = nameOf(type);
        if (!named.containsKey(name)) {
            named.put(name, Map.of());
            named.put(name, object(type, complete));
        }
        return new LinkedHashMap<>(Map.of("$ref", "#/components/schemas/" + name));
    }

    private static String nameOf(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        return outer == null || !outer.isRecord() ? type.getSimpleName() : outer.getSimpleName() + type.getSimpleName();
    }

    private Map<String, Object> object(Class<?> type, boolean complete) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        collect(type, complete, properties, required);
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("properties", properties);
        if (!complete) {
            schema.put("additionalProperties", false);
        }
        return schema;
    }

    private void collect(Class<?> type, boolean complete, Map<String, Object> properties, List<String> required) {
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)
                    || component.isAnnotationPresent(JsonUnwrapped.class)) {
                collect(component.getType(), complete, properties, required);
                continue;
            }
            AnnotatedType of = component.getAnnotatedType();
            boolean nullable = of.isAnnotationPresent(Nullable.class);
            Map<String, Object> schema = schema(of, complete);
            Described described = component.getAnnotation(Described.class);
            if (described != null) {
                if (described.oneOf().length > 0) {
                    schema.put("enum", new ArrayList<>(Arrays.asList(described.oneOf())));
                }
                if (described.codesOf() != Enum.class) {
                    List<String> codes = Arrays.stream(described.codesOf().getEnumConstants())
                            .map(FailureSearches::wireName)
                            .toList();
                    if (schema.containsKey("additionalProperties")) {
                        schema.put("propertyNames", Map.of("enum", codes));
                    } else {
                        schema.put("enum", new ArrayList<>(codes));
                    }
                }
                schema.put("description", described.value());
            }
            properties.put(component.getName(), nullable ? orNull(schema) : schema);
            if (complete || !nullable) {
                required.add(component.getName());
            }
        }
    }

    private static Map<String, Object> orNull(Map<String, Object> schema) {
        Object type = schema.get("type");
        if (type == null) {
            Map<String, Object> either = new LinkedHashMap<>();
            Object description = schema.remove("description");
            either.put("oneOf", List.of(schema, Map.of("type", "null")));
            if (description != null) {
                either.put("description", description);
            }
            return either;
        }
        schema.put("type", List.of(type, "null"));
        if (schema.get("enum") instanceof List<?> values) {
            List<@Nullable Object> withNull = new ArrayList<>(values);
            withNull.add(null);
            schema.put("enum", withNull);
        }
        return schema;
    }

    private Map<String, Object> schema(AnnotatedType annotated, boolean complete) {
        Type type = annotated.getType();
        if (annotated instanceof AnnotatedParameterizedType parameterized
                && type instanceof ParameterizedType generic
                && generic.getRawType() instanceof Class<?> raw) {
            AnnotatedType[] arguments = parameterized.getAnnotatedActualTypeArguments();
            Map<String, Object> schema = new LinkedHashMap<>();
            if (Map.class.isAssignableFrom(raw)) {
                schema.put("type", "object");
                schema.put("additionalProperties", schema(arguments[1], complete));
                return schema;
            }
            if (Collection.class.isAssignableFrom(raw)) {
                schema.put("type", "array");
                Map<String, Object> items = schema(arguments[0], complete);
                schema.put("items", arguments[0].isAnnotationPresent(Nullable.class) ? orNull(items) : items);
                return schema;
            }
        }
        if (!(type instanceof Class<?> plain)) {
            throw new IllegalStateException("no schema for " + type);
        }
        return plain(plain, complete);
    }

    private Map<String, Object> plain(Class<?> type, boolean complete) {
        if (type.isRecord()) {
            return reference(type, complete);
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        if (type == String.class) {
            schema.put("type", "string");
        } else if (type == Instant.class) {
            schema.put("type", "string");
            schema.put("format", "date-time");
        } else if (type == Duration.class) {
            schema.put("type", "string");
            schema.put("format", "duration");
        } else if (type == boolean.class || type == Boolean.class) {
            schema.put("type", "boolean");
        } else if (type == int.class || type == Integer.class) {
            schema.put("type", "integer");
            schema.put("format", "int32");
        } else if (type == long.class || type == Long.class) {
            schema.put("type", "integer");
            schema.put("format", "int64");
        } else if (type == double.class || type == Double.class) {
            schema.put("type", "number");
            schema.put("format", "double");
        } else if (type.isEnum()) {
            schema.put("type", "string");
            schema.put(
                    "enum",
                    Arrays.stream(type.getEnumConstants()).map(Object::toString).toList());
        } else if (type != Object.class) {
            throw new IllegalStateException("no schema for " + type);
        }
        return schema;
    }
}
