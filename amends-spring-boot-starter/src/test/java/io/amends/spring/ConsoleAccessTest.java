package io.amends.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.amends.console.Access;
import io.amends.console.OidcSignIn;
import io.amends.console.SignIn;
import io.amends.spring.settings.AmendsProperties;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ConsoleAccessTest {

    private static Access access(String... namesAndValues) {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put("amends.console." + namesAndValues[i], namesAndValues[i + 1]);
        }
        AmendsProperties properties =
                new Binder(new MapConfigurationPropertySource(map)).bindOrCreate("amends", AmendsProperties.class);
        return ConsoleAccess.of(properties.console());
    }

    @Test
    void nobodySignsInUnlessItIsSet() {
        assertThat(access()).isEqualTo(new Access(false));
        assertThat(access("allow-remote", "true")).isEqualTo(new Access(true));
    }

    @Test
    void readsUsersRolesAndTheProxy() {
        assertThat(access(
                                "access.mode",
                                "basic",
                                "access.users.ann.password",
                                SignIn.Basic.hash("x"),
                                "access.users.ann.roles",
                                "viewer,retrier",
                                "access.roles.retrier.permissions",
                                "failures:retry",
                                "access.roles.retrier.processors",
                                "points,mail*")
                        .signIn())
                .isInstanceOf(SignIn.Basic.class);
        assertThat(access("access.mode", "proxy", "access.proxy.networks", "10.0.0.0/8")
                        .signIn())
                .isInstanceOf(SignIn.Proxy.class);
        assertThat(access("access.mode", "host").signIn()).isInstanceOf(SignIn.Host.class);
        assertThat(access(
                                "access.mode",
                                "oidc",
                                "access.oidc.issuer",
                                "https://login.example.com/realms/shop",
                                "access.oidc.client-id",
                                "amends",
                                "access.oidc.base-url",
                                "https://ops.example.com/amends",
                                "access.oidc.role-mapping.viewer",
                                "*",
                                "access.oidc.cookie-keys",
                                Base64.getEncoder().encodeToString(new byte[32]))
                        .signIn())
                .isInstanceOf(OidcSignIn.class);
    }

    @Test
    void namesEveryMistake() {
        assertThatThrownBy(() -> access(
                        "access.mode",
                        "basic",
                        "access.users.ann.password",
                        "plain",
                        "access.users.ann.roles",
                        "king",
                        "access.roles.retrier.permissions",
                        "failures:eat"))
                .isInstanceOf(SetupException.class)
                .hasMessageContaining("failures:eat")
                .hasMessageContaining("king")
                .hasMessageContaining("not a hash")
                .hasMessageNotContaining("plain");
        assertThatThrownBy(() -> access(
                        "access.mode",
                        "oidc",
                        "access.oidc.issuer",
                        "http://login.example.com",
                        "access.oidc.client-secret",
                        "hidden",
                        "access.oidc.cookie-keys",
                        "c2hvcnQ=",
                        "access.roles.retrier.permissions",
                        "failures:eat"))
                .isInstanceOf(SetupException.class)
                .hasMessageContaining("failures:eat")
                .hasMessageContaining("amends.console.access.oidc.issuer: http://login.example.com")
                .hasMessageContaining("oidc.client-id: none")
                .hasMessageContaining("oidc.base-url: none")
                .hasMessageContaining("oidc.role-mapping: none")
                .hasMessageContaining("oidc.cookie-keys[0]: 5 bytes")
                .hasMessageNotContaining("hidden");
        assertThatThrownBy(() -> access("access.mode", "basic")).hasMessageContaining("users: none");
        assertThatThrownBy(() -> access("access.mode", "proxy")).hasMessageContaining("networks: none");
    }
}
