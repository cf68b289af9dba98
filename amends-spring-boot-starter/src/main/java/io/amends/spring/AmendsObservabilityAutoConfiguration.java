package io.amends.spring;

import io.amends.core.define.ProcessorDefinition;
import io.amends.core.runtime.EngineSettings;
import io.amends.core.store.Store;
import io.amends.spring.define.BeanProcessors;
import io.amends.spring.lifecycle.EngineLifecycle;
import io.amends.spring.observe.EngineHealth;
import io.amends.spring.observe.EngineMeters;
import io.amends.spring.observe.MicrometerTraces;
import io.amends.spring.observe.ProcessorGauges;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.tracing.Tracer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Metrics, traces and health, each where the application has what it is shown with. */
@AutoConfiguration(
        before = AmendsAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration",
            "org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration"
        })
@ConditionalOnBooleanProperty(name = "amends.enabled", matchIfMissing = true)
public final class AmendsObservabilityAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    @ConditionalOnBean(MeterRegistry.class)
    static class Metrics {
        @Bean
        @ConditionalOnMissingBean
        EngineMeters amendsMeters(MeterRegistry registry) {
            return new EngineMeters(registry);
        }

        @Bean
        @ConditionalOnMissingBean
        ProcessorGauges amendsGauges(Store store, BeanProcessors processors) {
            return new ProcessorGauges(
                    store,
                    processors.definitions().stream()
                            .map(ProcessorDefinition::name)
                            .toList());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Tracer.class)
    @ConditionalOnBean(Tracer.class)
    static class Traces {
        @Bean
        @ConditionalOnMissingBean
        MicrometerTraces amendsTraces(Tracer tracer) {
            return new MicrometerTraces(tracer);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
    @ConditionalOnEnabledHealthIndicator("amends")
    static class HealthOfTheEngine {
        @Bean
        @ConditionalOnMissingBean(name = "amendsHealthIndicator")
        EngineHealth amendsHealthIndicator(EngineLifecycle lifecycle, Store store, EngineSettings settings) {
            // a node that died is noticed after its lease, and its slots are taken a heartbeat later
            return new EngineHealth(
                    lifecycle, store, settings.lease().plus(settings.heartbeat().multipliedBy(2)));
        }
    }
}
