package io.amends.console;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.amends.console.OidcException.Reason;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The OpenID provider as this service sees it: OpenID Connect Core 1.0 (code flow), Discovery 1.0, PKCE (RFC 7636), issuer in
 * the answer (RFC 9207), RP-Initiated Logout 1.0.
 *
 * <p>Nothing is asked before somebody signs in, so the service starts while the provider is away. Its discovery document is
 * read again after an hour; if that fails the old one stays. An ID token signed with a key that is not known makes the keys be
 * read again. Thread-safe.
 */
final class OidcProvider {
    private static final Duration METADATA_KEPT = Duration.ofHours(1);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration KEYS_KEPT = Duration.ofMinutes(10);
    private static final Duration KEYS_WAIT = Duration.ofSeconds(15);

    /** The provider's addresses. */
    private record Metadata(
            URI authorization,
            URI token,
            URI keys,
            @Nullable URI endSession,
            boolean namesItself,
            boolean secretInBody) {}

    private record Known(Metadata metadata, JWKSource<SecurityContext> keys, Instant readAt) {}

    private final OidcSettings.Provider settings;
    private final String redirectUri;
    private final InstantSource clock;
    private final OidcHttp http = new OidcHttp();
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Known known;
    private Instant failedAt = Instant.MIN;
    private String failure = "";

    OidcProvider(OidcSettings.Provider settings, String redirectUri, InstantSource clock) {
        this.settings = settings;
        this.redirectUri = redirectUri;
        this.clock = clock;
    }

    /** Where the person signs in. */
    URI signInAddress(String state, String nonce, String verifier) throws OidcException {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", settings.clientId());
        query.put("redirect_uri", redirectUri);
        query.put("scope", String.join(" ", settings.scopes()));
        query.put("state", state);
        query.put("nonce", nonce);
        query.put("code_challenge", challenge(verifier));
        query.put("code_challenge_method", "S256");
        return with(known().metadata().authorization(), query);
    }

    /** Where the person signs out of the provider as well, or null if it does not say. */
    @Nullable URI signOutAddress(String afterwards) throws OidcException {
        URI endSession = known().metadata().endSession();
        if (endSession == null) {
            return null;
        }
        Map<String, String> query = new LinkedHashMap<>();
        query.put("client_id", settings.clientId());
        query.put("post_logout_redirect_uri", afterwards);
        return with(endSession, query);
    }

    /** Refuses an answer that another provider gave; one that says it names itself must do so. */
    void checkIssuer(@Nullable String issuer) throws OidcException {
        boolean right = issuer == null ? !known().metadata().namesItself() : issuer.equals(settings.issuer());
        if (!right) {
            throw new OidcException(
                    Reason.NOT_BELIEVED,
                    "iss of the answer: " + Texts.shown(String.valueOf(issuer)) + " (expected: " + settings.issuer()
                            + ")");
        }
    }

    /** What the provider says of the person to whom it gave this code. */
    Map<String, Object> claims(String code, String verifier, String nonce) throws OidcException {
        Known provider = known();
        return verified(idToken(provider.metadata(), code, verifier), nonce, provider.keys());
    }

