package io.amends.console;

import io.amends.console.OidcException.Reason;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * People sign in at an OpenID provider: authorization code flow with PKCE, on the server. The browser gets no token, only two
 * kinds of cookies that it can neither read nor change:
 *
 * <ul>
 *   <li>one for each sign-in that has begun, with state, nonce, PKCE verifier and the page that the person wanted. It binds the
 *       provider's answer to this browser, lasts 10 minutes, and goes with the answer.
 *   <li>the session, with name, roles, its beginning and when the person did something last.
 * </ul>
 *
 * <p>No node keeps anything, so each of them that has the same keys can do each step. The price: a session can not be ended
 * before its time but by taking its key away, and roles are those of the sign-in. Needs {@code com.nimbusds:nimbus-jose-jwt}.
 * Thread-safe.
 */
public final class OidcSignIn implements SignIn {
    /** With this header a page says that a person did something since it asked last; otherwise it only polls. */
    static final String ACTIVE = "amends-active";

    private static final Logger LOG = LoggerFactory.getLogger(OidcSignIn.class);
    private static final Duration SIGN_IN_TIME = Duration.ofMinutes(10);
    /** A session is written again at most so often, lest each answer sets a cookie. */
    private static final Duration RENEWAL = Duration.ofSeconds(30);

    private static final int MOST_BEGUN = 5;
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_PAGE = 1_000;
    private static final String LIBRARY = "com.nimbusds.jwt.proc.DefaultJWTProcessor";
    /** Where a 401 sends the page to; relative to the console's path. */
    private static final Map<String, String> SIGN_IN_HERE = Map.of("Amends-Sign-In", "auth/sign-in");

    private final OidcSettings settings;
    private final Roles roles;
    private final InstantSource clock;
    private final String base;
    private final boolean secure;
    private final String sessionCookie;
    private final String begunCookies;
    private final SealedCookies sealed;
    private final OidcProvider provider;
    private final SecureRandom random = new SecureRandom();

    /**
     * A session as the cookie keeps it.
     *
     * @param n name
     * @param r roles
     * @param b its beginning in seconds of the epoch
     * @param a when the person did something last, the same
     */
    private record Session(String n, List<String> r, long b, long a) {}

    /**
     * A sign-in that has begun.
     *
     * @param s state
     * @param n nonce
     * @param v verifier
     * @param p the page that the person wanted
     * @param b its beginning in seconds of the epoch
     */
    private record Begun(String s, String n, String v, String p, long b) {}

