package io.amends.console;

import io.amends.console.ApiRequest.Caller;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may use the operator API. Without a way to sign in, it is whoever is on this machine, and they may do everything.
 *
 * <p>On this machine means: the connection comes from a loopback address, no proxy says that it forwards for somebody
 * else, and the browser was asked for a loopback name (a foreign page that points its own name to 127.0.0.1 is refused).
 * Commands must also come from a page of the same origin, or from no page at all.
 *
 * @param allowRemote whether requests from other machines are let in without a way to sign in
 * @param signIn how those who send requests are recognized
 */
public record Access(boolean allowRemote, SignIn signIn) {

    /** Nobody signs in. */
    public Access(boolean allowRemote) {
        this(allowRemote, new SignIn.None());
    }

    /** Everybody signs in, and may come from anywhere. */
    public static Access with(SignIn signIn) {
        return new Access(true, signIn);
    }

    /** Why the request is refused, or empty. */
    public Optional<Problem> refuse(ApiRequest request) {
        Caller caller = request.caller();
        if (!allowRemote && !isLocal(caller)) {
            return Optional.of(Problem.of(
                    403,
                    "remote-access",
                    "Remote access is off",
                    "this request came from " + from(caller)
                            + "; without a way to sign in (amends.console.access.mode) it"
                            + " answers this machine only. Set amends.console.allow-remote=true if something in front"
                            + " of it decides who may pass"));
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD") && !isSameOrigin(caller)) {
            return Optional.of(Problem.of(
                    403,
                    "cross-site",
                    "Cross-site command",
                    "a page of another site sent this command (expected: the console's own page, or a program that"
                            + " sends no Origin)"));
        }
        return Optional.empty();
    }

    private static boolean isLocal(Caller caller) {
        String connection = caller.connection();
        return connection != null
                && isLoopback(connection)
                && !caller.forwarded()
                && (caller.host() == null || isLoopback(hostName(caller.host())));
    }

    private static String from(Caller caller) {
        if (caller.connection() == null) {
            return "where this server does not say, because it reads forwarded headers itself"
                    + " (server.forward-headers-strategy=native)";
        }
        if (!isLoopback(caller.remoteAddress())) {
            return caller.remoteAddress();
        }
        return caller.forwarded() ? "a proxy on this machine" : "a page that calls this machine by another name";
    }

    /** Whether a literal address or name is this machine; names are never looked up. */
    static boolean isLoopback(String address) {
        String text = address.toLowerCase(Locale.ROOT);
        return text.equals("localhost")
                || text.endsWith(".localhost")
                || text.equals("::1")
                || text.equals("0:0:0:0:0:0:0:1")
                || text.matches("(::ffff:)?127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    private static String hostName(String host) {
        if (host.startsWith("[")) {
            return host.substring(1, Math.max(1, host.indexOf(']')));
        }
        int colon = host.lastIndexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    private static boolean isSameOrigin(Caller caller) {
        String site = caller.fetchSite();
        if (site != null) {
            return site.equals("same-origin") || site.equals("none");
        }
        String origin = caller.origin();
        return origin == null || authority(origin).equalsIgnoreCase(String.valueOf(caller.host()));
    }

    private static String authority(@Nullable String origin) {
        try {
            String authority = URI.create(String.valueOf(origin)).getRawAuthority();
            return authority == null ? "" : authority;
        } catch (IllegalArgumentException e) {
            // an origin that is no URI is nobody's
            return "";
        }
    }
}
