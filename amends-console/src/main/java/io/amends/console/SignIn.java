package io.amends.console;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** How those who send requests are recognized. Thread-safe. */
public sealed interface SignIn permits SignIn.None, SignIn.Basic, SignIn.Proxy, SignIn.Host, OidcSignIn {

    /** What came out of it. */
    sealed interface Result {
        /**
         * Somebody known.
         *
         * @param identity who
         * @param cookie what the answer should set as a cookie, or null
         */
        record Known(Identity identity, @Nullable String cookie) implements Result {
            Known(Identity identity) {
                this(identity, null);
            }
        }

        /** Nobody; the answer says why. */
        record Refused(ApiResponse answer) implements Result {}
    }

    /** Recognizes who sends a request. */
    Result recognize(ApiRequest request);

    private static Result refused(String detail, Map<String, String> headers) {
        return new Result.Refused(ApiResponse.problem(ProblemKind.UNAUTHENTICATED.with(detail), headers));
    }

    /** Everybody is let in, and may do everything. */
    record None() implements SignIn {
        @Override
        public Result recognize(ApiRequest request) {
            return new Result.Known(Identity.unlimited(request.caller().actor(), "none"));
        }
    }

    /**
     * A person with a password.
     *
     * @param password its hash, as {@link Basic#hash} makes it
     * @param roles their roles
     */
    record User(String password, List<String> roles) {
        /** Copies the list. */
        public User {
            roles = List.copyOf(roles);
        }

        @Override
        public String toString() {
            return "User" + roles;
        }
    }

    /** HTTP Basic (RFC 7617) against hashed passwords; failed sign-ins are slowed down. */
    final class Basic implements SignIn {
        private final SortedMap<String, User> users;
        private final SortedMap<String, PasswordHash> hashes = new TreeMap<>();
        private final Roles roles;
        private final InstantSource clock;
        private final FailedSignIns failed = new FailedSignIns();
        /** What was right once, under a key that ends with the process: hashing is slow on purpose. */
        private final Map<String, String> remembered = new ConcurrentHashMap<>();

        private final byte[] secret = new byte[32];

        /**
         * Creates it.
         *
         * @throws IllegalArgumentException if a password is no hash
         */
        public Basic(Map<String, User> users, Roles roles, InstantSource clock) {
            this.users = Collections.unmodifiableSortedMap(new TreeMap<>(users));
            this.roles = roles;
            this.clock = clock;
            this.users.forEach((name, user) -> hashes.put(name, PasswordHash.parse(user.password())));
            new SecureRandom().nextBytes(secret);
        }

        /** The hash of a password, for the configuration. */
        public static String hash(String password) {
            return PasswordHash.of(password);
        }

        @Override
        public Result recognize(ApiRequest request) {
            String[] given = credentials(request.headers().get("authorization"));
            if (given.length != 2) {
                return ask("no user and password (expected: Authorization: Basic …)");
            }
            String name = given[0];
            String address = request.caller().remoteAddress();
            User user = users.get(name);
            if (user != null && failed.pause(address, name, clock.instant()).isZero() && isRemembered(name, given[1])) {
                failed.succeeded(address, name);
                return new Result.Known(roles.identity(name, "basic", user.roles()));
            }
            return failed.inTurn(address, name, () -> look(address, name, given[1]));
        }

        private Result look(String address, String name, String password) {
            Duration pause = failed.pause(address, name, clock.instant());
            if (!pause.isZero()) {
                return new Result.Refused(ApiResponse.problem(
                        ProblemKind.TOO_MANY_REQUESTS.with("too many failed sign-ins"),
                        Map.of("Retry-After", Long.toString(pause.toSeconds() + 1))));
            }
            User user = users.get(name);
            if (user == null || !isRight(name, password)) {
                failed.failed(address, name, clock.instant());
                return ask("no such user, or another password");
            }
            failed.succeeded(address, name);
            return new Result.Known(roles.identity(name, "basic", user.roles()));
        }

