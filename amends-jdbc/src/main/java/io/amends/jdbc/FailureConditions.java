package io.amends.jdbc;

import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.StopReason;
import io.amends.core.operate.TextScope;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a search as SQL over {@code failed_execution f}. States are literals, so that partial indexes can be
 * used; what comes from outside is a parameter.
 */
final class FailureConditions {
    private static final String RUNNING = "(f.status = 'PREPARED' and f.timeout_at > now() and exists (select 1"
            + " from ${schema}.cursor c join ${schema}.node n on n.id = c.owner and n.expires_at > now()"
            + " where c.processor = f.processor and c.slot = f.slot and c.fence = f.fence))";

    private static final String NOT_SCHEDULED = "(f.status = 'FAILED' and f.due_at is null";

    /** Why the schedule does nothing, in the words of the indexes. */
    private static final String WHY = "(case when f.recoverability = 'UNRECOVERABLE' then 'UNRECOVERABLE'"
            + " when not f.retry_enabled then 'SWITCHED_OFF' when f.retries >= f.max_retries then 'EXHAUSTED'"
            + " when f.reason = 'TOO_EARLY' then 'WAITING' when f.reason = 'WAIT_TIMEOUT' then 'TIMED_OUT' end)";

    /** What a text is looked for in, of a record {@code f}. */
    static final String SEARCHED = "${schema}.searched_text(f.error_message, f.error_code, f.id, f.type, f.lane_key)";

    private static final Pattern TRIGRAM = Pattern.compile("[\\p{L}\\p{N}]{3}");

    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();
    private final @Nullable String text;

    private FailureConditions(FailureSearch search) {
        text = search.text();
    }

    static FailureConditions of(FailureSearch search) {
        FailureConditions made = new FailureConditions(search);
        if (!search.queues().isEmpty()) {
            made.conditions.add(
                    search.queues().stream().map(FailureConditions::in).collect(Collectors.joining(" or ", "(", ")")));
        }
        StopReason stopped = search.stopped();
        if (stopped != null) {
            made.conditions.add(in(stopped));
        }
        if (search.reason() != null) {
            made.add("f.reason = ?", search.reason().name());
        }
        search.exact().forEach((field, value) -> made.add("f." + column(field) + " = ?", value));
        if (search.from() != null) {
            made.add("f.first_failed_at >= ?", search.from());
        }
        if (search.to() != null) {
            made.add("f.first_failed_at < ?", search.to());
        }
        return made;
    }

    static String in(FailureQueue queue) {
        return switch (queue) {
            case ACTIVE -> "f.status in ('FAILED', 'PREPARED')";
            case SCHEDULED -> "(f.status = 'FAILED' and f.due_at > now())";
            case DUE ->
                "((f.status = 'FAILED' and f.due_at <= now()) or (f.status = 'PREPARED' and not " + RUNNING + "))";
            case RUNNING -> RUNNING;
            case WAITING -> NOT_SCHEDULED + " and " + WHY + " = 'WAITING')";
            case NEEDS_OPERATOR -> NOT_SCHEDULED + " and " + WHY + " is distinct from 'WAITING')";
            case HANDLED, SUCCEEDED -> "f.status = 'SUCCEEDED'";
            case SKIPPED -> "f.status = 'SKIPPED'";
            case FAILED -> "f.status = 'FAILED'";
            case PREPARED -> "f.status = 'PREPARED'";
            case ALL -> "true";
        };
    }

    static String in(StopReason reason) {
        return NOT_SCHEDULED + " and " + WHY + " = '" + reason + "')";
    }

    private static String column(FailureField field) {
        return switch (field) {
            case PROCESSOR -> "processor";
            case FUNCTION -> "function";
            case EVENT_TYPE -> "type";
            case EVENT_ID -> "id";
            case KEY -> "lane_key";
            case TENANT -> "tenant";
            case ERROR -> "error_code";
            case FINGERPRINT -> "fingerprint";
        };
    }

