package io.amends.benchmarks;

import io.amends.api.EventProcessor;
import io.amends.api.EventPublisher;
import io.amends.api.OnEvent;
import io.amends.api.StartFrom;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The starter as an application uses it: annotations, {@code @Transactional}, JdbcTemplate, payloads in JSON. */
final class SpringMode implements Mode {
    @Override
    public String name() {
        return "Spring + JSON";
    }

    @Override
    public Session open(Database database, Plan plan, Meter meter) {
        SpringApplication application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties(Map.of(
                        "spring.datasource.url", database.url(),
                        "spring.datasource.hikari.maximum-pool-size", "40",
                        "spring.main.banner-mode", "off",
                        "spring.main.log-startup-info", "false",
                        "amends.source", "/bench",
                        "amends.handling.enabled", Boolean.toString(plan.handling())))
                .initializers(context -> ((GenericApplicationContext) context).registerBean(Meter.class, () -> meter))
                .build();
        ConfigurableApplicationContext context = application.run();
        Shop shop = context.getBean(Shop.class);
        return new Session() {
            @Override
            public void publish(long n, String key) {
                shop.pay(n, key);
            }

            @Override
            public void close() {
                context.close();
            }
        };
    }

    /** The application. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Shop.class, Effects.class})
    static class Application {}

    /** Publishes. */
    static class Shop {
        private final JdbcTemplate jdbc;
        private final EventPublisher events;

        Shop(JdbcTemplate jdbc, EventPublisher events) {
            this.jdbc = jdbc;
            this.events = events;
        }

        @Transactional
        public void pay(long n, String key) {
            jdbc.update(Statements.INSERT_BUSINESS, key);
            events.publish(new OrderPaid(n, key, "order-" + n, BigDecimal.valueOf(n % 10_000, 2), Instant.now()));
        }
    }

    /** Handles. */
    @EventProcessor(name = EngineMode.PROCESSOR, startFrom = StartFrom.EARLIEST)
    static class Effects {
        private final JdbcTemplate jdbc;
        private final Meter meter;

        Effects(JdbcTemplate jdbc, Meter meter) {
            this.jdbc = jdbc;
            this.meter = meter;
        }

        @OnEvent
        void on(OrderPaid event) {
            jdbc.update(Statements.INSERT_EFFECT, event.n(), event.userId());
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    meter.handled(event.n());
                }
            });
        }
    }
}
