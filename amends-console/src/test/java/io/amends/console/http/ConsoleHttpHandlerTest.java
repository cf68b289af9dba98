package io.amends.console.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.amends.console.Access;
import io.amends.console.ApiRequest;
import io.amends.console.OperatorApi;
import io.amends.console.PageForTests;
import io.amends.console.Roles;
import io.amends.console.ServiceWithFailures;
import io.amends.console.SignIn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The console on a real server, asked by a real client. */
class ConsoleHttpHandlerTest {
    private final ServiceWithFailures service = new ServiceWithFailures();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<OperatorApi> apis = new ArrayList<>();
    private final List<HttpServer> servers = new ArrayList<>();

    @AfterEach
    void close() {
        apis.forEach(OperatorApi::close);
        client.close();
        servers.forEach(server -> server.stop(0));
        threads.close();
        service.close();
    }

    // ---- the page

    @Test
    void thePageIsThereWithItsPolicyAndItsPath() throws Exception {
        URI console = serve("/amends");

        for (String place : List.of("", "/", "/failures/f1")) {
            HttpResponse<String> page = send(get(console, place));
            assertThat(page.statusCode()).as(place).isEqualTo(200);
            assertThat(page.headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'", "frame-ancestors 'none'");
            assertThat(page.body()).contains("<base href=\"/amends/\">");
        }
        HttpResponse<String> known = send(get(console, "/")
                .header(
                        "If-None-Match",
                        send(get(console, "/")).headers().firstValue("ETag").orElseThrow()));
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
    }

    @Test
    void aProxyMayTakeAPrefixAway() throws Exception {
        URI console = serve("/amends");

        assertThat(send(get(console, "/").header("X-Forwarded-Prefix", "/shop")).body())
                .contains("<base href=\"/shop/amends/\">");
    }

    @Test
    void itIsWhereItsContextIs() throws Exception {
        service.fail("f1", "u-1");
        for (String base : List.of("/ops/console", "/ops/", "/")) {
            URI console = serve(base);
            String path = base.replaceFirst("/$", "");
            assertThat(send(get(console, "/")).body()).contains("<base href=\"" + path + "/\">");
            assertThat(send(get(console, "/api/v1/failures/f1")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatOnlyBeginsLikeItsPathIsNotThere() throws Exception {
        URI console = serve("/amends");

        assertThat(send(get(console, "el")).statusCode()).isEqualTo(404);
        assertThat(send(get(console, "/api")).statusCode()).isEqualTo(404);
        assertThat(send(get(console, "/api/v2/failures")).statusCode()).isEqualTo(404);
        HttpResponse<String> posted = send(post(console, "/failures", ""));
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    // ---- the API

    @Test
    void theApiAnswersInJson() throws Exception {
        URI console = serve("/amends");
        service.fail("f1", "u-1");
        service.fail("f2", "u 2/ö");

        HttpResponse<String> list =
                send(get(console, "/api/v1/failures?state=FAILED&state=PREPARED&key=u%202%2F%C3%B6"));
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(list.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(list.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(list.body()).contains("\"id\":\"f2\"").doesNotContain("\"id\":\"f1\"");
        assertThat(send(get(console, "/api/v1/lanes/points/u%202%2F%C3%B6")).body())
                .contains("u 2/ö");

        HttpResponse<String> none = send(get(console, "/api/v1/failures/none"));
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(send(get(console, "/auth/login")).body()).contains("nobody signs in here");
    }

    @Test
    void aHeadIsAnsweredWithoutABody() throws Exception {
        URI console = serve("/amends");

        for (String path : List.of("/", "/api/v1/counts", "/api/v1/failures/none")) {
            HttpResponse<String> whole = send(get(console, path));
            HttpResponse<String> head = send(get(console, path).method("HEAD", BodyPublishers.noBody()));
            assertThat(head.statusCode()).as(path).isEqualTo(whole.statusCode());
            assertThat(head.headers().firstValue("Content-Type"))
                    .isEqualTo(whole.headers().firstValue("Content-Type"));
            assertThat(head.headers().firstValueAsLong("Content-Length"))
                    .hasValue(whole.body().getBytes(StandardCharsets.UTF_8).length);
            assertThat(head.body()).isEmpty();
        }
    }

    @Test
    void aCommandComesFromTheConsolesOwnPageOrFromNone() throws Exception {
        URI console = serve("/amends");
        service.fail("f1", "u-1");
        String prepare = "/api/v1/failures/f1/prepare";
        String own = "http://" + console.getAuthority();

        for (String[] foreign : new String[][] {
            {"Origin", "http://elsewhere.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}
        }) {
            HttpResponse<String> refused = send(post(console, prepare, "{}").header(foreign[0], foreign[1]));
            assertThat(refused.statusCode()).as(foreign[1]).isEqualTo(403);
            assertThat(refused.body()).contains("cross-site");
        }
        assertThat(send(post(console, prepare, "{}").header("Content-Type", "text/plain"))
                        .statusCode())
                .isEqualTo(415);
        assertThat(send(get(console, "/api/v1/failures/f1")).body()).doesNotContain("compensation_requested");

        HttpResponse<String> done = send(post(console, prepare, "{\"reason\":\"again\"}")
                .header("Content-Type", "application/json")
                .header("Origin", own));
        assertThat(done.statusCode()).isEqualTo(202);
        assertThat(done.body()).contains("\"actor\":\"anonymous\"", "\"reason\":\"again\"");
        HttpResponse<String> again = send(post(console, prepare, ""));
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("already-requested");
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedAndTheClientHearsWhy() throws Exception {
        URI console = serve("/amends");
        service.fail("f1", "u-1");

        for (int size : new int[] {ApiRequest.MAX_BODY + 1, 1024 * 1024}) {
            HttpResponse<String> refused =
                    send(post(console, "/api/v1/failures/f1/prepare", "{\"reason\":\"" + "a".repeat(size) + "\"}")
                            .header("Content-Type", "application/json"));
            assertThat(refused.statusCode()).isEqualTo(413);
            assertThat(refused.body()).contains("expected at most " + ApiRequest.MAX_BODY);
        }
        assertThat(send(get(console, "/api/v1/failures/f1")).body()).doesNotContain("compensation_requested");
    }

    // ---- who may

    @Test
    void withoutSignInItAnswersThisMachineOnly() throws Exception {
        URI console = serve("/amends");

        for (String header : List.of("Forwarded", "X-Forwarded-For")) {
            HttpResponse<String> forwarded = send(get(console, "/api/v1/me").header(header, "192.0.2.7"));
            assertThat(forwarded.statusCode()).as(header).isEqualTo(403);
            assertThat(forwarded.body()).contains("remote-access");
        }
        assertThat(send(get(console, "/api/v1/me")).body()).contains("\"name\":\"anonymous\"");
    }

    @Test
    void whoHasAPasswordIsAskedForIt() throws Exception {
        Map<String, SignIn.User> users =
                Map.of("anna", new SignIn.User(SignIn.Basic.hash("secret"), List.of("operator")));
        URI console = serve("/amends", Access.with(new SignIn.Basic(users, Roles.DEFAULT, InstantSource.system())));
        String credentials =
                "Basic " + Base64.getEncoder().encodeToString("anna:secret".getBytes(StandardCharsets.UTF_8));

        HttpResponse<String> asked = send(get(console, "/api/v1/me"));
        assertThat(asked.statusCode()).isEqualTo(401);
        assertThat(asked.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Basic realm=");
        assertThat(send(get(console, "/api/v1/me").header("Authorization", credentials))
                        .body())
                .contains("\"name\":\"anna\"");
    }

    @Test
    void whoIsSignedInByAProxyIsKnownByItsHeaders() throws Exception {
        URI console = serve(
                "/amends",
                Access.with(new SignIn.Proxy("X-User", "X-Roles", List.of("127.0.0.0/8", "::1"), Roles.DEFAULT)));

        assertThat(send(get(console, "/api/v1/me")
                                .header("X-User", "bert")
                                .header("X-Roles", "viewer")
                                .header("X-Forwarded-For", "192.0.2.7"))
                        .body())
                .contains("\"name\":\"bert\"");
    }

    // ---- the stream

    @Test
    void aStreamTellsWhatHappensAsItHappens() throws Exception {
        URI console = serve("/amends");

        try (Listener listener = listen(console)) {
            assertThat(listener.response.headers().firstValue("Content-Type")).contains("text/event-stream");
            assertThat(listener.response.headers().firstValue("X-Accel-Buffering"))
                    .contains("no");
            assertThat(listener.response.headers().firstValue("X-Content-Type-Options"))
                    .contains("nosniff");
            assertThat(listener.response.headers().allValues("Cache-Control")).containsExactly("no-store");
            assertThat(listener.next("event: ")).isEqualTo("event: reset");
            assertThat(listener.next("event: lanes"))
                    .as("what is there when it begins")
                    .isNotNull();
            service.fail("f1", "u-1");
            assertThat(listener.next("event: groups")).isEqualTo("event: groups");
            assertThat(listener.next("data: ")).contains("dirty");
        }
    }

    @Test
    void streamsEndWhenTheApiIsClosed() throws Exception {
        URI console = serve("/amends");

        try (Listener listener = listen(console)) {
            assertThat(listener.next("event: ")).isEqualTo("event: reset");
            apis.getFirst().close();

            assertThat(listener.next("nothing that is ever sent")).isNull();
        }
    }

    @Test
    void whoGoesAwayDuringAStreamLeavesItsPlace() throws Exception {
        URI console = serve("/amends");
        List<Listener> listeners = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            listeners.add(listen(console));
        }
        HttpResponse<InputStream> refused =
                client.send(get(console, "/api/v1/stream").build(), BodyHandlers.ofInputStream());
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("60");

        listeners.removeFirst().close();

        // that it is gone shows when something is sent to it
        List<Integer> answers = new ArrayList<>();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            service.fail("f" + answers.size(), "u-" + answers.size());
            try (Listener again = listen(console)) {
                answers.add(again.response.statusCode());
            }
            return answers.getLast() == 200;
        });
        for (Listener listener : listeners) {
            assertThat(listener.next("event: groups")).isEqualTo("event: groups");
            listener.close();
        }
    }

    /** A client of the stream, and the lines that it has not read yet. */
    private record Listener(HttpResponse<InputStream> response, BufferedReader lines) implements AutoCloseable {
        /** The next line that begins so; null if the stream ends before. */
        @Nullable String next(String beginning) throws IOException {
            String line;
            do {
                line = lines.readLine();
            } while (line != null && !line.startsWith(beginning));
            return line;
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    private Listener listen(URI console) throws Exception {
        HttpResponse<InputStream> response =
                client.send(get(console, "/api/v1/stream").build(), BodyHandlers.ofInputStream());
        return new Listener(
                response, new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
    }

    // ---- the server and its client

    private URI serve(String base) throws IOException {
        return serve(base, new Access(false));
    }

    private URI serve(String base, Access access) throws IOException {
        OperatorApi api = new OperatorApi(service.operations, service.operatorStore, access, true);
        apis.add(api);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        servers.add(server);
        server.setExecutor(threads);
        server.createContext(base, new ConsoleHttpHandler(api, PageForTests.page()));
        server.start();
        String address = server.getAddress().getAddress().getHostAddress();
        return URI.create("http://" + address + ":" + server.getAddress().getPort() + base.replaceFirst("/$", ""));
    }

    private static HttpRequest.Builder get(URI console, String path) {
        return HttpRequest.newBuilder(URI.create(console + path)).timeout(Duration.ofSeconds(60));
    }

    private static HttpRequest.Builder post(URI console, String path, String body) {
        return get(console, path).POST(body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
