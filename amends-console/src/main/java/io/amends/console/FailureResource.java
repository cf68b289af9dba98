package io.amends.console;

import io.amends.api.Effects;
import io.amends.api.OnTimeout;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Fingerprint;
import io.amends.core.failure.Refusal;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.CommandOutcome;
import io.amends.core.operate.Counted;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.FailureVersion;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.operate.QueueCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Failed executions: lists, details, payloads, and the commands on one. */
final class FailureResource {
    private static final String TAG = "failures";

    /** One more than is said: it tells that there are more. */
    private static final int MOST_DEPENDENTS = 1001;

    private final Operations operations;
    private final OperatorStore store;
    private final Commands commands;
    private final Masking masking;
    private final boolean compensationEnabled;

    FailureResource(
            Operations operations,
            OperatorStore store,
            Commands commands,
            Masking masking,
            boolean compensationEnabled) {
        this.operations = operations;
        this.store = store;
        this.commands = commands;
        this.masking = masking;
        this.compensationEnabled = compensationEnabled;
    }

    List<Endpoint> endpoints() {
        List<Parameter> list = new ArrayList<>(FailureSearches.FILTER);
        list.add(FailureSearches.SORT);
        list.add(FailureSearches.AFTER);
        list.add(Parameter.limit());
        list.add(Parameter.truth("total", "true: also count what matches; counting ends at 10,001."));
        return List.of(
                Endpoint.get("/failures", "listFailures", TAG, "Lists failed executions, without payloads")
                        .takes(list.toArray(Parameter[]::new))
                        .answers(200, FailurePage.class, "A page.")
                        .by(this::list),
                Endpoint.get(
                                "/failures/{id}",
                                "getFailure",
                                TAG,
                                "Shows everything about a failed execution but its payload")
                        .answers(200, FailureDetail.class, "The failed execution; ETag is its version.")
                        .by(this::detail),
                Endpoint.get("/failures/{id}/history", "getHistory", TAG, "Shows what happened to a failed execution")
                        .answers(200, History.class, "The history, oldest first.")
                        .by(this::history),
                Endpoint.get("/failures/{id}/event", "getEvent", TAG, "Shows the event with its payload; audited")
                        .needs(Permission.PAYLOAD_READ)
                        .takes(
                                Parameter.truth(
                                        "reveal", "true: secrets too; needs the permission `payload:reveal` as well."),
                                Parameter.truth("all", "true: a payload of any length."))
                        .answers(200, EventPayload.class, "The event.")
                        .by(this::event),
                command(
                        "prepare",
                        "prepareFailure",
                        "Makes a failed execution due now",
                        Permission.FAILURES_RETRY,
                        Bodies.Reason.class,
                        ProblemKind.RUNNING,
                        ProblemKind.ALREADY_REQUESTED,
                        ProblemKind.NOT_FIRST_IN_LANE,
                        ProblemKind.LANE_PAUSED,
                        ProblemKind.RETRIES_SPENT,
                        ProblemKind.UNRECOVERABLE),
                command(
                        "force-prepare",
                        "forcePrepareFailure",
                        "Makes a failed execution due now, past its limit and against its mark",
                        Permission.FAILURES_RETRY,
                        Bodies.Reason.class,
                        ProblemKind.RUNNING,
                        ProblemKind.ALREADY_REQUESTED,
                        ProblemKind.NOT_FIRST_IN_LANE,
                        ProblemKind.LANE_PAUSED),
                command(
                        "retry-spec",
                        "applyRetrySpec",
                        "Changes the retry policy of a failed execution, and with it its next retry",
                        Permission.POLICY_WRITE,
                        Bodies.RetrySpec.class,
                        ProblemKind.RUNNING),
                command(
                        "recoverable",
                        "markRecoverable",
                        "Marks a failed execution recoverable or not; the mark survives later failures",
                        Permission.FAILURES_MARK,
                        Bodies.Recoverable.class),
                command(
                        "function",
                        "changeFunction",
                        "Lets another function take a failed execution; one of another processor takes its whole lane",
                        Permission.FAILURES_RETRY,
                        Bodies.Redirect.class,
                        ProblemKind.RUNNING,
                        ProblemKind.UNKNOWN_FUNCTION,
                        ProblemKind.UNKNOWN_PROCESSOR,
                        ProblemKind.LANE_PAUSED,
                        ProblemKind.UNKNOWN_FOLLOWER,
                        ProblemKind.TARGET_LANE_HELD,
                        ProblemKind.TARGET_LANE_DIFFERS,
                        ProblemKind.TARGET_HAS_EVENT),
                command(
                        "skip",
                        "skipFailure",
                        "Declares a failed execution dealt with; its followers go on",
                        Permission.FAILURES_SKIP,
                        Bodies.Skip.class,
                        ProblemKind.RUNNING),
                Endpoint.get(
                                "/counts",
                                "getCounts",
                                "counts",
                                "Counts the queues, of the processors that the caller may see")
                        .answers(200, Counts.class, "The numbers.")
                        .by(call -> ApiResponse.json(
                                200, Counts.of(store.counts(call.identity().scope(Permission.FAILURES_READ))))));
    }

