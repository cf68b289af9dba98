package io.amends.console;

import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.operate.Operations;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The operator API, free of any web framework: a request goes in, an answer comes out.
 *
 * <p>Everything that changes something names its actor and goes into the record's history. What was refused changed
 * nothing, and the problem's {@code code} is the {@link Refusal}. Thread-safe.
 */
public final class OperatorApi {
    private static final Set<String> COMMANDS =
            Set.of("prepare", "force-prepare", "retry-spec", "recoverable", "function", "skip");

    private final Operations operations;
    private final Access access;
    private final boolean compensationEnabled;

    /** Creates it; {@code compensationEnabled} says whether the application retries by itself. */
    public OperatorApi(Operations operations, Access access, boolean compensationEnabled) {
        this.operations = operations;
        this.access = access;
        this.compensationEnabled = compensationEnabled;
    }

    /**
     * A page of failed executions, newest first.
     *
     * @param items the page
     * @param next {@code after} of the next page, null on the last one
     */
    public record FailurePage(
            List<FailureSummary> items, @Nullable String next) {}

    /**
     * What a command made of a failed execution.
     *
     * @param failure as it is now
     * @param entry the line that its history got
     */
    public record CommandResult(FailureSummary failure, FailureDetail.Line entry) {}

    /** How far a processor is. */
    public record ProcessorView(
            String name,
            boolean paused,
            long position,
            long head,
            long lag,
            @Nullable Duration oldestAge,
            long failed,
            long parked,
            int unownedSlots) {
        static ProcessorView of(ProcessorGauge gauge) {
            return new ProcessorView(
                    gauge.processor(),
                    gauge.paused(),
                    gauge.position(),
                    gauge.head(),
                    gauge.lag(),
                    gauge.oldestAge(),
                    gauge.failed(),
                    gauge.parked(),
                    gauge.unowned());
        }
    }

    /** Answers a request; never throws for what the request says. */
    public ApiResponse handle(ApiRequest request) {
        Optional<Problem> refused = access.refuse(request);
        if (refused.isPresent()) {
            return ApiResponse.problem(refused.get());
        }
        try {
            return route(request);
        } catch (StoreUnavailableException e) {
            return ApiResponse.problem(
                    Problem.of(
                            503,
                            "database-away",
                            "The database is away",
                            "whether a command was done is unknown; look again when the database is back"),
                    Map.of("Retry-After", "2"));
        }
    }

    private ApiResponse route(ApiRequest request) {
        List<String> path = List.of(request.path().replaceFirst("^/", "").split("/", -1));
        String last = path.getLast();
        return switch (path.getFirst() + " " + path.size()) {
            case "failures 1" -> onGet(request, () -> failures(request));
            case "failures 2" -> onGet(request, () -> failure(last));
            case "failures 3" ->
                COMMANDS.contains(last)
                        ? onPost(request, () -> command(path.get(1), last, request))
                        : noResource(request);
            case "processors 1" -> onGet(request, this::processors);
            case "processors 3" ->
                last.equals("pause") || last.equals("resume")
                        ? onPost(request, () -> pause(path.get(1), last.equals("pause"), request))
                        : noResource(request);
            default -> noResource(request);
        };
    }

    private static ApiResponse onGet(ApiRequest request, Supplier<ApiResponse> answer) {
        return request.method().equals("GET") || request.method().equals("HEAD")
                ? answer.get()
                : wrongMethod(request, "GET");
    }

    private static ApiResponse onPost(ApiRequest request, Supplier<ApiResponse> answer) {
        if (!request.method().equals("POST")) {
            return wrongMethod(request, "POST");
        }
        String type = request.contentType();
        if (type == null
                ? request.body().length > 0
                : !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            return ApiResponse.problem(Problem.of(
                    415,
                    "unsupported-media-type",
                    "Unsupported media type",
                    "content type: " + (type == null ? "none" : Texts.shown(type))
                            + " (expected: application/json, or no body)"));
        }
        if (request.body().length > ApiRequest.MAX_BODY) {
            return ApiResponse.problem(Problem.of(
                    413, "too-large", "Too large", "body: expected at most " + ApiRequest.MAX_BODY + " bytes"));
        }
        return answer.get();
    }

    private ApiResponse failures(ApiRequest request) {
        List<String> mistakes = new ArrayList<>();
        FailureQuery query = FailureQuery.of(request.query(), mistakes);
        if (!mistakes.isEmpty()) {
            return invalid(mistakes);
        }
        // one more than asked tells whether there is a next page
        List<FailedExecution> found = operations.failures(query.filter(), query.after(), query.limit() + 1);
        boolean more = found.size() > query.limit();
        List<FailureSummary> items =
                found.stream().limit(query.limit()).map(FailureSummary::of).toList();
        return ApiResponse.json(
                200, new FailurePage(items, more ? items.getLast().id() : null));
    }

