package io.amends.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.amends.console.Access;
import io.amends.console.OidcSettings;
import io.amends.console.OidcSignIn;
import io.amends.console.OperatorApi;
import io.amends.console.PageForTests;
import io.amends.console.ProviderForTests;
import io.amends.console.Roles;
import io.amends.console.ServiceWithFailures;
import java.net.CookieManager;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.function.RouterFunction;

/** Sign-in with a real server, real redirects, and a client that keeps cookies as browsers do. */
class OidcOverHttpTest {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void signsInAndOut() throws Exception {
        int port = freePort();
        String base = "http://localhost:" + port + "/ops";
        try (ServiceWithFailures service = new ServiceWithFailures();
                ProviderForTests provider = new ProviderForTests();
                OperatorApi api = new OperatorApi(
                        service.operations,
                        service.operatorStore,
                        Access.with(new OidcSignIn(
                                settings(provider.issuer(), base), Roles.DEFAULT, InstantSource.system())),
                        true);
                ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
                        .properties("server.port=" + port, "spring.main.banner-mode=off")
                        .initializers(context -> {
                            var beans = context.getBeanFactory();
                            // the other way round than the starter has them: the order must not matter
                            beans.registerSingleton("page", PageRoutes.at("/ops", PageForTests.page()));
                            beans.registerSingleton("api", ConsoleRoutes.at("/ops", api));
                        })
                        .run()) {
            assertThat(application.getBeansOfType(RouterFunction.class)).hasSize(2);
            HttpClient client = HttpClient.newBuilder()
                    .cookieHandler(new CookieManager())
                    .followRedirects(HttpClient.Redirect.ALWAYS)
                    .build();
            assertThat(get(client, base + "/api/v1/me").statusCode()).isEqualTo(401);
            HttpResponse<String> page = get(client, base + "/auth/sign-in?to=failures%3Fstate%3DFAILED");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.uri()).hasToString(base + "/failures?state=FAILED");
            assertThat(page.body()).contains("<base href=\"/ops/\">");
            assertThat(get(client, base + "/api/v1/me").body()).contains("\"name\":\"ann\"", "\"mode\":\"oidc\"");
            HttpResponse<String> out = client.send(
                    HttpRequest.newBuilder(URI.create(base + "/auth/sign-out"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
            assertThat(out.body()).contains(provider.issuer() + "/logout");
            assertThat(out.headers().firstValue("Set-Cookie"))
                    .hasValueSatisfying(cookie -> assertThat(cookie)
                            .contains("Max-Age=0", "HttpOnly", "SameSite=Lax")
                            .doesNotContain("Secure", "__Host"));
            assertThat(get(client, base + "/api/v1/me").statusCode()).isEqualTo(401);
        }
    }

    private static HttpResponse<String> get(HttpClient client, String address) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
    }

    private static OidcSettings settings(String issuer, String base) {
        return new OidcSettings(
                new OidcSettings.Provider(
                        issuer, "console", ProviderForTests.SECRET, List.of("openid"), OidcSettings.ALGORITHMS),
                new OidcSettings.Claims("preferred_username", "", new TreeMap<>(Map.of("viewer", List.of("*")))),
                new OidcSettings.Sessions(
                        base,
                        List.of(Base64.getEncoder().encodeToString(new byte[32])),
                        Duration.ofHours(8),
                        Duration.ofMinutes(30)));
    }
}
