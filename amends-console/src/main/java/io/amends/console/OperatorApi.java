package io.amends.console;

import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.store.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator API, free of any web framework: a request goes in, an answer comes out.
 *
 * <p>Each operation needs a permission, which is checked here whatever a page shows. Everything that changes something
 * names its actor, and goes into the audit and, for a failed execution, into its history. What was refused changed
 * nothing, and the problem's {@code code} says why. Thread-safe.
 */
public final class OperatorApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorApi.class);

    /** The API answers data, which no browser should run, frame, guess about or keep. */
    private static final SortedMap<String, String> SECURITY_HEADERS = new TreeMap<>(Map.of(
            "Cache-Control", "no-store",
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Referrer-Policy", "no-referrer",
            "X-Content-Type-Options", "nosniff"));

    /** Also for what answers with a stream: its messages are not to be kept back by a proxy until there are enough. */
    private static final SortedMap<String, String> STREAM_HEADERS = new TreeMap<>(SECURITY_HEADERS);

    static {
        STREAM_HEADERS.put("X-Accel-Buffering", "no");
    }

    private final Access access;
    private final List<Endpoint> endpoints;
    private final byte[] description;
    private final LiveStream stream;
    private final Endpoint staying;

    /** Creates it; {@code compensationEnabled} says whether the application retries by itself. */
    public OperatorApi(Operations operations, OperatorStore store, Access access, boolean compensationEnabled) {
        this(operations, store, access, Masking.DEFAULT, compensationEnabled);
    }

    /** Creates it with rules of its own for what payloads hide. */
    public OperatorApi(
            Operations operations, OperatorStore store, Access access, Masking masking, boolean compensationEnabled) {
        this.access = access;
        Commands commands = new Commands(store);
        Operations audited = operations.audited();
        List<Endpoint> all = new ArrayList<>();
        all.addAll(new FailureResource(operations, store, commands, masking, compensationEnabled).endpoints());
        all.addAll(new GroupResource(operations, store, commands).endpoints());
        all.addAll(new LaneResource(audited, store, commands).endpoints());
        all.addAll(new WaitResource(audited, commands).endpoints());
        all.addAll(new ProcessorResource(audited, store, commands).endpoints());
        all.addAll(new FlowResource(operations, store).endpoints());
        all.addAll(new PolicyResource(audited, store, commands).endpoints());
        all.addAll(new BatchResource(operations, store, commands).endpoints());
        all.addAll(new AuditResource(store).endpoints());
        stream = new LiveStream(store);
        Endpoint streamed = Endpoint.get(
                        "/stream",
                        "getStream",
                        "stream",
                        "Tells what changes, as server-sent events: counts, groups (the fingerprints that changed), batch, and"
                                + " reset after a gap: read everything again, and bye, the last one of a server that ends")
                .answers(200, String.class, "text/event-stream", "Events until the client or the server ends.")
                .refuses(ProblemKind.TOO_MANY_STREAMS);
        all.add(streamed.by(this::streamed));
        // who stays is told by the one poller: letting in the fiftieth asks the database nothing
        staying = streamed.by(call -> LiveStream.refuse(call.identity())
                .orElseGet(() -> new ApiResponse(200, "text/event-stream", Map.of(), new byte[0])));
        all.add(Endpoint.get("/me", "getMe", "access", "Says who the caller is, and what they may do")
                .needs(null)
                .answers(200, Me.class, "The caller.")
                .by(this::me));
        all.add(Endpoint.get("/openapi.json", "getDescription", "access", "This description")
                .needs(null)
                .answers(200, Object.class, "An OpenAPI 3.1 document.")
                .by(call -> description()));
        endpoints = List.copyOf(all);
        description = OpenApi.document(endpoints);
    }

    /**
     * Lets a client of {@code /stream} stay, where the server can.
     *
     * @return the refusal, or empty if the sink gets what changes until it is gone
     */
    public Optional<ApiResponse> stream(ApiRequest request, LiveStream.Sink sink) {
        ApiResponse allowed = handle(request, List.of(staying));
        if (allowed.status() != 200) {
            return Optional.of(allowed);
        }
        String user = access.signIn().recognize(request) instanceof SignIn.Result.Known known
                ? known.identity().name()
                : "";
        return stream.listen(user, request.headers().get("last-event-id"), sink)
                ? Optional.empty()
                : Optional.of(ApiResponse.problem(
                        ProblemKind.TOO_MANY_STREAMS.with("too many streams; poll instead"),
                        Map.of("Retry-After", "60")));
    }

    /** The headers of the answer of a client that stays, besides its content type. */
    public static SortedMap<String, String> streamHeaders() {
        return Collections.unmodifiableSortedMap(STREAM_HEADERS);
    }

    /** Ends the streams. */
    @Override
    public void close() {
        stream.close();
    }

    private ApiResponse streamed(Call call) {
        return LiveStream.refuse(call.identity()).orElseGet(() -> {
            StringBuilder text = new StringBuilder("retry: 3000\n\n");
            stream.snapshot().forEach(message -> text.append(message.text()));
            return new ApiResponse(
                    200, "text/event-stream", Map.of(), text.toString().getBytes(StandardCharsets.UTF_8));
        });
    }

    /** The API's OpenAPI 3.1 document. */
    public byte[] openApi() {
        return description.clone();
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }

    /** Answers a request; never throws for what the request says. */
    public ApiResponse handle(ApiRequest request) {
        return handle(request, endpoints);
    }

    private ApiResponse handle(ApiRequest request, List<Endpoint> among) {
        return secured(answerTo(request, among));
    }

    private static ApiResponse secured(ApiResponse answer) {
        ApiResponse response = answer;
        for (Map.Entry<String, String> header : SECURITY_HEADERS.entrySet()) {
            response = response.with(header.getKey(), header.getValue());
        }
        return response;
    }

    private ApiResponse answerTo(ApiRequest request, List<Endpoint> among) {
        Optional<Problem> refused = access.refuse(request);
        if (refused.isPresent()) {
            return ApiResponse.problem(refused.get());
        }
        try {
            return route(request, among);
        } catch (StoreUnavailableException e) {
            return ApiResponse.problem(
                    ProblemKind.DATABASE_AWAY.with(
                            "whether a command was done is unknown; look again when the database is back"),
                    Map.of("Retry-After", "2"));
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", request.method(), Texts.shown(request.path()), e);
            return ApiResponse.problem(ProblemKind.INTERNAL_ERROR.with("the service's log says more"));
        }
    }

    private ApiResponse route(ApiRequest request, List<Endpoint> among) {
        String method = request.method().equals("HEAD") ? "GET" : request.method();
        TreeSet<String> others = new TreeSet<>();
        for (Endpoint endpoint : among) {
            Optional<Map<String, String>> variables = endpoint.match(request.path());
            if (variables.isPresent()) {
                if (endpoint.method().equals(method)) {
                    return answer(endpoint, request, variables.get());
                }
                others.add(endpoint.method());
            }
        }
        if (others.isEmpty()) {
            return ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such resource: " + Texts.shown(request.path())));
        }
        String allowed = String.join(", ", others);
        return ApiResponse.problem(
                ProblemKind.METHOD_NOT_ALLOWED.with(Texts.shown(request.method()) + " (expected: " + allowed + ")"),
                Map.of("Allow", allowed));
    }

    /** Answers a request below {@code …/auth}: sign-in and sign-out, where the console does it itself. */
    public ApiResponse signIn(ApiRequest request) {
        ApiResponse response = access.refuse(request)
                .map(ApiResponse::problem)
                .orElseGet(() -> access.signIn() instanceof OidcSignIn oidc
                        ? oidc.answer(request)
                        : ApiResponse.problem(
                                ProblemKind.NOT_FOUND.with("nobody signs in here; see amends.console.access.mode")));
        return secured(response);
    }

    private ApiResponse answer(Endpoint endpoint, ApiRequest request, Map<String, String> variables) {
        return switch (access.signIn().recognize(request)) {
            case SignIn.Result.Refused refused -> refused.answer();
            case SignIn.Result.Known known ->
                answer(endpoint, request, variables, known.identity()).withCookie(known.cookie());
        };
    }

    private static ApiResponse answer(
            Endpoint endpoint, ApiRequest request, Map<String, String> variables, Identity identity) {
        Permission needed = endpoint.permission();
        if (needed != null && !identity.may(needed)) {
            return ApiResponse.problem(ProblemKind.FORBIDDEN.with(
                    Texts.shown(identity.name()) + " lacks the permission " + needed.wireName()));
        }
        if (endpoint.isCommand()) {
            Optional<ApiResponse> refused = refuseBody(request);
            if (refused.isPresent()) {
                return refused.get();
            }
        }
        Query query = Query.read(request.query(), endpoint.parameters());
        if (!query.mistakes().isEmpty()) {
            return ApiResponse.invalid(query.mistakes());
        }
        return endpoint.handler().answer(new Call(request, identity, endpoint, variables, query));
    }

    private static Optional<ApiResponse> refuseBody(ApiRequest request) {
        String type = request.contentType();
        if (type == null
                ? request.body().length > 0
                : !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            return Optional.of(ApiResponse.problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE.with("content type: "
                    + (type == null ? "none" : Texts.shown(type)) + " (expected: application/json, or no body)")));
        }
        if (request.body().length > ApiRequest.MAX_BODY) {
            return Optional.of(ApiResponse.problem(
                    ProblemKind.TOO_LARGE.with("body: expected at most " + ApiRequest.MAX_BODY + " bytes")));
        }
        return Optional.empty();
    }

    private ApiResponse me(Call call) {
        return ApiResponse.json(200, Me.of(call.identity(), endpoints));
    }

    private ApiResponse description() {
        return new ApiResponse(200, "application/json", Map.of(), openApi());
    }
}