    private Endpoint command(
            String name,
            String id,
            String summary,
            Permission permission,
            Class<? extends Record> body,
            ProblemKind... problems) {
        return Endpoint.post("/failures/{id}/" + name, id, TAG, summary, body)
                .needs(permission)
                .answers(
                        name.endsWith("prepare") ? 202 : 200,
                        CommandResult.class,
                        name.endsWith("prepare") ? "It is due; its node begins the attempt." : "Done.")
                .refuses(ProblemKind.ALREADY_DONE, ProblemKind.CHANGED_MEANWHILE)
                .refuses(problems)
                .by(call -> command(name, call));
    }

    /** A page of failed executions. */
    public record FailurePage(
            List<FailureSummary> items,

            @Described("`after` of the next page, null on the last one.") @Nullable String next,

            @Described("How many match, if it was asked.") @Nullable Total total,

            @Described("In how much the text was looked for; null without a text.") @Nullable Searched searched) {}

    /** In how much a text was looked for. */
    public record Searched(
            @Described(
                    value = "all: in all records, by an index; newest: only in the newest ones that match the rest.",
                    oneOf = {"all", "newest"})
            String mode,

            @Described("For newest: in how many.") @Nullable Integer bound) {
        static @Nullable Searched of(FailureSearch search, OperatorStore store) {
            String text = search.text();
            if (text == null) {
                return null;
            }
            Integer newest = store.scopeOf(text).newest();
            return new Searched(newest == null ? "all" : "newest", newest);
        }
    }

    /** A number of records. */
    public record Total(
            @Described("How many; counting ends at 10,001.") long number,

            @Described("Whether there are that many or more.")
            boolean atLeast,

            @Described("When it was counted, by the database's clock.")
            Instant asOf) {
        static Total of(Counted counted) {
            return new Total(counted.number(), counted.number() >= QueueCounts.CAP, counted.asOf());
        }
    }

    /** What happened to a record. */
    public record History(List<FailureDetail.Line> items, List<AttemptView> attempts) {}

    /** What a command made of a failed execution. */
    public record CommandResult(
            @Described("As it is now.") FailureSummary failure,
            @Described("The line that its history got.") FailureDetail.Line entry) {}

    /** How much is in the queues; each number ends at 10,001, which means that many or more. */
    public record Counts(
            @Described("When it was counted, by the database's clock.")
            Instant asOf,

            @Described("By queue, as in the parameter state of listFailures.")
            Map<String, Long> failures,

            @Described("Those that need an operator, by reason.")
            Map<String, Long> needsOperator,

            @Described("Lanes whose first event may not run.")
            long blockedLanes,

            @Described("Those of them that a failed execution blocks: not paused, and not at an event that only waits.")
            long failedLanes) {
        static Counts of(QueueCounts counts) {
            Map<String, Long> failures = new TreeMap<>();
            counts.failures().forEach((queue, number) -> failures.put(queue.wireName(), number));
            Map<String, Long> stopped = new TreeMap<>();
            counts.needsOperator().forEach((reason, number) -> stopped.put(FailureSearches.wireName(reason), number));
            return new Counts(counts.asOf(), failures, stopped, counts.blockedLanes(), counts.failedLanes());
        }
    }

