package io.amends.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Examples in the API's description: what the API really writes, or values that its schemas allow. */
final class JsonExamples {
    private static final int DEEPEST = 12;

    /** What stands for a text or a number of this name. */
    private static final Map<String, Object> VALUES = new TreeMap<>(Map.ofEntries(
            Map.entry("id", "0194c1f2-3a50-7c11-9f7e-2f1d6a0b8c43"),
            Map.entry("failure", "0194c1f2-3a50-7c11-9f7e-2f1d6a0b8c43"),
            Map.entry("sample", "0194c1f2-3a50-7c11-9f7e-2f1d6a0b8c43"),
            Map.entry("batch", "0194c1f3-0b1e-7d20-8a51-6f0e2b9d7c10"),
            Map.entry("next", "MjAyNi0wMS0zMQ"),
            Map.entry("fingerprint", "v1:96f12727e7c3"),
            Map.entry("processor", "points"),
            Map.entry("name", "points"),
            Map.entry("function", "on(OrderPaid)"),
            Map.entry("type", "order.paid"),
            Map.entry("eventType", "order.paid"),
            Map.entry("eventTypes", "order.paid"),
            Map.entry("eventId", "order-4711-paid"),
            Map.entry("source", "/shop"),
            Map.entry("key", "acme/u1"),
            Map.entry("lane", "acme/u1"),
            Map.entry("tenant", "acme"),
            Map.entry("actor", "ann"),
            Map.entry("by", "ann"),
            Map.entry("createdBy", "ann"),
            Map.entry("reason", "INC-482"),
            Map.entry("build", "1.4.2"),
            Map.entry("message", "the account is closed"),
            Map.entry("code", "java.lang.IllegalStateException"),
            Map.entry("errorCode", "java.lang.IllegalStateException"),
            Map.entry("version", "3f2a9c"),
            Map.entry("address", "10.1.2.3"),
            Map.entry("data", "{\"orderId\":\"4711\"}"),
            Map.entry("minBackoff", "PT3M"),
            Map.entry("executionTimeout", "PT2M"),
            Map.entry("maxBackoff", "PT1H"),
            Map.entry("duration", "PT4H"),
            Map.entry("validFor", "PT4H"),
            Map.entry("total", 5),
            Map.entry("maxRetries", 10),
            Map.entry("position", 4711)));

    private final Map<String, Map<String, Object>> named;

    /** Makes examples of schemas that refer to these. */
    JsonExamples(Map<String, Map<String, Object>> named) {
        this.named = named;
    }

    static Map<?, ?> of(Problem problem) {
        return Json.map(problem);
    }

    /** A value that the schema allows. */
    Object of(Map<String, Object> schema) {
        return value("", schema, false, 0);
    }

    /** A body that the schema allows: what is required and why, or everything if nothing is required. */
    Object ofBody(Map<String, Object> schema) {
        return value("", schema, true, 0);
    }

    private Object value(String name, Map<?, ?> schema, boolean least, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalStateException("no example of " + name + ": its schema has no end");
        }
        if (schema.get("$ref") instanceof String reference) {
            String to = reference.substring(reference.lastIndexOf('/') + 1);
            return value(name, Objects.requireNonNull(named.get(to), to), least, depth + 1);
        }
        if (schema.get("oneOf") instanceof List<?> either && either.getFirst() instanceof Map<?, ?> first) {
            return value(name, first, least, depth + 1);
        }
        if (schema.get("enum") instanceof List<?> values) {
            return Objects.requireNonNull(values.getFirst());
        }
        Object type = schema.get("type") instanceof List<?> types ? types.getFirst() : schema.get("type");
        return switch (String.valueOf(type)) {
            case "object" -> object(name, schema, least, depth);
            case "array" ->
                List.of(value(name, (Map<?, ?>) Objects.requireNonNull(schema.get("items")), least, depth + 1));
            case "boolean" -> true;
            case "integer", "number" -> VALUES.get(name) instanceof Integer number ? number : 1;
            case "string" -> text(name, String.valueOf(schema.get("format")));
            default -> Map.of();
        };
    }

    private static String text(String name, String format) {
        return switch (format) {
            case "date-time" -> "2026-01-31T12:00:00Z";
            case "duration" -> "PT3M";
            default -> VALUES.get(name) instanceof String text ? text : name.isEmpty() ? "text" : name;
        };
    }

    private Map<String, Object> object(String name, Map<?, ?> schema, boolean least, int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (schema.get("properties") instanceof Map<?, ?> properties) {
            List<?> required = schema.get("required") instanceof List<?> names ? names : List.of();
            properties.forEach((property, of) -> {
                boolean wanted =
                        !least || required.isEmpty() || required.contains(property) || property.equals("reason");
                if (wanted) {
                    object.put(
                            String.valueOf(property),
                            value(String.valueOf(property), (Map<?, ?>) of, least, depth + 1));
                }
            });
        } else if (schema.get("additionalProperties") instanceof Map<?, ?> of) {
            String key =
                    schema.get("propertyNames") instanceof Map<?, ?> names && names.get("enum") instanceof List<?> codes
                            ? String.valueOf(codes.getFirst())
                            : "name";
            object.put(key, value(name, of, least, depth + 1));
        }
        return object;
    }
}
