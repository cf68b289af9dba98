package io.amends.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignInTest {
    private final SignIn proxy =
            new SignIn.Proxy("X-User", "X-Roles", List.of("10.0.0.0/8", "fd00::/16"), Roles.DEFAULT);

    /** The hash of a password with a salt of zeros and one iteration. */
    static String derived(String password) {
        try {
            return Base64.getEncoder()
                    .encodeToString(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(new PBEKeySpec(password.toCharArray(), new byte[16], 1, 256))
                            .getEncoded());
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theProxySaysWhoItIs() {
        Identity identity = known(proxy, "10.1.2.3", Map.of("x-user", "ann", "x-roles", "viewer, admin,other"), null);
        assertThat(identity.name()).isEqualTo("ann");
        assertThat(identity.mode()).isEqualTo("proxy");
        assertThat(identity.roles()).containsExactly("admin", "viewer");
        assertThat(known(proxy, "fd00::1", Map.of("x-user", "ann"), null).grants())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"11.0.0.1, ann", "127.0.0.1, ann", "fd01::1, ann", "unix, ann", "10.0.0.1, ''", "10.0.0.1, 'a\u0001'"})
    void whoComesFromElsewhereOrIsNotNamedIsNotBelieved(String address, String name) {
        assertThat(recognize(proxy, address, Map.of("x-user", name, "x-roles", "admin"), null))
                .isInstanceOf(SignIn.Result.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "localhost", "10.0.0/8x", "", "::1/129"})
    void aNetworkIsAnAddressAndALength(String network) {
        assertThatThrownBy(() -> new SignIn.Proxy("u", "r", List.of(network), Roles.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void aProxyNeedsANetwork() {
        assertThatThrownBy(() -> new SignIn.Proxy("u", "r", List.of(), Roles.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theApplicationSaysWhoItIsAndInWhichRoles() {
        SignIn host = new SignIn.Host(Roles.DEFAULT);
        Identity identity =
                known(host, "192.0.2.1", Map.of(), new ApiRequest.HostUser("ann", role -> role.equals("operator")));
        assertThat(identity.roles()).containsExactly("operator");
        assertThat(identity.may(Permission.FAILURES_RETRY, "points")).isTrue();
        assertThat(identity.may(Permission.FAILURES_SKIP)).isFalse();
        assertThat(recognize(host, "127.0.0.1", Map.of(), null)).isInstanceOf(SignIn.Result.Refused.class);
    }

    private static Identity known(
            SignIn signIn, String address, Map<String, String> headers, ApiRequest.@Nullable HostUser user) {
        SignIn.Result result = recognize(signIn, address, headers, user);
        assertThat(result).isInstanceOf(SignIn.Result.Known.class);
        return ((SignIn.Result.Known) result).identity();
    }

    private static SignIn.Result recognize(
            SignIn signIn, String address, Map<String, String> headers, ApiRequest.@Nullable HostUser user) {
        return signIn.recognize(new ApiRequest(
                "GET",
                "/me",
                Map.of(),
                null,
                headers,
                new byte[0],
                new ApiRequest.Caller("anonymous", address, false, null, null, null),
                user));
    }
}
