package io.amends.core.define;

import io.amends.api.Advances;
import io.amends.api.EntitySynchronizer;
import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.RequireVersion;
import io.amends.api.Retry;
import io.amends.api.RunAfter;
import io.amends.api.Sequenced;
import io.amends.api.SkipStale;
import io.amends.core.causality.Probe;
import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads an instance with {@link EventProcessor} and {@link OnEvent}, collecting the mistakes. */
final class AnnotatedProcessor {
    /** What makes sense only beside {@link OnEvent}. */
    private static final List<Class<? extends Annotation>> FUNCTION_DECLARATIONS = List.of(
            Retry.class, SkipStale.class, Advances.class, RunAfter.class, RequireVersion.class, Sequenced.class);

    private final Supplier<?> current;
    /** One of those that {@code current} gives: they are of one class. */
    private final Object instance;

    private final Class<?> userClass;
    private final List<MethodRule> rules;
    private final List<String> mistakes;
    private final GenericTypes types;
    private String where;

    AnnotatedProcessor(Supplier<?> current, Class<?> userClass, List<MethodRule> rules, List<String> mistakes) {
        this.current = current;
        this.instance = current.get();
        this.userClass = userClass;
        this.rules = rules;
        this.mistakes = mistakes;
        this.types = new GenericTypes(userClass);
        this.where = userClass.getName();
    }

    /** What it declares; null if it is no processor, which is a mistake too. */
    @Nullable ProcessorSpec read() {
        EventProcessor annotation = userClass.getAnnotation(EventProcessor.class);
        if (annotation == null) {
            mistakes.add(where + ": no @EventProcessor (expected: on the class); annotate it with its stable name");
            return null;
        }
        ProcessorSpec spec =
                ProcessorSpec.of(annotation, userClass).retry(RetrySpec.of(userClass.getAnnotation(Retry.class)));
        where = spec.where();
        DeclaredMethods methods = DeclaredMethods.of(userClass);
        methods.hiddenFunctions().forEach(mistakes::add);
        List<FunctionSpec> functions = new ArrayList<>();
        for (Method method : methods.visible()) {
            OnEvent onEvent = method.getAnnotation(OnEvent.class);
            if (onEvent != null) {
                functions.add(function(method, onEvent));
            } else {
                onlyOnFunctions(method);
            }
        }
        if (userClass.getAnnotationsByType(Advances.class).length > 0 && !(instance instanceof EntitySynchronizer)) {
            mistakes.add(where + ": @Advances on the class (expected: on an @OnEvent method, or on the class of an"
                    + " EntitySynchronizer); it has no effect here");
        }
        if (instance instanceof EntitySynchronizer<?, ?>) {
            List<String> found = new ArrayList<>();
            Type snapshot = types.resolve(EntitySynchronizer.class.getTypeParameters()[0]);
            functions.addAll(SynchronizerFunctions.of(
                    () -> (EntitySynchronizer<?, ?>) current.get(), userClass, snapshot, annotation.name(), found));
            found.forEach(mistake -> mistakes.add(where + ": " + mistake));
        }
        // Reflection gives methods in any order, definitions have one.
        functions.sort((a, b) -> a.definition().name().compareTo(b.definition().name()));
        functions.forEach(spec::function);
        return spec;
    }

    private void onlyOnFunctions(Method method) {
        for (Class<? extends Annotation> declaration : FUNCTION_DECLARATIONS) {
            if (method.getAnnotationsByType(declaration).length > 0) {
                mistakes.add(where + ": @" + declaration.getSimpleName() + " on " + method.getName()
                        + "() (expected: on an @OnEvent method);" + " it has no effect here");
            }
        }
    }