    private ApiResponse list(Call call) {
        Query query = call.query();
        FailureSort sort = FailureSearches.sort(query);
        FailureCursor after = FailureSearches.after(query, sort);
        if (!query.mistakes().isEmpty()) {
            return ApiResponse.invalid(query.mistakes());
        }
        FailureSearch search = FailureSearches.of(query).within(call.identity().scope(Permission.FAILURES_READ));
        // one more than asked tells whether there is a next page
        List<FailedExecution> found = store.search(search, sort, after, query.limit() + 1);
        List<FailedExecution> page = found.stream().limit(query.limit()).toList();
        return ApiResponse.json(
                200,
                new FailurePage(
                        page.stream().map(FailureSummary::of).toList(),
                        found.size() > query.limit() ? FailureSearches.next(page.getLast(), sort) : null,
                        query.isTrue("total") ? Total.of(store.count(search)) : null,
                        Searched.of(search, store)));
    }

    private ApiResponse detail(Call call) {
        return with(
                call,
                failure -> ApiResponse.json(
                                200,
                                FailureDetail.of(
                                        failure,
                                        operations.followers(failure.id()),
                                        dependentsOf(call, failure),
                                        operations.history(failure.id()),
                                        why(failure),
                                        masking,
                                        compensationEnabled,
                                        effectsOf(failure)))
                        .with("ETag", '"' + FailureVersion.of(failure) + '"'));
    }

    private int dependentsOf(Call call, FailedExecution failure) {
        return failure.status().isDone()
                ? 0
                : store.dependents(
                        failure.processor(),
                        operations.advancesOf(failure),
                        call.identity().scope(Permission.FAILURES_READ),
                        MOST_DEPENDENTS);
    }

    private @Nullable Effects effectsOf(FailedExecution failure) {
        return operations
                .processor(failure.processor())
                .flatMap(processor -> processor.functions().stream()
                        .filter(function -> function.name().equals(failure.function()))
                        .findFirst())
                .map(FunctionDefinition::effects)
                .orElse(null);
    }

    private List<String> why(FailedExecution failure) {
        List<String> kept = store.why(failure.fingerprint());
        return kept.isEmpty() ? whyOfReason(failure) : kept;
    }

    /** What the fingerprint of a record was made of that no exception explains; empty for the others. */
    private static List<String> whyOfReason(FailedExecution failure) {
        Fingerprint reason = Fingerprint.ofReason(
                failure.reason(), failure.processor(), failure.event().type());
        return reason.value().equals(failure.fingerprint()) ? reason.inputs() : List.of();
    }

    private ApiResponse history(Call call) {
        return with(call, failure -> {
            var history = operations.history(failure.id());
            return ApiResponse.json(
                    200,
                    new History(
                            history.stream().map(FailureDetail.Line::of).toList(), AttemptView.of(failure, history)));
        });
    }

    private ApiResponse event(Call call) {
        boolean reveal = call.query().isTrue("reveal");
        boolean all = call.query().isTrue("all");
        return with(call, failure -> {
            if (reveal && !call.identity().may(Permission.PAYLOAD_REVEAL, failure.processor())) {
                return ApiResponse.problem(ProblemKind.FORBIDDEN.with(
                        Texts.shown(call.actor()) + " lacks the permission " + Permission.PAYLOAD_REVEAL.wireName()));
            }
            return commands.run(
                    call,
                    entry(
                            call,
                            "payload.read",
                            failure,
                            null,
                            Map.of("reveal", Boolean.toString(reveal), "all", Boolean.toString(all))),
                    () -> Commands.Done.with(
                            ApiResponse.json(200, EventPayload.of(failure.event(), masking, reveal, all))));
        });
    }

    private ApiResponse with(Call call, java.util.function.Function<FailedExecution, ApiResponse> answer) {
        String text = call.variable("id");
        FailureId id = id(text);
        Optional<FailedExecution> found = id == null ? Optional.empty() : operations.failure(id);
        return found.filter(failure -> call.identity().sees(failure.processor()))
                .map(failure -> call.forbids(failure.processor()).orElseGet(() -> answer.apply(failure)))
                .orElseGet(() -> refused(text, new Change.Refuse(Refusal.NOT_FOUND)));
    }

    private static @Nullable FailureId id(String text) {
        return text.isEmpty() || text.length() > 64 || !Texts.isPlain(text) ? null : new FailureId(text);
    }

    private static AuditEntry entry(
            Call call,
            String action,
            FailedExecution failure,
            @Nullable String reason,
            Map<String, String> parameters) {
        return new AuditEntry(
                action,
                call.actor(),
                call.request().caller().remoteAddress(),
                failure.processor(),
                failure.id(),
                null,
                reason,
                new TreeMap<>(parameters));
    }

