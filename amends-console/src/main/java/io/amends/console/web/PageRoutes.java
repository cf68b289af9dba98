package io.amends.console.web;

import io.amends.console.ApiResponse;
import io.amends.console.ConsolePage;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** Puts the console's page under {@code {base}} of a Spring MVC application, everywhere but under {@code {base}/api} and {@code {base}/auth}. */
public final class PageRoutes {
    private final String base;
    private final ConsolePage page;

    private PageRoutes(String base, ConsolePage page) {
        this.base = base;
        this.page = page;
    }

    /** The routes below this base path, which begins with a slash and does not end with one. */
    public static RouterFunction<ServerResponse> at(String base, ConsolePage page) {
        RequestPredicate pages = RequestPredicates.path(base).or(RequestPredicates.path(base + "/{*path}"));
        RequestPredicate others = RequestPredicates.path(base + "/api")
                .or(RequestPredicates.path(base + "/api/{*path}"))
                .or(RequestPredicates.path(base + "/auth/{*path}"));
        return RouterFunctions.route(
                RequestPredicates.method(HttpMethod.GET).and(pages).and(others.negate()),
                new PageRoutes(base, page)::handle);
    }

    private ServerResponse handle(ServerRequest request) {
        HttpHeaders headers = request.headers().asHttpHeaders();
        String prefix = ConsolePage.forwardedPrefix(headers.getFirst("X-Forwarded-Prefix"));
        String path = request.pathVariables().getOrDefault("path", "/");
        ApiResponse answer = page.answer(
                path,
                prefix + request.requestPath().contextPath().value() + base,
                headers.getFirst(HttpHeaders.ACCEPT_ENCODING),
                headers.getFirst(HttpHeaders.IF_NONE_MATCH));
        return ServerResponse.status(answer.status())
                .contentType(MediaType.parseMediaType(answer.contentType()))
                .headers(out -> answer.headers().forEach(out::set))
                .body(answer.body());
    }
}
