package io.amends.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the operator API.
 *
 * @param status the HTTP status
 * @param contentType the media type of the body
 * @param headers further headers
 * @param cookies values of Set-Cookie headers, one header each
 * @param body JSON
 */
public record ApiResponse(
        int status, String contentType, Map<String, String> headers, List<String> cookies, byte[] body) {

    /** Copies the headers and the cookies. */
    public ApiResponse {
        headers = Map.copyOf(headers);
        cookies = List.copyOf(cookies);
    }

    /** An answer without cookies. */
    public ApiResponse(int status, String contentType, Map<String, String> headers, byte[] body) {
        this(status, contentType, headers, List.of(), body);
    }

    /** Sends the browser there. */
    static ApiResponse to(String address) {
        return new ApiResponse(303, "text/plain", Map.of("Location", address), new byte[0]);
    }

    static ApiResponse json(int status, Object value) {
        // what is shown changes by itself, and may not be everybody's to see
        return new ApiResponse(status, "application/json", Map.of("Cache-Control", "no-store"), Json.bytes(value));
    }

    /** A problem with all mistakes of a request. */
    static ApiResponse invalid(List<String> mistakes) {
        return problem(Problem.of(
                ProblemKind.INVALID_REQUEST.status(),
                ProblemKind.INVALID_REQUEST.code(),
                ProblemKind.INVALID_REQUEST.title(),
                mistakes));
    }

    /** The same answer with one header more. */
    ApiResponse with(String header, String value) {
        Map<String, String> all = new TreeMap<>(headers);
        all.put(header, value);
        return new ApiResponse(status, contentType, all, cookies, body);
    }

    /** The same answer with one cookie more; without if it is null. */
    ApiResponse withCookie(@Nullable String cookie) {
        if (cookie == null) {
            return this;
        }
        List<String> all = new ArrayList<>(cookies);
        all.add(cookie);
        return new ApiResponse(status, contentType, headers, all, body);
    }

    static ApiResponse problem(Problem problem) {
        return problem(problem, Map.of());
    }

    static ApiResponse problem(Problem problem, Map<String, String> headers) {
        return new ApiResponse(problem.status(), Problem.MEDIA_TYPE, headers, problem.toJson());
    }
}
