package io.amends.console.web;

import io.amends.console.ApiPage;
import io.amends.console.ApiResponse;
import io.amends.console.ConsolePage;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Puts the console's page under {@code {base}} of a Spring MVC application, everywhere but under {@code {base}/api} and
 * {@code {base}/auth}, and the page about the operator API, if it is asked for, at {@code {base}/api/docs}.
 */
public final class PageRoutes {
    private PageRoutes() {}

    /** The routes of the console below this base path, which begins with a slash and does not end with one. */
    public static RouterFunction<ServerResponse> at(String base, ConsolePage page) {
        RequestPredicate pages = RequestPredicates.path(base).or(RequestPredicates.path(base + "/{*path}"));
        RequestPredicate others = RequestPredicates.path(base + "/api")
                .or(RequestPredicates.path(base + "/api/{*path}"))
                .or(RequestPredicates.path(base + "/auth/{*path}"));
        return RouterFunctions.route(
                RequestPredicates.method(HttpMethod.GET).and(pages).and(others.negate()),
                request -> answer(request, base, page::answer, "/"));
    }

    /** The routes of the page about the operator API below the same base path. */
    public static RouterFunction<ServerResponse> at(String base, ApiPage page) {
        RequestPredicate docs = RequestPredicates.path(base + "/api/docs")
                .or(RequestPredicates.path(base + "/api/docs/"))
                .or(RequestPredicates.path(base + "/api/docs/{path}"));
        return RouterFunctions.route(
                RequestPredicates.method(HttpMethod.GET).and(docs), request -> answer(request, base, page::answer, ""));
    }

    /** A page that answers paths below its own. */
    @FunctionalInterface
    private interface Page {
        ApiResponse answer(String path, String base, @Nullable String acceptEncoding, @Nullable String ifNoneMatch);
    }

    private static ServerResponse answer(ServerRequest request, String base, Page page, String root) {
        HttpHeaders headers = request.headers().asHttpHeaders();
        String prefix = ConsolePage.forwardedPrefix(headers.getFirst("X-Forwarded-Prefix"));
        ApiResponse answer = page.answer(
                request.pathVariables().getOrDefault("path", root),
                prefix + request.requestPath().contextPath().value() + base,
                headers.getFirst(HttpHeaders.ACCEPT_ENCODING),
                headers.getFirst(HttpHeaders.IF_NONE_MATCH));
        return ServerResponse.status(answer.status())
                .contentType(MediaType.parseMediaType(answer.contentType()))
                .headers(out -> answer.headers().forEach(out::set))
                .body(answer.body());
    }
}
