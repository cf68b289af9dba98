package io.amends.spring;

import io.amends.console.ApiPage;
import io.amends.console.ConsolePage;
import io.amends.console.Masking;
import io.amends.console.OperatorApi;
import io.amends.console.web.ConsoleRoutes;
import io.amends.console.web.PageRoutes;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.runtime.EngineSettings;
import io.amends.spring.settings.AmendsProperties;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Puts the operator API and the page into a Spring MVC application, at {@code amends.console.path}. An application with a store of its
 * own needs an {@link OperatorStore} bean as well.
 */
@AutoConfiguration(after = AmendsAutoConfiguration.class)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean({Operations.class, OperatorStore.class})
@ConditionalOnBooleanProperty(name = "amends.console.enabled", matchIfMissing = true)
public final class AmendsConsoleAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    OperatorApi amendsOperatorApi(
            Operations operations, OperatorStore store, AmendsProperties properties, EngineSettings settings) {
        return new OperatorApi(
                operations,
                store,
                ConsoleAccess.of(properties.console()),
                new Masking(Stream.concat(properties.console().mask().stream(), properties.redact().headers().stream())
                        .toList()),
                settings.compensationEnabled());
    }

    /** Before the web server waits for its requests to end: streams would not end by themselves. */
    @Bean
    ApplicationListener<ContextClosedEvent> amendsStreamsEnd(ObjectProvider<OperatorApi> api) {
        return closed -> api.ifAvailable(OperatorApi::close);
    }

    @Bean
    RouterFunction<ServerResponse> amendsConsoleRoutes(OperatorApi api, AmendsProperties properties) {
        return ConsoleRoutes.at(properties.console().path(), api);
    }

    @Bean
    RouterFunction<ServerResponse> amendsConsolePageRoutes(AmendsProperties properties) {
        return PageRoutes.at(properties.console().path(), ConsolePage.load());
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "amends.console.api-page")
    RouterFunction<ServerResponse> amendsApiPageRoutes(AmendsProperties properties) {
        ApiPage page = ApiPage.load()
                .orElseThrow(() -> new SetupException(
                        "amends.console.api-page: true, but the page's files are not on the class path",
                        "Add the dependency org.webjars:swagger-ui, or leave amends.console.api-page out"));
        return PageRoutes.at(properties.console().path(), page);
    }
}