    private ApiResponse command(String name, Call call) {
        return with(call, failure -> {
            Command body = Command.read(call);
            FailureCommand command = switch (name) {
                case "prepare" -> new FailureCommand.Prepare(false);
                case "force-prepare" -> new FailureCommand.Prepare(true);
                case "retry-spec" -> {
                    body.policyOver(failure.policy());
                    yield new FailureCommand.ApplyRetrySpec(body.policyChange());
                }
                case "recoverable" -> new FailureCommand.Mark(body.recoverability());
                case "function" ->
                    new FailureCommand.Redirect(
                            body.required("function", "the name of a function that takes the event's type"),
                            body.text("processor"));
                case "skip" -> {
                    body.requiredReason();
                    yield new FailureCommand.Skip(body.dependents());
                }
                default -> throw new IllegalStateException("command: " + name);
            };
            String reason = body.reason();
            String expected = body.expectedVersion(call);
            if (!body.mistakes().isEmpty()) {
                return ApiResponse.invalid(body.mistakes());
            }
            if (command instanceof FailureCommand.Skip skip
                    && skip.dependents() != OnTimeout.PROCEED
                    && !call.identity().mayOnAll(Permission.FAILURES_SKIP)) {
                return ApiResponse.problem(ProblemKind.FORBIDDEN.with(Texts.shown(call.actor())
                        + " lacks the permission " + Permission.FAILURES_SKIP.wireName()
                        + " for every processor; events of any may wait for it: skip it without dependents"));
            }
            String target = command instanceof FailureCommand.Redirect redirect ? redirect.processor() : null;
            if (target != null && !target.equals(failure.processor())) {
                if (!call.identity().sees(target)) {
                    return refused(failure.id().value(), new Change.Refuse(Refusal.UNKNOWN_PROCESSOR, target));
                }
                Optional<ApiResponse> forbidden = call.forbids(target);
                if (forbidden.isPresent()) {
                    return forbidden.get();
                }
            }
            return commands.run(
                    call,
                    entry(call, "failure." + name, failure, reason, body.parameters()),
                    () -> done(
                            name.endsWith("prepare") ? 202 : 200,
                            failure.id(),
                            operations.command(failure.id(), command, call.actor(), reason, expected)));
        });
    }

    private static Commands.Done done(int status, FailureId id, CommandOutcome outcome) {
        return switch (outcome.change()) {
            case Change.Write written ->
                new Commands.Done(
                        ApiResponse.json(
                                        status,
                                        new CommandResult(
                                                FailureSummary.of(written.after()),
                                                FailureDetail.Line.of(written.entry())))
                                .with("ETag", '"' + FailureVersion.of(written.after()) + '"'),
                        values(outcome.before()),
                        values(written.after()));
            case Change.Remove removed -> throw new IllegalStateException("no command removes " + id);
            case Change.Refuse refuse ->
                new Commands.Done(refused(id.value(), refuse), values(outcome.before()), Collections.emptySortedMap());
        };
    }

    private static SortedMap<String, String> values(@Nullable FailedExecution failure) {
        if (failure == null) {
            return Collections.emptySortedMap();
        }
        SortedMap<String, String> values = AuditValues.of(failure.policy());
        values.put("state", failure.status().name());
        values.put("attempt", Integer.toString(failure.retry().attempt()));
        values.put("function", failure.function());
        values.put("processor", failure.processor());
        values.put("recoverability", failure.recoverability().name());
        values.put("dueAt", String.valueOf(failure.dueAt()));
        return values;
    }

    static ApiResponse refused(String id, Change.Refuse refuse) {
        Refusal refusal = refuse.refusal();
        String detail = refuse.detail();
        int status = switch (refusal) {
            case NOT_FOUND -> 404;
            case UNKNOWN_FUNCTION, UNKNOWN_PROCESSOR -> 400;
            case CHANGED_MEANWHILE -> 412;
            default -> 409;
        };
        String code = refusal.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return ApiResponse.problem(Problem.of(
                status,
                code,
                "Nothing was changed",
                "failed execution " + Texts.shown(id) + ": " + refusal.text()
                        + (detail == null ? "" : ": " + Texts.shown(detail))));
    }
}
