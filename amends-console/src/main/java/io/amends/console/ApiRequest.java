package io.amends.console;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A request to the operator API, free of any web framework.
 *
 * @param method the HTTP method in upper case
 * @param path the decoded path behind {@code …/api/v1} or {@code …/auth}, for instance {@code /failures/17/prepare}
 * @param query the query's parameters
 * @param contentType the Content-Type header, or null
 * @param headers the other headers, by name in lower case, the first of each, but all cookies
 * @param body the body, at most {@link #MAX_BODY} and one more byte
 * @param caller who asks, and from where
 * @param user whom the application around the API has signed in, or null
 */
public record ApiRequest(
        String method,
        String path,
        Map<String, List<String>> query,
        @Nullable String contentType,
        Map<String, String> headers,
        byte[] body,
        Caller caller,
        @Nullable HostUser user) {

    /** A request without further headers. */
    public ApiRequest(
            String method,
            String path,
            Map<String, List<String>> query,
            @Nullable String contentType,
            byte[] body,
            Caller caller) {
        this(method, path, query, contentType, Map.of(), body, caller, null);
    }

    /** The longest body in bytes. */
    public static final int MAX_BODY = 64 * 1024;

    /**
     * Somebody whom the application around the API has signed in.
     *
     * @param name their name
     * @param inRole whether they are in a role of this name
     */
    public record HostUser(String name, Predicate<String> inRole) {}

    /**
     * Who asks.
     *
     * @param actor the name that the history keeps
     * @param remoteAddress where it comes from, for the audit, as far as the server believes who passes it on
     * @param connection the address of the other end of the connection, null if the server has put another in its place
     * @param forwarded whether a proxy says that it only passes the request on
     * @param host the Host header, or null
     * @param origin the Origin header, or null
     * @param fetchSite the Sec-Fetch-Site header, or null
     */
    public record Caller(
            String actor,
            String remoteAddress,
            @Nullable String connection,
            boolean forwarded,
            @Nullable String host,
            @Nullable String origin,
            @Nullable String fetchSite) {

        /** Where nobody stands between. */
        public Caller(
                String actor,
                String remoteAddress,
                boolean forwarded,
                @Nullable String host,
                @Nullable String origin,
                @Nullable String fetchSite) {
            this(actor, remoteAddress, remoteAddress, forwarded, host, origin, fetchSite);
        }

        /** The actor of requests without a principal. */
        public static final String ANONYMOUS = "anonymous";
    }
}
