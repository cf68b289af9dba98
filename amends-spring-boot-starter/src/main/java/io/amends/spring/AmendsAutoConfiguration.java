package io.amends.spring;

import io.amends.api.ErrorClassifier;
import io.amends.api.EventPublisher;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.event.EventCodec;
import io.amends.core.failure.BindingErrorReader;
import io.amends.core.failure.Redactor;
import io.amends.core.observe.EngineListener;
import io.amends.core.observe.FlowCounter;
import io.amends.core.observe.SafeListener;
import io.amends.core.observe.TraceContext;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.Resync;
import io.amends.core.publish.OutboxPublisher;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.core.runtime.ThreadConductor;
import io.amends.core.step.Conductor;
import io.amends.core.store.Store;
import io.amends.jackson.JacksonEventCodec;
import io.amends.spring.change.ChangeCollector;
import io.amends.spring.change.ChangesBeforeCommit;
import io.amends.spring.change.FollowedEntities;
import io.amends.spring.change.HibernateChanges;
import io.amends.spring.define.BeanProcessors;
import io.amends.spring.lifecycle.DatabaseWait;
import io.amends.spring.lifecycle.EngineConnections;
import io.amends.spring.lifecycle.EngineLifecycle;
import io.amends.spring.observe.ConstraintBindings;
import io.amends.spring.settings.AmendsProperties;
import io.amends.spring.transaction.PersistenceContexts;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionManager;
import org.springframework.util.function.SingletonSupplier;

/**
 * Configures the engine: the publisher, the processors among the beans, what operators can do, and the engine's start and
 * stop with the application.
 *
 * <p>Takes part by being a bean: {@link Store}, {@link EventCodec}, {@link Redactor}, {@link ErrorClassifier}s, {@link
 * BindingErrorReader}s, {@link EngineListener}s, {@link TraceContext}, {@link EngineSettings}.
 */
