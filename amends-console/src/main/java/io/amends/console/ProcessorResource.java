package io.amends.console;

import io.amends.api.RetryPolicy;
import io.amends.core.define.FunctionDefinition;
import io.amends.core.define.PolicySources;
import io.amends.core.define.ProcessorDefinition;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.NodeStatus;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorGauge;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Processors: how far they are, and whether they run. */
final class ProcessorResource {
    private static final String TAG = "processors";
    private static final int PREVIEW = 20;

    private final Operations operations;
    private final OperatorStore store;
    private final Commands commands;

    ProcessorResource(Operations operations, OperatorStore store, Commands commands) {
        this.operations = operations;
        this.store = store;
        this.commands = commands;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/processors", "listProcessors", TAG, "Shows how far every processor is")
                        .answers(200, ProcessorList.class, "The processors.")
                        .by(this::list),
                Endpoint.get(
                                "/processors/{processor}",
                                "getProcessor",
                                TAG,
                                "Shows a processor, its functions, and how their failures are retried")
                        .answers(200, ProcessorDetail.class, "The processor.")
                        .by(this::detail),
                Endpoint.post(
                                "/processors/{processor}/pause",
                                "pauseProcessor",
                                TAG,
                                "Pauses a processor on all nodes: running events finish, no other begins",
                                Bodies.Reason.class)
                        .needs(Permission.PROCESSOR_PAUSE)
                        .answers(200, Paused.class, "It is paused within a heartbeat.")
                        .by(call -> pause(call, true)),
                Endpoint.post(
                                "/processors/{processor}/resume",
                                "resumeProcessor",
                                TAG,
                                "Resumes a processor on all nodes",
                                Bodies.Reason.class)
                        .needs(Permission.PROCESSOR_PAUSE)
                        .answers(200, Paused.class, "It runs within a heartbeat.")
                        .by(call -> pause(call, false)));
    }

    /** All processors. */
    public record ProcessorList(List<ProcessorView> items) {}

    /** Whether a processor runs. */
    public record Paused(String name, boolean paused) {}

    /** How far a processor is. */
    public record ProcessorView(
            String name,
            boolean paused,

            @Described("The position up to which every slot has passed.")
            long position,

            @Described("The inbox's last position.") long head,
            @Described("head − position.") long lag,

            @Described("The age of the oldest event that is not passed.") @Nullable Duration oldestAge,

            @Described("Failed executions that are not done, at most 10,001.")
            long failed,

            @Described("Parked events, at most 10,001.") long parked,
            @Described("Slots without a live owner.") int unownedSlots) {
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

    /** A processor and what this node's build says of it. */
    public record ProcessorDetail(
            @com.fasterxml.jackson.annotation.JsonUnwrapped ProcessorView processor,

            @Described("What the build of the node that answers says of it; null if that build has no such processor.")
            @Nullable Definition definition) {}

    /** A processor as a build defines it, with configuration applied. */
    public record Definition(
            @Described("What it keeps in order: KEY, NONE or ALL.")
            String order,

            @Described("What later events do when one fails: PARK_KEY, CONTINUE or STOP.")
            String onFailure,

            @Described("Payload paths that make the key; empty for the event's own key.")
            List<String> keyPaths,

            int slots,

            @Described("Events that one node handles at the same time.")
            int concurrency,

            @Described("Events per transaction when there is a backlog.")
            int batch,

            List<FunctionView> functions) {
        static Definition of(ProcessorDefinition processor, List<PolicyOverride> overrides, String build) {
            return new Definition(
                    processor.order().name(),
                    processor.onFailure().name(),
                    processor.keyPaths(),
                    processor.slots(),
                    processor.concurrency(),
                    processor.batch(),
                    processor.functions().stream()
                            .map(function -> FunctionView.of(
                                    function,
                                    overrides.stream()
                                            .filter(one -> one.function().equals(function.name()))
                                            .findFirst()
                                            .orElse(null),
                                    build))
                            .toList());
        }
    }

    /** A function of a processor. */
    public record FunctionView(
            String name,
            List<String> eventTypes,

            @Described("Where its effects go: DATABASE, or OUTSIDE, which may run more than once.")
            String effects,

            @Described("How its failures are retried: annotations, configuration and override together.")
            FailureDetail.Policy policy,

            @Described("Where each value of it comes from.") PolicySources sources,

            @Described("What was put over it while the application runs, if it has not ended; null if nothing was.")
            @Nullable OverrideView override,

            @Described("How its failures are retried when the override ends; null if none is in force.")
            FailureDetail.@Nullable Policy beneath,

            @Described("How long after its failure each scheduled retry begins, jitter left out; at most 20.")
            List<Duration> retriesAfter) {
        static FunctionView of(FunctionDefinition function, @Nullable PolicyOverride override, String build) {
            boolean inForce = override != null && override.holdsFor(build);
            RetryPolicy policy =
                    override != null && inForce ? override.change().over(function.policy()) : function.policy();
            return new FunctionView(
                    function.name(),
                    function.eventTypes(),
                    function.effects().name(),
                    FailureDetail.Policy.of(policy),
                    override != null && inForce
                            ? function.sources().over(PolicySources.Source.OVERRIDE, override.change())
                            : function.sources(),
                    override == null ? null : OverrideView.of(override, inForce),
                    inForce ? FailureDetail.Policy.of(function.policy()) : null,
                    preview(policy));
        }
    }

    /** What was put over a policy. */
    public record OverrideView(
            String by,
            String reason,
            Instant since,

            @Described("When it ends; null if by no time.") @Nullable Instant until,

            @Described("The only build for which it holds; null for any.") @Nullable String build,

            @Described("Whether it holds for the build that started last.")
            boolean inForce) {
        static OverrideView of(PolicyOverride override, boolean inForce) {
            return new OverrideView(
                    override.by(), override.reason(), override.since(), override.until(), override.build(), inForce);
        }
    }

    /** How long after a failure the scheduled retries begin, jitter left out. */
    static List<Duration> preview(RetryPolicy policy) {
        List<Duration> after = new ArrayList<>();
        Duration sum = Duration.ZERO;
        for (int retry = 0; policy.enabled() && retry < Math.min(PREVIEW, policy.maxRetries()); retry++) {
            sum = sum.plus(policy.backoff(retry, 0));
            after.add(sum);
        }
        return after;
    }

    /** The build of the live node that started last; empty if none lives. */
    static String newestBuild(OperatorStore store) {
        return store.nodes().stream()
                .filter(NodeStatus::alive)
                .map(NodeStatus::build)
                .findFirst()
                .orElse("");
    }

    private ApiResponse detail(Call call) {
        String name = call.variable("processor");
        return operations.gauges().stream()
                .filter(gauge ->
                        gauge.processor().equals(name) && call.identity().sees(name))
                .findFirst()
                .map(gauge -> ApiResponse.json(
                        200,
                        new ProcessorDetail(
                                ProcessorView.of(gauge),
                                operations
                                        .processor(name)
                                        .map(processor -> Definition.of(
                                                processor, operations.overrides(name), newestBuild(store)))
                                        .orElse(null))))
                .orElseGet(() -> notFound(name));
    }

    private ApiResponse list(Call call) {
        return ApiResponse.json(
                200,
                new ProcessorList(operations.gauges().stream()
                        .filter(gauge -> call.identity().sees(gauge.processor()))
                        .map(ProcessorView::of)
                        .toList()));
    }

    private ApiResponse pause(Call call, boolean pause) {
        String processor = call.variable("processor");
        Command command = Command.read(call);
        String reason = command.reason();
        if (!command.mistakes().isEmpty()) {
            return ApiResponse.invalid(command.mistakes());
        }
        if (!Texts.isPlain(processor)
                || processor.length() > 255
                || !call.identity().sees(processor)) {
            return notFound(processor);
        }
        Optional<ApiResponse> forbidden = call.forbids(processor);
        if (forbidden.isPresent()) {
            return forbidden.get();
        }
        AuditEntry entry = new AuditEntry(
                pause ? "processor.pause" : "processor.resume",
                call.actor(),
                call.request().caller().remoteAddress(),
                processor,
                null,
                null,
                reason,
                new TreeMap<>());
        return commands.run(call, entry, () -> {
            Optional<Boolean> before = operations.gauges().stream()
                    .filter(gauge -> gauge.processor().equals(processor))
                    .map(ProcessorGauge::paused)
                    .findFirst();
            boolean known = pause
                    ? operations.pause(processor, call.actor(), reason)
                    : operations.resume(processor, call.actor(), reason);
            return known
                    ? new Commands.Done(
                            ApiResponse.json(200, new Paused(processor, pause)),
                            new TreeMap<>(before.map(paused -> Map.of("paused", Boolean.toString(paused)))
                                    .orElse(Map.of())),
                            new TreeMap<>(Map.of("paused", Boolean.toString(pause))))
                    : Commands.Done.with(notFound(processor));
        });
    }

    private static ApiResponse notFound(String processor) {
        return ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such processor: " + Texts.shown(processor)));
    }
}
