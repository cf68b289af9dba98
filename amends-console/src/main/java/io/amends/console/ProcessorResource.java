package io.amends.console;

import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.Operations;
import io.amends.core.store.ProcessorGauge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Processors: how far they are, and whether they run. */
final class ProcessorResource {
    private static final String TAG = "processors";

    private final Operations operations;
    private final Commands commands;

    ProcessorResource(Operations operations, Commands commands) {
        this.operations = operations;
        this.commands = commands;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/processors", "listProcessors", TAG, "Shows how far every processor is")
                        .answers(200, ProcessorList.class, "The processors.")
                        .by(this::list),
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
            boolean known = pause
                    ? operations.pause(processor, call.actor(), reason)
                    : operations.resume(processor, call.actor(), reason);
            return known
                    ? new Commands.Done(
                            ApiResponse.json(200, new Paused(processor, pause)),
                            new TreeMap<>(),
                            new TreeMap<>(Map.of("paused", Boolean.toString(pause))))
                    : Commands.Done.with(notFound(processor));
        });
    }

    private static ApiResponse notFound(String processor) {
        return ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such processor: " + Texts.shown(processor)));
    }
}