    private CausalitySpec causality(Method method, OnEvent onEvent, List<String> found) {
        CausalitySpec spec = CausalitySpec.NONE;
        for (SkipStale declared : method.getAnnotationsByType(SkipStale.class)) {
            spec = spec.withStream(StreamSpec.of(declared).rule(true));
        }
        for (Advances declared : method.getAnnotationsByType(Advances.class)) {
            spec = spec.withStream(StreamSpec.of(declared).rule(false));
        }
        for (Sequenced declared : method.getAnnotationsByType(Sequenced.class)) {
            spec = spec.withSequence(SequenceSpec.of(declared));
        }
        for (RunAfter declared : method.getAnnotationsByType(RunAfter.class)) {
            boolean namesAnEvent =
                    declared.event() != Void.class || !declared.eventType().isEmpty();
            if (declared.causes() == namesAnEvent) {
                found.add("runAfter: " + (namesAnEvent ? "causes and an event" : "neither an event nor causes")
                        + " (expected: event, eventType, or causes = true)");
            }
            spec = spec.withDependency(DependencySpec.of(declared, probe(declared.probe(), method, found)));
        }
        for (RequireVersion declared : method.getAnnotationsByType(RequireVersion.class)) {
            spec = spec.withDependency(DependencySpec.of(declared, probe(declared.probe(), method, found)));
        }
        return onEvent.tracks().length == 0 ? spec : spec.withTrack(List.of(onEvent.tracks()));
    }

    /** The method of this name that takes what the function takes, and answers; null for none. */
    private @Nullable Probe probe(String name, Method function, List<String> found) {
        if (name.isEmpty()) {
            return null;
        }
        Method method = DeclaredMethods.of(userClass).visible().stream()
                .filter(candidate -> candidate.getName().equals(name) && isProbeOf(candidate, function))
                .findFirst()
                .orElse(null);
        if (method == null) {
            found.add("probe: " + SpecResolver.printable(name)
                    + " (expected: a method of this class that takes the function's payload and returns boolean)");
            return null;
        }
        Method callable = callable(method, found);
        if (callable == null) {
            return null;
        }
        try {
            callable.setAccessible(true);
            MethodHandle handle = MethodHandles.lookup()
                    .unreflect(callable)
                    .asType(MethodType.methodType(boolean.class, Object.class, Object.class));
            return (event, payload) -> ask(handle, current.get(), payload);
        } catch (IllegalAccessException | InaccessibleObjectException e) {
            found.add(
                    "probe: " + name + " is not accessible (expected: callable by io.amends.core): " + e.getMessage());
            return null;
        }
    }

    private boolean isProbeOf(Method candidate, Method function) {
        List<String> ignored = new ArrayList<>();
        Type payload = MethodParameters.of(function, types, ignored).payload();
        Class<?> raw = payload == null ? null : PayloadTypes.raw(payload);
        return candidate.getReturnType() == boolean.class
                && candidate.getParameterCount() == 1
                && !Modifier.isStatic(candidate.getModifiers())
                && raw != null
                && candidate.getParameterTypes()[0].isAssignableFrom(raw);
    }

