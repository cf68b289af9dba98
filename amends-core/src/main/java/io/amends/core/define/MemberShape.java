package io.amends.core.define;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a payload by the names of its class's members: record components, fields, getters. Foreign annotations
 * may rename anything, so that a class with some is unknown rather than wrong.
 */
final class MemberShape implements PayloadShape {
    /** Packages whose annotations rename no property. */
    private static final List<String> HARMLESS =
            List.of("java.", "io.amends.", "org.jspecify.", "jakarta.validation.", "lombok.");

    @Override
    public Place at(Type payload, String path) {
        Type current = payload;
        for (String segment : path.split("\\.", -1)) {
            Class<?> owner = PayloadTypes.raw(unwrapped(current));
            if (owner == null) {
                return Place.UNKNOWN;
            }
            if (isValue(owner)) {
                return Place.ABSENT;
            }
            if (PayloadTypes.isOpen(owner) || Modifier.isAbstract(owner.getModifiers())) {
                return Place.UNKNOWN;
            }
            Type property = property(owner, segment);
            if (property == null) {
                return mayBeRenamed(owner) ? Place.UNKNOWN : Place.ABSENT;
            }
            current = new GenericTypes(owner).resolve(property);
        }
        return place(unwrapped(current));
    }

    private static Place place(Type type) {
        Class<?> raw = PayloadTypes.raw(type);
        if (raw == null) {
            return Place.UNKNOWN;
        }
        if (isValue(raw)) {
            return Place.VALUE;
        }
        if (raw.isArray() || Iterable.class.isAssignableFrom(raw) || Map.class.isAssignableFrom(raw)) {
            return raw == byte[].class || raw == char[].class ? Place.UNKNOWN : Place.STRUCTURE;
        }
        boolean plain = !PayloadTypes.isOpen(raw) && !Modifier.isAbstract(raw.getModifiers());
        return plain && !mayBeRenamed(raw) ? Place.STRUCTURE : Place.UNKNOWN;
    }

    private static boolean isValue(Class<?> type) {
        return type.isPrimitive()
                || type.isEnum()
                || type == Boolean.class
                || type == Character.class
                || CharSequence.class.isAssignableFrom(type)
                || (Number.class.isAssignableFrom(type) && type.getName().startsWith("java."))
                || type == java.util.UUID.class
                || type == java.net.URI.class
                || type.getName().startsWith("java.time.");
    }

    /** What an Optional holds; every other type as it is. */
    private static Type unwrapped(Type type) {
        return type instanceof ParameterizedType generic && generic.getRawType() == Optional.class
                ? generic.getActualTypeArguments()[0]
                : type;
    }

    private static @Nullable Type property(Class<?> owner, String name) {
        if (owner.isRecord()) {
            for (RecordComponent component : owner.getRecordComponents()) {
                if (component.getName().equals(name)) {
                    return component.getGenericType();
                }
            }
        }
        String suffix = name.isEmpty() ? "" : name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        for (Class<?> c = owner; c != null && c != Object.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && field.getName().equals(name)) {
                    return field.getGenericType();
                }
            }
            for (Method method : c.getDeclaredMethods()) {
                boolean getter = method.getName().equals("get" + suffix)
                        || method.getName().equals("is" + suffix)
                        || method.getName().equals(name);
                if (getter && method.getParameterCount() == 0 && !Modifier.isStatic(method.getModifiers())) {
                    return method.getGenericReturnType();
                }
            }
        }
        return null;
    }

    private static boolean mayBeRenamed(Class<?> owner) {
        List<AnnotatedElement> elements = new ArrayList<>();
        for (Class<?> c = owner; c != null && c != Object.class; c = c.getSuperclass()) {
            elements.add(c);
            elements.addAll(List.of(c.getDeclaredFields()));
            elements.addAll(List.of(c.getDeclaredMethods()));
        }
        for (AnnotatedElement element : elements) {
            for (Annotation annotation : element.getAnnotations()) {
                String type = annotation.annotationType().getName();
                if (HARMLESS.stream().noneMatch(type::startsWith)) {
                    return true;
                }
            }
        }
        return false;
    }
}
