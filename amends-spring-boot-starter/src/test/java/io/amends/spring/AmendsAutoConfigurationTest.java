package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.amends.api.Effects;
import io.amends.api.EventEnvelope;
import io.amends.api.EventKey;
import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.EventType;
import io.amends.api.OnEvent;
import io.amends.api.Order;
import io.amends.api.Retry;
import io.amends.api.RetryPolicy;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.InvalidDefinitionException;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.define.ProcessorSpec;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureFilter;
import io.amends.core.operate.Operations;
import io.amends.core.runtime.AmendsEngine;
import io.amends.core.runtime.EngineSettings;
import io.amends.core.store.Store;
import io.amends.spring.define.BeanProcessors;
import io.amends.spring.lifecycle.EngineLifecycle;
import jakarta.validation.Validation;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.scheduling.annotation.Async;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

class AmendsAutoConfigurationTest {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    AmendsStoreAutoConfiguration.class,
                    AmendsAutoConfiguration.class,
                    AmendsConsoleAutoConfiguration.class,
                    AmendsCloudEventsAutoConfiguration.class,
                    AmendsObservabilityAutoConfiguration.class))
            .withUserConfiguration(InMemorySetup.class)
            .withPropertyValues("amends.heartbeat=200ms", "amends.idle-poll=50ms");

    @EventType("order.paid")
    record OrderPaid(@EventKey String userId, @Positive int amount) {}

    @EventType("points.earned")
    record PointsEarned(@EventKey String userId, int points) {}

    @EventProcessor(name = "points")
    static class Points {
        final ConcurrentLinkedQueue<Object> seen = new ConcurrentLinkedQueue<>();
        private final EventPublisher publisher;

        Points(EventPublisher publisher) {
            this.publisher = publisher;
        }

        @OnEvent
        PointsEarned on(OrderPaid paid, EventEnvelope envelope) {
            seen.add(paid);
            publisher.publish(new PointsEarned(paid.userId(), 1));
            return new PointsEarned(paid.userId(), paid.amount());
        }

        @OnEvent(name = "earned")
        @Retry(maxRetries = 3)
        void on(PointsEarned earned) {
            seen.add(earned);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithPoints {
        @Bean
        Points points(EventPublisher publisher) {
            return new Points(publisher);
        }
    }

    @Test
    void handlesWhatWasPublishedAndWhatHandlersPublish() {
        runner.withUserConfiguration(WithPoints.class).run(context -> {
            assertThat(context).hasNotFailed();
            AmendsEngine engine = context.getBean(AmendsEngine.class);
            await().until(() -> engine.report().processors().getFirst().slots() == 128);
            context.getBean(EventPublisher.class).publishNow(new OrderPaid("u-1", 20));
            Points points = context.getBean(Points.class);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(points.seen)
                            .containsExactly(
                                    new OrderPaid("u-1", 20), new PointsEarned("u-1", 1), new PointsEarned("u-1", 20)));
        });
    }

    @Test
    void readsItsSettingsFromTheApplication() {
        runner.withPropertyValues(
                        "spring.application.name=shop",
                        "spring.application.version=1.2.3",
                        "amends.lease=30s",
                        "amends.heartbeat=10s",
                        "amends.limits.payload=64KB",
                        "amends.immediate-backoffs=10ms,20ms,30ms",
                        "amends.keep-done=7d",
                        "amends.compensation.enabled=false",
                        "amends.handling.enabled=false",
                        "amends.node-name=node-a")
                .run(context -> {
                    EngineSettings settings = context.getBean(EngineSettings.class);
                    assertThat(settings.source()).isEqualTo("/shop");
                    assertThat(settings.build()).isEqualTo("1.2.3");
                    assertThat(settings.nodeName()).isEqualTo("node-a");
                    assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(30));
                    assertThat(settings.limits().payloadBytes()).isEqualTo(65_536);
                    assertThat(settings.immediateBackoffs())
                            .containsExactly(Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofMillis(30));
                    assertThat(settings.keepDone()).isEqualTo(Duration.ofDays(7));
                    assertThat(settings.compensationEnabled()).isFalse();
                    assertThat(settings.handlingEnabled()).isFalse();
                });
    }

    @Test
    void hasTheEnginesDefaultsWithoutConfiguration() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(AmendsAutoConfiguration.class))
                .withUserConfiguration(InMemorySetup.class)
                .withPropertyValues("amends.node-name=node")
                .run(context -> assertThat(context.getBean(EngineSettings.class))
                        .isEqualTo(EngineSettings.defaults("/application")));
    }

    @Test
    void isOffWhenToldSo() {
        runner.withPropertyValues("amends.enabled=false").run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context).doesNotHaveBean(AmendsEngine.class);
            assertThat(context).doesNotHaveBean(EventPublisher.class);
        });
    }

    @Test
    void takesDefinitionsAndSpecsFromBeansAsWell() {
        runner.withBean(
                        ProcessorSpec.class,
                        () -> ProcessorSpec.named("spec").on(OrderPaid.class, (paid, delivery) -> {}))
                .withBean(
                        "explicit",
                        ProcessorDefinition.class,
                        () -> new ProcessorDefinition(
                                "explicit",
                                Order.ALL,
                                io.amends.api.OnFailure.STOP,
                                List.of(),
                                1,
                                1,
                                1,
                                io.amends.api.StartFrom.NOW,
                                List.of(),
                                List.of(),
                                List.of(new FunctionDefinition(
                                        "f",
                                        List.of("x"),
                                        new io.amends.core.define.HandlerFunction() {
                                            @Override
                                            public Object decode(EventEnvelope event) {
                                                return event;
                                            }

                                            @Override
                                            public Object invoke(
                                                    List<io.amends.core.define.HandledEvent> events,
                                                    io.amends.api.Attempt attempt) {
                                                return null;
                                            }
                                        },
                                        false,
                                        Effects.DATABASE,
                                        RetryPolicy.DEFAULT,
                                        io.amends.core.define.ErrorRules.NONE,
                                        List.of()))))
                .withUserConfiguration(WithPoints.class)
                .run(context -> assertThat(context.getBean(BeanProcessors.class).definitions())
                        .extracting(ProcessorDefinition::name)
                        .containsExactly("explicit", "points", "spec"));
    }

    @Test
    void putsWhatOperatorsConfigureOverWhatTheCodeSays() {
        runner.withUserConfiguration(WithPoints.class)
                .withPropertyValues(
                        "amends.retry.max-retries=7",
                        "amends.retry.jitter=0.5",
                        "amends.processors.points.retry.min-backoff=5s",
                        "amends.processors.points.concurrency=3",
                        "amends.processors.points.batch=10",
                        "amends.processors.points.functions.earned.enabled=false",
                        "amends.processors.points.functions[on(OrderPaid)].execution-timeout=9s")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    ProcessorDefinition points =
                            context.getBean(BeanProcessors.class).definitions().getFirst();
                    assertThat(points.concurrency()).isEqualTo(3);
                    assertThat(points.batch()).isEqualTo(10);
                    assertThat(points.function("on(OrderPaid)").policy())
                            .isEqualTo(new RetryPolicy(
                                    true, 7, Duration.ofSeconds(5), Duration.ofSeconds(9), Duration.ZERO, 0.5));
                    assertThat(points.function("earned").policy())
                            .as("the annotation goes before the application's, the function's override before both")
                            .isEqualTo(new RetryPolicy(
                                    false, 3, Duration.ofSeconds(5), Duration.ofSeconds(120), Duration.ZERO, 0.5));
                });
    }

    @EventProcessor(name = "bad name")
    static class ManyMistakes {
        @OnEvent("a")
        @Transactional(propagation = Propagation.REQUIRES_NEW)
        void requiresNew(EventEnvelope event) {}

        @OnEvent("b")
        @Transactional(propagation = Propagation.NOT_SUPPORTED)
        void notSupported(EventEnvelope event) {}

        @OnEvent("c")
        @Transactional(propagation = Propagation.NEVER, readOnly = true)
        void neverAndReadOnly(EventEnvelope event) {}

        @OnEvent("d")
        @Transactional("other")
        void otherManager(EventEnvelope event) {}

        @OnEvent("e")
        @Transactional(isolation = Isolation.SERIALIZABLE)
        void serializable(EventEnvelope event) {}

        @OnEvent("f")
        @Async
        void async(EventEnvelope event) {}

        @OnEvent("g")
        @jakarta.transaction.Transactional(jakarta.transaction.Transactional.TxType.REQUIRES_NEW)
        void jakarta(EventEnvelope event) {}

        @OnEvent(value = "h", effects = Effects.OUTSIDE)
        @Transactional(propagation = Propagation.REQUIRES_NEW)
        void outside(EventEnvelope event) {}

        @OnEvent("i")
        @Transactional
        void fine(EventEnvelope event) {}
    }

    @Test
    void reportsAllMistakesOfCodeAndConfigurationAtOnce() {
        runner.withBean(ManyMistakes.class)
                .withUserConfiguration(WithPoints.class)
                .withPropertyValues(
                        "amends.lease=1s",
                        "amends.relay-batch=0",
                        "amends.console.path=amends/",
                        "amends.retry.max-retries=-1")
                .run(context -> {
                    assertThat(context).hasFailed();
                    FailureAnalysis analysis = new SetupFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis.getDescription().lines().map(String::strip))
                            .contains(
                                    "- amends.lease: 1s (expected: 2s..300s)",
                                    "- amends.relay-batch: 0 (expected: 1..10000)",
                                    "- amends.console.path: \"amends/\" (expected: a path like /amends, without a slash"
                                            + " at its end)",
                                    "- amends.retry: maxRetries: -1 (expected: 0..1000)");
                    String text = analysis.getDescription();
                    assertThat(text).contains("name: \"bad name\"");
                    for (String method : List.of(
                            "requiresNew(): @Transactional(propagation = REQUIRES_NEW)",
                            "notSupported(): @Transactional(propagation = NOT_SUPPORTED)",
                            "neverAndReadOnly(): @Transactional(propagation = NEVER)",
                            "neverAndReadOnly(): @Transactional(readOnly = true)",
                            "otherManager(): @Transactional(\"other\")",
                            "serializable(): @Transactional with another isolation",
                            "async(): @Async",
                            "jakarta(): @Transactional(propagation = REQUIRES_NEW)")) {
                        assertThat(text).contains(method);
                    }
                    assertThat(text).doesNotContain("outside(", "fine(");
                    assertThat(analysis.getAction()).isNotBlank();
                });
    }

    @Test
    void reportsOverridesThatNameNothing() {
        runner.withUserConfiguration(WithPoints.class)
                .withPropertyValues(
                        "amends.processors.coins.retry.enabled=false",
                        "amends.processors.points.functions.nope.enabled=false",
                        "amends.processors.points.concurrency=0",
                        "amends.processors.points.retry.max-retries=2000")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOfSatisfying(
                                InvalidDefinitionException.class,
                                invalid -> assertThat(invalid.mistakes())
                                        .satisfiesExactlyInAnyOrder(
                                                text -> assertThat(text)
                                                        .startsWith(
                                                                "amends.processors.coins: no such processor (expected: one"
                                                                        + " of [points])"),
                                                text -> assertThat(text)
                                                        .startsWith(
                                                                "amends.processors.points.functions[nope]: no such function"
                                                                        + " (expected: one of [earned, on(OrderPaid)]"),
                                                text -> assertThat(text)
                                                        .isEqualTo("amends.processors.points.concurrency: 0 (expected:"
                                                                + " 1..1000)"),
                                                text -> assertThat(text)
                                                        .isEqualTo(
                                                                "amends.processors.points.retry: maxRetries: 2000 (expected:"
                                                                        + " 0..1000)"))));
    }

    @EventProcessor(name = "proxied")
    static class Proxied {
        static final AtomicInteger CALLS = new AtomicInteger();
        private final String field = "set";

        @OnEvent
        public void on(OrderPaid paid) {
            assertThat(field).isEqualTo("set");
            CALLS.incrementAndGet();
        }
    }

    @org.aspectj.lang.annotation.Aspect
    static class Around {
        static final AtomicInteger CALLS = new AtomicInteger();

        @org.aspectj.lang.annotation.Before("execution(* io.amends.spring.AmendsAutoConfigurationTest.Proxied.on(..))")
        public void before() {
            CALLS.incrementAndGet();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAspectJAutoProxy(proxyTargetClass = true)
    static class WithProxies {
        @Bean
        @Scope(value = "singleton", proxyMode = ScopedProxyMode.TARGET_CLASS)
        Proxied proxied() {
            return new Proxied();
        }

        @Bean
        Around around() {
            return new Around();
        }
    }

    @Test
    void callsProxiedProcessorsThroughTheirProxy() {
        runner.withUserConfiguration(WithProxies.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(BeanProcessors.class).definitions()).hasSize(1);
            AmendsEngine engine = context.getBean(AmendsEngine.class);
            await().until(() -> engine.report().processors().getFirst().slots() == 128);
            context.getBean(EventPublisher.class).publishNow(new OrderPaid("u", 1));
            await().untilAtomic(Proxied.CALLS, org.hamcrest.Matchers.is(1));
            assertThat(Around.CALLS).hasValue(1);
        });
    }

    @EventProcessor(name = "validating")
    static class Validating {
        @OnEvent
        void on(OrderPaid paid) {
            try (var factory = Validation.buildDefaultValidatorFactory()) {
                var violations = factory.getValidator().validate(paid);
                if (!violations.isEmpty()) {
                    throw new IllegalStateException(
                            "wrapped", new jakarta.validation.ConstraintViolationException(violations));
                }
            }
        }
    }

    @Test
    void recordsViolatedConstraintsWithoutTheirValues() {
        runner.withBean(Validating.class)
                .withPropertyValues("amends.immediate-backoffs=")
                .run(context -> {
                    AmendsEngine engine = context.getBean(AmendsEngine.class);
                    await().until(() -> engine.report().processors().getFirst().slots() == 128);
                    context.getBean(EventPublisher.class).publishNow(new OrderPaid("u", -77));
                    Operations operations = context.getBean(Operations.class);
                    await().until(() ->
                            !operations.failures(FailureFilter.ALL, null, 10).isEmpty());
                    FailedExecution failure =
                            operations.failures(FailureFilter.ALL, null, 10).getFirst();
                    assertThat(failure.error().bindings()).singleElement().satisfies(binding -> {
                        assertThat(binding.path()).isEqualTo("amount");
                        assertThat(binding.message()).isEqualTo("must be greater than 0");
                    });
                });
    }

    @Test
    void startsAndStopsWithTheApplicationAndCanStartAgain() {
        runner.withUserConfiguration(WithPoints.class).run(context -> {
            EngineLifecycle lifecycle = context.getBean(EngineLifecycle.class);
            assertThat(lifecycle.isRunning()).isTrue();
            assertThat(lifecycle.report().running()).isTrue();
            String first = lifecycle.report().nodeId();
            context.stop();
            assertThat(lifecycle.report().running()).isFalse();
            context.getBean(EventPublisher.class).publishNow(new OrderPaid("u-1", 20));
            context.start();
            assertThat(lifecycle.report().running()).isTrue();
            assertThat(lifecycle.report().nodeId()).isNotEqualTo(first);
            Points points = context.getBean(Points.class);
            await().atMost(Duration.ofSeconds(20)).until(() -> points.seen.size() == 3);
        });
    }

    @Test
    void startsTheEngineAlsoWhereBeansAreMadeLate() {
        runner.withUserConfiguration(WithPoints.class)
                .withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> assertThat(
                                context.getBean(EngineLifecycle.class).isRunning())
                        .isTrue());
    }

    @Test
    void saysWhatIsMissingWithoutADatabase() {
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(AmendsStoreAutoConfiguration.class, AmendsAutoConfiguration.class))
                .run(context -> {
                    FailureAnalysis analysis = new SetupFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis.getDescription()).contains("has no transaction manager");
                    assertThat(analysis.getAction()).contains("spring.datasource.url", "amends.enabled=false");
                });
    }

    @Test
    void leavesTheStoreToTheApplicationThatHasOne() {
        runner.run((AssertableApplicationContext context) -> {
            assertThat(context).hasSingleBean(Store.class);
            assertThat(context).doesNotHaveBean(io.amends.jdbc.JdbcTransactions.class);
        });
    }
}
