package io.amends.core.publish;

import io.amends.api.EventAttributes;
import io.amends.api.EventEpoch;
import io.amends.api.EventKey;
import io.amends.api.EventSubject;
import io.amends.api.EventType;
import io.amends.api.EventVersion;
import io.amends.api.InvalidEventException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an event class says about its events: type, key, version, epoch and subject, by annotation or interface. */
public final class EventDescription {
    private static final ClassValue<EventDescription> DESCRIPTIONS = new ClassValue<>() {
        @Override
        protected EventDescription computeValue(Class<?> type) {
            return new EventDescription(type);
        }
    };

    private final String type;
    private final @Nullable Accessor key;
    private final @Nullable Accessor version;
    private final @Nullable Accessor epoch;
    private final @Nullable Accessor subject;

    private EventDescription(Class<?> eventClass) {
        EventType annotation = eventClass.getAnnotation(EventType.class);
        type = annotation == null ? eventClass.getName() : annotation.value();
        key = accessor(eventClass, EventKey.class);
        version = accessor(eventClass, EventVersion.class);
        epoch = accessor(eventClass, EventEpoch.class);
        subject = accessor(eventClass, EventSubject.class);
    }

    /** The description of a class. */
    public static EventDescription of(Class<?> eventClass) {
        return DESCRIPTIONS.get(eventClass);
    }

    /** The event type. */
    public String type() {
        return type;
    }

    /** The key of an event of the class, or null. */
    public @Nullable String key(Object event) {
        return event instanceof EventAttributes attributes ? attributes.eventKey() : text(key, event);
    }

    /** The subject of an event of the class, or null. */
    public @Nullable String subject(Object event) {
        return event instanceof EventAttributes attributes ? attributes.eventSubject() : text(subject, event);
    }

    /** The version of an event of the class, or null. */
    public @Nullable Long version(Object event) {
        return event instanceof EventAttributes attributes ? attributes.eventVersion() : number(version, event);
    }

    /** The epoch of an event of the class, or null. */
    public @Nullable Long epoch(Object event) {
        return event instanceof EventAttributes attributes ? attributes.eventEpoch() : number(epoch, event);
    }

    private static @Nullable String text(@Nullable Accessor accessor, Object event) {
        Object value = accessor == null ? null : accessor.read(event);
        return value == null ? null : value.toString();
    }

    private static @Nullable Long number(@Nullable Accessor accessor, Object event) {
        Object value = accessor == null ? null : accessor.read(event);
        if (value == null) {
            return null;
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        throw new InvalidEventException(
                accessor + ": " + value.getClass().getName() + " (expected: a long, int or null)", null);
    }

    private static @Nullable Accessor accessor(Class<?> eventClass, Class<? extends Annotation> marker) {
        List<Accessor> found = new ArrayList<>();
        if (eventClass.isRecord()) {
            for (RecordComponent component : eventClass.getRecordComponents()) {
                if (component.isAnnotationPresent(marker)) {
                    found.add(Accessor.of(component.getAccessor()));
                }
            }
        }
        for (Class<?> c = eventClass; c != null && c != Object.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (field.isAnnotationPresent(marker) && !eventClass.isRecord()) {
                    found.add(Accessor.of(field));
                }
            }
            for (Method method : c.getDeclaredMethods()) {
                if (method.isAnnotationPresent(marker)
                        && method.getParameterCount() == 0
                        && found.stream().noneMatch(a -> a.member.equals(method))) {
                    found.add(Accessor.of(method));
                }
            }
        }
        if (found.size() > 1) {
            throw new InvalidEventException(
                    eventClass.getName() + ": @" + marker.getSimpleName() + " on " + found
                            + " (expected: on one member)",
                    null);
        }
        return found.isEmpty() ? null : found.get(0);
    }

    /** Reads one member of an event. */
    private record Accessor(AccessibleObject member) {

        static Accessor of(AccessibleObject member) {
            member.setAccessible(true);
            return new Accessor(member);
        }

        @Nullable Object read(Object event) {
            try {
                return member instanceof Method method ? method.invoke(event) : ((Field) member).get(event);
            } catch (InvocationTargetException e) {
                throw new InvalidEventException("can not read " + this + ": " + e.getCause(), e.getCause());
            } catch (IllegalAccessException e) {
                throw new InvalidEventException("can not read " + this, e);
            }
        }

        @Override
        public String toString() {
            return member.toString();
        }
    }
}
