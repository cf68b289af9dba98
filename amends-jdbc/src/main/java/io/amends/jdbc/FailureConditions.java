package io.amends.jdbc;

import io.amends.core.failure.FailureId;
import io.amends.core.operate.FailureCursor;
import io.amends.core.operate.FailureField;
import io.amends.core.operate.FailureQueue;
import io.amends.core.operate.FailureSearch;
import io.amends.core.operate.FailureSort;
import io.amends.core.operate.StopReason;
import io.amends.core.operate.TextScope;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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

    /** So many texts are walked in order before the index of trigrams is asked: a few milliseconds. */
    private static final int NEAR = 10_000;

    private static final Instant BEFORE_ALL = Instant.EPOCH.minus(Duration.ofDays(365_000));
    private static final Instant AFTER_ALL = Instant.EPOCH.plus(Duration.ofDays(365_000));

    private static final Pattern TRIGRAM = Pattern.compile("[\\p{L}\\p{N}]{3}");

    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();
    private final @Nullable String text;
    private final @Nullable Instant from;
    private final @Nullable Instant to;
    private FailureSort sort = FailureSort.NEWEST;
    private @Nullable FailureCursor place;

    private FailureConditions(FailureSearch search) {
        text = search.text();
        from = search.from();
        to = search.to();
    }

    static FailureConditions of(FailureSearch search) {
        FailureConditions made = new FailureConditions(search);
        if (!search.ids().isEmpty()) {
            made.add(
                    "f.failure_id = any(?)",
                    search.ids().stream().map(FailureId::value).toArray(String[]::new));
        }
        if (!search.scope().isAll()) {
            ScopeCondition scope = ScopeCondition.on("f.processor", search.scope());
            made.conditions.add(scope.sql());
            made.values.addAll(scope.values());
        }
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
    FailureConditions behind(FailureSort order, @Nullable FailureCursor after) {
        sort = order;
        place = after;
        if (order == FailureSort.NEXT) {
            conditions.add("f.due_at is not null");
        }
        if (after != null) {
            switch (order) {
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

    /**
     * Adds between which ids the records of the search's time are, so that a list does not pass all that came later or
     * before: by what is known of each hour, and of what the fold has not brought there yet. Nothing if any time will do.
     */
    FailureConditions within(Session session, SchemaName schema) throws SQLException {
        if (from == null && to == null) {
            return this;
        }
        String changed = "select f.failure_id, f.failure_id from (select distinct unnest(touched) as failure_id"
                + " from ${schema}.failure_group_change where touched is not null) c join ${schema}.failed_execution f"
                + " on f.failure_id = c.failure_id where f.first_failed_at >= ? and f.first_failed_at < ?";
        return session.one(
                schema.in("select min(h.first_id), max(h.last_id) from (select first_id, last_id from"
                        + " ${schema}.failure_hour where hour > ?::timestamptz - interval '1 hour' and hour <"
                        + " ?::timestamptz union all " + changed + ") h"),
                statement -> {
                    Instant begin = from == null ? BEFORE_ALL : from;
                    Instant end = to == null ? AFTER_ALL : to;
                    EventColumns.setInstant(statement, 1, begin);
                    EventColumns.setInstant(statement, 2, end);
                    EventColumns.setInstant(statement, 3, begin);
                    EventColumns.setInstant(statement, 4, end);
                },
                row -> {
                    String first = row.getString(1);
                    String last = row.getString(2);
                    if (first == null || last == null) {
                        conditions.add("false");
                    } else {
                        add("f.failure_id >= ?", first);
                        add("f.failure_id <= ?", last);
                    }
                    return this;
                });
    }

    private void add(String condition, Object value) {
        conditions.add(condition);
        values.add(value);
    }

    /** The records as a FROM item {@code f}; a text is looked for in its scope. */
    String from(TextScope scope) {
        return from(scope, "", "");
    }

    /** The same where counting ends: {@code limit} is a LIMIT. */
    String some(TextScope scope, String limit) {
        return from(scope, "", limit);
    }

    /** The first ones in the order of {@link #behind} as a FROM item, with what puts them into it. */
    String first(TextScope scope, int limit) {
        String first = " order by " + order() + " limit " + limit;
        return from(scope, isById() ? " order by t." + order().substring(2) + " offset 0" : "", first) + first;
    }

    /**
     * The same looked for in the nearest texts only: a text that many have is found there sooner than all who have it by the
     * index. If there are as many as asked they are the answer; if there are less, that says nothing. Only for a text that
     * is looked for in all, in an order {@linkplain #isById by ids}.
     */
    String near(int limit) {
        String byId = " order by t." + order().substring(2);
        String behind = place == null ? "" : " where t.failure_id " + (sort == FailureSort.NEWEST ? "<" : ">") + " ?";
        String first = " order by " + order() + " limit " + limit;
        return " from ((select f.* from (select t.failure_id, t.text from ${schema}.failure_text t" + behind + byId
                + " limit " + NEAR + ") t join ${schema}.failed_execution f on f.failure_id = t.failure_id"
                + where("t.text like ? and " + SEARCHED + " like ?") + byId + " limit " + limit + ") union all "
                + changed(
                        " and coalesce(f.failure_id " + (sort == FailureSort.NEWEST ? ">" : "<")
                                + "= (select t.failure_id from ${schema}.failure_text t" + behind + byId + " offset "
                                + (NEAR - 1) + " limit 1), true)",
                        first)
                + ") f" + first;
    }

    /** Whether the order is that of the ids. */
    boolean isById() {
        return sort != FailureSort.NEXT;
    }

    private String order() {
        return switch (sort) {
            case NEWEST -> "f.failure_id desc";
            case OLDEST -> "f.failure_id";
            case NEXT -> "f.due_at, f.failure_id";
        };
    }

    /**
     * The records as a FROM item.
     *
     * @param textsFirst ORDER BY that texts are put into before records are read, empty if all records are needed
     * @param first ORDER BY and LIMIT of {@code f}, or empty
     */
    private String from(TextScope scope, String textsFirst, String first) {
        if (text == null) {
            return " from ${schema}.failed_execution f" + where("");
        }
        if (scope.newest() != null) {
            // the limit keeps the planner from moving the text's condition into the bounded part
            return " from (select f.* from ${schema}.failed_execution f" + where("")
                    + " order by f.failure_id desc limit " + scope.newest() + ") f where " + SEARCHED + " like ?";
        }
        return " from ((select f.* from (select t.failure_id from ${schema}.failure_text t where t.text like ?"
                + textsFirst + ") t join ${schema}.failed_execution f on f.failure_id = t.failure_id"
                + where(SEARCHED + " like ?") + (textsFirst.isEmpty() ? first : first.replace(" f.", " t."))
                + ") union all " + changed("", first) + ") f";
    }

    /** What the fold has not brought to the texts yet is looked at by itself; what changed since, twice. */
    private String changed(String more, String first) {
        return "(select f.* from (select distinct unnest(touched) as failure_id from ${schema}.failure_group_change"
                + " where touched is not null) c join ${schema}.failed_execution f on f.failure_id = c.failure_id"
                + where("not exists (select 1 from ${schema}.failure_text t where t.failure_id = f.failure_id"
                        + " and t.text like ?) and " + SEARCHED + " like ?")
                + more + first + ")";
    }

    private String where(String before) {
        List<String> all = new ArrayList<>();
        if (!before.isEmpty()) {
            all.add(before);
        }
        all.addAll(conditions);
        return all.isEmpty() ? "" : " where " + String.join(" and ", all);
    }

    /** Sets the parameters of {@link #from}; returns the next one's index. */
    int bind(PreparedStatement statement, TextScope scope) throws SQLException {
        return bind(statement, scope, 1);
    }

    /** The same from this index on. */
    int bind(PreparedStatement statement, TextScope scope, int first) throws SQLException {
        if (text == null) {
            return bindValues(statement, first);
        }
        if (scope.newest() != null) {
            int i = bindValues(statement, first);
            statement.setString(i, pattern(text));
            return i + 1;
        }
        return bindText(statement, bindText(statement, first, text), text);
    }

    /** Sets the parameters of {@link #near}. */
    void bindNear(PreparedStatement statement) throws SQLException {
        String looked = Objects.requireNonNull(text);
        bindPlace(statement, bindText(statement, bindText(statement, bindPlace(statement, 1), looked), looked));
    }

    private int bindPlace(PreparedStatement statement, int first) throws SQLException {
        if (place == null) {
            return first;
        }
        statement.setString(first, place.id().value());
        return first + 1;
    }

    private int bindText(PreparedStatement statement, int first, String looked) throws SQLException {
        statement.setString(first, pattern(looked));
        statement.setString(first + 1, pattern(looked));
        return bindValues(statement, first + 2);
    }

    private static String pattern(String text) {
        return '%'
                + text.toLowerCase(Locale.ROOT)
                        .replace("\\", "\\\\")
                        .replace("%", "\\%")
                        .replace("_", "\\_")
                + '%';
    }

    private int bindValues(PreparedStatement statement, int first) throws SQLException {
        int i = first;
        for (Object value : values) {
            if (value instanceof Instant instant) {
                EventColumns.setInstant(statement, i++, instant);
            } else if (value instanceof String[] texts) {
                statement.setArray(i++, statement.getConnection().createArrayOf("text", texts));
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
