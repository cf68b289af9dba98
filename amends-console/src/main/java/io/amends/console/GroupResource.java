package io.amends.console;

import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.failure.Fingerprint;
import io.amends.core.operate.AuditEntry;
import io.amends.core.operate.FailureGroup;
import io.amends.core.operate.FailureGroup.Acknowledgement;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.GroupSearch;
import io.amends.core.operate.Operations;
import io.amends.core.operate.OperatorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
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

/** Failed executions by cause. */
final class GroupResource {
    private static final String TAG = "groups";
    private static final Duration MOST = Duration.ofDays(366);

    private final Operations operations;
    private final OperatorStore store;
    private final Commands commands;

    GroupResource(Operations operations, OperatorStore store, Commands commands) {
        this.operations = operations;
        this.store = store;
        this.commands = commands;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/groups", "listGroups", TAG, "Lists causes with their numbers and trends")
                        .takes(
                                Parameter.text("processor", "Of this processor."),
                                Parameter.truth("all", "true: also causes of which every record is done."),
                                Parameter.truth("acknowledged", "false: not those that somebody takes care of."),
                                Parameter.oneOf(
                                        "sort",
                                        List.of("count", "newest", "oldest", "recent"),
                                        "count (default): most records that are not done first; newest or oldest: by"
                                                + " firstSeen; recent: by lastSeen."),
                                Parameter.limit())
                        .answers(200, GroupList.class, "The causes.")
                        .by(this::list),
                Endpoint.get("/groups/{fingerprint}", "getGroup", TAG, "Shows a cause")
                        .answers(200, GroupDetail.class, "The cause.")
                        .by(this::detail),
                Endpoint.post(
                                "/groups/{fingerprint}/note",
                                "noteGroup",
                                TAG,
                                "Writes a note in the place of the one before",
                                Note.class)
                        .needs(Permission.FAILURES_MARK)
                        .answers(200, GroupDetail.class, "The cause as it is now.")
                        .by(this::note),
                Endpoint.post(
                                "/groups/{fingerprint}/acknowledge",
                                "acknowledgeGroup",
                                TAG,
                                "Says that the caller takes care of a cause, in the place of whoever did before",
                                Acknowledge.class)
                        .needs(Permission.FAILURES_MARK)
                        .answers(200, GroupDetail.class, "The cause as it is now.")
                        .by(this::acknowledge),
                Endpoint.post(
                                "/groups/{fingerprint}/unacknowledge",
                                "unacknowledgeGroup",
                                TAG,
                                "Says that nobody takes care of a cause any more",
                                Bodies.Reason.class)
                        .needs(Permission.FAILURES_MARK)
                        .answers(200, GroupDetail.class, "The cause as it is now.")
                        .by(this::unacknowledge));
    }

    record Note(
            @Described("The note, at most 1,000 characters; null or empty for none.") @Nullable String note,

            @Described(Described.WHY) @Nullable String reason) {}

    record Acknowledge(
            @Described("For how long, ISO 8601, at most P366D; without end if not given.") @Nullable String duration,

            @Described("It ends when more attempts than this have failed.") @Nullable Long above,

            @Described(Described.WHY) @Nullable String reason) {}

    /** Causes. */
    public record GroupList(
            List<GroupView> items,

            @Described("Whether there are more than were asked for.")
            boolean more) {}

    /** A cause. */
    public record GroupView(
            String fingerprint,
            String processor,
            @Described("Of the newest failure.") String errorCode,

            @Described("Of the newest failure, at most 300 characters.")
            String message,

            @Described(
                    "Why its failures failed where no exception says it, such as SLOW: then there is no error code. Null if"
                            + " an exception does, and if the newest failed execution is gone.")
            @Nullable String reason,

            @Described("The id of the newest failed execution, which may be gone.")
            String sample,

            Instant firstSeen,
            Instant lastSeen,

            @Described("scheduled + needsOperator + running.")
            long active,

            @Described("To be retried by itself or by request.")
            long scheduled,

            long needsOperator,
            long running,

            @Described("Succeeded, as long as they are kept.")
            long handled,

            @Described("Skipped, as long as they are kept.") long skipped,
            @Described("Attempts that ever failed so.") long failures,

            @Described("Failed attempts in each of the last 24 hours by UTC, the current one last.")
            List<Long> hours,

            @Nullable String note,
            @Nullable String notedBy,
            @Nullable Instant notedAt,
            @Nullable AcknowledgedBy acknowledged) {
        static GroupView of(FailureGroup group, @Nullable FailureReason reason) {
            Acknowledgement acknowledgement = group.remarks().acknowledgement();
            return new GroupView(
                    group.fingerprint(),
                    group.processor(),
                    group.errorCode(),
                    group.message(),
                    reason == null ? null : reason.name(),
                    group.sample(),
                    group.firstSeen(),
                    group.lastSeen(),
                    group.numbers().active(),
                    group.numbers().scheduled(),
                    group.numbers().stopped(),
                    group.numbers().running(),
                    group.numbers().handled(),
                    group.numbers().skipped(),
                    group.numbers().failures(),
                    group.hours(),
                    group.remarks().note(),
                    group.remarks().notedBy(),
                    group.remarks().notedAt(),
                    acknowledgement == null
                            ? null
                            : new AcknowledgedBy(
                                    acknowledgement.by(),
                                    acknowledgement.at(),
                                    acknowledgement.until(),
                                    acknowledgement.above()));
        }
    }

    /** Who takes care of a cause. */
    public record AcknowledgedBy(
            String by,
            Instant at,
            @Nullable Instant until,
            @Nullable Long above) {}

    /** A cause and the builds in which it was seen. */
    public record GroupDetail(
            @com.fasterxml.jackson.annotation.JsonUnwrapped GroupView group,
            List<Build> builds,

            @Described(
                    "What its fingerprint was made of, line by line: failures in which all of it is the same are in this"
                            + " group. Empty if it is not known.")
            List<String> why) {}

    /** A build in which a cause was seen. */
    public record Build(String build, Instant firstSeen, Instant lastSeen, long failures) {}

    private ApiResponse list(Call call) {
        Query query = call.query();
        String sort = query.text("sort");
        List<FailureGroup> found = store.groups(
                new GroupSearch(
                        query.text("processor"),
                        !query.isTrue("all"),
                        !"false".equals(query.text("acknowledged")),
                        sort == null ? GroupSearch.Sort.COUNT : GroupSearch.Sort.valueOf(sort.toUpperCase(Locale.ROOT)),
                        call.identity().scope(Permission.FAILURES_READ)),
                query.limit() + 1);
        List<FailureGroup> page = found.stream().limit(query.limit()).toList();
        SortedMap<FailureId, String> types = typesWithoutCode(page);
        return ApiResponse.json(
                200,
                new GroupList(page.stream().map(group -> view(group, types)).toList(), found.size() > query.limit()));
    }

    /** The types of the samples of causes without an error code: something else stands in for that. */
    private SortedMap<FailureId, String> typesWithoutCode(List<FailureGroup> groups) {
        Set<FailureId> samples = groups.stream()
                .filter(group -> group.errorCode().isEmpty())
                .map(group -> new FailureId(group.sample()))
                .collect(Collectors.toUnmodifiableSet());
        SortedMap<FailureId, String> types = new TreeMap<>();
        if (!samples.isEmpty()) {
            store.search(FailureSearch.ALL.among(samples), FailureSort.NEWEST, null, samples.size())
                    .forEach(sample -> types.put(sample.id(), sample.event().type()));
        }
        return types;
    }

    private ApiResponse detail(Call call) {
        return with(call, this::show);
    }

    private ApiResponse show(FailureGroup group) {
        return ApiResponse.json(
                200,
                new GroupDetail(
                        view(group, typesWithoutCode(List.of(group))),
                        store.seenIn(group.fingerprint()).stream()
                                .map(seen ->
                                        new Build(seen.build(), seen.firstSeen(), seen.lastSeen(), seen.failures()))
                                .toList(),
                        why(group)));
    }

    private List<String> why(FailureGroup group) {
        List<String> kept = store.why(group.fingerprint());
        return kept.isEmpty()
                ? ofReason(group).map(of -> of.fingerprint().inputs()).orElse(List.of())
                : kept;
    }

    /** A cause that no exception explains, and what it is made of. */
    private record OfReason(FailureReason reason, Fingerprint fingerprint) {}

    /** One of a list: only where the error code is missing is the sample read to say what stands in for it. */
    private static GroupView view(FailureGroup group, Map<FailureId, String> types) {
        String type = types.get(new FailureId(group.sample()));
        return GroupView.of(
                group,
                type == null
                        ? null
                        : ofReason(group, type).map(OfReason::reason).orElse(null));
    }

    /** By the type of the sample's event, also where the sample has failed of another cause since. */
    private Optional<OfReason> ofReason(FailureGroup group) {
        return operations
                .failure(new FailureId(group.sample()))
                .flatMap(sample -> ofReason(group, sample.event().type()));
    }

    private static Optional<OfReason> ofReason(FailureGroup group, String eventType) {
        return Arrays.stream(FailureReason.values())
                .map(reason -> new OfReason(reason, Fingerprint.ofReason(reason, group.processor(), eventType)))
                .filter(of -> of.fingerprint().value().equals(group.fingerprint()))
                .findFirst();
    }

    private ApiResponse with(Call call, Function<FailureGroup, ApiResponse> answer) {
        String fingerprint = call.variable("fingerprint");
        Optional<FailureGroup> found =
                fingerprint.length() <= 300 && Texts.isPlain(fingerprint) ? store.group(fingerprint) : Optional.empty();
        return found.filter(group -> call.identity().sees(group.processor()))
                .map(group -> call.forbids(group.processor()).orElseGet(() -> answer.apply(group)))
                .orElseGet(() ->
                        ApiResponse.problem(ProblemKind.NOT_FOUND.with("no such cause: " + Texts.shown(fingerprint))));
    }

    private ApiResponse note(Call call) {
        Command body = Command.read(call);
        String note = body.text("note");
        return command(
                call,
                body,
                "group.note",
                group -> store.note(group.fingerprint(), call.actor(), note == null || note.isBlank() ? null : note));
    }

    private ApiResponse acknowledge(Call call) {
        Command body = Command.read(call);
        Duration duration = body.duration("duration");
        if (duration != null && (duration.isNegative() || duration.isZero() || duration.compareTo(MOST) > 0)) {
            body.mistake("duration: " + duration + " (expected: more than PT0S, at most P366D)");
        }
        Number above = body.member("above", Number.class, "a whole number");
        return command(
                call,
                body,
                "group.acknowledge",
                group -> store.acknowledge(
                        group.fingerprint(), call.actor(), duration, above == null ? null : above.longValue()));
    }

    private ApiResponse unacknowledge(Call call) {
        return command(
                call, Command.read(call), "group.unacknowledge", group -> store.unacknowledge(group.fingerprint()));
    }

    private ApiResponse command(
            Call call, Command body, String action, java.util.function.Consumer<FailureGroup> doing) {
        String reason = body.reason();
        if (!body.mistakes().isEmpty()) {
            return ApiResponse.invalid(body.mistakes());
        }
        return with(call, group -> {
            AuditEntry entry = new AuditEntry(
                    action,
                    call.actor(),
                    call.request().caller().remoteAddress(),
                    group.processor(),
                    null,
                    group.fingerprint(),
                    reason,
                    body.parameters());
            return commands.run(call, entry, () -> {
                doing.accept(group);
                FailureGroup after = store.group(group.fingerprint()).orElse(group);
                return new Commands.Done(show(after), AuditValues.of(group.remarks()), AuditValues.of(after.remarks()));
            });
        });
    }
}
