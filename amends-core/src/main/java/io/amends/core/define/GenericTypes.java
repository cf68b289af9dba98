package io.amends.core.define;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Types as a class sees them whose generic ancestors declared them: {@code S} of {@code Synchronizer<S>} becomes {@code User}. */
final class GenericTypes {
    private final Map<TypeVariable<?>, Type> arguments = new HashMap<>();

    /** The view of this class. */
    GenericTypes(Class<?> viewer) {
        collect(viewer);
    }

    /** The type with what is known put in for its variables. */
    Type resolve(Type type) {
        return switch (type) {
            case TypeVariable<?> variable -> {
                Type argument = arguments.get(variable);
                yield argument == null ? variable : resolve(argument);
            }
            case ParameterizedType generic ->
                new Resolved(
                        generic.getRawType(),
                        generic.getOwnerType(),
                        Arrays.stream(generic.getActualTypeArguments())
                                .map(this::resolve)
                                .toList());
            case GenericArrayType array -> {
                Type component = resolve(array.getGenericComponentType());
                yield component instanceof Class<?> c ? c.arrayType() : array;
            }
            default -> type;
        };
    }

    private void collect(Class<?> type) {
        Type parent = type.getGenericSuperclass();
        if (parent != null) {
            learn(parent);
        }
        for (Type contract : type.getGenericInterfaces()) {
            learn(contract);
        }
    }

    private void learn(Type ancestor) {
        if (ancestor instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            TypeVariable<?>[] variables = raw.getTypeParameters();
            Type[] values = generic.getActualTypeArguments();
            for (int i = 0; i < variables.length; i++) {
                // A class is reached twice when two ancestors extend it; the arguments are the same then.
                arguments.putIfAbsent(variables[i], values[i]);
            }
            collect(raw);
        } else if (ancestor instanceof Class<?> raw) {
            collect(raw);
        }
    }

    /** A generic type whose variables were replaced. */
    private record Resolved(Type getRawType, @Nullable Type getOwnerType, List<Type> arguments)
            implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return arguments.toArray(Type[]::new);
        }

        @Override
        public String toString() {
            return getRawType.getTypeName()
                    + arguments.stream().map(Type::getTypeName).collect(Collectors.joining(", ", "<", ">"));
        }
    }
}