    private static boolean ask(MethodHandle probe, Object instance, @Nullable Object payload) throws Exception {
        try {
            return (boolean) probe.invokeExact(instance, payload);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private FunctionSpec function(Method method, OnEvent onEvent) {
        List<String> found = new ArrayList<>();
        MethodParameters parameters = MethodParameters.of(method, types, found);
        Type payload = parameters.payload();
        String name = onEvent.name().isEmpty()
                ? method.getName() + "(" + (payload == null ? "" : PayloadTypes.simpleName(payload)) + ")"
                : onEvent.name();
        if (Modifier.isStatic(method.getModifiers())) {
            found.add("static method (expected: an instance method)");
        }
        String returned = returnMistake(types.resolve(method.getGenericReturnType()));
        if (returned != null) {
            found.add(returned);
        }
        FunctionSpec.Body body = found.isEmpty() ? body(method, parameters, found) : (events, attempt) -> null;
        rules.forEach(rule -> found.addAll(rule.mistakes(userClass, method, onEvent)));
        CausalitySpec causality = causality(method, onEvent, found);
        found.forEach(mistake -> mistakes.add(where + ", " + name + ": " + mistake));
        Set<String> packages = new LinkedHashSet<>(
                List.of(userClass.getPackageName(), method.getDeclaringClass().getPackageName()));
        return FunctionSpec.of(new FunctionSpec.Definition(
                name,
                List.of(onEvent.value()),
                payload,
                parameters.batch(),
                onEvent.effects(),
                RetrySpec.of(method.getAnnotation(Retry.class)),
                causality,
                List.copyOf(packages),
                body));
    }

    private FunctionSpec.Body body(Method method, MethodParameters parameters, List<String> found) {
        Method callable = callable(method, found);
        if (callable == null) {
            return (events, attempt) -> null;
        }
        try {
            callable.setAccessible(true);
            MethodHandle handle = MethodHandles.lookup()
                    .unreflect(callable)
                    .asFixedArity()
                    .asSpreader(Object[].class, callable.getParameterCount())
                    .asType(MethodType.methodType(Object.class, Object.class, Object[].class));
            return (events, attempt) -> call(handle, current.get(), parameters.arguments(events, attempt));
        } catch (IllegalAccessException | InaccessibleObjectException e) {
            found.add("not accessible (expected: callable by io.amends.core); open "
                    + method.getDeclaringClass().getPackageName() + " in its module-info: " + e.getMessage());
            return (events, attempt) -> null;
        }
    }

    private static @Nullable Object call(MethodHandle function, Object instance, Object[] arguments) throws Throwable {
        return (Object) function.invokeExact(instance, arguments);
    }

    /** The method to call on the instance, which may be a proxy of the user's class. */
    private @Nullable Method callable(Method method, List<String> found) {
        int modifiers = method.getModifiers();
        if (!method.getDeclaringClass().isInstance(instance)) {
            for (Class<?> contract : instance.getClass().getInterfaces()) {
                for (Method candidate : contract.getMethods()) {
                    if (candidate.getName().equals(method.getName())
                            && Arrays.equals(candidate.getParameterTypes(), method.getParameterTypes())) {
                        return candidate;
                    }
                }
            }
            found.add("not callable on " + instance.getClass().getName() + " (expected: an instance of "
                    + userClass.getName() + "); let the class be proxied instead of its interfaces"
                    + " (proxyTargetClass = true), or declare the method in one of them");
            return null;
        }
        if (instance.getClass() != userClass && (Modifier.isPrivate(modifiers) || Modifier.isFinal(modifiers))) {
            // A proxy made by subclassing has no fields of its own: what it can not override must not be called on it.
            found.add((Modifier.isPrivate(modifiers) ? "private" : "final") + " method of a class that is proxied by "
                    + instance.getClass().getName() + " (expected: overridable); it would see null fields: make it"
                    + " package-private and not final");
            return null;
        }
        return method;
    }

    /** Why the result can not be published, or null. */
    private static @Nullable String returnMistake(Type type) {
        Class<?> raw = PayloadTypes.raw(type);
        if (raw == null || raw == void.class || raw == Void.class || raw == Object.class) {
            return null;
        }
        String fix = " (expected: void, an event, or an Optional, Iterable, Stream or array of events)";
        if (isAsynchronous(raw)) {
            return "returns " + raw.getName() + fix + "; nothing waits for it: handle in the calling thread";
        }
        if (raw == Optional.class || Iterable.class.isAssignableFrom(raw) || Stream.class.isAssignableFrom(raw)) {
            Class<?> element = type instanceof ParameterizedType generic && generic.getActualTypeArguments().length == 1
                    ? PayloadTypes.raw(generic.getActualTypeArguments()[0])
                    : null;
            return element == null || element == Object.class || isEvent(element)
                    ? null
                    : "returns " + type.getTypeName() + fix;
        }
        if (raw.isArray()) {
            Class<?> element = raw.getComponentType();
            return element == Object.class || isEvent(element) ? null : "returns " + raw.getTypeName() + fix;
        }
        return isEvent(raw) ? null : "returns " + raw.getTypeName() + fix;
    }

    private static boolean isEvent(Class<?> type) {
        return !type.isPrimitive() && !type.isArray() && !type.getName().startsWith("java.");
    }

    private static boolean isAsynchronous(Class<?> type) {
        return java.util.concurrent.Future.class.isAssignableFrom(type)
                || java.util.concurrent.CompletionStage.class.isAssignableFrom(type)
                || java.util.concurrent.Flow.Publisher.class.isAssignableFrom(type)
                || Arrays.stream(type.getInterfaces())
                        .anyMatch(contract -> contract.getName().equals("org.reactivestreams.Publisher"));
    }
}