    /** Adds that it comes behind this place. */
    FailureConditions behind(FailureSort sort, @Nullable FailureCursor after) {
        if (sort == FailureSort.NEXT) {
            conditions.add("f.due_at is not null");
        }
        if (after != null) {
            switch (sort) {
                case NEWEST -> add("f.failure_id < ?", after.id().value());
                case OLDEST -> add("f.failure_id > ?", after.id().value());
                case NEXT -> {
                    Instant dueAt = after.dueAt();
                    add("(f.due_at, f.failure_id) > (?, ?)", dueAt == null ? Instant.EPOCH : dueAt);
                    values.add(after.id().value());
                }
            }
        }
        return this;
    }

    private void add(String condition, Object value) {
        conditions.add(condition);
        values.add(value);
    }

    /** The records as a FROM item {@code f}; a text is looked for in its scope. */
    String from(TextScope scope) {
        return from(scope, "");
    }

    /** The same where only the first of an order are wanted: {@code first} is an ORDER BY of {@code f} with a LIMIT. */
    String from(TextScope scope, String first) {
        if (text == null) {
            return " from ${schema}.failed_execution f" + where("");
        }
        if (scope.newest() != null) {
            // the limit keeps the planner from moving the text's condition into the bounded part
            return " from (select f.* from ${schema}.failed_execution f" + where("")
                    + " order by f.failure_id desc limit " + scope.newest() + ") f where " + SEARCHED + " like ?";
        }
        // What the fold has not brought to the texts yet is looked at by itself; what changed since, twice.
        return " from ((select f.* from ${schema}.failure_text t join ${schema}.failed_execution f"
                + " on f.failure_id = t.failure_id" + where("t.text like ? and " + SEARCHED + " like ?") + first
                + ") union all (select f.* from (select distinct unnest(touched) as failure_id"
                + " from ${schema}.failure_group_change where touched is not null) c"
                + " join ${schema}.failed_execution f on f.failure_id = c.failure_id"
                + where("not exists (select 1 from ${schema}.failure_text t where t.failure_id = f.failure_id"
                        + " and t.text like ?) and " + SEARCHED + " like ?")
                + first + ")) f";
    }

    private String where(String more) {
        List<String> all = new ArrayList<>(conditions);
        if (!more.isEmpty()) {
            all.add(more);
        }
        return all.isEmpty() ? "" : " where " + String.join(" and ", all);
    }

    /** Sets the parameters of {@link #from}; returns the next one's index. */
    int bind(PreparedStatement statement, TextScope scope) throws SQLException {
        return bind(statement, scope, 1);
    }

    /** The same from this index on. */
    int bind(PreparedStatement statement, TextScope scope, int first) throws SQLException {
        int i = bindValues(statement, first);
        if (text == null) {
            return i;
        }
        String pattern = '%'
                + text.toLowerCase(Locale.ROOT)
                        .replace("\\", "\\\\")
                        .replace("%", "\\%")
                        .replace("_", "\\_")
                + '%';
        statement.setString(i++, pattern);
        if (scope.newest() == null) {
            statement.setString(i++, pattern);
            i = bindValues(statement, i);
            statement.setString(i++, pattern);
            statement.setString(i++, pattern);
        }
        return i;
    }

    private int bindValues(PreparedStatement statement, int first) throws SQLException {
        int i = first;
        for (Object value : values) {
            if (value instanceof Instant instant) {
                EventColumns.setInstant(statement, i++, instant);
            } else {
                statement.setString(i++, (String) value);
            }
        }
        return i;
    }

    /**
     * In how much a text would be looked for: in all if there is an index of trigrams and the text has one. Makes the
     * plans of this transaction's statements fit their texts; a plan for any text does not know how rare it is.
     */
    static TextScope scopeOf(Session session, SchemaName schema, @Nullable String text) throws SQLException {
        if (text == null) {
            return TextScope.ALL;
        }
        boolean indexed = session.one(
                schema.in("select exists (select 1 from pg_index where indisvalid"
                        + " and indexrelid = to_regclass('${schema}.failure_text_trigrams')),"
                        + " set_config('plan_cache_mode', 'force_custom_plan', true)"),
                Session.Binder.NONE,
                row -> row.getBoolean(1));
        return indexed && TRIGRAM.matcher(text).find() ? TextScope.ALL : new TextScope(FailureSearch.TEXT_HORIZON);
    }
}