    /**
     * Creates it; the provider is asked when somebody signs in.
     *
     * @throws IllegalArgumentException with every mistake in the settings
     * @throws IllegalStateException if the library for JOSE is not on the class path
     */
    public OidcSignIn(OidcSettings settings, Roles roles, InstantSource clock) {
        List<String> mistakes = settings.mistakes(roles.rules().keySet());
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", mistakes));
        }
        if (!isAvailable()) {
            throw new IllegalStateException(
                    "sign-in with OpenID Connect: com.nimbusds:nimbus-jose-jwt is not on the class path (expected: a"
                            + " dependency on it)");
        }
        this.settings = settings;
        this.roles = roles;
        this.clock = clock;
        base = settings.sessions().baseUrl().replaceFirst("/+$", "");
        secure = "https".equalsIgnoreCase(URI.create(base).getScheme());
        String audience =
                settings.provider().issuer() + "\n" + settings.provider().clientId() + "\n" + base;
        // several services below one host, or on several ports of it, must not take each other's cookies away
        String tag = HexFormat.of().formatHex(SealedCookies.sha256(audience.getBytes(StandardCharsets.UTF_8)), 0, 4);
        // __Host-: the browser takes it from no other host, and not without TLS
        sessionCookie = (secure ? "__Host-" : "") + "amends-" + tag;
        begunCookies = (secure ? "__Host-" : "") + "amends-begun-" + tag + "-";
        sealed = new SealedCookies(settings.sessions().cookieKeys(), audience);
        provider = new OidcProvider(settings.provider(), base + "/auth/callback", clock);
    }

    /** Whether the library that it needs is on the class path. */
    public static boolean isAvailable() {
        try {
            Class.forName(LIBRARY, false, OidcSignIn.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            // that is the answer
            return false;
        }
    }

    @Override
    public Result recognize(ApiRequest request) {
        String text = cookies(request).stream()
                .filter(cookie -> cookie.name().equals(sessionCookie))
                .map(Cookie::value)
                .findFirst()
                .orElse("");
        if (text.isEmpty()) {
            return refused(ProblemKind.UNAUTHENTICATED, "nobody is signed in");
        }
        Optional<Session> opened = sealed.open("session", text).map(bytes -> Json.read(bytes, Session.class));
        Instant now = clock.instant();
        if (opened.isEmpty() || !isAlive(opened.get(), now)) {
            return refused(
                    ProblemKind.SESSION_ENDED,
                    opened.isEmpty()
                            ? "no node knows the key of this session any more"
                            : "sessions last " + settings.sessions().lifetime().toMinutes() + " min, and "
                                    + settings.sessions().idle().toMinutes() + " min after the person did something");
        }
        Session session = opened.get();
        Identity identity = roles.identity(session.n(), "oidc", session.r());
        boolean renews = isActive(request)
                && now.isAfter(Instant.ofEpochSecond(session.a()).plus(renewal()));
        return new Result.Known(
                identity,
                renews
                        ? sessionCookie(new Session(session.n(), session.r(), session.b(), now.getEpochSecond()))
                        : null);
    }

    private Duration renewal() {
        Duration tenth = settings.sessions().idle().dividedBy(10);
        return tenth.compareTo(RENEWAL) < 0 ? tenth : RENEWAL;
    }

    private static boolean isActive(ApiRequest request) {
        return request.headers().containsKey(ACTIVE)
                || !(request.method().equals("GET") || request.method().equals("HEAD"));
    }

    private boolean isAlive(Session session, Instant now) {
        return now.isBefore(Instant.ofEpochSecond(session.b())
                        .plus(settings.sessions().lifetime()))
                && now.isBefore(Instant.ofEpochSecond(session.a())
                        .plus(settings.sessions().idle()));
    }

    private static Result refused(ProblemKind kind, String detail) {
        return new Result.Refused(ApiResponse.problem(kind.with(detail), SIGN_IN_HERE));
    }

    /** Answers {@code …/auth/…}: {@code GET /sign-in?to=…}, {@code GET /callback} and {@code POST /sign-out}. */
    ApiResponse answer(ApiRequest request) {
        return switch (request.method() + " " + request.path()) {
            case "GET /sign-in" -> begin(request);
            case "GET /callback" -> end(request);
            case "POST /sign-out" -> signOut();
            default ->
                ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such resource: " + Texts.shown(request.path())));
        };
    }

    private ApiResponse begin(ApiRequest request) {
        String page = page(single(request, "to"));
        Begun begun = new Begun(token(), token(), token(), page, clock.instant().getEpochSecond());
        try {
            String text = sealed.seal("sign-in", Json.bytes(begun))
                    .orElseThrow(() -> new IllegalStateException("a page of at most " + LONGEST_PAGE + " fits"));
            ApiResponse answer = ApiResponse.to(
                    provider.signInAddress(begun.s(), begun.n(), begun.v()).toString());
            // each one that was begun and not ended, by several tabs or by somebody who clicks on and on
            List<String> others = cookies(request).stream()
                    .map(Cookie::name)
                    .filter(name -> name.startsWith(begunCookies))
                    .toList();
            for (String name : others.subList(0, Math.max(0, others.size() - MOST_BEGUN + 1))) {
                answer = answer.withCookie(cookie(name, "", 0));
            }
            return answer.withCookie(cookie(begunCookie(begun.s()), text, SIGN_IN_TIME.toSeconds()));
        } catch (OidcException e) {
            return failed(e, page);
        }
    }

    private ApiResponse end(ApiRequest request) {
        String state = single(request, "state");
        Optional<Begun> found = state == null ? Optional.empty() : begun(request, state);
        if (state == null || found.isEmpty()) {
            return failed(
                    new OidcException(
                            Reason.BEGUN_ELSEWHERE,
                            "the browser has no sign-in with this state that began within the last "
                                    + SIGN_IN_TIME.toMinutes() + " min at " + base),
                    "");
        }
        Begun begun = found.get();
        ApiResponse answer;
        try {
            provider.checkIssuer(single(request, "iss"));
            String code = single(request, "code");
            String error = single(request, "error");
            if (error != null || code == null) {
                throw new OidcException(
                        Reason.REFUSED,
                        "the provider answered " + Texts.shown(String.valueOf(error)) + " (expected: one code)");
            }
            Session session = session(provider.claims(code, begun.v(), begun.n()));
            String cookie = sessionCookie(session);
            if (cookie == null) {
                throw new OidcException(
                        Reason.TOO_LONG, "name and roles of " + Texts.shown(session.n()) + " do not fit in a cookie");
            }
            LOG.info("{} signed in with the roles {}", Texts.shown(session.n()), session.r());
            answer = ApiResponse.to(address(begun.p())).withCookie(cookie);
        } catch (OidcException e) {
            answer = failed(e, begun.p());
        }
        return answer.withCookie(cookie(begunCookie(state), "", 0));
    }

    private Optional<Begun> begun(ApiRequest request, String state) {
        String name = begunCookie(state);
        return cookies(request).stream()
                .filter(cookie -> cookie.name().equals(name))
                .findFirst()
                .flatMap(cookie -> sealed.open("sign-in", cookie.value()))
                .map(bytes -> Json.read(bytes, Begun.class))
                .filter(begun -> MessageDigest.isEqual(
                        begun.s().getBytes(StandardCharsets.UTF_8), state.getBytes(StandardCharsets.UTF_8)))
                .filter(begun -> clock.instant()
                        .isBefore(Instant.ofEpochSecond(begun.b()).plus(SIGN_IN_TIME)));
    }

    private Session session(Map<String, Object> claims) throws OidcException {
        OidcSettings.Claims wanted = settings.claims();
        Object name = claims.get(wanted.name());
        if (!(name instanceof String text) || text.isBlank() || text.length() > LONGEST_NAME || !Texts.isPlain(text)) {
            throw new OidcException(
                    Reason.NO_NAME,
                    "claim " + wanted.name() + " of the ID token: " + Texts.shown(String.valueOf(name))
                            + " (expected: a text of at most " + LONGEST_NAME + " characters)");
        }
        TreeSet<String> values = new TreeSet<>();
        collect(claims, wanted.roles(), values);
        List<String> given = new ArrayList<>();
        wanted.mapping().forEach((role, giving) -> {
            if (giving.contains("*") || giving.stream().anyMatch(values::contains)) {
                given.add(role);
            }
        });
        long now = clock.instant().getEpochSecond();
        return new Session(text, given, now, now);
    }

    /** The texts at a path; names of claims may have dots themselves, so each way to read the path is tried. */
    private static void collect(Object at, String path, Collection<String> found) {
        if (!(at instanceof Map<?, ?> object)) {
            return;
        }
        Object whole = object.get(path);
        if (whole instanceof String text) {
            found.add(text);
        } else if (whole instanceof Collection<?> texts) {
            texts.forEach(text -> found.add(String.valueOf(text)));
        }
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            Object inner = object.get(path.substring(0, dot));
            if (inner != null) {
                collect(inner, path.substring(dot + 1), found);
            }
        }
    }

    private ApiResponse signOut() {
        String address = base + "/";
        try {
            URI atProvider = provider.signOutAddress(base + "/");
            if (atProvider != null) {
                address = atProvider.toString();
            }
        } catch (OidcException e) {
            LOG.warn("somebody signed out of Amends only: {}", e.getMessage());
        }
        return ApiResponse.json(200, Map.of("location", address)).withCookie(cookie(sessionCookie, "", 0));
    }

    private ApiResponse failed(OidcException e, String page) {
        String code = e.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (e.reason() == Reason.BEGUN_ELSEWHERE) {
            // anybody can cause this one with a link
            LOG.debug("sign-in failed: {}", e.getMessage());
        } else {
            LOG.warn("sign-in failed: {}", e.getMessage());
        }
        String address = address(page);
        return ApiResponse.to(address + (address.contains("?") ? "&" : "?") + "sign-in=" + code);
    }

    /**
     * The place in the console that the person wanted, or its first page: it comes from a link that anybody may have made. The
     * answer always begins with the console's own address, so the place can not lead to another host.
     */
    private static String page(@Nullable String to) {
        if (to == null
                || to.length() > LONGEST_PAGE
                || !to.matches("[\\w.~!$&'()*+,;=:@/?%-]*")
                || Arrays.asList(to.split("[/?]")).contains("..")
                || to.toLowerCase(Locale.ROOT).contains("%2e")
                || to.matches("(?i)/*(api|auth)(/.*)?")) {
            return "";
        }
        return to.replaceFirst("^/+", "");
    }

    private String address(String page) {
        return base + "/" + page;
    }

    private static @Nullable String single(ApiRequest request, String name) {
        List<String> values = request.query().getOrDefault(name, List.of());
        return values.size() == 1 ? values.getFirst() : null;
    }

    private String token() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private String begunCookie(String state) {
        return begunCookies
                + HexFormat.of().formatHex(SealedCookies.sha256(state.getBytes(StandardCharsets.UTF_8)), 0, 4);
    }

    private @Nullable String sessionCookie(Session session) {
        return sealed.seal("session", Json.bytes(session))
                .map(text -> cookie(sessionCookie, text, -1))
                .orElse(null);
    }

    /** A cookie for so many seconds; for as long as the browser runs if negative. */
    private String cookie(String name, String value, long seconds) {
        return name + "=" + value + "; Path=/" + (seconds < 0 ? "" : "; Max-Age=" + seconds)
                + (secure ? "; Secure" : "") + "; HttpOnly; SameSite=Lax";
    }

    private record Cookie(String name, String value) {}

    private static List<Cookie> cookies(ApiRequest request) {
        List<Cookie> cookies = new ArrayList<>();
        for (String one : request.headers().getOrDefault("cookie", "").split(";")) {
            int equals = one.indexOf('=');
            if (equals > 0) {
                cookies.add(new Cookie(
                        one.substring(0, equals).strip(),
                        unquoted(one.substring(equals + 1).strip())));
            }
        }
        return cookies;
    }

    /** RFC 6265 allows quotes around a value. */
    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
