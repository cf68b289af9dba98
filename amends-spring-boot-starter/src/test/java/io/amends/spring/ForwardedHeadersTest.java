package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Who only says that a request comes from somewhere is not believed, however the server reads forwarded headers. */
class ForwardedHeadersTest {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(
            exclude = {
                DataSourceAutoConfiguration.class,
                HibernateJpaAutoConfiguration.class,
                DataJpaRepositoriesAutoConfiguration.class
            })
    @Import(InMemorySetup.class)
    static class Application {}

    private final HttpClient client = HttpClient.newHttpClient();

    @ParameterizedTest
    @CsvSource({"none", "framework", "native"})
    void aForgedAddressOpensNothing(String strategy) throws Exception {
        try (ConfigurableApplicationContext application = start(strategy, "none")) {
            HttpResponse<String> local = get(application);
            if (strategy.equals("native")) {
                // whether it is from this machine nobody can tell
                assertThat(local.statusCode()).isEqualTo(403);
                assertThat(local.body()).contains("server.forward-headers-strategy=native");
            } else {
                assertThat(local.statusCode()).as("from this machine").isEqualTo(200);
            }
            for (String header : new String[] {"X-Forwarded-For", "Forwarded"}) {
                String forged = header.equals("Forwarded") ? "for=127.0.0.1" : "127.0.0.1";
                HttpResponse<String> response = get(application, header, forged);
                assertThat(response.statusCode())
                        .as("%s: %s", strategy, response.body())
                        .isEqualTo(403);
                assertThat(response.body()).contains("remote-access");
            }
        }
        try (ConfigurableApplicationContext application = start(strategy, "proxy")) {
            HttpResponse<String> forged =
                    get(application, "X-Forwarded-For", "10.0.0.5", "X-Forwarded-User", "mallory");
            assertThat(forged.statusCode())
                    .as("%s: %s", strategy, forged.body())
                    .isEqualTo(401);
        }
    }

    /** The proxy's own connection counts, and what it says of the client is only written down. */
    @ParameterizedTest
    @CsvSource({"none", "framework"})
    void theProxyItselfIsBelieved(String strategy) throws Exception {
        try (ConfigurableApplicationContext application = start(strategy, "proxy", "127.0.0.0/8,::1/128")) {
            HttpResponse<String> response = get(
                    application,
                    "X-Forwarded-For",
                    "203.0.113.7",
                    "X-Forwarded-User",
                    "ann",
                    "X-Forwarded-Groups",
                    "viewer");
            assertThat(response.statusCode())
                    .as("%s: %s", strategy, response.body())
                    .isEqualTo(200);
            assertThat(response.body()).contains("\"name\":\"ann\"");
        }
    }

    private static ConfigurableApplicationContext start(String strategy, String mode) {
        return start(strategy, mode, "10.0.0.0/8");
    }

    private static ConfigurableApplicationContext start(String strategy, String mode, String networks) {
        return new SpringApplicationBuilder(Application.class)
                .properties(
                        "server.port=0",
                        "spring.main.banner-mode=off",
                        "spring.application.name=forwarded",
                        "server.forward-headers-strategy=" + strategy,
                        "amends.console.access.mode=" + mode,
                        "amends.console.access.proxy.user-header=X-Forwarded-User",
                        "amends.console.access.proxy.roles-header=X-Forwarded-Groups",
                        "amends.console.access.proxy.networks=" + (mode.equals("proxy") ? networks : ""))
                .run();
    }

    private HttpResponse<String> get(ConfigurableApplicationContext application, String... headers) throws Exception {
        String port = application.getEnvironment().getProperty("local.server.port");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/amends/api/v1/me"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
