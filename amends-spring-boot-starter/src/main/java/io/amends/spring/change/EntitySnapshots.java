package io.amends.spring.change;

import io.amends.api.EntityEvents;
import io.amends.api.PublishChanges;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds and calls the method of an entity that has {@link PublishChanges}. */
final class EntitySnapshots {
    private final ClassValue<Optional<Method>> methods = new ClassValue<>() {
        @Override
        protected Optional<Method> computeValue(Class<?> type) {
            List<Method> found = annotated(type);
            found.forEach(method -> method.setAccessible(true));
            return found.stream().findFirst();
        }
    };

    /** What is wrong with an entity's declaration, empty if nothing is. */
    static List<String> mistakes(Class<?> entity) {
        List<String> mistakes = new ArrayList<>();
        List<Method> found = annotated(entity);
        if (found.size() > 1) {
            mistakes.add(entity.getName() + ": @PublishChanges on " + found.size() + " methods (expected: on one)");
        }
        for (Method method : found) {
            String where = entity.getName() + "." + method.getName() + "(): ";
            if (method.getParameterCount() > 0 || Modifier.isStatic(method.getModifiers())) {
                mistakes.add(where + "@PublishChanges on " + method
                        + " (expected: on a method of the entity without parameters)");
            }
            if (!method.getReturnType().isAnnotationPresent(EntityEvents.class)) {
                mistakes.add(where + "returns " + method.getReturnType().getName()
                        + " (expected: a class with @EntityEvents); annotate it with the name of the entity");
            }
        }
        return mistakes;
    }

    static boolean isFollowed(Class<?> entity) {
        return !annotated(entity).isEmpty();
    }

    /** The snapshot of an entity whose class has such a method, else null. */
    @Nullable Object of(Object entity) {
        Method method = methods.get(entity.getClass()).orElse(null);
        if (method == null) {
            return null;
        }
        try {
            return method.invoke(entity);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new IllegalStateException(method + " threw " + e.getCause(), e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("can not call " + method, e);
        }
    }

    private static List<Method> annotated(Class<?> type) {
        List<Method> found = new ArrayList<>();
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            for (Method method : c.getDeclaredMethods()) {
                boolean overridden = found.stream()
                        .anyMatch(other -> other.getName().equals(method.getName())
                                && other.getParameterCount() == method.getParameterCount());
                if (method.isAnnotationPresent(PublishChanges.class) && !method.isBridge() && !overridden) {
                    found.add(method);
                }
            }
        }
        return found;
    }
}
