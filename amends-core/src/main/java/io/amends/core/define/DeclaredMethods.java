package io.amends.core.define;

import io.amends.api.OnEvent;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The methods of a class and its ancestors as a caller sees them: an overridden one counts once, as its nearest
 * declaration.
 *
 * @param visible the methods, without compiler-made ones
 * @param hiddenFunctions mistakes: functions whose override lost the annotation, so that they would silently end
 */
record DeclaredMethods(List<Method> visible, List<String> hiddenFunctions) {

    static DeclaredMethods of(Class<?> type) {
        Map<String, Method> nearest = new TreeMap<>();
        List<String> hidden = new ArrayList<>();
        for (Class<?> ancestor : ancestors(type)) {
            Method[] methods = ancestor.getDeclaredMethods();
            // A bridge stands for an inherited signature only where the class has no method of its own for it.
            Arrays.sort(methods, Comparator.comparing(Method::isBridge).thenComparing(Method::toGenericString));
            for (Method method : methods) {
                if (method.isSynthetic() && !method.isBridge()) {
                    continue;
                }
                Method override = nearest.putIfAbsent(signature(method), method);
                if (override != null
                        && override.getDeclaringClass() != ancestor
                        && method.isAnnotationPresent(OnEvent.class)
                        && !override.isAnnotationPresent(OnEvent.class)) {
                    hidden.add(type.getName() + ": " + override.getName()
                            + "() overrides an @OnEvent method without the annotation (expected: @OnEvent on it as"
                            + " well); annotations of methods are not inherited");
                }
            }
        }
        return new DeclaredMethods(
                nearest.values().stream().filter(method -> !method.isBridge()).toList(), hidden);
    }

    private static String signature(Method method) {
        String signature = method.getName() + Arrays.toString(method.getParameterTypes());
        // Nothing overrides these: two of one signature are two methods.
        boolean own = Modifier.isPrivate(method.getModifiers()) || Modifier.isStatic(method.getModifiers());
        return own ? signature + " of " + method.getDeclaringClass().getName() : signature;
    }

    /** The class, its superclasses, then their interfaces. */
    private static Set<Class<?>> ancestors(Class<?> type) {
        Set<Class<?>> classes = new LinkedHashSet<>();
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            classes.add(c);
        }
        Set<Class<?>> all = new LinkedHashSet<>(classes);
        classes.forEach(c -> addInterfaces(c, all));
        return all;
    }

    private static void addInterfaces(Class<?> type, Set<Class<?>> all) {
        for (Class<?> contract : type.getInterfaces()) {
            if (all.add(contract)) {
                addInterfaces(contract, all);
            }
        }
    }
}
