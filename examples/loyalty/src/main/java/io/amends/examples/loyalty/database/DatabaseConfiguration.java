package io.amends.examples.loyalty.database;

import java.io.IOException;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Gives the application a database of its own when it is given none. */
@Configuration(proxyBeanMethods = false)
@Conditional(DatabaseConfiguration.NoUrlGiven.class)
class DatabaseConfiguration {

    @Bean(destroyMethod = "close")
    EmbeddedServer embeddedServer(EmbeddedProperties properties) throws IOException {
        return EmbeddedServer.open(properties.directoryOrDefault(), properties.port());
    }

    /** What the connection pool connects to; so the pool is closed before the server stops. */
    @Bean
    JdbcConnectionDetails embeddedConnection(EmbeddedServer server) {
        return new JdbcConnectionDetails() {
            @Override
            public String getJdbcUrl() {
                return server.url();
            }

            @Override
            public String getUsername() {
                return EmbeddedServer.USER;
            }

            @Override
            public String getPassword() {
                return EmbeddedServer.USER;
            }
        };
    }

    /** True without {@code spring.datasource.url}. */
    static final class NoUrlGiven implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !context.getEnvironment().containsProperty("spring.datasource.url");
        }
    }
}
