package io.amends.spring.define;

import io.amends.api.EventProcessor;
import io.amends.api.RetryPolicy;
import io.amends.core.define.InvalidDefinitionException;
import io.amends.core.define.ProcessorBinder;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.event.EventCodec;
import io.amends.spring.settings.AmendsProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * The application's processors: beans whose class has {@link EventProcessor}, proxied or not, and beans of {@link
 * ProcessorSpec} and {@link ProcessorDefinition}.
 *
 * @param definitions all of them, sorted by name, with what operators configure over what the code says
 */
public record BeanProcessors(List<ProcessorDefinition> definitions) {

    /** Copies the list. */
    public BeanProcessors {
        definitions = List.copyOf(definitions);
    }

    /**
     * Finds and checks them.
     *
     * @param isEnginesManager whether a qualifier in {@code @Transactional} names the engine's transaction manager
     * @param settingsMistakes what is wrong with the application's settings, to be reported with the rest
     * @throws InvalidDefinitionException with all mistakes of all processors and of their configuration
     */
    public static BeanProcessors of(
            ListableBeanFactory beans,
            EventCodec codec,
            AmendsProperties properties,
            Predicate<String> isEnginesManager,
            List<String> settingsMistakes) {
        List<String> mistakes = new ArrayList<>(settingsMistakes);
        ProcessorBinder binder =
                new ProcessorBinder(codec, fallback(properties, mistakes)).rule(new TransactionRules(isEnginesManager));
        for (String name : beans.getBeanNamesForAnnotation(EventProcessor.class)) {
            if (!ScopedProxyUtils.isScopedTarget(name)) {
                Object bean = beans.getBean(name);
                // a scoped proxy tells the class of its target, which may be a proxy again
                binder.add(bean, ClassUtils.getUserClass(AopProxyUtils.ultimateTargetClass(bean)));
            }
        }
        beans.getBeanProvider(ProcessorSpec.class).orderedStream().forEach(binder::add);
        int mistakesOfSettings = mistakes.size();
        List<ProcessorDefinition> all = new ArrayList<>(bind(binder, mistakes));
        beans.getBeanProvider(ProcessorDefinition.class).orderedStream().forEach(all::add);
        all.sort((a, b) -> a.name().compareTo(b.name()));
        // without the processors that have mistakes, overrides of theirs would seem to name nothing
        if (mistakes.size() == mistakesOfSettings) {
            all = new PolicyOverrides(properties.processors()).over(all, mistakes);
        }
        if (!mistakes.isEmpty()) {
            throw new InvalidDefinitionException(mistakes);
        }
        return new BeanProcessors(all);
    }

    private static RetryPolicy fallback(AmendsProperties properties, List<String> mistakes) {
        try {
            return properties.retry().over(RetryPolicy.DEFAULT);
        } catch (IllegalArgumentException e) {
            mistakes.add("amends.retry: " + e.getMessage());
            return RetryPolicy.DEFAULT;
        }
    }

    private static List<ProcessorDefinition> bind(ProcessorBinder binder, List<String> mistakes) {
        try {
            return binder.bind();
        } catch (InvalidDefinitionException e) {
            mistakes.addAll(e.mistakes());
            return List.of();
        }
    }
}
