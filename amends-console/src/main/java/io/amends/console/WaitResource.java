package io.amends.console;

import io.amends.api.OnTimeout;
import io.amends.core.causality.WaitFor;
import io.amends.core.lane.LaneKey;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.Operations;
import io.amends.core.store.ProcessorGauge;
import io.amends.core.store.WaitingEvent;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Events that wait, and what a person can do about them. */
final class WaitResource {
    /** More processors than wait for events of one position: a page holds all of them. */
    private static final int MOST_PROCESSORS = 200;

    private static final String TAG = "waits";

    private final Operations operations;
    private final Commands commands;

    WaitResource(Operations operations, Commands commands) {
        this.operations = operations;
        this.commands = commands;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/waits", "listWaits", TAG, "Lists events that wait for what they depend on, by position")
                        .takes(
                                Parameter.text("processor", "Of this processor."),
                                Parameter.number("after", "The `next` of the page before."),
                                Parameter.limit())
                        .answers(200, WaitPage.class, "A page.")
                        .by(this::list),
                end("run", "runWait", "Handles an event now, without what it waits for", OnTimeout.PROCEED)
                        .needs(Permission.FAILURES_RETRY),
                end("fail", "failWait", "Makes a failed execution of an event that waits", OnTimeout.FAIL)
                        .needs(Permission.FAILURES_MARK),
                end("skip", "skipWait", "Declares an event that waits dealt with", OnTimeout.SKIP)
                        .needs(Permission.FAILURES_SKIP));
    }

    private Endpoint end(String verb, String id, String summary, OnTimeout then) {
        return Endpoint.post(
                        "/waits/{processor}/{position}/" + verb,
                        id,
                        TAG,
                        summary + "; the reason is required",
                        Bodies.Reason.class)
                .answers(202, Ended.class, "The owner of its slot does so soon.")
                .by(call -> end(call, then));
    }

    /** A page of waits. */
    public record WaitPage(
            List<WaitView> items,

            @Described("`after` of the next page, null on the last one.") @Nullable Long next) {}

    /** A wait that was ended. */
    public record Ended(
            String processor,
            long position,

            @Described("What becomes of the event: PROCEED, FAIL or SKIP.")
            String then) {}

    /** What a processor has to have done. */
    public record Awaited(
            @Described("Who has to have done it.") String processor,

            @Described(
                    "The stream; of kind EVENT the type, ` by ` and what identifies the event: payload paths, `key` or `event id`.")
            String stream,

            @Described("The entity, or what identifies the event.")
            String key,

            @Described("The least version that is enough, behind its epoch and a dot if it has one.")
            String version) {
        static @Nullable Awaited of(WaitFor.@Nullable Version awaited) {
            return awaited == null
                    ? null
                    : new Awaited(
                            awaited.processor(),
                            awaited.entity().stream(),
                            awaited.entity().key(),
                            awaited.atLeast().toString());
        }
    }

    /** An event that waits. */
    public record WaitView(
            String processor,

            @Described("The lane that it holds; null if it holds none but its own.") @Nullable String lane,

            long position,
            String eventId,
            String source,
            String eventType,
            @Nullable String key,
            @Described("What it waits for, in words.") String waitsFor,

            @Described("What kind of thing that is: EVENT, VERSION, NEXT (whatever comes next for its key) or TIME.")
            String kind,

            @Described("The event or version that it waits for; null of the other kinds.") @Nullable Awaited awaited,

            @Described("When it began to wait for the first time.")
            Instant since,

            @Described("When that has lasted too long; null for a failed execution, which waits on.") @Nullable Instant until,

            @Described("When it is tried again by time, null until it is woken.") @Nullable Instant dueAt,

            @Described("How often it was tried.") int tries,

            @Described("The id of the failed execution that waits, null for an event that never failed.") @Nullable String failure,

            @Described("Events parked behind it.") long followers) {
        static WaitView of(WaitingEvent wait) {
            return new WaitView(
                    wait.processor(),
                    LaneKey.isPrivate(wait.laneKey()) ? null : wait.laneKey(),
                    wait.position(),
                    wait.id(),
                    wait.source(),
                    wait.type(),
                    wait.key(),
                    wait.what(),
                    wait.kind().name(),
                    Awaited.of(wait.awaited()),
                    wait.since(),
                    wait.until(),
                    wait.dueAt(),
                    wait.tries(),
                    wait.failure() == null ? null : wait.failure().value(),
                    wait.followers());
        }
    }

    private ApiResponse list(Call call) {
        Query query = call.query();
        String processor = query.text("processor");
        Long after = query.number("after");
        int limit = query.limit();
        if (!query.mistakes().isEmpty()) {
            return ApiResponse.invalid(query.mistakes());
        }
        List<WaitingEvent> found =
                waits(call.identity(), processor, after == null ? 0 : after, limit + MOST_PROCESSORS);
        List<WaitingEvent> page = page(found, limit);
        return ApiResponse.json(
                200,
                new WaitPage(
                        page.stream().map(WaitView::of).toList(),
                        found.size() > page.size() ? page.getLast().position() : null));
    }

    /** The first waits of the processors that the caller may see; of some they are asked for one by one. */
    private List<WaitingEvent> waits(Identity caller, @Nullable String processor, long after, int limit) {
        if (processor != null) {
            return caller.sees(processor) ? operations.waits(processor, after, limit) : List.of();
        }
        if (caller.mayOnAll(Permission.FAILURES_READ)) {
            return operations.waits(null, after, limit);
        }
        return operations.gauges().stream()
                .map(ProcessorGauge::processor)
                .filter(caller::sees)
                .flatMap(name -> operations.waits(name, after, limit).stream())
                .sorted(Comparator.comparingLong(WaitingEvent::position).thenComparing(WaitingEvent::processor))
                .limit(limit)
                .toList();
    }

    /** The first of them, and with the last one all others of its position: the next page begins above it. */
    static List<WaitingEvent> page(List<WaitingEvent> found, int limit) {
        int end = Math.min(limit, found.size());
        while (end > 0
                && end < found.size()
                && found.get(end).position() == found.get(end - 1).position()) {
            end++;
        }
        return found.subList(0, end);
    }

    private ApiResponse end(Call call, OnTimeout then) {
        String processor = call.variable("processor");
        String position = call.variable("position");
        Command command = Command.read(call);
        String reason = command.requiredReason();
        if (!command.mistakes().isEmpty()) {
            return ApiResponse.invalid(command.mistakes());
        }
        if (!Texts.isPlain(processor)
                || processor.length() > 255
                || !position.matches("[0-9]{1,18}")
                || !call.identity().sees(processor)) {
            return notFound(processor, position);
        }
        var forbidden = call.forbids(processor);
        if (forbidden.isPresent()) {
            return forbidden.get();
        }
        AuditEntry entry = new AuditEntry(
                "wait." + then.name().toLowerCase(java.util.Locale.ROOT),
                call.actor(),
                call.request().caller().remoteAddress(),
                processor,
                null,
                null,
                reason,
                new TreeMap<>(Map.of("position", position)));
        return commands.run(
                call,
                entry,
                () -> operations.endWait(processor, Long.parseLong(position), then, call.actor(), reason)
                        ? new Commands.Done(
                                ApiResponse.json(202, new Ended(processor, Long.parseLong(position), then.name())),
                                new TreeMap<>(),
                                new TreeMap<>(Map.of("then", then.name())))
                        : Commands.Done.with(notFound(processor, position)));
    }

    private static ApiResponse notFound(String processor, String position) {
        return ApiResponse.problem(ProblemKind.NOT_FOUND.with("no event waits at position " + Texts.shown(position)
                + " of " + Texts.shown(processor) + "; one that waits as a failed execution is found there"));
    }
}
