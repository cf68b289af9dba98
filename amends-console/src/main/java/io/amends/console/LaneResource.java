package io.amends.console;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.LaneSummary;
import io.amends.core.operate.NodeStatus;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import io.amends.core.store.LaneChange;
import io.amends.core.store.LaneCommand;
import io.amends.core.store.LanePause;
import io.amends.core.store.WaitingEvent;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Lanes that something holds, and the nodes of the cluster. */
final class LaneResource {
    private static final String TAG = "lanes";

    private final Operations operations;
    private final OperatorStore store;
    private final Commands commands;

    LaneResource(Operations operations, OperatorStore store, Commands commands) {
        this.operations = operations;
        this.store = store;
        this.commands = commands;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(
                                "/lanes",
                                "listLanes",
                                TAG,
                                "Lists blocked lanes, those that are held longest first; or those of a key")
                        .takes(
                                Parameter.text("processor", "Of this processor."),
                                Parameter.text(
                                        "key",
                                        "Lanes that have to do with this key, whatever holds them, blocked or not: it is"
                                                + " theirs, also behind the tenant, or that of an event in them. One page."),
                                Parameter.cursor(),
                                Parameter.limit())
                        .answers(200, LanePage.class, "A page.")
                        .by(this::list),
                Endpoint.get(
                                "/lanes/{processor}/{key…}",
                                "getLane",
                                TAG,
                                "Shows a lane: what holds it, and what waits behind")
                        .takes(Parameter.number("after", "Events behind this position."), Parameter.limit())
                        .answers(200, LaneDetail.class, "The lane; not found if nothing holds it.")
                        .by(this::lane),
                Endpoint.post(
                                "/lanes/{processor}/{key…}/pause",
                                "pauseLane",
                                TAG,
                                "Pauses a lane, held or not: its events are parked in order, and nothing of it begins",
                                Bodies.Reason.class)
                        .needs(Permission.LANE_PAUSE)
                        .answers(200, LanePaused.class, "It is paused; one that held nothing, within a heartbeat.")
                        .refuses(ProblemKind.CHANGED_MEANWHILE)
                        .by(call -> pause(call, true)),
                Endpoint.post(
                                "/lanes/{processor}/{key…}/resume",
                                "resumeLane",
                                TAG,
                                "Resumes a lane: what is parked is released in order",
                                Bodies.Reason.class)
                        .needs(Permission.LANE_PAUSE)
                        .answers(200, LanePaused.class, "It goes on.")
                        .refuses(ProblemKind.CHANGED_MEANWHILE)
                        .by(call -> pause(call, false)),
                Endpoint.get("/nodes", "listNodes", "nodes", "Lists the nodes, and what they own")
                        .answers(200, NodeList.class, "The nodes, those that joined last first.")
                        .by(call -> ApiResponse.json(
                                200,
                                new NodeList(store.nodes().stream()
                                        .map(node -> NodeView.of(node, call.identity()))
                                        .toList()))));
    }

    /** A page of blocked lanes. */
    public record LanePage(
            List<LaneView> items,

            @Described("`after` of the next page, null on the last one, and of the lanes of a key.") @Nullable String next,

            @Described("Whether there are more than these.") boolean more) {}

    /** A lane that something holds. */
    public record LaneView(
            String processor,
            String key,

            @Described("Its slot; null while nothing but a pause holds it.") @Nullable Integer slot,

            @Described("Since when it holds something.") Instant since,

            @Described("The position of the first event that is not done; null if there is none.") @Nullable Long headPosition,

            @Described("Whether its whole slot stands still behind it.")
            boolean stopsSlot,

            @Described("Whether it is paused, or none of its parked events may run.")
            boolean blocked,

            @Described("Events behind the first one, at most 10,000.")
            long followers,

            @Described("The failed execution at its head; null if a parked event is the first.") @Nullable FailureSummary head,

            @Described("Who has paused it; null if nobody has.") @Nullable PauseView paused,

            @Described("Its version, for If-Match.") String version) {
        static LaneView of(LaneSummary lane) {
            FailedExecution head = lane.head();
            return new LaneView(
                    lane.processor(),
                    lane.key(),
                    lane.slot(),
                    lane.since(),
                    lane.headPosition(),
                    lane.stopsSlot(),
                    lane.blocked(),
                    Math.max(0, lane.events() - 1),
                    head == null ? null : FailureSummary.of(head),
                    lane.pause() == null ? null : PauseView.of(lane.pause()),
                    lane.state().version());
        }
    }

    /** That a person holds a lane. */
    public record PauseView(String by, @Nullable String reason, Instant since) {
        static PauseView of(LanePause pause) {
            return new PauseView(pause.by(), pause.reason(), pause.since());
        }
    }

    /** Whether a lane is paused. */
    public record LanePaused(String processor, String key, boolean paused) {}

    /** A lane and its events. */
    public record LaneDetail(
            @com.fasterxml.jackson.annotation.JsonUnwrapped LaneView lane,
            @Described("The events in order.") List<LaneEntry> events,

            @Described(
                    "The last event of the lane that is done: handled, skipped or stale. Null if there is none within the"
                            + " last 1,000 positions before the first event that is not done, nor within the last 1,000 that its slot"
                            + " has passed; and where the lane is not that of the events' own key, since the processor takes it from"
                            + " the payload or keeps whole slots in order.")
            @Nullable LastDone lastDone,

            @Described("`after` of the next page, null on the last one.") @Nullable Long next) {}

    /** The last event of a lane that is done. */
    public record LastDone(
            long position,
            String eventId,
            String source,
            String eventType,

            @Described("When it got its position; when it was done is not kept of each event.")
            Instant at) {
        static @Nullable LastDone of(Optional<LaneSummary.Done> done) {
            return done.map(last ->
                            new LastDone(last.position(), last.eventId(), last.source(), last.eventType(), last.at()))
                    .orElse(null);
        }
    }

    /** An event in a lane. */
    public record LaneEntry(
            long position,

            @Described(
                    value =
                            "What it does there: its handler failed, an attempt of it runs, it waits for something (as a"
                                    + " failed execution if it has one), or it is behind an earlier event.",
                    oneOf = {"FAILED", "PREPARED", "WAITING", "PARKED"})
            String kind,

            @Described("The id of its failed execution.") @Nullable String failure,

            String eventId,
            String source,
            String eventType,
            @Nullable Instant time,

            @Described("What it waits for, as in listWaits; null unless it waits.")
            WaitResource.@Nullable WaitView waiting) {
        static LaneEntry of(LaneSummary.Entry entry) {
            FailureId failure = entry.failure();
            WaitingEvent waiting = entry.waiting();
            return new LaneEntry(
                    entry.position(),
                    entry.kind().name(),
                    failure == null ? null : failure.value(),
                    entry.eventId(),
                    entry.source(),
                    entry.eventType(),
                    entry.time(),
                    waiting == null ? null : WaitResource.WaitView.of(waiting));
        }
    }

    /** The nodes. */
    public record NodeList(List<NodeView> items) {}

    /** A node; one that is dead is listed for a day. */
    public record NodeView(
            @Described("Unique for each start.") String id,
            String host,
            String build,
            Instant startedAt,
            @Described("When its lease ends.") Instant expiresAt,
            boolean alive,

            @Described("Slots that it owns, by processor that the caller may see.")
            Map<String, Integer> slots) {
        static NodeView of(NodeStatus node, Identity caller) {
            Map<String, Integer> seen = new TreeMap<>(node.slots());
            seen.keySet().removeIf(processor -> !caller.sees(processor));
            return new NodeView(
                    node.id(), node.host(), node.build(), node.startedAt(), node.expiresAt(), node.alive(), seen);
        }
    }

    private ApiResponse list(Call call) {
        Query query = call.query();
        LaneSummary.Cursor after = after(query);
        if (!query.mistakes().isEmpty()) {
            return ApiResponse.invalid(query.mistakes());
        }
        String key = query.text("key");
        if (key != null) {
            return ofKey(call, key, query);
        }
        List<LaneSummary> found = store.blockedLanes(
                query.text("processor"), call.identity().scope(Permission.FAILURES_READ), after, query.limit() + 1);
        List<LaneSummary> page = found.stream().limit(query.limit()).toList();
        return ApiResponse.json(
                200,
                new LanePage(
                        page.stream().map(LaneView::of).toList(),
                        found.size() > query.limit() ? next(page.getLast()) : null,
                        found.size() > query.limit()));
    }

    private ApiResponse ofKey(Call call, String key, Query query) {
        // one more than asked tells whether there are more
        List<LaneSummary> found = store.lanesOf(
                key, query.text("processor"), call.identity().scope(Permission.FAILURES_READ), query.limit() + 1);
        return ApiResponse.json(
                200,
                new LanePage(
                        found.stream().limit(query.limit()).map(LaneView::of).toList(),
                        null,
                        found.size() > query.limit()));
    }

    private static String next(LaneSummary lane) {
        // no name and no key has a NUL
        String place = lane.since() + "\0" + lane.processor() + "\0" + lane.key();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(place.getBytes(StandardCharsets.UTF_8));
    }

    private static LaneSummary.@Nullable Cursor after(Query query) {
        String text = query.text("after");
        if (text == null) {
            return null;
        }
        try {
            String place = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            String[] parts = place.split("\0", -1);
            if (parts.length == 3) {
                return new LaneSummary.Cursor(Instant.parse(parts[0]), parts[1], parts[2]);
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            // told below
            query.mistake("after: " + Texts.shown(text) + " (expected: the next of the page before)");
            return null;
        }
        query.mistake("after: " + Texts.shown(text) + " (expected: the next of the page before)");
        return null;
    }

    private ApiResponse pause(Call call, boolean pause) {
        String processor = call.variable("processor");
        Optional<String> named = LaneAddress.key(call.variable("key"));
        Command body = Command.read(call);
        String reason = body.reason();
        String expected = body.expectedVersion(call);
        if (named.isEmpty()) {
            body.mistake(noKey(call));
        }
        if (!body.mistakes().isEmpty()) {
            return ApiResponse.invalid(body.mistakes());
        }
        String key = named.orElseThrow();
        if (!Texts.isPlain(processor)
                || processor.length() > MOST
                || !call.identity().sees(processor)) {
            return notFound(processor, key);
        }
        Optional<ApiResponse> forbidden = call.forbids(processor);
        if (forbidden.isPresent()) {
            return forbidden.get();
        }
        AuditEntry entry = new AuditEntry(
                pause ? "lane.pause" : "lane.resume",
                call.actor(),
                call.request().caller().remoteAddress(),
                processor,
                null,
                key,
                reason,
                new TreeMap<>());
        LaneCommand command = new LaneCommand(processor, key, call.actor(), reason, expected);
        return commands.run(call, entry, () -> {
            LaneChange change = pause ? operations.pauseLane(command) : operations.resumeLane(command);
            return switch (change) {
                case DONE, UNCHANGED -> {
                    boolean before = pause == (change == LaneChange.UNCHANGED);
                    yield new Commands.Done(
                            ApiResponse.json(200, new LanePaused(processor, key, pause)),
                            new TreeMap<>(Map.of("paused", Boolean.toString(before))),
                            new TreeMap<>(Map.of("paused", Boolean.toString(pause))));
                }
                case NOT_FOUND -> Commands.Done.with(notFound(processor, key));
                case CHANGED_MEANWHILE ->
                    Commands.Done.with(ApiResponse.problem(ProblemKind.CHANGED_MEANWHILE.with(
                            "the lane " + Texts.shown(key) + " was changed meanwhile; read it again")));
            };
        });
    }

    private static String noKey(Call call) {
        return "key: " + Texts.shown(call.variable("key"))
                + " (expected: a key of 1 to 1,024 bytes, or ~ and the base64url without padding of such a one)";
    }

    /** The longest name of a processor. */
    private static final int MOST = 255;

    private static ApiResponse notFound(String processor, String key) {
        return ApiResponse.problem(ProblemKind.NOT_FOUND.with(
                "nothing holds the lane " + Texts.shown(key) + " of " + Texts.shown(processor)));
    }

    private ApiResponse lane(Call call) {
        String processor = call.variable("processor");
        Optional<String> named = LaneAddress.key(call.variable("key"));
        if (named.isEmpty()) {
            return ApiResponse.invalid(List.of(noKey(call)));
        }
        String key = named.get();
        Optional<LaneSummary> found =
                Texts.isPlain(processor) && call.identity().sees(processor)
                        ? store.lane(processor, key)
                        : Optional.empty();
        if (found.isEmpty()) {
            return notFound(processor, key);
        }
        Long after = call.query().number("after");
        int limit = call.query().limit();
        List<LaneSummary.Entry> events = store.laneEvents(processor, key, after == null ? 0 : after, limit + 1);
        List<LaneEntry> page = events.stream().limit(limit).map(LaneEntry::of).toList();
        return ApiResponse.json(
                        200,
                        new LaneDetail(
                                LaneView.of(found.get()),
                                page,
                                LastDone.of(store.lastDone(processor, key)),
                                events.size() > limit ? page.getLast().position() : null))
                .with("ETag", '"' + found.get().state().version() + '"');
    }
}