    private ApiResponse failure(String text) {
        FailureId id = id(text);
        Optional<FailedExecution> found = id == null ? Optional.empty() : operations.failure(id);
        if (id == null || found.isEmpty()) {
            return refused(text, Refusal.NOT_FOUND);
        }
        return ApiResponse.json(
                200,
                FailureDetail.of(found.get(), operations.followers(id), operations.history(id), compensationEnabled));
    }

    private ApiResponse command(String text, String name, ApiRequest request) {
        FailureId id = id(text);
        if (id == null) {
            return refused(text, Refusal.NOT_FOUND);
        }
        String actor = request.caller().actor();
        Command command = Command.read(
                request.body(),
                switch (name) {
                    case "retry-spec" ->
                        Set.of("enabled", "maxRetries", "minBackoff", "executionTimeout", "maxBackoff", "jitter");
                    case "recoverable" -> Set.of("recoverability");
                    case "function" -> Set.of("function");
                    default -> Set.of();
                });
        return switch (name) {
            case "prepare" -> done(202, id, command, reason -> operations.prepare(id, actor, reason));
            case "force-prepare" -> done(202, id, command, reason -> operations.forcePrepare(id, actor, reason));
            case "retry-spec" -> retrySpec(id, command, actor);
            case "recoverable" -> {
                var mark = command.recoverability();
                yield done(200, id, command, reason -> operations.markRecoverable(id, mark, actor, reason));
            }
            case "function" -> {
                String function = command.required("function", "the name of a function of the same processor");
                yield done(200, id, command, reason -> operations.redirect(id, function, actor, reason));
            }
            case "skip" -> {
                String why = command.requiredReason();
                yield done(200, id, command, reason -> operations.skip(id, actor, why));
            }
            default -> throw new IllegalStateException("command: " + name);
        };
    }

    private ApiResponse retrySpec(FailureId id, Command command, String actor) {
        Optional<FailedExecution> current = operations.failure(id);
        if (current.isEmpty()) {
            return refused(id.value(), Refusal.NOT_FOUND);
        }
        var policy = command.policyOver(current.get().policy());
        return done(200, id, command, reason -> operations.applyRetrySpec(id, policy, actor, reason));
    }

    @FunctionalInterface
    private interface Doing {
        Change with(@Nullable String reason);
    }

    private static ApiResponse done(int status, FailureId id, Command command, Doing doing) {
        String reason = command.reason();
        if (!command.mistakes().isEmpty()) {
            return invalid(command.mistakes());
        }
        return switch (doing.with(reason)) {
            case Change.Write written ->
                ApiResponse.json(
                        status,
                        new CommandResult(FailureSummary.of(written.after()), FailureDetail.Line.of(written.entry())));
            case Change.Remove removed -> ApiResponse.json(200, Map.of("removed", id.value()));
            case Change.Refuse refuse -> refused(id.value(), refuse.refusal());
        };
    }

    private ApiResponse processors() {
        return ApiResponse.json(
                200,
                Map.of(
                        "items",
                        operations.gauges().stream().map(ProcessorView::of).toList()));
    }

    private ApiResponse pause(String processor, boolean pause, ApiRequest request) {
        Command command = Command.read(request.body(), Set.of());
        String reason = command.reason();
        if (!command.mistakes().isEmpty()) {
            return invalid(command.mistakes());
        }
        String actor = request.caller().actor();
        boolean known = Texts.isPlain(processor)
                && (pause ? operations.pause(processor, actor, reason) : operations.resume(processor, actor, reason));
        return known
                ? ApiResponse.json(200, Map.of("name", processor, "paused", pause))
                : notFound("no such processor: " + Texts.shown(processor));
    }

    private static @Nullable FailureId id(String text) {
        return text.isEmpty() || text.length() > 64 || !Texts.isPlain(text) ? null : new FailureId(text);
    }

    private static ApiResponse refused(String id, Refusal refusal) {
        int status = switch (refusal) {
            case NOT_FOUND -> 404;
            case UNKNOWN_FUNCTION -> 400;
            default -> 409;
        };
        String code = refusal.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return ApiResponse.problem(Problem.of(
                status, code, "Nothing was changed", "failed execution " + Texts.shown(id) + ": " + refusal.text()));
    }

    private static ApiResponse invalid(List<String> mistakes) {
        return ApiResponse.problem(Problem.of(400, "invalid-request", "Invalid request", mistakes));
    }

    private static ApiResponse noResource(ApiRequest request) {
        return notFound("no such resource: " + Texts.shown(request.path()));
    }

    private static ApiResponse notFound(String detail) {
        return ApiResponse.problem(Problem.of(404, "not-found", "Not found", detail));
    }

    private static ApiResponse wrongMethod(ApiRequest request, String allowed) {
        return ApiResponse.problem(
                Problem.of(
                        405,
                        "method-not-allowed",
                        "Method not allowed",
                        Texts.shown(request.method()) + " (expected: " + allowed + ")"),
                Map.of("Allow", allowed));
    }
}
