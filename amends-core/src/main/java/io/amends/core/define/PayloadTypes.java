package io.amends.core.define;

import io.amends.api.EventType;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be told from a payload's type. */
final class PayloadTypes {
    private PayloadTypes() {}

    /** The class of a type without its arguments, null for a variable or a wildcard. */
    static @Nullable Class<?> raw(Type type) {
        return switch (type) {
            case Class<?> c -> c;
            case ParameterizedType p -> raw(p.getRawType());
            case GenericArrayType a -> {
                Class<?> component = raw(a.getGenericComponentType());
                yield component == null ? null : component.arrayType();
            }
            default -> null;
        };
    }

    /** The name as in source code, without package and type arguments. */
    static String simpleName(Type type) {
        Class<?> raw = raw(type);
        return raw == null ? type.getTypeName() : raw.getSimpleName();
    }

    /** Whether the type holds whatever JSON there is, or is the JDK's: it names no event type, and its paths are unknown. */
    static boolean isOpen(Class<?> type) {
        return type.isArray()
                || type.isPrimitive()
                || type.getName().startsWith("java.")
                || type.getName().startsWith("javax.")
                || type.getName().startsWith("tools.jackson.")
                || type.getName().startsWith("com.fasterxml.jackson.");
    }

    /** The event types that a payload's class names: its type, then its earlier types. Empty if it names none. */
    static List<String> eventTypes(Type payload) {
        Class<?> raw = raw(payload);
        if (raw == null) {
            return List.of();
        }
        EventType annotation = raw.getAnnotation(EventType.class);
        if (annotation != null) {
            List<String> types = new ArrayList<>();
            types.add(annotation.value());
            types.addAll(List.of(annotation.formerly()));
            return types;
        }
        // Events are named by the class of the instance that was published: never an abstract one.
        boolean names = !isOpen(raw) && !raw.isEnum() && !Modifier.isAbstract(raw.getModifiers());
        return names ? List.of(raw.getName()) : List.of();
    }

    /** Why no payload can be decoded into the type, or null. */
    static @Nullable String mistake(Type payload) {
        if (payload instanceof TypeVariable<?> || payload instanceof WildcardType) {
            return "payload: " + payload.getTypeName() + " (expected: a class that is known at start-up)";
        }
        if (payload == Void.class || payload == void.class) {
            return "payload: Void (expected: a class; leave the parameter out and name the types instead)";
        }
        return null;
    }
}