@AutoConfiguration(after = AmendsStoreAutoConfiguration.class)
@ConditionalOnClass(Store.class)
@ConditionalOnBooleanProperty(name = "amends.enabled", matchIfMissing = true)
@EnableConfigurationProperties(AmendsProperties.class)
public final class AmendsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    EngineSettings amendsSettings(AmendsProperties properties, Environment environment) {
        return new SettingsReader(properties, environment).settings();
    }

    @Bean
    @ConditionalOnMissingBean
    Conductor amendsConductor() {
        return new ThreadConductor("amends");
    }

    /**
     * JSON with a mapper of its own: events outlive builds, so what the application sets for its web pages must not
     * change them. For other settings declare a bean, {@code new JacksonEventCodec(mapper)}.
     */
    @Bean
    @ConditionalOnMissingBean
    EventCodec amendsCodec() {
        return new JacksonEventCodec(
                JacksonEventCodec.defaultMapper().rebuild().findAndAddModules().build());
    }

    /** Apart from the engine, which needs the processors, which may need the publisher. */
    @Bean
    @ConditionalOnMissingBean
    EventPublisher eventPublisher(
            ObjectProvider<Store> store,
            ObjectProvider<EventCodec> codec,
            ObjectProvider<EngineSettings> settings,
            ObjectProvider<Conductor> conductor,
            ObjectProvider<Observers> observers) {
        return new DeferredPublisher(SingletonSupplier.of(() -> new OutboxPublisher(
                store.getObject().caller(),
                codec.getObject(),
                settings.getObject().limits(),
                settings.getObject().source(),
                conductor.getObject(),
                new OutboxPublisher.Observers(
                        new SafeListener(List.of(
                                observers.getObject().flow(),
                                observers.getObject().listener())),
                        observers.getObject().traces()))));
    }

    /** Tells of changed entities; publishes them as late as possible, so that it is asked for only then. */
    @Bean
    @ConditionalOnMissingBean
    ChangeCollector amendsEntityChanges(ObjectProvider<EventPublisher> publisher) {
        return new ChangeCollector(publisher::getObject);
    }

    @Bean
    static ChangesBeforeCommit amendsChangesBeforeCommit(
            ObjectProvider<ChangeCollector> collector,
            ObjectProvider<PersistenceContexts> contexts,
            ObjectProvider<FollowedEntities> followed) {
        return new ChangesBeforeCommit(
                collector::getObject,
                () -> followed.stream().anyMatch(FollowedEntities::exist),
                () -> contexts.ifAvailable(PersistenceContexts::flush));
    }

    @Bean
    BeanProcessors amendsProcessors(
            ListableBeanFactory beans, EventCodec codec, AmendsProperties properties, Environment environment) {
        List<String> mistakes = new SettingsReader(properties, environment).mistakes();
        return BeanProcessors.of(beans, codec, properties, qualifier -> isEnginesManager(beans, qualifier), mistakes);
    }

    private static boolean isEnginesManager(BeanFactory beans, String qualifier) {
        try {
            return BeanFactoryAnnotationUtils.qualifiedBeanOfType(beans, TransactionManager.class, qualifier)
                    .equals(beans.getBeanProvider(PlatformTransactionManager.class)
                            .getIfUnique());
        } catch (BeansException e) {
            // a qualifier that names nothing fails at the first call; here it is only not the engine's
            return false;
        }
    }

    @Bean
    EngineFactory amendsEngineFactory(
            Store store,
            EngineSettings settings,
            EventCodec codec,
            Conductor conductor,
            BeanProcessors processors,
            Observers observers,
            ErrorReading errors,
            ObjectProvider<OperatorStore> operatorStore) {
        return () -> {
            AmendsEngine.Builder engine = AmendsEngine.builder(store)
                    .settings(settings)
                    .codec(codec)
                    .conductor(conductor)
                    .processors(processors.definitions())
                    .listener(observers.listener())
                    .flow(observers.flow())
                    .traces(observers.traces())
                    .redactor(errors.redactor())
                    .classifiers(errors.classifiers())
                    .bindingErrors(errors.bindingErrors());
            operatorStore.ifAvailable(engine::operatorStore);
            return engine.build();
        };
    }

    /** Makes an engine of the application's beans; a restarted application needs another one. */
    @FunctionalInterface
    interface EngineFactory extends Supplier<AmendsEngine> {}

    /**
     * Who hears of the engine.
     *
     * @param listener all listeners
     * @param traces carries traces
     * @param flow counts what the engine does and what is published
     */
    record Observers(EngineListener listener, TraceContext traces, FlowCounter flow) {}

    /** How exceptions of handlers are read. */
    record ErrorReading(Redactor redactor, List<ErrorClassifier> classifiers, List<BindingErrorReader> bindingErrors) {}

    @Bean
    Observers amendsObservers(ObjectProvider<EngineListener> listeners, ObjectProvider<TraceContext> traces) {
        return new Observers(
                new SafeListener(listeners.orderedStream().toList()),
                traces.getIfAvailable(() -> TraceContext.NONE),
                new FlowCounter());
    }

    @Bean
    ErrorReading amendsErrorReading(
            ObjectProvider<Redactor> redactor,
            ObjectProvider<ErrorClassifier> classifiers,
            ObjectProvider<BindingErrorReader> bindingErrors,
            EventCodec codec,
            AmendsProperties properties,
            BeanProcessors withoutMistakes) {
        return new ErrorReading(
                new RedactionReader(properties.redact())
                        .rules(codec)
                        .then(redactor.getIfAvailable(() -> Redactor.NONE)),
                classifiers.orderedStream().toList(),
                bindingErrors.orderedStream().toList());
    }

    @Bean
    AmendsEngine amendsEngine(
            EngineFactory factory, BeanProcessors processors, ObjectProvider<EngineConnections> connections) {
        int handlersAtOnce = processors.definitions().stream()
                .mapToInt(ProcessorDefinition::concurrency)
                .sum();
        connections.ifAvailable(pool -> pool.compareWith(handlersAtOnce));
        return factory.get();
    }

    @Bean
    EngineLifecycle amendsLifecycle(AmendsEngine engine, EngineFactory factory, AmendsProperties properties) {
        return new EngineLifecycle(engine, factory, new DatabaseWait(properties.startTimeout()));
    }

    /** Nothing depends on the lifecycle, so an application that makes its beans late would never start the engine. */
    @Bean
    static LazyInitializationExcludeFilter amendsIsNeverLazy() {
        return LazyInitializationExcludeFilter.forBeanTypes(EngineLifecycle.class);
    }

    @Bean
    @ConditionalOnMissingBean
    Operations amendsOperations(AmendsEngine engine) {
        return engine.operations();
    }

    @Bean
    @ConditionalOnMissingBean
    Resync amendsResync(AmendsEngine engine) {
        return engine.resync();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = {"org.hibernate.engine.spi.SessionFactoryImplementor", "jakarta.persistence.EntityManagerFactory"})
    static class Hibernate {
        @Bean
        static HibernateChanges amendsHibernateChanges(ObjectProvider<ChangeCollector> collector) {
            return new HibernateChanges(collector::getObject);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "jakarta.validation.ConstraintViolationException")
    static class Validation {
        @Bean
        @ConditionalOnMissingBean
        ConstraintBindings amendsConstraintBindings() {
            return new ConstraintBindings();
        }
    }
}
