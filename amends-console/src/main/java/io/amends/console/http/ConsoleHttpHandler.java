package io.amends.console.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpPrincipal;
import io.amends.console.ApiRequest;
import io.amends.console.ApiResponse;
import io.amends.console.ConsolePage;
import io.amends.console.LiveStream;
import io.amends.console.OperatorApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Puts the console on the JDK's own HTTP server (module {@code jdk.httpserver}): the page below the path of its context, the
 * operator API with its live stream under {@code {path}/api/v1}, and sign-in under {@code {path}/auth}.
 *
 * <pre>{@code
 * OperatorApi api = new OperatorApi(engine.operations(), operatorStore, new Access(false), true);
 * HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 8081), 0);
 * server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
 * server.createContext("/amends", new ConsoleHttpHandler(api, ConsolePage.load()));
 * server.start();
 * }</pre>
 *
 * <p>Who may use it is what the API's {@link io.amends.console.Access} says; {@link io.amends.console.SignIn.Host} lets nobody
 * in, because this server knows no roles. Whom an {@link com.sun.net.httpserver.Authenticator} of the context has let in is the
 * actor of what they do where the API itself has no sign-in.
 *
 * <p>Each open stream keeps its thread of the server's executor for up to 15 minutes: give the server one with a virtual
 * thread for each exchange. Without an executor of its own it answers nobody else while a stream is open, and one of n
 * threads nobody else while n streams are. Close the {@link OperatorApi} before the server stops, so that streams end.
 * Thread-safe.
 */
public final class ConsoleHttpHandler implements HttpHandler {
    /** Read and thrown away of a body that is too large: whoever still sends it would not hear why it is refused. */
    private static final int MOST_THROWN_AWAY = 2 * 1024 * 1024;

    private static final String API = "/api/v1";
    private static final String SIGN_IN = "/auth";

    private final OperatorApi api;
    private final ConsolePage page;

