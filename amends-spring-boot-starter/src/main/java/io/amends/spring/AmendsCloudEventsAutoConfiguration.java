package io.amends.spring;

import io.amends.core.runtime.EngineSettings;
import io.amends.core.store.Store;
import io.amends.spring.cloudevents.CloudEventsDoor;
import io.amends.spring.cloudevents.CloudEventsRoutes;
import io.amends.spring.settings.AmendsProperties;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** Takes CloudEvents over HTTP in a Spring MVC application, where {@code amends.cloudevents.enabled=true}. */
@AutoConfiguration(after = AmendsAutoConfiguration.class)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean({Store.class, EngineSettings.class})
@ConditionalOnBooleanProperty(name = "amends.cloudevents.enabled")
public final class AmendsCloudEventsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    CloudEventsDoor amendsCloudEventsDoor(Store store, EngineSettings settings, AmendsProperties properties) {
        AmendsProperties.Cloudevents limits = properties.cloudevents();
        return new CloudEventsDoor(
                store,
                settings.limits(),
                new CloudEventsDoor.Limits((int) limits.maxEventBytes().toBytes(), limits.maxBatch(), (int)
                        limits.maxBatchBytes().toBytes()));
    }

    @Bean
    RouterFunction<ServerResponse> amendsCloudEventsRoutes(CloudEventsDoor door, AmendsProperties properties) {
        return CloudEventsRoutes.at(properties.cloudevents().path(), door);
    }
}
