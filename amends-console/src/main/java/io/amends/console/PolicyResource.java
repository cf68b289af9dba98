package io.amends.console;

import io.amends.api.RetryPolicy;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.Batch;
import io.amends.core.operate.BatchDecision;
import io.amends.core.operate.BatchPlan;
import io.amends.core.operate.Counted;
import io.amends.core.operate.FailureCommand;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.store.PolicyOverride;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is put over the retry policies of functions while the application runs. */
final class PolicyResource {
    private static final String TAG = "processors";
    private static final String PATH = "/processors/{processor}/functions/{function}/policy";
    private static final int LARGE = 10_000;
    /** A new policy burdens no handler: nothing is to be tried out first, and nothing to be spared. */
    private static final Batch.Pace AT_ONCE = new Batch.Pace(0, 0, 10_000, 1000, 100);

    private final Operations operations;
    private final OperatorStore store;
    private final Commands commands;

    PolicyResource(Operations operations, OperatorStore store, Commands commands) {
        this.operations = operations;
        this.store = store;
        this.commands = commands;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.command(
                                "PUT",
                                PATH,
                                "overridePolicy",
                                TAG,
                                "Puts values over the retry policy of a function, in the place of those before, without a restart",
                                NewOverride.class)
                        .needs(Permission.POLICY_WRITE)
                        .answers(200, Overridden.class, "It holds within a heartbeat; nothing is done in a dry run.")
                        .by(this::override),
                Endpoint.command(
                                "DELETE",
                                PATH,
                                "removeOverride",
                                TAG,
                                "Ends what was put over the retry policy of a function",
                                Bodies.Reason.class)
                        .needs(Permission.POLICY_WRITE)
                        .answers(200, Removed.class, "It ends within a heartbeat; records keep the policy they have.")
                        .by(this::remove));
    }

    record NewOverride(
            @Described("Whether it is retried by itself.") @Nullable Boolean enabled,

            @Described("Scheduled retries, 0 to 1,000.") @Nullable Integer maxRetries,

            @Described("The wait before the first retry, ISO 8601; it doubles with each.") @Nullable String minBackoff,

            @Described("How long an attempt may take, ISO 8601.") @Nullable String executionTimeout,

            @Described("The longest wait, ISO 8601; PT0S for none.") @Nullable String maxBackoff,

            @Described("The share of the wait that is added at random, 0 to 1.") @Nullable Double jitter,

            @Described("How long it holds, ISO 8601; without end by time if not given.") @Nullable String validFor,

            @Described("true: it holds for the build of the node that started last only.") @Nullable Boolean untilNextBuild,

            @Described(
                    "true: the failed executions of the function that are not done get these values, too, and new retry"
                            + " times, by a batch.")
            @Nullable Boolean waiting,

            @Described("true: only says what would be done.") @Nullable Boolean dryRun,

            @Described("Why; at most 1,000 characters. Required unless it is a dry run.") @Nullable String reason) {}

    /** A policy with what was put over it. */
    public record Overridden(
            String processor,
            String function,
            FailureDetail.Policy policy,

            @Described("How long after its failure each scheduled retry begins, jitter left out; at most 20.")
            List<Duration> retriesAfter,

            @Described("Failed executions of the function that are not done.")
            FailureResource.Total waiting,

            @Described("The only build for which it holds; null for any.") @Nullable String build,

            @Described("The batch that gives those the new policy, null if they keep theirs.") @Nullable String batch,

            boolean dryRun) {}

    /** An override that was ended. */
    public record Removed(String processor, String function) {}

    private ApiResponse override(Call call) {
        String processor = call.variable("processor");
        String function = call.variable("function");
        Command body = Command.read(call);
        boolean dryRun = Boolean.TRUE.equals(body.member("dryRun", Boolean.class, "true or false"));
        String reason = dryRun ? "" : body.requiredReason();
        RetryPolicyChange change = body.policyChange();
        Duration validFor = body.duration("validFor");
        boolean nextBuild = Boolean.TRUE.equals(body.member("untilNextBuild", Boolean.class, "true or false"));
        boolean waiting = Boolean.TRUE.equals(body.member("waiting", Boolean.class, "true or false"));
        if (body.mistakes().isEmpty() && change.equals(RetryPolicyChange.NONE)) {
            body.mistake("no value (expected: at least one of a retry policy)");
        }
        if (validFor != null && (validFor.isNegative() || validFor.isZero())) {
            body.mistake("validFor: " + validFor + " (expected: more than nothing, for instance PT4H)");
        }
        Optional<ProcessorDefinition> known = operations.processor(processor);
        FunctionDefinition defined =
                known.map(definition -> definition.function(function)).orElse(null);
        if (!isSeen(call, processor, function) || (known.isPresent() && defined == null)) {
            return notFound(processor, function);
        }
        RetryPolicy policy = body.policyOver(defined == null ? RetryPolicy.DEFAULT : defined.policy());
        if (!body.mistakes().isEmpty()) {
            return ApiResponse.invalid(body.mistakes());
        }
        Optional<ApiResponse> forbidden = call.forbids(processor);
        if (forbidden.isPresent()) {
            return forbidden.get();
        }
        FailureSearch search = new FailureSearch(
                Set.of(FailureQueue.ACTIVE),
                null,
                null,
                new TreeMap<>(Map.of(FailureField.PROCESSOR, processor, FailureField.FUNCTION, function)),
                null,
                null,
                null);
        Counted counted = store.count(search);
        if (waiting && counted.number() > LARGE && !call.identity().may(Permission.BATCH_START_LARGE, processor)) {
            return ApiResponse.problem(ProblemKind.FORBIDDEN.with(Texts.shown(call.actor())
                    + " lacks the permission " + Permission.BATCH_START_LARGE.wireName()
                    + ", which more than 10,000 waiting failed executions need"));
        }
        String build = nextBuild ? ProcessorResource.newestBuild(store) : null;
        if (dryRun) {
            return ApiResponse.json(200, overridden(processor, function, policy, counted, build, null, true));
        }
        PolicyOverride.Draft draft =
                new PolicyOverride.Draft(processor, function, change, call.actor(), reason, validFor, build);
        return commands.run(
                call, entry(call, "policy.override", processor, function, reason, body.parameters()), () -> {
                    SortedMap<String, String> before = values(processor, function, defined);
                    if (!operations.overridePolicy(draft)) {
                        return Commands.Done.with(notFound(processor, function));
                    }
                    String batch = waiting ? applyTo(search, processor, function, draft) : null;
                    return new Commands.Done(
                            ApiResponse.json(
                                    200, overridden(processor, function, policy, counted, build, batch, false)),
                            before,
                            values(processor, function, defined));
                });
    }

    /** Gives what waits the new values, too; returns the batch that does so. */
    private String applyTo(FailureSearch search, String processor, String function, PolicyOverride.Draft draft) {
        String id = operations.newId();
        store.planBatch(new BatchPlan.Draft(
                id,
                new FailureCommand.ApplyRetrySpec(draft.change()),
                search,
                new TreeMap<>(Map.of("state", "active", "processor", processor, "function", function)),
                draft.actor(),
                draft.reason()));
        store.changeBatch(id, BatchDecision.start(AT_ONCE));
        return id;
    }

    private static Overridden overridden(
            String processor,
            String function,
            RetryPolicy policy,
            Counted waiting,
            @Nullable String build,
            @Nullable String batch,
            boolean dryRun) {
        return new Overridden(
                processor,
                function,
                FailureDetail.Policy.of(policy),
                ProcessorResource.preview(policy),
                FailureResource.Total.of(waiting),
                build,
                batch,
                dryRun);
    }

    private ApiResponse remove(Call call) {
        String processor = call.variable("processor");
        String function = call.variable("function");
        Command body = Command.read(call);
        String reason = body.reason();
        if (!body.mistakes().isEmpty()) {
            return ApiResponse.invalid(body.mistakes());
        }
        if (!isSeen(call, processor, function)) {
            return notFound(processor, function);
        }
        Optional<ApiResponse> forbidden = call.forbids(processor);
        if (forbidden.isPresent()) {
            return forbidden.get();
        }
        return commands.run(call, entry(call, "policy.remove", processor, function, reason, new TreeMap<>()), () -> {
            FunctionDefinition defined = operations
                    .processor(processor)
                    .map(definition -> definition.function(function))
                    .orElse(null);
            SortedMap<String, String> before = values(processor, function, defined);
            return operations.removeOverride(processor, function, call.actor(), reason)
                    ? new Commands.Done(
                            ApiResponse.json(200, new Removed(processor, function)),
                            before,
                            values(processor, function, defined))
                    : Commands.Done.with(notFound(processor, function));
        });
    }

    /** What is put over a function's policy now, and what comes of it for the build that started last. */
    private SortedMap<String, String> values(String processor, String function, @Nullable FunctionDefinition defined) {
        Optional<PolicyOverride> override = operations.overrides(processor).stream()
                .filter(one -> one.function().equals(function))
                .findFirst();
        SortedMap<String, String> values = new TreeMap<>();
        values.put(
                "override",
                override.map(one -> String.join(", ", one.change().texts().keySet()))
                        .orElse("none"));
        if (defined != null) {
            String build = ProcessorResource.newestBuild(store);
            values.putAll(AuditValues.of(override.filter(one -> one.holdsFor(build))
                    .map(one -> one.change().over(defined.policy()))
                    .orElse(defined.policy())));
        }
        return values;
    }

    private static boolean isSeen(Call call, String processor, String function) {
        return Texts.isPlain(processor)
                && processor.length() <= 255
                && Texts.isPlain(function)
                && function.length() <= 200
                && call.identity().sees(processor);
    }

    private static AuditEntry entry(
            Call call,
            String action,
            String processor,
            String function,
            @Nullable String reason,
            SortedMap<String, String> parameters) {
        return new AuditEntry(
                action,
                call.actor(),
                call.request().caller().remoteAddress(),
                processor,
                null,
                function,
                reason,
                parameters);
    }

    private static ApiResponse notFound(String processor, String function) {
        return ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such function, or nothing is put over it: "
                + Texts.shown(function) + " of " + Texts.shown(processor)));
    }
}
