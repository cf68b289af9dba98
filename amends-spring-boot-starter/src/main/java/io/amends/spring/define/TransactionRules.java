package io.amends.spring.define;

import io.amends.api.Effects;
import io.amends.api.OnEvent;
import io.amends.core.define.MethodRule;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttribute;

/**
 * Finds functions whose own transaction settings would take their effects out of the engine's transaction, so that "done"
 * and the effects could not commit together. Such a function must say {@code effects = OUTSIDE}, which means at least
 * once.
 */
final class TransactionRules implements MethodRule {
    private static final String ASYNC = "org.springframework.scheduling.annotation.Async";
    private static final String FIX = " (expected: no transaction of its own, so that effects and 'done' commit"
            + " together); remove it, or say effects = OUTSIDE, which means at least once";
    private final AnnotationTransactionAttributeSource attributes = new AnnotationTransactionAttributeSource(false);
    private final Predicate<String> isEnginesManager;

    /** The predicate tells whether a qualifier names the engine's transaction manager. */
    TransactionRules(Predicate<String> isEnginesManager) {
        this.isEnginesManager = isEnginesManager;
    }

    @Override
    public List<String> mistakes(Class<?> processorClass, Method method, OnEvent function) {
        List<String> mistakes = new ArrayList<>();
        if (function.effects() == Effects.OUTSIDE) {
            return mistakes;
        }
        if (AnnotatedElementUtils.isAnnotated(method, ASYNC)
                || AnnotatedElementUtils.isAnnotated(processorClass, ASYNC)) {
            mistakes.add("@Async" + FIX);
        }
        TransactionAttribute attribute = attributes.getTransactionAttribute(method, processorClass);
        if (attribute == null) {
            return mistakes;
        }
        String propagation = switch (attribute.getPropagationBehavior()) {
            case TransactionDefinition.PROPAGATION_REQUIRES_NEW -> "REQUIRES_NEW";
            case TransactionDefinition.PROPAGATION_NOT_SUPPORTED -> "NOT_SUPPORTED";
            case TransactionDefinition.PROPAGATION_NEVER -> "NEVER";
            default -> null;
        };
        if (propagation != null) {
            mistakes.add("@Transactional(propagation = " + propagation + ")" + FIX);
        }
        if (attribute.isReadOnly()) {
            mistakes.add("@Transactional(readOnly = true)" + FIX);
        }
        int isolation = attribute.getIsolationLevel();
        if (isolation != TransactionDefinition.ISOLATION_DEFAULT
                && isolation != TransactionDefinition.ISOLATION_READ_COMMITTED) {
            mistakes.add("@Transactional with another isolation than READ COMMITTED, which the engine's transaction"
                    + " has" + FIX);
        }
        String qualifier = attribute.getQualifier();
        if (qualifier != null && !qualifier.isEmpty() && !isEnginesManager.test(qualifier)) {
            mistakes.add("@Transactional(\"" + qualifier + "\") of another transaction manager" + FIX);
        }
        return mistakes;
    }
}
