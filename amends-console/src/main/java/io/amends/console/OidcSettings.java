package io.amends.console;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where people sign in, and what their sessions are.
 *
 * @param provider the OpenID provider
 * @param claims what its ID tokens say of a person
 * @param sessions the sessions that this service keeps in cookies
 */
public record OidcSettings(Provider provider, Claims claims, Sessions sessions) {
    /** Signatures with the provider's public key; neither none nor HMAC, whose key would be known to others. */
    public static final List<String> ALGORITHMS =
            List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final int MOST_KEYS = 5;

    /**
     * The OpenID provider.
     *
     * @param issuer its issuer identifier, below which {@code /.well-known/openid-configuration} is
     * @param clientId by which it knows this service
     * @param clientSecret its client's secret, or null for a public client
     * @param scopes what is asked for; {@code openid} is one of them
     * @param algorithms the signatures that are accepted, of {@link #ALGORITHMS}
     */
    public record Provider(
            String issuer,
            String clientId,
            @Nullable String clientSecret,
            List<String> scopes,
            List<String> algorithms) {
        /** Copies the lists. */
        public Provider {
            scopes = List.copyOf(scopes);
            algorithms = List.copyOf(algorithms);
        }

        @Override
        public String toString() {
            return "Provider[" + issuer + ", " + clientId + "]";
        }
    }

    /**
     * What ID tokens say of a person.
     *
     * @param name the claim with the name that history and audit keep
     * @param roles the claim with the groups or roles, a name or a path with dots
     * @param mapping by role: the values of that claim that give it; {@code *} stands for everybody who can sign in
     */
    public record Claims(String name, String roles, SortedMap<String, List<String>> mapping) {
        /** Copies the map. */
        public Claims {
            SortedMap<String, List<String>> copy = new TreeMap<>();
            mapping.forEach((role, values) -> copy.put(role, List.copyOf(values)));
            mapping = Collections.unmodifiableSortedMap(copy);
        }
    }

    /**
     * The sessions.
     *
     * @param baseUrl the console's address as browsers see it, for instance {@code https://ops.example.com/amends}
     * @param cookieKeys 32 random bytes each, in base 64, the same on every node; the first writes, all of them read
     * @param lifetime how long a session lasts at most
     * @param idle how long it lasts after the person did something last
     */
    public record Sessions(String baseUrl, List<String> cookieKeys, Duration lifetime, Duration idle) {
        /** Copies the list. */
        public Sessions {
            cookieKeys = List.copyOf(cookieKeys);
        }

        @Override
        public String toString() {
            return "Sessions[" + baseUrl + ", " + lifetime + ", " + idle + "]";
        }
    }

    /** Everything that is wrong with them, a line each; secrets are not shown. */
    public List<String> mistakes(Collection<String> knownRoles) {
        List<String> mistakes = new ArrayList<>();
        address("issuer", provider.issuer(), mistakes);
        address("base-url", sessions.baseUrl(), mistakes);
        if (provider.clientId().isBlank()) {
            mistakes.add("client-id: none (expected: by what the provider knows this service)");
        }
        if (!provider.scopes().contains("openid")) {
            mistakes.add("scopes: " + provider.scopes() + " (expected: openid among them)");
        }
        if (provider.algorithms().isEmpty() || !ALGORITHMS.containsAll(provider.algorithms())) {
            mistakes.add(
                    "algorithms: " + provider.algorithms() + " (expected: of " + String.join(", ", ALGORITHMS) + ")");
        }
        if (claims.name().isBlank()) {
            mistakes.add("name-claim: none (expected: the claim with the person's name)");
        }
        mapping(knownRoles, mistakes);
        keys(mistakes);
        time("session", sessions.lifetime(), LONGEST, mistakes);
        time("idle", sessions.idle(), sessions.lifetime(), mistakes);
        return mistakes;
    }

    private static void address(String name, String text, List<String> mistakes) {
        if (text.isBlank()) {
            mistakes.add(name + ": none (expected: an address with https)");
            return;
        }
        try {
            URI uri = URI.create(text);
            if (!isSafe(uri) || uri.getQuery() != null || uri.getFragment() != null || uri.getUserInfo() != null) {
                mistakes.add(name + ": " + Texts.shown(text) + " (expected: an address with https, or with http on a"
                        + " loopback address, without user, query and fragment)");
            }
        } catch (IllegalArgumentException e) {
            mistakes.add(name + ": " + Texts.shown(text) + " (expected: an address with https; "
                    + Texts.shown(String.valueOf(e.getMessage())) + ")");
        }
    }

    /** Whether nobody between the two ends can read or change what is sent there. */
    static boolean isSafe(URI uri) {
        String host = uri.getHost();
        return host != null
                && ("https".equalsIgnoreCase(uri.getScheme())
                        || ("http".equalsIgnoreCase(uri.getScheme())
                                && Access.isLoopback(host.replaceAll("[\\[\\]]", ""))));
    }

    private void mapping(Collection<String> knownRoles, List<String> mistakes) {
        if (claims.mapping().isEmpty()) {
            mistakes.add("role-mapping: none (expected: the values of the claim that give a role, for instance"
                    + " role-mapping.viewer: \"*\"; otherwise nobody may do anything)");
            return;
        }
        claims.mapping().forEach((role, values) -> {
            if (!knownRoles.contains(role)) {
                mistakes.add(
                        "role-mapping." + role + ": no such role (expected: " + String.join(", ", knownRoles) + ")");
            }
            if (values.isEmpty()) {
                mistakes.add("role-mapping." + role + ": no values (expected: at least one)");
            }
        });
        boolean everybody = claims.mapping().values().stream()
                .allMatch(values -> List.of("*").equals(values));
        if (claims.roles().isBlank() && !everybody) {
            mistakes.add("roles-claim: none (expected: the claim with the values of role-mapping)");
        }
    }

    private void keys(List<String> mistakes) {
        List<String> keys = sessions.cookieKeys();
        if (keys.isEmpty() || keys.size() > MOST_KEYS) {
            mistakes.add("cookie-keys: " + keys.size() + " (expected: 1 to " + MOST_KEYS
                    + ", the same on every node, each" + " from: openssl rand -base64 32)");
        }
        for (int i = 0; i < keys.size(); i++) {
            int length;
            try {
                length = Base64.getDecoder().decode(keys.get(i)).length;
            } catch (IllegalArgumentException e) {
                mistakes.add("cookie-keys[" + i + "]: not base 64 (expected: openssl rand -base64 32)");
                continue;
            }
            if (length != SealedCookies.KEY_BYTES) {
                mistakes.add(
                        "cookie-keys[" + i + "]: " + length + " bytes (expected: " + SealedCookies.KEY_BYTES + ")");
            }
        }
    }

    private static void time(String name, Duration time, Duration most, List<String> mistakes) {
        if (time.compareTo(SHORTEST) < 0 || time.compareTo(most) > 0) {
            mistakes.add(name + ": " + time.toSeconds() + "s (expected: " + SHORTEST.toSeconds() + "s.."
                    + most.toSeconds() + "s)");
        }
    }
}
