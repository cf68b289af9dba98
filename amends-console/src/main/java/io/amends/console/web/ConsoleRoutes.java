package io.amends.console.web;

import io.amends.console.ApiRequest;
import io.amends.console.ApiResponse;
import io.amends.console.OperatorApi;
import java.io.IOException;
import java.io.InputStream;
import java.security.Principal;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** Puts the operator API under {@code {base}/api/v1} of a Spring MVC application. */
public final class ConsoleRoutes {
    private final OperatorApi api;

    private ConsoleRoutes(OperatorApi api) {
        this.api = api;
    }

    /** The routes below this base path, which begins with a slash and does not end with one. */
    public static RouterFunction<ServerResponse> at(String base, OperatorApi api) {
        return RouterFunctions.route(RequestPredicates.path(base + "/api/v1/{*path}"), new ConsoleRoutes(api)::handle);
    }

    private ServerResponse handle(ServerRequest request) throws IOException {
        HttpHeaders headers = request.headers().asHttpHeaders();
        byte[] body;
        try (InputStream stream = request.servletRequest().getInputStream()) {
            body = stream.readNBytes(ApiRequest.MAX_BODY + 1);
        }
        ApiResponse response = api.handle(new ApiRequest(
                request.method().name(),
                request.pathVariable("path"),
                request.params(),
                request.servletRequest().getContentType(),
                firstOfEach(headers),
                body,
                new ApiRequest.Caller(
                        actor(request),
                        request.servletRequest().getRemoteAddr(),
                        isForwarded(headers),
                        headers.getFirst(HttpHeaders.HOST),
                        headers.getFirst(HttpHeaders.ORIGIN),
                        headers.getFirst("Sec-Fetch-Site")),
                user(request)));
        return ServerResponse.status(response.status())
                .contentType(MediaType.parseMediaType(response.contentType()))
                .headers(out -> response.headers().forEach(out::set))
                .body(response.body());
    }

    private static Map<String, String> firstOfEach(HttpHeaders headers) {
        Map<String, String> first = new TreeMap<>();
        headers.forEach((name, values) -> {
            if (!values.isEmpty()) {
                first.put(name.toLowerCase(Locale.ROOT), values.getFirst());
            }
        });
        return first;
    }

    private static ApiRequest.@Nullable HostUser user(ServerRequest request) {
        return request.principal()
                .map(principal -> new ApiRequest.HostUser(
                        principal.getName(), role -> request.servletRequest().isUserInRole(role)))
                .orElse(null);
    }

    private static String actor(ServerRequest request) {
        return request.principal().map(Principal::getName).orElse(ApiRequest.Caller.ANONYMOUS);
    }

    private static boolean isForwarded(HttpHeaders headers) {
        return isGiven(headers.getFirst("Forwarded")) || isGiven(headers.getFirst("X-Forwarded-For"));
    }

    private static boolean isGiven(@Nullable String value) {
        return value != null;
    }
}