    private String idToken(Metadata metadata, String code, String verifier) throws OidcException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", redirectUri);
        form.put("code_verifier", verifier);
        String secret = settings.clientSecret();
        String authorization = null;
        if (secret == null || metadata.secretInBody()) {
            form.put("client_id", settings.clientId());
            if (secret != null) {
                form.put("client_secret", secret);
            }
        } else {
            // RFC 6749, section 2.3.1: both are encoded before they are joined
            authorization = "Basic "
                    + Base64.getEncoder()
                            .encodeToString((encoded(settings.clientId()) + ":" + encoded(secret))
                                    .getBytes(StandardCharsets.UTF_8));
        }
        OidcHttp.Answer answer;
        Map<?, ?> body;
        try {
            answer = http.post(metadata.token(), form(form), authorization);
            body = Json.object(answer.body());
        } catch (IOException e) {
            throw new OidcException(
                    Reason.PROVIDER_AWAY, "token endpoint " + metadata.token() + ": " + e.getMessage(), e);
        }
        if (answer.status() == 200 && body.get("id_token") instanceof String token) {
            return token;
        }
        throw new OidcException(
                answer.status() >= 500 ? Reason.PROVIDER_AWAY : Reason.NOT_BELIEVED,
                "token endpoint " + metadata.token() + ": HTTP " + answer.status() + ", error "
                        + Texts.shown(String.valueOf(body.get("error"))) + " (expected: an id_token)");
    }

    private Map<String, Object> verified(String token, String nonce, JWKSource<SecurityContext> keys)
            throws OidcException {
        Set<JWSAlgorithm> algorithms =
                settings.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toSet());
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, keys));
        processor.setJWTClaimsSetVerifier(new ClaimsVerifier(settings, nonce, clock));
        try {
            JWTClaimsSet claims = processor.process(token, null);
            Object party = claims.getClaim("azp");
            if (party == null ? claims.getAudience().size() > 1 : !party.equals(settings.clientId())) {
                throw new OidcException(
                        Reason.NOT_BELIEVED,
                        "azp of the ID token: " + Texts.shown(String.valueOf(party)) + " (expected: "
                                + settings.clientId() + ")");
            }
            return claims.getClaims();
        } catch (KeySourceException e) {
            throw new OidcException(Reason.PROVIDER_AWAY, "keys of the provider: " + e.getMessage(), e);
        } catch (ParseException | BadJOSEException | JOSEException e) {
            throw new OidcException(Reason.NOT_BELIEVED, "ID token: " + e.getMessage(), e);
        }
    }

    /** Issuer, audience, nonce and times, by the service's clock. */
    private static final class ClaimsVerifier extends DefaultJWTClaimsVerifier<SecurityContext> {
        private final InstantSource clock;

        ClaimsVerifier(OidcSettings.Provider settings, String nonce, InstantSource clock) {
            super(
                    settings.clientId(),
                    new JWTClaimsSet.Builder()
                            .issuer(settings.issuer())
                            .claim("nonce", nonce)
                            .build(),
                    Set.of("sub", "exp", "iat"));
            this.clock = clock;
        }

        @Override
        protected Date currentTime() {
            return Date.from(clock.instant());
        }
    }

    private Known known() throws OidcException {
        Known now = known;
        if (now != null && clock.instant().isBefore(now.readAt().plus(METADATA_KEPT))) {
            return now;
        }
        reading.lock();
        try {
            Known old = known;
            Instant time = clock.instant();
            if (old != null && time.isBefore(old.readAt().plus(METADATA_KEPT))) {
                return old;
            }
            if (failedAt.isBefore(time.minus(AFTER_FAILURE))) {
                try {
                    Metadata read = read();
                    Known fresh = new Known(
                            read,
                            old != null && old.metadata().keys().equals(read.keys()) ? old.keys() : keys(read.keys()),
                            time);
                    known = fresh;
                    return fresh;
                } catch (IOException e) {
                    failedAt = time;
                    failure = "discovery document of " + settings.issuer() + ": " + e.getMessage();
                }
            }
            if (old != null) {
                return old;
            }
            throw new OidcException(Reason.PROVIDER_AWAY, failure);
        } finally {
            reading.unlock();
        }
    }

    private Metadata read() throws IOException {
        URI uri = URI.create(settings.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration");
        OidcHttp.Answer answer = http.get(uri);
        if (answer.status() != 200) {
            throw new IOException("HTTP " + answer.status());
        }
        Map<?, ?> document = Json.object(answer.body());
        if (!settings.issuer().equals(document.get("issuer"))) {
            throw new IOException("issuer: " + Texts.shown(String.valueOf(document.get("issuer"))) + " (expected: "
                    + settings.issuer() + ", letter by letter)");
        }
        Object methods = document.get("token_endpoint_auth_methods_supported");
        return new Metadata(
                address(document, "authorization_endpoint"),
                address(document, "token_endpoint"),
                address(document, "jwks_uri"),
                document.get("end_session_endpoint") == null ? null : address(document, "end_session_endpoint"),
                Boolean.TRUE.equals(document.get("authorization_response_iss_parameter_supported")),
                methods instanceof List<?> list
                        && !list.contains("client_secret_basic")
                        && list.contains("client_secret_post"));
    }

    private static URI address(Map<?, ?> document, String name) throws IOException {
        String text = String.valueOf(document.get(name));
        try {
            URI uri = URI.create(text);
            if (OidcSettings.isSafe(uri) && uri.getFragment() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(name + ": " + Texts.shown(text) + " (expected: an address with https)", e);
        }
        throw new IOException(name + ": " + Texts.shown(text) + " (expected: an address with https)");
    }

    private JWKSource<SecurityContext> keys(URI uri) throws IOException {
        try {
            // not limited in rate: only what the provider itself has signed makes them be read again
            return JWKSourceBuilder.<SecurityContext>create(uri.toURL(), url -> {
                        OidcHttp.Answer answer = http.get(uri);
                        if (answer.status() != 200) {
                            throw new IOException("HTTP " + answer.status());
                        }
                        return new Resource(new String(answer.body(), StandardCharsets.UTF_8), "application/json");
                    })
                    .refreshAheadCache(false)
                    .cache(KEYS_KEPT.toMillis(), KEYS_WAIT.toMillis())
                    .rateLimited(false)
                    .build();
        } catch (MalformedURLException e) {
            throw new IOException("jwks_uri: " + uri + " (expected: an address with https)", e);
        }
    }

    /** The challenge of a verifier, by RFC 7636, S256. */
    static String challenge(String verifier) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(SealedCookies.sha256(verifier.getBytes(StandardCharsets.US_ASCII)));
    }

    private static URI with(URI uri, Map<String, String> query) {
        return URI.create(uri + (uri.getRawQuery() == null ? "?" : "&") + form(query));
    }

    private static String form(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