        private static Result ask(String detail) {
            return refused(detail, Map.of("WWW-Authenticate", "Basic realm=\"Amends\", charset=\"UTF-8\""));
        }

        private static String[] credentials(@Nullable String header) {
            if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
                return new String[0];
            }
            try {
                byte[] decoded = Base64.getDecoder().decode(header.substring(6).strip());
                return new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            } catch (IllegalArgumentException e) {
                // no base 64 names nobody
                return new String[0];
            }
        }

        private boolean isRight(String name, String password) {
            PasswordHash hash = hashes.get(name);
            if (hash == null) {
                return false;
            }
            if (isRemembered(name, password)) {
                return true;
            }
            if (!hash.matches(password)) {
                return false;
            }
            remembered.put(name, tag(name, password));
            return true;
        }

        private boolean isRemembered(String name, String password) {
            String known = remembered.get(name);
            return known != null
                    && MessageDigest.isEqual(
                            known.getBytes(StandardCharsets.UTF_8),
                            tag(name, password).getBytes(StandardCharsets.UTF_8));
        }

        private String tag(String name, String password) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret, "HmacSHA256"));
                mac.update(name.getBytes(StandardCharsets.UTF_8));
                mac.update((byte) 0);
                return Base64.getEncoder().encodeToString(mac.doFinal(password.getBytes(StandardCharsets.UTF_8)));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java platform has HmacSHA256", e);
            }
        }
    }

    /** A proxy in front says who it is; only connections from its own networks are believed. */
    final class Proxy implements SignIn {
        private final String userHeader;
        private final String rolesHeader;
        private final List<Network> networks;
        private final Roles roles;

        /**
         * Creates it.
         *
         * @param userHeader the header with the name
         * @param rolesHeader the header with the roles, between commas
         * @param networks where the proxy connects from, for instance {@code 10.0.0.0/8}
         * @throws IllegalArgumentException if a network is none, or there is none
         */
        public Proxy(String userHeader, String rolesHeader, List<String> networks, Roles roles) {
            if (networks.isEmpty()) {
                throw new IllegalArgumentException("networks: none (expected: where the proxy connects from)");
            }
            this.userHeader = userHeader.toLowerCase(java.util.Locale.ROOT);
            this.rolesHeader = rolesHeader.toLowerCase(java.util.Locale.ROOT);
            this.networks = networks.stream().map(Network::parse).toList();
            this.roles = roles;
        }

        @Override
        public Result recognize(ApiRequest request) {
            String address = request.caller().connection();
            if (address == null) {
                return refused(
                        "the server has put another address in the place of the connection's own (expected: no"
                                + " server.forward-headers-strategy=native in mode proxy)",
                        Map.of());
            }
            if (networks.stream().noneMatch(network -> network.contains(address))) {
                return refused(
                        "the request came from " + Texts.shown(address) + ", which is not the proxy's network",
                        Map.of());
            }
            String name = request.headers().get(userHeader);
            if (name == null || name.isBlank() || name.length() > 200 || !Texts.isPlain(name)) {
                return refused("the proxy named nobody (expected: " + userHeader + ")", Map.of());
            }
            List<String> given = new ArrayList<>();
            for (String role : request.headers().getOrDefault(rolesHeader, "").split(",", -1)) {
                given.add(role.strip());
            }
            return new Result.Known(roles.identity(name, "proxy", given));
        }
    }

    /** The application around the API has signed them in; they have the roles that it says they are in. */
    record Host(Roles roles) implements SignIn {
        @Override
        public Result recognize(ApiRequest request) {
            ApiRequest.HostUser user = request.user();
            if (user == null) {
                return refused("the application has signed nobody in", Map.of());
            }
            List<String> given =
                    roles.rules().keySet().stream().filter(user.inRole()).toList();
            return new Result.Known(roles.identity(user.name(), "host", given));
        }
    }
}
