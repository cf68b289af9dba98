package io.amends.console;

import io.amends.api.OnTimeout;
import io.amends.api.Recoverability;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchOutcomes;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.BatchSkip;
import io.amends.core.operate.CommandText;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One command on many failed executions. */
final class BatchResource {
    private static final String TAG = "batches";
    private static final int LARGE = 10_000;
    private static final int SAMPLE = 5;
    private static final List<String> ACTIONS =
            List.of("prepare", "force-prepare", "retry-spec", "recoverable", "function", "skip");

    private final Operations operations;
    private final OperatorStore store;
    private final Commands commands;

    BatchResource(Operations operations, OperatorStore store, Commands commands) {
        this.operations = operations;
        this.store = store;
        this.commands = commands;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post(
                                "/batches/plan",
                                "planBatch",
                                TAG,
                                "Freezes the failed executions that match the query now as a batch that is not started, and"
                                        + " says what it would do",
                                Plan.class)
                        .needs(Permission.BATCH_START)
                        .takes(FailureSearches.FILTER.toArray(Parameter[]::new))
                        .answers(200, PlanView.class, "The plan; it can be started for an hour.")
                        .by(this::plan),
                Endpoint.get("/batches", "listBatches", TAG, "Lists batches, the newest first")
                        .takes(Parameter.text("after", "The `next` of the page before."), Parameter.limit())
                        .answers(200, BatchPage.class, "A page.")
                        .by(this::list),
                Endpoint.get("/batches/{batch}", "getBatch", TAG, "Shows a batch")
                        .answers(200, BatchView.class, "The batch.")
                        .by(call -> with(
                                call, batch -> ApiResponse.json(200, BatchView.of(batch, store.outcomes(batch.id()))))),
                Endpoint.get("/batches/{batch}/items", "listBatchItems", TAG, "Lists what became of a batch's items")
                        .takes(
                                Parameter.oneOf(
                                        "state",
                                        Arrays.stream(Batch.ItemState.values())
                                                .map(FailureSearches::wireName)
                                                .toList(),
                                        "Only in this state."),
                                Parameter.number("after", "The `next` of the page before."),
                                Parameter.limit())
                        .answers(200, ItemPage.class, "A page, in the order in which they run.")
                        .by(this::items),
                command("start", "startBatch", "Starts a planned batch", Pace.class, this::start),
                command(
                        "pause",
                        "pauseBatch",
                        "Lets no more items begin; those that run end",
                        Bodies.Reason.class,
                        (call, body) -> BatchDecision.pause(stop(call, body))),
                command(
                        "resume",
                        "resumeBatch",
                        "Lets a paused batch go on; a canary that failed is made anew",
                        Bodies.Reason.class,
                        (call, body) -> BatchDecision.resume()),
                command(
                        "cancel",
                        "cancelBatch",
                        "Ends a batch; items that have not begun are skipped",
                        Bodies.Reason.class,
                        (call, body) -> BatchDecision.cancel(stop(call, body))),
                command("pace", "paceBatch", "Changes how fast a batch runs", Pace.class, (call, body) -> null));
    }

    /** What a command makes of its body: null for a change of pace over the batch's own. */
    @FunctionalInterface
    private interface Deciding {
        @Nullable BatchDecision of(Call call, Command body);
    }

    private Endpoint command(String name, String id, String summary, Class<? extends Record> body, Deciding deciding) {
        return Endpoint.post("/batches/{batch}/" + name, id, TAG, summary, body)
                .needs(Permission.BATCH_START)
                .answers(200, BatchView.class, "The batch as it is now.")
                .refuses(ProblemKind.BATCH_STATE)
                .by(call -> change(call, name, deciding));
    }

    record Plan(
            @Described(
                    value = "What is done to each.",
                    oneOf = {"prepare", "force-prepare", "retry-spec", "recoverable", "function", "skip"})
            String action,

            @Described("For the action recoverable, as in markRecoverable.") @Nullable String recoverability,

            @Described("For the action function, as in changeFunction.") @Nullable String function,

            @Described("For the action skip, as in skipFailure.") @Nullable String dependents,

            @Described("For the action retry-spec, as in applyRetrySpec.") @Nullable Boolean enabled,

            @Described("For the action retry-spec.") @Nullable Integer maxRetries,

            @Described("For the action retry-spec.") @Nullable String minBackoff,

            @Described("For the action retry-spec.") @Nullable String executionTimeout,

            @Described("For the action retry-spec.") @Nullable String maxBackoff,

            @Described("For the action retry-spec.") @Nullable Double jitter,

            @Described("Only these of what the query finds: 1 to 1,000 ids; all of it if not given.") @Nullable List<String> ids,

            @Described("Why; required for the action skip. At most 1,000 characters.") @Nullable String reason) {}

    record Pace(
            @Described("Items that run first, 0 to 1,000, 0 for none; 5 if not given.") @Nullable Integer canary,

            @Described("Of the canary's outcomes so many must be handled, in percent, or the batch pauses; 95 if not"
                    + " given.")
            @Nullable Integer canaryPercent,

            @Described("The most items that begin in a second, 1 to 10,000; 50 if not given.") @Nullable Integer perSecond,

            @Described("The most items that run at a time, 1 to 1,000; 20 if not given.") @Nullable Integer inFlight,

            @Described("If more than so many of the last 50 outcomes have failed, in percent, the batch pauses; 100 for"
                    + " never; 20 if not given.")
            @Nullable Integer pausePercent,

            @Described(Described.WHY) @Nullable String reason) {}

    /** A page of batches. */
    public record BatchPage(
            List<BatchView> items,

            @Described("`after` of the next page, null on the last one.") @Nullable String next) {}

    /** A batch. */
    public record BatchView(
            String id,

            @Described(
                    value = "Its state.",
                    oneOf = {"PLANNED", "CANARY", "RUNNING", "PAUSED", "CANCELLED", "DONE"})
            String state,

            @Described("What is done to each.") String action,
            @Described("What the action needs to know.") Map<String, String> parameters,

            @Described("Which failed executions were asked for; `selected` is how many ids the plan named.")
            Map<String, String> filter,

            @Nullable String reason,
            String createdBy,
            @Described("When its set was frozen.") Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,

            @Described("Who paused or cancelled it: a person, or rule.") @Nullable String stoppedBy,

            @Described(value = "Why it was paused or cancelled.", codesOf = Batch.StopCode.class) @Nullable String stoppedCode,

            @Described("What the person who paused or cancelled it said.") @Nullable String stoppedReason,

            @Described("Of a rule: how many have failed, of the canary or of the last outcomes.") @Nullable Integer stoppedFailed,

            @Described("Of a rule: of how many.") @Nullable Integer stoppedOf,

            PaceView pace,

            @Described("waiting + running + handled + failedAgain + skipped.")
            int total,

            int waiting,
            int running,
            int handled,
            int failedAgain,
            int skipped,

            @Described("Whether its canary passed; null if it has none, or the canary runs or failed.") @Nullable Boolean canaryPassed,

            @Described("Items that failed again, by the code of their error; null except in getBatch.") @Nullable Map<String, Integer> failedBy,

            @Described(value = "Items that were skipped, by why; null except in getBatch.", codesOf = BatchSkip.class)
            @Nullable Map<String, Integer> skippedBy) {
        static BatchView of(Batch batch) {
            return of(batch, null);
        }

        static BatchView of(Batch batch, @Nullable BatchOutcomes outcomes) {
            Batch.Stop stop = batch.stopped();
            Batch.Numbers numbers = batch.numbers();
            Batch.Pace pace = batch.pace();
            return new BatchView(
                    batch.id(),
                    batch.state().name(),
                    batch.command().name(),
                    CommandText.parameters(batch.command()),
                    batch.filter(),
                    batch.reason(),
                    batch.createdBy(),
                    batch.createdAt(),
                    batch.startedAt(),
                    batch.endedAt(),
                    stop == null ? null : stop.by(),
                    stop == null ? null : stop.code().code(),
                    stop == null ? null : stop.reason(),
                    stop == null || stop.of() == 0 ? null : stop.failed(),
                    stop == null || stop.of() == 0 ? null : stop.of(),
                    new PaceView(
                            pace.canary(),
                            pace.canaryPercent(),
                            pace.perSecond(),
                            pace.inFlight(),
                            pace.pausePercent()),
                    numbers.total(),
                    numbers.waiting(),
                    numbers.running(),
                    numbers.handled(),
                    numbers.failedAgain(),
                    numbers.skipped(),
                    (pace.canary() > 0 && batch.canaryPassed()) ? Boolean.TRUE : null,
                    outcomes == null ? null : outcomes.failedAgain(),
                    outcomes == null ? null : outcomes.skipped());
        }
    }

    /** How fast a batch runs. */
    public record PaceView(int canary, int canaryPercent, int perSecond, int inFlight, int pausePercent) {}

    /** What a batch would do. */
    public record PlanView(
            BatchView batch,

            @Described("Items on which the command does something now.")
            int willRun,

            @Described(value = "Items on which the command would do nothing now, by why.", codesOf = BatchSkip.class)
            Map<String, Integer> willNotRun,

            @Described(
                    "Events that wait behind those on which it does something and go on after them; of the first 10,000"
                            + " items, at most 10,001.")
            long followers,

            @Described("The first items.") List<FailureSummary> sample,

            @Described("How long it takes at the default pace, in seconds, if no handler is slower.")
            long estimatedSeconds,

            @Described("Whether it needs the permission batch:start-large.")
            boolean large,

            @Described("In how much the text was looked for; null without a text.")
            FailureResource.@Nullable Searched searched) {}

    /** A page of items. */
    public record ItemPage(
            List<ItemView> items,

            @Described("`after` of the next page, null on the last one.") @Nullable Integer next) {}

    /** An item of a batch. */
    public record ItemView(
            @Described("Its place, from 1.") int n,
            @Described("The failed execution's id.") String failure,

            @Described(
                    value = "What became of it.",
                    oneOf = {"WAITING", "RUNNING", "HANDLED", "FAILED_AGAIN", "SKIPPED"})
            String state,

            @Described(value = "Why it was skipped.", codesOf = BatchSkip.class) @Nullable String code,

            @Described("The code of the error with which it failed again.") @Nullable String errorCode,

            @Described("What its record says now; null if that is gone.") @Nullable FailureSummary record) {
        static ItemView of(Batch.Item item, @Nullable FailedExecution record) {
            boolean failed = item.state() == Batch.ItemState.FAILED_AGAIN;
            return new ItemView(
                    item.n(),
                    item.failure().value(),
                    item.state().name(),
                    failed ? null : item.code(),
                    failed ? item.code() : null,
                    record == null ? null : FailureSummary.of(record));
        }
    }

    private static Map<String, Integer> codes(Map<BatchSkip, Integer> skipped) {
        Map<String, Integer> codes = new TreeMap<>();
        skipped.forEach((why, n) -> codes.put(why.code(), n));
        return codes;
    }

    private static Batch.Stop stop(Call call, Command body) {
        return Batch.Stop.byPerson(call.actor(), body.reason());
    }

    private ApiResponse plan(Call call) {
        Command body = Command.read(call);
        FailureCommand command = command(body);
        String reason = command instanceof FailureCommand.Skip ? body.requiredReason() : body.reason();
        Set<FailureId> ids = body.ids("ids");
        FailureSearch search = FailureSearches.of(call.query()).among(ids);
        if (!body.mistakes().isEmpty() || command == null) {
            return ApiResponse.invalid(body.mistakes());
        }
        String processor = call.query().text("processor");
        Optional<ApiResponse> forbidden = forbids(call, command, processor);
        if (forbidden.isPresent()) {
            return forbidden.get();
        }
        SortedMap<String, String> filter = new TreeMap<>();
        for (Parameter parameter : FailureSearches.FILTER) {
            List<String> values = call.query().all(parameter.name());
            if (!values.isEmpty()) {
                filter.put(parameter.name(), String.join(",", values));
            }
        }
        if (!ids.isEmpty()) {
            filter.put("selected", String.valueOf(ids.size()));
        }
        String id = operations.newId();
        SortedMap<String, String> parameters = new TreeMap<>(filter);
        parameters.putAll(body.parameters());
        return commands.run(call, entry(call, "batch.plan", processor, id, reason, parameters), () -> {
            BatchPlan plan = store.planBatch(new BatchPlan.Draft(
                    id,
                    command,
                    search,
                    filter,
                    call.actor(),
                    reason,
                    command instanceof FailureCommand.Redirect redirect
                            ? operations.typesOf(redirect.function())
                            : Collections.emptySortedMap()));
            Batch batch = plan.batch();
            int willNot = plan.willNotRun().values().stream().mapToInt(n -> n).sum();
            int willRun = batch.numbers().total() - willNot;
            List<FailedExecution> sample = store.search(search, FailureSort.OLDEST, null, SAMPLE);
            return Commands.Done.with(ApiResponse.json(
                    200,
                    new PlanView(
                            BatchView.of(batch),
                            willRun,
                            codes(plan.willNotRun()),
                            plan.followers(),
                            sample.stream().map(FailureSummary::of).toList(),
                            (willRun + Batch.Pace.DEFAULT.perSecond() - 1L) / Batch.Pace.DEFAULT.perSecond(),
                            batch.numbers().total() > LARGE,
                            FailureResource.Searched.of(search, store))));
        });
    }

    private static @Nullable FailureCommand command(Command body) {
        String action = body.required("action", String.join(", ", ACTIONS));
        if (!action.isEmpty() && !ACTIONS.contains(action)) {
            body.mistake("action: " + Texts.shown(action) + " (expected: " + String.join(", ", ACTIONS) + ")");
        }
        return switch (action) {
            case "prepare" -> new FailureCommand.Prepare(false);
            case "force-prepare" -> new FailureCommand.Prepare(true);
            case "skip" -> new FailureCommand.Skip(body.dependents());
            case "recoverable" -> {
                Recoverability mark = body.recoverability();
                yield new FailureCommand.Mark(mark);
            }
            case "function" ->
                new FailureCommand.Redirect(body.required("function", "the name of a function of the same processor"));
            case "retry-spec" -> {
                body.policyOver(io.amends.api.RetryPolicy.DEFAULT);
                yield new FailureCommand.ApplyRetrySpec(body.policyChange());
            }
            default -> null;
        };
    }

    /** The permission that the command needs on a single failed execution. */
    private static Permission needed(FailureCommand command) {
        return switch (command) {
            case FailureCommand.Prepare prepare -> Permission.FAILURES_RETRY;
            case FailureCommand.ApplyRetrySpec spec -> Permission.POLICY_WRITE;
            case FailureCommand.Mark mark -> Permission.FAILURES_MARK;
            case FailureCommand.Redirect redirect -> Permission.FAILURES_RETRY;
            case FailureCommand.Skip skip -> Permission.FAILURES_SKIP;
        };
    }

    /** Refuses a batch that may reach processors with which the caller may not do it. */
    private static Optional<ApiResponse> forbids(Call call, FailureCommand command, @Nullable String named) {
        // events of any processor may wait for what is skipped
        boolean reachesOthers = command instanceof FailureCommand.Skip skip && skip.dependents() != OnTimeout.PROCEED;
        String processor = reachesOthers ? null : named;
        for (Permission needed : List.of(Permission.FAILURES_READ, Permission.BATCH_START, needed(command))) {
            boolean allowed = processor == null
                    ? call.identity().mayOnAll(needed)
                    : call.identity().may(needed, processor);
            if (!allowed) {
                return Optional.of(ApiResponse.problem(ProblemKind.FORBIDDEN.with(Texts.shown(call.actor())
                        + " lacks the permission " + needed.wireName() + " for "
                        + (processor == null
                                ? "every processor; name one"
                                : "the processor " + Texts.shown(processor)))));
            }
        }
        return Optional.empty();
    }

    private static AuditEntry entry(
            Call call,
            String action,
            @Nullable String processor,
            String batch,
            @Nullable String reason,
            SortedMap<String, String> parameters) {
        return new AuditEntry(
                action,
                call.actor(),
                call.request().caller().remoteAddress(),
                processor,
                null,
                batch,
                reason,
                parameters);
    }

    private ApiResponse list(Call call) {
        Query query = call.query();
        List<Batch> found =
                store.batches(call.identity().scope(Permission.FAILURES_READ), query.text("after"), query.limit() + 1);
        List<Batch> page = found.stream().limit(query.limit()).toList();
        return ApiResponse.json(
                200,
                new BatchPage(
                        page.stream().map(BatchView::of).toList(),
                        found.size() > query.limit() ? page.getLast().id() : null));
    }

    private static boolean sees(Call call, Batch batch) {
        String processor = batch.filter().get("processor");
        return processor == null
                ? call.identity().mayOnAll(Permission.FAILURES_READ)
                : call.identity().sees(processor);
    }

    private ApiResponse with(Call call, Function<Batch, ApiResponse> answer) {
        String id = call.variable("batch");
        Optional<Batch> found = id.length() <= 64 && Texts.isPlain(id) ? store.batch(id) : Optional.empty();
        return found.filter(batch -> sees(call, batch))
                .map(answer)
                .orElseGet(() -> ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such batch: " + Texts.shown(id))));
    }

    private ApiResponse items(Call call) {
        Query query = call.query();
        String state = query.text("state");
        Long after = query.number("after");
        return with(call, batch -> {
            List<Batch.Item> found = store.items(
                    batch.id(),
                    state == null
                            ? null
                            : Batch.ItemState.valueOf(
                                    state.toUpperCase(Locale.ROOT).replace('-', '_')),
                    after == null ? 0 : (int) Math.min(Integer.MAX_VALUE, after),
                    query.limit() + 1);
            List<Batch.Item> shown = found.stream().limit(query.limit()).toList();
            Map<FailureId, FailedExecution> records = records(shown);
            List<ItemView> page = shown.stream()
                    .map(item -> ItemView.of(item, records.get(item.failure())))
                    .filter(item -> item.record() == null
                            || call.identity().sees(item.record().processor()))
                    .toList();
            return ApiResponse.json(
                    200,
                    new ItemPage(
                            page, found.size() > query.limit() ? shown.getLast().n() : null));
        });
    }

    private Map<FailureId, FailedExecution> records(List<Batch.Item> items) {
        if (items.isEmpty()) {
            return Map.of();
        }
        Set<FailureId> ids = items.stream().map(Batch.Item::failure).collect(Collectors.toSet());
        return store.search(FailureSearch.ALL.among(ids), FailureSort.NEWEST, null, ids.size()).stream()
                .collect(Collectors.toMap(FailedExecution::id, record -> record));
    }

    private @Nullable BatchDecision start(Call call, Command body) {
        Batch.Pace pace = pace(body, Batch.Pace.DEFAULT);
        return pace == null ? null : BatchDecision.start(pace);
    }

    private static Batch.@Nullable Pace pace(Command body, Batch.Pace current) {
        List<String> before = new ArrayList<>(body.mistakes());
        int canary = number(body, "canary", current.canary());
        int canaryPercent = number(body, "canaryPercent", current.canaryPercent());
        int perSecond = number(body, "perSecond", current.perSecond());
        int inFlight = number(body, "inFlight", current.inFlight());
        int pausePercent = number(body, "pausePercent", current.pausePercent());
        if (!body.mistakes().equals(before)) {
            return null;
        }
        try {
            return new Batch.Pace(canary, canaryPercent, perSecond, inFlight, pausePercent);
        } catch (IllegalArgumentException e) {
            for (String mistake : String.valueOf(e.getMessage()).split("; ")) {
                body.mistake(mistake);
            }
            return null;
        }
    }

    private static int number(Command body, String name, int current) {
        Integer given = body.member(name, Integer.class, "a whole number");
        return given == null ? current : given;
    }

    private ApiResponse change(Call call, String name, Deciding deciding) {
        return with(call, batch -> {
            Command body = Command.read(call);
            String reason = body.reason();
            BatchDecision decision = deciding.of(call, body);
            if (decision == null && name.equals("pace")) {
                Batch.Pace pace = pace(body, batch.pace());
                decision = pace == null ? null : BatchDecision.pace(pace);
            }
            if (!body.mistakes().isEmpty() || decision == null) {
                return ApiResponse.invalid(body.mistakes());
            }
            String processor = batch.filter().get("processor");
            Optional<ApiResponse> forbidden = forbids(call, batch.command(), processor);
            if (forbidden.isPresent()) {
                return forbidden.get();
            }
            boolean large = batch.numbers().total() > LARGE;
            if (name.equals("start")
                    && large
                    && !(processor == null
                            ? call.identity().mayOnAll(Permission.BATCH_START_LARGE)
                            : call.identity().may(Permission.BATCH_START_LARGE, processor))) {
                return ApiResponse.problem(
                        ProblemKind.FORBIDDEN.with(Texts.shown(call.actor()) + " lacks the permission "
                                + Permission.BATCH_START_LARGE.wireName() + " for more than " + LARGE + " items"));
            }
            BatchDecision decided = decision;
            return commands.run(
                    call,
                    entry(call, "batch." + name, processor, batch.id(), reason, body.parameters()),
                    () -> switch (store.changeBatch(batch.id(), decided)) {
                        case BatchDecision.Result.Write write ->
                            new Commands.Done(
                                    ApiResponse.json(200, BatchView.of(write.after())),
                                    AuditValues.of(batch),
                                    AuditValues.of(write.after()));
                        case BatchDecision.Result.Refuse refuse ->
                            Commands.Done.with(ApiResponse.problem(ProblemKind.BATCH_STATE.with(refuse.why())));
                    });
        });
    }
}
