package io.amends.console;

import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.FailureReason;
import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.StopReason;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The parameters that say which failed executions are meant. */
final class FailureSearches {
    private static final SortedMap<String, FailureField> FIELDS = new TreeMap<>(Map.of(
            "processor", FailureField.PROCESSOR,
            "function", FailureField.FUNCTION,
            "type", FailureField.EVENT_TYPE,
            "eventId", FailureField.EVENT_ID,
            "key", FailureField.KEY,
            "tenant", FailureField.TENANT,
            "error", FailureField.ERROR,
            "fingerprint", FailureField.FINGERPRINT));

    private static final List<String> STATES =
            Arrays.stream(FailureQueue.values()).map(FailureQueue::wireName).toList();

    /** Which records. */
    static final List<Parameter> FILTER = List.of(
            Parameter.severalOf(
                    "state",
                    STATES,
                    "In any of these queues, in any case: active (not done) = scheduled + due + running +"
                            + " waiting + needs-operator; handled; skipped; or a stored state: failed, prepared, succeeded."),
            Parameter.oneOf(
                    "reason",
                    reasons(),
                    "Why it needs an operator (exhausted, unrecoverable, switched-off, timed-out), or why it failed last."),
            Parameter.text("processor", "The processor's name."),
            Parameter.text("function", "The function's name."),
            Parameter.text("type", "The event's type."),
            Parameter.text("eventId", "The event's id."),
            Parameter.text("key", "The lane's key."),
            Parameter.text("tenant", "The tenant."),
            Parameter.text("error", "The error's code."),
            Parameter.text("fingerprint", "The cause, as in `groups`."),
            Parameter.instant("from", "Recorded at this time or later."),
            Parameter.instant("to", "Recorded before this time."),
            Parameter.text(
                    "text",
                    "Contained, in any case, in message, error code, event id, event type or key. Without an index of"
                            + " trigrams it is looked for in the newest 100,000 records that match the rest; `searched` says so."));

    static final Parameter SORT = Parameter.oneOf(
            "sort", List.of("newest", "oldest", "next"), "newest (default), oldest, or next: what is due first.");

    static final Parameter AFTER = Parameter.text("after", "The `next` of the page before.");

    private FailureSearches() {}

    private static List<String> reasons() {
        java.util.ArrayList<String> all = new java.util.ArrayList<>();
        Arrays.stream(StopReason.values()).map(FailureSearches::wireName).forEach(all::add);
        Arrays.stream(FailureReason.values()).map(FailureSearches::wireName).forEach(all::add);
        return all;
    }

    static String wireName(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static FailureSearch of(Query query) {
        EnumSet<FailureQueue> queues = EnumSet.noneOf(FailureQueue.class);
        Arrays.stream(FailureQueue.values())
                .filter(queue -> query.all("state").contains(queue.wireName()))
                .forEach(queues::add);
        String reason = query.text("reason");
        SortedMap<FailureField, String> exact = new TreeMap<>();
        FIELDS.forEach((name, field) -> {
            String value = query.text(name);
            if (value != null) {
                exact.put(field, value);
            }
        });
        return new FailureSearch(
                queues,
                find(StopReason.values(), reason),
                find(FailureReason.values(), reason),
                exact,
                query.time("from"),
                query.time("to"),
                query.text("text"));
    }

    private static <E extends Enum<E>> @Nullable E find(E[] values, @Nullable String name) {
        return Arrays.stream(values)
                .filter(value -> wireName(value).equals(name))
                .findFirst()
                .orElse(null);
    }

    static FailureSort sort(Query query) {
        String name = query.text("sort");
        return name == null ? FailureSort.NEWEST : FailureSort.valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** The place behind a record as text: its id, for `next` with its time before. */
    static String next(FailedExecution last, FailureSort sort) {
        return sort == FailureSort.NEXT
                ? last.dueAt() + "~" + last.id()
                : last.id().value();
    }

    static @Nullable FailureCursor after(Query query, FailureSort sort) {
        String text = query.text("after");
        if (text == null) {
            return null;
        }
        int tilde = sort == FailureSort.NEXT ? text.indexOf('~') : -1;
        String id = text.substring(tilde + 1);
        if (id.isEmpty() || id.length() > 64 || (sort == FailureSort.NEXT && tilde < 0)) {
            query.mistake("after: " + Texts.shown(text) + " (expected: the next of the page before)");
            return null;
        }
        try {
            return new FailureCursor(tilde < 0 ? null : Instant.parse(text.substring(0, tilde)), new FailureId(id));
        } catch (DateTimeException e) {
            query.mistake("after: " + Texts.shown(text) + " (expected: the next of the page before)");
            return null;
        }
    }
}