    /** Creates it; the path of the context decides where the console is. */
    public ConsoleHttpHandler(OperatorApi api, ConsolePage page) {
        this.api = api;
        this.page = page;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String base = exchange.getHttpContext().getPath().replaceFirst("/+$", "");
            String path = exchange.getRequestURI().getPath().substring(base.length());
            if (isBelow(path, API)) {
                handleApi(exchange, asked(exchange, path.substring(API.length())));
            } else if (isBelow(path, SIGN_IN)) {
                answer(exchange, api.signIn(asked(exchange, path.substring(SIGN_IN.length()))));
            } else if (isBelow(path, "/api") || !isBelow(path, "")) {
                answer(exchange, text(404, "nothing is here", Map.of()));
            } else {
                answer(exchange, page(exchange, base, path.isEmpty() ? "/" : path));
            }
        }
    }

    /** The server asks a context for whatever begins with its path, as {@code /amendsel} does. */
    private static boolean isBelow(String path, String parent) {
        return path.equals(parent) || path.startsWith(parent + "/");
    }

    private void handleApi(HttpExchange exchange, ApiRequest asked) throws IOException {
        if (asked.path().equals("/stream") && asked.method().equals("GET")) {
            // the answer's head goes out before the first message, so a refusal must be known before
            OpenStream stream = new OpenStream();
            Optional<ApiResponse> refused = api.stream(asked, stream);
            if (refused.isPresent()) {
                answer(exchange, refused.get());
            } else {
                stream.serve(exchange);
            }
            return;
        }
        answer(exchange, api.handle(asked));
    }

    private ApiResponse page(HttpExchange exchange, String base, String path) {
        Headers headers = exchange.getRequestHeaders();
        if (!exchange.getRequestMethod().equals("GET") && !isHead(exchange)) {
            return text(405, "a page is only read", Map.of("Allow", "GET, HEAD"));
        }
        return page.answer(
                path,
                ConsolePage.forwardedPrefix(headers.getFirst("X-Forwarded-Prefix")) + base,
                headers.getFirst("Accept-Encoding"),
                headers.getFirst("If-None-Match"));
    }

    private static ApiResponse text(int status, String text, Map<String, String> headers) {
        return new ApiResponse(status, "text/plain;charset=utf-8", headers, text.getBytes(StandardCharsets.UTF_8));
    }

    // ---- the request

    private static ApiRequest asked(HttpExchange exchange, String path) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        HttpPrincipal principal = exchange.getPrincipal();
        return new ApiRequest(
                exchange.getRequestMethod().toUpperCase(Locale.ROOT),
                path,
                query(exchange.getRequestURI().getRawQuery()),
                headers.getFirst("Content-Type"),
                firstOfEach(headers),
                body(exchange),
                new ApiRequest.Caller(
                        principal == null ? ApiRequest.Caller.ANONYMOUS : principal.getUsername(),
                        exchange.getRemoteAddress().getAddress().getHostAddress(),
                        headers.containsKey("Forwarded") || headers.containsKey("X-Forwarded-For"),
                        headers.getFirst("Host"),
                        headers.getFirst("Origin"),
                        headers.getFirst("Sec-Fetch-Site")),
                null);
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        InputStream in = exchange.getRequestBody();
        byte[] body = in.readNBytes(ApiRequest.MAX_BODY + 1);
        if (body.length > ApiRequest.MAX_BODY) {
            byte[] piece = new byte[8192];
            int read = 0;
            for (int thrown = 0; read >= 0 && thrown < MOST_THROWN_AWAY; thrown += read) {
                read = in.read(piece);
            }
        }
        return body;
    }

    private static Map<String, List<String>> query(@Nullable String raw) {
        Map<String, List<String>> query = new TreeMap<>();
        if (raw == null || raw.isEmpty()) {
            return query;
        }
        for (String pair : raw.split("&")) {
            String[] parts = pair.split("=", 2);
            query.computeIfAbsent(decoded(parts[0]), name -> new ArrayList<>())
                    .add(parts.length == 1 ? "" : decoded(parts[1]));
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static Map<String, String> firstOfEach(Headers headers) {
        Map<String, String> first = new TreeMap<>();
        headers.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            first.put(lower, lower.equals("cookie") ? String.join("; ", values) : values.getFirst());
        });
        return first;
    }

    // ---- the answer

    private static void answer(HttpExchange exchange, ApiResponse response) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", response.contentType());
        response.headers().forEach(headers::set);
        response.cookies().forEach(cookie -> headers.add("Set-Cookie", cookie));
        byte[] body = response.body();
        if (isHead(exchange)) {
            headers.set("Content-Length", Integer.toString(body.length));
        }
        boolean empty = isHead(exchange) || body.length == 0;
        exchange.sendResponseHeaders(response.status(), empty ? -1 : body.length);
        if (!empty) {
            exchange.getResponseBody().write(body);
        }
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    /** Messages come on the stream's own thread, while the exchange's thread waits for the end. */
    private static final class OpenStream implements LiveStream.Sink {
        private final CompletableFuture<OutputStream> connection = new CompletableFuture<>();
        private final CountDownLatch ended = new CountDownLatch(1);

        void serve(HttpExchange exchange) throws IOException {
            try {
                Headers headers = exchange.getResponseHeaders();
                headers.set("Content-Type", "text/event-stream");
                OperatorApi.streamHeaders().forEach(headers::set);
                exchange.sendResponseHeaders(200, 0);
                OutputStream out = exchange.getResponseBody();
                write(out, "retry: 3000\n\n");
                connection.complete(out);
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                // if it is not there by now, whoever waits for it to send a message shall not wait for ever
                connection.cancel(false);
            }
        }

        @Override
        public void send(LiveStream.@Nullable Message message) throws IOException {
            write(connection.join(), message == null ? ":\n\n" : message.text());
        }

        @Override
        public void end() {
            ended.countDown();
        }

        private static void write(OutputStream out, String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }
}
