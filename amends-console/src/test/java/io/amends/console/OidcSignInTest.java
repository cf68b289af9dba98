package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OidcSignInTest {
    private static final String BASE = "https://ops.example.com/amends";
    static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final String NEW_KEY =
            Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(UTF_8));

    private final ServiceWithFailures service = new ServiceWithFailures();
    private final MovedClock clock = new MovedClock();
    private final List<OperatorApi> nodes = new ArrayList<>();
    private ProviderForTests provider;
    private OperatorApi api;
    private final Browser browser = new Browser();

    private static final class MovedClock implements InstantSource {
        private Instant now = Instant.parse("2026-11-29T10:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeEach
    void start() throws IOException {
        provider = new ProviderForTests();
        provider.now = clock.now;
        api = node(KEY);
    }

    @AfterEach
    void close() {
        nodes.forEach(OperatorApi::close);
        provider.close();
        service.close();
    }

    private void pass(Duration time) {
        clock.now = clock.now.plus(time);
        provider.now = clock.now;
    }

    static OidcSettings settings(String issuer, String base, String... keys) {
        return new OidcSettings(
                new OidcSettings.Provider(
                        issuer, "console", ProviderForTests.SECRET, List.of("openid"), OidcSettings.ALGORITHMS),
                new OidcSettings.Claims(
                        "preferred_username",
                        "realm_access.roles",
                        new TreeMap<>(Map.of("operator", List.of("ops"), "admin", List.of("root")))),
                new OidcSettings.Sessions(base, List.of(keys), Duration.ofHours(8), Duration.ofMinutes(30)));
    }

    private OperatorApi node(String... keys) {
        OperatorApi node = new OperatorApi(
                service.operations,
                service.operatorStore,
                Access.with(new OidcSignIn(settings(provider.issuer(), BASE, keys), Roles.DEFAULT, clock)),
                true);
        nodes.add(node);
        return node;
    }

    /** A browser that keeps cookies as it is told, and follows no redirect by itself. */
    private final class Browser {
        private final Map<String, String> cookies = new TreeMap<>();
        private final Map<String, String> headers = new TreeMap<>();

        ApiResponse get(String path) {
            return send("GET", path, api);
        }

        ApiResponse send(String method, String path, OperatorApi node) {
            URI uri = URI.create("http://x" + path);
            Map<String, List<String>> query = new TreeMap<>();
            ProviderForTests.form(uri.getRawQuery()).forEach((name, value) -> query.put(name, List.of(value)));
            Map<String, String> sent = new TreeMap<>(headers);
            List<String> pairs = new ArrayList<>();
            cookies.forEach((name, value) -> pairs.add(name + "=" + value));
            sent.put("cookie", String.join("; ", pairs));
            boolean auth = uri.getPath().startsWith("/auth");
            ApiRequest request = new ApiRequest(
                    method,
                    auth ? uri.getPath().substring("/auth".length()) : uri.getPath(),
                    query,
                    null,
                    sent,
                    new byte[0],
                    new ApiRequest.Caller("anonymous", "192.0.2.1", true, "ops.example.com", null, "same-origin"),
                    null);
            ApiResponse answer = auth ? node.signIn(request) : node.handle(request);
            for (String cookie : answer.cookies()) {
                assertThat(cookie)
                        .startsWith("__Host-")
                        .contains("; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax");
                assertThat(cookie.length()).isLessThan(4096);
                String[] pair = cookie.substring(0, cookie.indexOf(';')).split("=", 2);
                if (cookie.contains("Max-Age=0")) {
                    cookies.remove(pair[0]);
                } else {
                    cookies.put(pair[0], pair[1]);
                }
            }
            return answer;
        }

        /** Begins, signs in at the provider, and says where the provider sends it. */
        String begin(String page) {
            ApiResponse begun = get("/auth/sign-in?to=" + java.net.URLEncoder.encode(page, UTF_8));
            assertThat(begun.status()).isEqualTo(303);
            String address = begun.headers().get("Location");
            if (!address.startsWith(provider.issuer())) {
                return address;
            }
            try {
                HttpResponse<Void> answer = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(address)).build(),
                                HttpResponse.BodyHandlers.discarding());
                String back = answer.headers().firstValue("Location").orElseThrow();
                assertThat(back).startsWith(BASE + "/auth/callback?");
                return back.substring(BASE.length());
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /** Where it is in the end. */
        String signIn(String page) {
            String back = begin(page);
            return back.startsWith("/") ? get(back).headers().get("Location") : back;
        }

        String session() {
            return cookies.keySet().stream()
                    .filter(name -> name.matches("__Host-amends-[0-9a-f]{8}"))
                    .findFirst()
                    .orElse("");
        }

        int status() {
            return get("/me").status();
        }
    }

    @Test
    void whoSignsInIsKnownByNameAndRolesAndIsWhereTheyWanted() {
        ApiResponse before = browser.get("/me");
        assertThat(before.status()).isEqualTo(401);
        assertThat(before.headers())
                .containsEntry("Amends-Sign-In", "auth/sign-in")
                .doesNotContainKey("WWW-Authenticate");

        assertThat(browser.signIn("failures?state=FAILED&q=a%20b")).isEqualTo(BASE + "/failures?state=FAILED&q=a%20b");
        JsonNode me = JsonMapper.shared().readTree(browser.get("/me").body());
        assertThat(me.get("name").asString()).isEqualTo("ann");
        assertThat(me.get("mode").asString()).isEqualTo("oidc");
        assertThat(me.get("roles").toString()).isEqualTo("[\"operator\"]");
        assertThat(browser.cookies).as("what was begun is gone").hasSize(1);
        assertThat(browser.cookies.toString()).as("sealed").doesNotContain("ann");
    }

    @Test
    void everyNodeWithTheKeyDoesEachStep() {
        String back = browser.begin("");
        OperatorApi other = node(KEY);
        assertThat(browser.send("GET", back, other).headers()).containsEntry("Location", BASE + "/");
        assertThat(browser.status()).isEqualTo(200);
        assertThat(browser.send("GET", "/me", node(NEW_KEY, KEY)).status())
                .as("the key is replaced")
                .isEqualTo(200);
        ApiResponse gone = browser.send("GET", "/me", node(NEW_KEY));
        assertThat(gone.status()).as("the key is gone").isEqualTo(401);
        assertThat(new String(gone.body(), UTF_8)).contains("session-ended");
    }

    @Test
    void severalTabsSignInSideBySide() {
        List<String> backs = Stream.of("a", "b", "c").map(browser::begin).toList();
        assertThat(browser.get(backs.get(1)).headers()).containsEntry("Location", BASE + "/b");
        assertThat(browser.get(backs.get(0)).headers()).containsEntry("Location", BASE + "/a");
        for (int i = 0; i < 20; i++) {
            browser.begin("x" + i);
        }
        assertThat(browser.cookies).as("bounded").hasSizeLessThanOrEqualTo(6);
    }

    @Test
    void aSessionEndsWhenThePersonDoesNothingOrItsTimeIsOver() {
        browser.signIn("");
        pass(Duration.ofMinutes(20));
        assertThat(browser.get("/me").cookies()).as("a page that only polls").isEmpty();
        browser.headers.put("amends-active", "1");
        assertThat(browser.get("/me").cookies()).hasSize(1);
        assertThat(browser.get("/me").cookies()).as("again at once").isEmpty();
        pass(Duration.ofMinutes(20));
        assertThat(browser.status()).isEqualTo(200);
        for (int i = 0; i < 21; i++) {
            pass(Duration.ofMinutes(20));
            assertThat(browser.status()).isEqualTo(200);
        }
        pass(Duration.ofMinutes(21));
        assertThat(browser.status()).as("8 h").isEqualTo(401);
        browser.signIn("");
        browser.headers.clear();
        pass(Duration.ofMinutes(30));
        ApiResponse idle = browser.get("/me");
        assertThat(idle.status()).isEqualTo(401);
        assertThat(new String(idle.body(), UTF_8)).contains("session-ended");
    }

    @Test
    void signingOutEndsTheSessionHereAndAtTheProvider() {
        browser.signIn("");
        ApiResponse out = browser.send("POST", "/auth/sign-out", api);
        assertThat(JsonMapper.shared().readTree(out.body()).get("location").asString())
                .isEqualTo(provider.issuer() + "/logout?realm=x&client_id=console&post_logout_redirect_uri="
                        + "https%3A%2F%2Fops.example.com%2Famends%2F");
        assertThat(browser.status()).isEqualTo(401);
        assertThat(browser.get("/auth/sign-out").status())
                .as("a link signs nobody out")
                .isEqualTo(404);
    }

    @Test
    void aProviderWithoutSignOutLeadsBackToTheConsole() {
        provider.documentTweak = document -> document.remove("end_session_endpoint");
        ApiResponse out = browser.send("POST", "/auth/sign-out", api);
        assertThat(new String(out.body(), UTF_8)).isEqualTo("{\"location\":\"" + BASE + "/\"}");
    }

    @Test
    void signsInWithACurveAndWithTheSecretInTheBody() {
        provider.signing = ProviderForTests.Signing.ES256;
        provider.documentTweak =
                document -> document.put("token_endpoint_auth_methods_supported", List.of("client_secret_post"));
        assertThat(browser.signIn("")).isEqualTo(BASE + "/");
        assertThat(browser.status()).isEqualTo(200);
    }

    @Test
    void aRotatedKeyIsReadAgain() {
        browser.signIn("");
        provider.rotate();
        browser.cookies.clear();
        assertThat(browser.signIn("")).isEqualTo(BASE + "/");
        assertThat(provider.keysRead).isEqualTo(2);
        browser.cookies.clear();
        browser.signIn("");
        assertThat(provider.keysRead).as("and kept").isEqualTo(2);
    }

    @Test
    void whoHasNoneOfTheRolesMayDoNothing() {
        provider.tweak = claims -> claims.put("realm_access", Map.of("roles", "guest"));
        browser.signIn("");
        assertThat(browser.status()).isEqualTo(200);
        assertThat(browser.get("/failures").status()).isEqualTo(403);
    }

    private static Arguments misbehaves(String what, String code, Consumer<ProviderForTests> how) {
        return Arguments.of(what, code, how);
    }

    private static Arguments claims(String what, Consumer<Map<String, Object>> tweak) {
        return misbehaves(what, "not-believed", provider -> provider.tweak = tweak);
    }

    static Stream<Arguments> misbehaviour() {
        return Stream.of(
                claims("nonce of another sign-in", claims -> claims.put("nonce", "another")),
                claims("no nonce", claims -> claims.remove("nonce")),
                claims("for another client", claims -> claims.put("aud", "other")),
                claims("for nobody", claims -> claims.remove("aud")),
                claims("two clients, no party", claims -> claims.put("aud", List.of("console", "other"))),
                claims("another party", claims -> {
                    claims.put("aud", List.of("console", "other"));
                    claims.put("azp", "other");
                }),
                claims("of another issuer", claims -> claims.put("iss", "https://evil.example")),
                claims("of no issuer", claims -> claims.remove("iss")),
                claims("expired", claims -> claims.put("exp", (long) claims.get("iat") - 61)),
                claims("never expires", claims -> claims.remove("exp")),
                claims("not yet valid", claims -> claims.put("nbf", (long) claims.get("iat") + 600)),
                claims("of nobody", claims -> claims.remove("sub")),
                misbehaves("not signed", "not-believed", p -> p.signing = ProviderForTests.Signing.NONE),
                misbehaves(
                        "HMAC with the public key",
                        "not-believed",
                        p -> p.signing = ProviderForTests.Signing.HS256_WITH_PUBLIC_KEY),
                misbehaves(
                        "a key of somebody else",
                        "not-believed",
                        p -> p.signing = ProviderForTests.Signing.UNKNOWN_KEY),
                misbehaves(
                        "another issuer answers",
                        "not-believed",
                        p -> p.answerTweak = answer -> answer.put("iss", "https://evil.example")),
                misbehaves(
                        "an issuer that names itself does not",
                        "not-believed",
                        p -> p.documentTweak =
                                document -> document.put("authorization_response_iss_parameter_supported", true)),
                misbehaves(
                        "a code that is not the provider's",
                        "not-believed",
                        p -> p.answerTweak = answer -> answer.put("code", "injected")),
                misbehaves(
                        "state of another sign-in",
                        "begun-elsewhere",
                        p -> p.answerTweak = answer -> answer.put("state", "another")),
                misbehaves("no state", "begun-elsewhere", p -> p.answerTweak = answer -> answer.remove("state")),
                misbehaves(
                        "refused",
                        "refused",
                        p -> p.answerTweak = answer -> {
                            answer.remove("code");
                            answer.put("error", "access_denied");
                        }),
                misbehaves("no name", "no-name", p -> p.tweak = claims -> claims.remove("preferred_username")),
                misbehaves(
                        "a name with a line feed",
                        "no-name",
                        p -> p.tweak = claims -> claims.put("preferred_username", "ann\nadmin")),
                misbehaves("token endpoint in trouble", "provider-away", p -> p.tokenStatus = 503),
                misbehaves(
                        "document of another issuer",
                        "provider-away",
                        p -> p.documentTweak = document -> document.put("issuer", "https://evil.example")),
                misbehaves(
                        "keys without TLS",
                        "provider-away",
                        p -> p.documentTweak = document -> document.put("jwks_uri", "http://192.0.2.1/keys")),
                misbehaves(
                        "a document without end",
                        "provider-away",
                        p -> p.documentTweak = document -> document.put("x", "x".repeat(300_000))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("misbehaviour")
    void whatIsNotAsItShouldBeSignsNobodyIn(String what, String code, Consumer<ProviderForTests> how) {
        how.accept(provider);
        assertThat(browser.signIn("failures")).startsWith(BASE + "/").endsWith("?sign-in=" + code);
        assertThat(browser.session()).isEmpty();
        assertThat(browser.status()).isEqualTo(401);
    }

    @Test
    void anAnswerIsTakenOnceAndFromThisBrowserOnlyAndInTime() {
        String back = browser.begin("");
        Browser other = new Browser();
        assertThat(other.get(back).headers().get("Location")).endsWith("sign-in=begun-elsewhere");
        Map<String, String> before = new TreeMap<>(browser.cookies);
        assertThat(browser.get(back).headers()).containsEntry("Location", BASE + "/");
        assertThat(browser.get(back).headers().get("Location")).as("again").endsWith("sign-in=begun-elsewhere");
        other.cookies.putAll(before);
        assertThat(other.get(back).headers().get("Location"))
                .as("with a copy of the cookie, but the code is used")
                .endsWith("sign-in=not-believed");
        String late = browser.begin("");
        pass(Duration.ofMinutes(10));
        assertThat(browser.get(late).headers().get("Location")).endsWith("sign-in=begun-elsewhere");
    }

    @Test
    void aCookieThatWasChangedOrMadeForSomethingElseIsNobodys() {
        browser.begin("");
        String begun = browser.cookies.values().iterator().next();
        browser.cookies.clear();
        browser.signIn("");
        String name = browser.session();
        String good = browser.cookies.get(name);
        for (int i = 0; i < good.length(); i += 7) {
            char other = good.charAt(i) == 'A' ? 'B' : 'A';
            browser.cookies.put(name, good.substring(0, i) + other + good.substring(i + 1));
            assertThat(browser.status()).as("character " + i).isEqualTo(401);
        }
        for (String bad : List.of("", "x", "!", begun, good + "A", good.substring(4), "A".repeat(5000))) {
            browser.cookies.put(name, bad);
            assertThat(browser.status()).isEqualTo(401);
        }
        browser.cookies.put(name, good);
        assertThat(browser.status()).isEqualTo(200);
        OperatorApi elsewhere = new OperatorApi(
                service.operations,
                service.operatorStore,
                Access.with(new OidcSignIn(settings(provider.issuer(), BASE + "2", KEY), Roles.DEFAULT, clock)),
                true);
        nodes.add(elsewhere);
        assertThat(browser.send("GET", "/me", elsewhere).status())
                .as("of another console with this key")
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/",
                "//evil.example",
                "\\\\evil.example",
                "/\\evil.example",
                "../../other",
                "a/%2e%2e/b",
                "failures\r\nSet-Cookie: x=y",
                "auth/sign-in",
                "/auth/sign-out",
                "api/v1/me",
                "<script>",
                "javascript:alert(1)"
            })
    void thePageWantedIsInTheConsole(String page) {
        String end = browser.signIn(page);
        assertThat(end).startsWith(BASE + "/").doesNotContain("..", "\r", "<", "/auth", "/api");
        assertThat(URI.create(end).getHost()).isEqualTo("ops.example.com");
        assertThat(browser.status()).isEqualTo(200);
    }

    @Test
    void aPageOfAnotherSiteSignsNobodyOut() {
        browser.signIn("");
        ApiResponse out = api.signIn(new ApiRequest(
                "POST",
                "/sign-out",
                Map.of(),
                null,
                Map.of(),
                new byte[0],
                new ApiRequest.Caller("anonymous", "192.0.2.1", true, "ops.example.com", null, "cross-site"),
                null));
        assertThat(out.status()).isEqualTo(403);
        assertThat(out.cookies()).isEmpty();
    }

    @Test
    void theProviderMayBeAwayAtTheStartAndComeBack() {
        provider.documentTweak = document -> document.remove("token_endpoint");
        assertThat(browser.signIn("")).isEqualTo(BASE + "/?sign-in=provider-away");
        provider.documentTweak = document -> {};
        assertThat(browser.signIn("")).as("not asked again at once").endsWith("provider-away");
        pass(Duration.ofSeconds(6));
        assertThat(browser.signIn("")).isEqualTo(BASE + "/");
        provider.documentTweak = document -> document.remove("token_endpoint");
        pass(Duration.ofHours(2));
        assertThat(browser.signIn("")).as("what was known stays").isEqualTo(BASE + "/");
    }

    @Test
    void namesEveryMistakeOfTheSettingsAndNoSecret() {
        OidcSettings bad = new OidcSettings(
                new OidcSettings.Provider(
                        "http://login.example.com", "", "hidden", List.of("profile"), List.of("none", "HS256")),
                new OidcSettings.Claims("", "groups", new TreeMap<>(Map.of("king", List.of()))),
                new OidcSettings.Sessions(
                        "http://ops.example.com/amends",
                        List.of("c2hvcnQ=", "!secret!"),
                        Duration.ofDays(8),
                        Duration.ofSeconds(1)));
        assertThat(bad.mistakes(Roles.DEFAULT.rules().keySet()))
                .hasSize(12)
                .anyMatch(mistake -> mistake.startsWith("issuer: http://login.example.com (expected"))
                .anyMatch(mistake -> mistake.startsWith("base-url: "))
                .anyMatch(mistake -> mistake.startsWith("client-id: none"))
                .anyMatch(mistake -> mistake.startsWith("scopes: [profile]"))
                .anyMatch(mistake -> mistake.startsWith("algorithms: [none, HS256]"))
                .anyMatch(mistake -> mistake.startsWith("name-claim: none"))
                .anyMatch(mistake -> mistake.startsWith("role-mapping.king: no such role"))
                .anyMatch(mistake -> mistake.startsWith("role-mapping.king: no values"))
                .anyMatch(mistake -> mistake.startsWith("cookie-keys[0]: 5 bytes (expected: 32)"))
                .anyMatch(mistake -> mistake.startsWith("cookie-keys[1]: not base 64"))
                .noneMatch(mistake -> mistake.contains("secret!") || mistake.contains("c2hv"));
        assertThat(bad.toString()).doesNotContain("hidden", "c2hv");
        OidcSettings none = new OidcSettings(
                new OidcSettings.Provider("", "c", null, List.of("openid"), OidcSettings.ALGORITHMS),
                new OidcSettings.Claims("sub", "groups", new TreeMap<>()),
                new OidcSettings.Sessions(
                        "http://localhost:8080/amends", List.of(), Duration.ofHours(8), Duration.ofHours(8)));
        assertThat(none.mistakes(List.of("viewer")))
                .hasSize(3)
                .anyMatch(mistake -> mistake.startsWith("issuer: none"))
                .anyMatch(mistake -> mistake.startsWith("role-mapping: none"))
                .anyMatch(mistake -> mistake.startsWith("cookie-keys: 0 (expected"));
        assertThatThrownBy(() -> new OidcSignIn(none, Roles.DEFAULT, clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cookie-keys");
    }

    @ParameterizedTest
    @CsvSource({"groups, true", "a.b, true", "a.b.c, false", "https://x.y/roles, true", "client.my.app.roles, true"})
    void rolesAreFoundWhereverTheProviderPutsThem(String path, boolean found) {
        provider.tweak = claims -> {
            claims.put("groups", List.of("ops"));
            claims.put("a", Map.of("b", "ops"));
            claims.put("https://x.y/roles", List.of("ops"));
            claims.put("client", Map.of("my.app", Map.of("roles", List.of("ops"))));
        };
        OidcSettings settings = settings(provider.issuer(), BASE, KEY);
        api = new OperatorApi(
                service.operations,
                service.operatorStore,
                Access.with(new OidcSignIn(
                        new OidcSettings(
                                settings.provider(),
                                new OidcSettings.Claims("sub", path, new TreeMap<>(Map.of("viewer", List.of("ops")))),
                                settings.sessions()),
                        Roles.DEFAULT,
                        clock)),
                true);
        nodes.add(api);
        browser.signIn("");
        assertThat(browser.get("/failures").status()).isEqualTo(found ? 200 : 403);
        assertThat(JsonMapper.shared()
                        .readTree(browser.get("/me").body())
                        .get("name")
                        .asString())
                .isEqualTo("17");
    }
}
