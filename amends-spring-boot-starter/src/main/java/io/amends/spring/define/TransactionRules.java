package io.amends.spring.define;

import io.amends.api.Effects;
import io.amends.api.OnEvent;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds functions whose own transaction settings would take their effects out of the engine's transaction, so that "done"
 * and the effects could not commit together. Such a function must say {@code effects = OUTSIDE}, which means at least
 * once.
 */
final class TransactionRules {
    private static final String ASYNC = "org.springframework.scheduling.annotation.Async";
    private final AnnotationTransactionAttributeSource attributes = new AnnotationTransactionAttributeSource(false);
    private final Predicate<String> isEnginesManager;

    /** The predicate tells whether a qualifier names the engine's transaction manager. */
    TransactionRules(Predicate<String> isEnginesManager) {
        this.isEnginesManager = isEnginesManager;
    }

    /** Every mistake of a processor class, each with the method and the fix. */
    List<String> mistakes(String processor, Class<?> type) {
        List<String> mistakes = new ArrayList<>();
        for (Method method : MethodIntrospector.selectMethods(type, (ReflectionUtils.MethodFilter)
                method -> AnnotatedElementUtils.hasAnnotation(method, OnEvent.class))) {
            OnEvent onEvent = AnnotatedElementUtils.findMergedAnnotation(method, OnEvent.class);
            if (onEvent != null && onEvent.effects() != Effects.OUTSIDE) {
                check(processor, type, method, mistakes);
            }
        }
        mistakes.sort(null);
        return mistakes;
    }

    private void check(String processor, Class<?> type, Method method, List<String> mistakes) {
        String place = "processor " + processor + ", " + ClassUtils.getShortName(type) + "." + method.getName() + ": ";
        String fix = " (expected: no transaction of its own, so that effects and 'done' commit together; or"
                + " @OnEvent(effects = OUTSIDE), which means at least once)";
        if (isAnnotated(type, method, ASYNC)) {
            mistakes.add(place + "@Async takes it out of the engine's transaction" + fix);
        }
        TransactionAttribute attribute = attributes.getTransactionAttribute(method, type);
        if (attribute == null) {
            return;
        }
        String propagation = switch (attribute.getPropagationBehavior()) {
            case TransactionDefinition.PROPAGATION_REQUIRES_NEW -> "REQUIRES_NEW";
            case TransactionDefinition.PROPAGATION_NOT_SUPPORTED -> "NOT_SUPPORTED";
            case TransactionDefinition.PROPAGATION_NEVER -> "NEVER";
            default -> null;
        };
        if (propagation != null) {
            mistakes.add(place + "@Transactional(propagation = " + propagation + ")" + fix);
        }
        if (attribute.isReadOnly()) {
            mistakes.add(place + "@Transactional(readOnly = true)" + fix);
        }
        int isolation = attribute.getIsolationLevel();
        if (isolation != TransactionDefinition.ISOLATION_DEFAULT
                && isolation != TransactionDefinition.ISOLATION_READ_COMMITTED) {
            mistakes.add(place + "@Transactional with an isolation that the engine's transaction, READ COMMITTED, does"
                    + " not have" + fix);
        }
        String qualifier = attribute.getQualifier();
        if (qualifier != null && !qualifier.isEmpty() && !isEnginesManager.test(qualifier)) {
            mistakes.add(place + "@Transactional(\"" + qualifier + "\") names another transaction manager" + fix);
        }
    }

    private static boolean isAnnotated(Class<?> type, Method method, String annotation) {
        return AnnotatedElementUtils.isAnnotated(method, annotation)
                || AnnotatedElementUtils.isAnnotated(type, annotation);
    }
}
