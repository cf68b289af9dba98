package io.amends.console.web;

import io.amends.console.ApiRequest;
import io.amends.console.ApiResponse;
import io.amends.console.LiveStream;
import io.amends.console.OperatorApi;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.security.Principal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Puts the operator API under {@code {base}/api/v1} of a Spring MVC application, and sign-in under {@code {base}/auth}.
 */
public final class ConsoleRoutes {
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final OperatorApi api;

    private ConsoleRoutes(OperatorApi api) {
        this.api = api;
    }

    /** The routes below this base path, which begins with a slash and does not end with one. */
    public static RouterFunction<ServerResponse> at(String base, OperatorApi api) {
        ConsoleRoutes routes = new ConsoleRoutes(api);
        return RouterFunctions.route(RequestPredicates.path(base + "/api/v1/{*path}"), routes::handle)
                .andRoute(
                        RequestPredicates.path(base + "/auth/{*path}"), request -> answer(api.signIn(asked(request))));
    }

    private ServerResponse handle(ServerRequest request) throws IOException {
        ApiRequest asked = asked(request);
        if (asked.path().equals("/stream") && asked.method().equals("GET")) {
            return stream(asked);
        }
        return answer(api.handle(asked));
    }

    /**
     * Tomcat's valve for forwarded headers has had the request: it may have put another address in the place of the
     * connection's, and taken away the header that said so.
     */
    private static final String REPLACED = "org.apache.tomcat.request.forwarded";

    private static ApiRequest asked(ServerRequest request) throws IOException {
        HttpHeaders headers = request.headers().asHttpHeaders();
        // a filter may say of a request that it comes from anywhere; who is let in depends on where it really does
        ServletRequest own = request.servletRequest();
        while (own instanceof ServletRequestWrapper wrapper) {
            own = wrapper.getRequest();
        }
        boolean replaced = Boolean.TRUE.equals(request.servletRequest().getAttribute(REPLACED));
        byte[] body;
        try (InputStream stream = request.servletRequest().getInputStream()) {
            body = stream.readNBytes(ApiRequest.MAX_BODY + 1);
        }
        return new ApiRequest(
                request.method().name(),
                request.pathVariable("path"),
                request.params(),
                request.servletRequest().getContentType(),
                firstOfEach(headers),
                body,
                new ApiRequest.Caller(
                        actor(request),
                        request.servletRequest().getRemoteAddr(),
                        replaced ? null : own.getRemoteAddr(),
                        replaced || isForwarded(own),
                        headers.getFirst(HttpHeaders.HOST),
                        headers.getFirst(HttpHeaders.ORIGIN),
                        headers.getFirst("Sec-Fetch-Site")),
                user(request));
    }

    private ServerResponse stream(ApiRequest request) {
        // the answer's head goes out with the first message, so a refusal must be known before
        EventSink sink = new EventSink();
        Optional<ApiResponse> refused = api.stream(request, sink);
        if (refused.isPresent()) {
            return answer(refused.get());
        }
        return new WithHeaders(ServerResponse.sse(sink::open, Duration.ZERO));
    }

    private static ServerResponse answer(ApiResponse response) {
        return ServerResponse.status(response.status())
                .contentType(MediaType.parseMediaType(response.contentType()))
                .headers(out -> {
                    response.headers().forEach(out::set);
                    response.cookies().forEach(cookie -> out.add(HttpHeaders.SET_COOKIE, cookie));
                })
                .body(response.body());
    }

    private static Map<String, String> firstOfEach(HttpHeaders headers) {
        Map<String, String> first = new TreeMap<>();
        headers.forEach((name, values) -> {
            if (!values.isEmpty()) {
                String lower = name.toLowerCase(Locale.ROOT);
                // HTTP/2 may send each cookie in a header of its own
                first.put(lower, lower.equals("cookie") ? String.join("; ", values) : values.getFirst());
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

    private static boolean isForwarded(ServletRequest request) {
        return request instanceof HttpServletRequest http
                && (isGiven(http.getHeader("Forwarded")) || isGiven(http.getHeader("X-Forwarded-For")));
    }

    private static boolean isGiven(@Nullable String value) {
        return value != null;
    }

    /** The stream's answer with the headers that its own builder has no way to set; its own are added to them. */
    private record WithHeaders(ServerResponse stream) implements ServerResponse {
        @Override
        public HttpStatusCode statusCode() {
            return stream.statusCode();
        }

        @Override
        public HttpHeaders headers() {
            return stream.headers();
        }

        @Override
        public MultiValueMap<String, Cookie> cookies() {
            return stream.cookies();
        }

        @Override
        public @Nullable ModelAndView writeTo(HttpServletRequest request, HttpServletResponse response, Context context)
                throws ServletException, IOException {
            OperatorApi.streamHeaders().forEach(response::setHeader);
            return stream.writeTo(request, response, context);
        }
    }

    /** Sends messages as soon as the connection is there. */
    private static final class EventSink implements LiveStream.Sink {
        private final CompletableFuture<ServerResponse.SseBuilder> connection = new CompletableFuture<>();

        void open(ServerResponse.SseBuilder builder) {
            connection.complete(builder);
        }

        @Override
        public void send(LiveStream.@Nullable Message message) throws IOException {
            ServerResponse.SseBuilder builder;
            try {
                builder = connection.get(CONNECT.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException("no connection", e);
            }
            if (message == null) {
                builder.comment("").send();
            } else {
                builder.id(message.id()).event(message.event()).data(message.data());
            }
        }

        @Override
        public void end() {
            ServerResponse.SseBuilder builder = connection.getNow(null);
            if (builder != null) {
                builder.complete();
            }
        }
    }
}
