package io.amends.core.define;

import io.amends.api.OnEvent;
import java.lang.reflect.Method;
import java.util.List;

/**
 * A further check of handler methods at start-up, for what the core does not know: the transaction annotations of a
 * framework, for instance.
 */
@FunctionalInterface
public interface MethodRule {
    /** The mistakes of a method, each naming the value, what was expected and the fix; empty if it is fine. */
    List<String> mistakes(Class<?> processorClass, Method method, OnEvent function);
}
