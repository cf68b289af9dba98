package io.amends.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A small OpenID provider on a loopback address, that everybody signs in to as ann, and that can be told to misbehave. */
public final class ProviderForTests implements AutoCloseable {
    /** The secret of its one client. */
    public static final String SECRET = "a secret: ü";

    private record Given(String challenge, String nonce, String redirectUri) {}

    private final HttpServer server;
    private final Map<String, Given> codes = new HashMap<>();

    final List<JWK> published = new ArrayList<>();
    private RSAKey rsa = newRsa("first");

    /** What it changes of the ID token's claims. */
    Consumer<Map<String, Object>> tweak = claims -> {};
    /** How it signs. */
    Signing signing = Signing.RS256;
    /** What it changes of the parameters with which it sends the browser back. */
    Consumer<Map<String, String>> answerTweak = answer -> {};
    /** What it changes of its discovery document. */
    Consumer<Map<String, Object>> documentTweak = document -> {};
    /** What its token endpoint answers in place of a token; 0 for a token. */
    int tokenStatus;
    /** By what time tokens are valid for 5 minutes. */
    Instant now = Instant.now();

    int keysRead;

    enum Signing {
        RS256,
        ES256,
        NONE,
        HS256_WITH_PUBLIC_KEY,
        UNKNOWN_KEY
    }

    /** Starts it. */
    public ProviderForTests() throws IOException {
        published.add(rsa.toPublicJWK());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/.well-known/openid-configuration", exchange -> json(exchange, 200, document()));
        server.createContext("/keys", exchange -> {
            keysRead++;
            json(exchange, 200, new JWKSet(published).toJSONObject());
        });
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::token);
        server.start();
    }

    /** Its issuer identifier. */
    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /** Signs with a new key from now on; the old one is gone. */
    void rotate() {
        rsa = newRsa("second");
        published.clear();
        published.add(rsa.toPublicJWK());
    }

    private Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("issuer", issuer());
        document.put("authorization_endpoint", issuer() + "/authorize");
        document.put("token_endpoint", issuer() + "/token");
        document.put("jwks_uri", issuer() + "/keys");
        document.put("end_session_endpoint", issuer() + "/logout?realm=x");
        documentTweak.accept(document);
        return document;
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
        if (!"S256".equals(query.get("code_challenge_method")) || !"code".equals(query.get("response_type"))) {
            json(exchange, 400, Map.of("error", "invalid_request"));
            return;
        }
        String code = "code-" + codes.size();
        codes.put(code, new Given(query.get("code_challenge"), query.get("nonce"), query.get("redirect_uri")));
        Map<String, String> answer = new TreeMap<>(Map.of("code", code, "state", query.get("state")));
        answerTweak.accept(answer);
        StringBuilder location = new StringBuilder(query.get("redirect_uri")).append('?');
        answer.forEach((name, value) -> location.append(name)
                .append('=')
                .append(java.net.URLEncoder.encode(value, UTF_8))
                .append('&'));
        exchange.getResponseHeaders().set("Location", location.toString());
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        Given given = codes.remove(form.get("code"));
        if (tokenStatus != 0) {
            json(exchange, tokenStatus, Map.of("error", "server_error"));
        } else if (!isClient(exchange, form)) {
            json(exchange, 401, Map.of("error", "invalid_client"));
        } else if (given == null
                || !given.redirectUri().equals(form.get("redirect_uri"))
                || !given.challenge().equals(OidcProvider.challenge(form.get("code_verifier")))) {
            json(exchange, 400, Map.of("error", "invalid_grant"));
        } else {
            json(exchange, 200, Map.of("access_token", "unused", "token_type", "Bearer", "id_token", idToken(given)));
        }
    }

    private static boolean isClient(HttpExchange exchange, Map<String, String> form) {
        String basic = exchange.getRequestHeaders().getFirst("Authorization");
        if (basic == null) {
            return "console".equals(form.get("client_id")) && SECRET.equals(form.get("client_secret"));
        }
        String[] parts = new String(Base64.getDecoder().decode(basic.substring("Basic ".length())), UTF_8).split(":");
        return URLDecoder.decode(parts[0], UTF_8).equals("console")
                && URLDecoder.decode(parts[1], UTF_8).equals(SECRET);
    }

    private String idToken(Given given) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer());
        claims.put("aud", "console");
        claims.put("sub", "17");
        claims.put("preferred_username", "ann");
        claims.put("realm_access", Map.of("roles", List.of("ops", "other")));
        claims.put("nonce", given.nonce());
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.plusSeconds(300).getEpochSecond());
        tweak.accept(claims);
        try {
            JWTClaimsSet set = JWTClaimsSet.parse(claims);
            switch (signing) {
                case RS256 -> {
                    return signed(
                            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(rsa.getKeyID()),
                            set,
                            new RSASSASigner(rsa));
                }
                case UNKNOWN_KEY -> {
                    RSAKey other = newRsa(rsa.getKeyID());
                    return signed(
                            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(other.getKeyID()),
                            set,
                            new RSASSASigner(other));
                }
                case ES256 -> {
                    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("curve").generate();
                    published.add(key.toPublicJWK());
                    return signed(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("curve"), set, new ECDSASigner(key));
                }
                case NONE -> {
                    return new PlainJWT(set).serialize();
                }
                case HS256_WITH_PUBLIC_KEY -> {
                    return signed(
                            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(rsa.getKeyID()),
                            set,
                            new MACSigner(rsa.toRSAPublicKey().getEncoded()));
                }
            }
            throw new AssertionError(signing);
        } catch (JOSEException | java.text.ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static String signed(JWSHeader.Builder header, JWTClaimsSet claims, com.nimbusds.jose.JWSSigner signer)
            throws JOSEException {
        SignedJWT token = new SignedJWT(header.build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    private static RSAKey newRsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).issueTime(new Date()).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static Map<String, String> form(String text) {
        Map<String, String> form = new TreeMap<>();
        for (String pair : Optional.ofNullable(text).orElse("").split("&")) {
            String[] parts = pair.split("=", 2);
            if (parts.length == 2) {
                form.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
            }
        }
        return form;
    }

    private static void json(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] bytes = Json.bytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
