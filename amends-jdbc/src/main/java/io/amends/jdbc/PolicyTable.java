package io.amends.jdbc;

import io.amends.core.failure.RetryPolicyChange;
import io.amends.core.store.PolicyOverride;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values that persons put over retry policies; those that have ended by time are left out, and removed some day. */
final class PolicyTable {
    private static final String HOLDS = " (valid_until is null or valid_until > now())";

    private final String put;
    private final String prune;
    private final String remove;
    private final String all;
    private final String of;
    private final String rename;
    private final String audit;

    PolicyTable(SchemaName schema) {
        String columns = "select processor, function, change, made_by, reason, since, valid_until, build"
                + " from ${schema}.policy_override where" + HOLDS;
        put = schema.in(
                "insert into ${schema}.policy_override (processor, function, change, made_by, reason, valid_until,"
                        + " build) select name, ?, ?::jsonb, ?, ?, now() + ?::bigint * interval '1 microsecond', ?"
                        + " from ${schema}.processor where name = ? on conflict (processor, function) do update"
                        + " set change = excluded.change, made_by = excluded.made_by, reason = excluded.reason, since = now(),"
                        + " valid_until = excluded.valid_until, build = excluded.build");
        prune = schema.in("delete from ${schema}.policy_override where not" + HOLDS);
        remove = schema.in("delete from ${schema}.policy_override where processor = ? and function = ? and" + HOLDS);
        all = schema.in(columns + " order by processor, function");
        of = schema.in(columns + " and processor = ? order by function");
        rename = schema.in("update ${schema}.policy_override set processor = ? where processor = ?");
        audit = schema.in("insert into ${schema}.audit (action, processor, actor, reason, details)"
                + " values (?, ?, ?, ?, ?::jsonb)");
    }

    boolean put(Session session, PolicyOverride.Draft draft) throws SQLException {
        session.update(prune, Session.Binder.NONE);
        int written = session.update(put, statement -> {
            statement.setString(1, draft.function());
            statement.setString(2, JsonText.write(draft.change().texts()));
            statement.setString(3, draft.actor());
            statement.setString(4, draft.reason());
            statement.setObject(
                    5, draft.validFor() == null ? null : InboxReader.micros(draft.validFor()), java.sql.Types.BIGINT);
            statement.setString(6, draft.build());
            statement.setString(7, draft.processor());
        });
        if (written == 0) {
            return false;
        }
        if (!draft.audited()) {
            SortedMap<String, String> details = new TreeMap<>(draft.change().texts());
            details.put("function", draft.function());
            audit(session, "override policy", draft.processor(), draft.actor(), draft.reason(), details);
        }
        return true;
    }

    boolean remove(
            Session session, String processor, String function, String actor, @Nullable String reason, boolean audited)
            throws SQLException {
        int removed = session.update(remove, statement -> {
            statement.setString(1, processor);
            statement.setString(2, function);
        });
        if (removed == 0) {
            return false;
        }
        if (!audited) {
            audit(session, "remove override", processor, actor, reason, Map.of("function", function));
        }
        return true;
    }

    private void audit(
            Session session,
            String action,
            String processor,
            String actor,
            @Nullable String reason,
            Map<String, String> details)
            throws SQLException {
        session.update(audit, statement -> {
            statement.setString(1, action);
            statement.setString(2, processor);
            statement.setString(3, actor);
            statement.setString(4, reason);
            statement.setString(5, JsonText.write(details));
        });
    }

    List<PolicyOverride> of(Session session, String processor) throws SQLException {
        return session.query(of, statement -> statement.setString(1, processor), PolicyTable::read);
    }

    /** All of them by processor. */
    SortedMap<String, List<PolicyOverride>> all(Session session) throws SQLException {
        SortedMap<String, List<PolicyOverride>> found = new TreeMap<>();
        session.each(
                all,
                Session.Binder.NONE,
                row -> found.computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                        .add(read(row)));
        return found;
    }

    private static PolicyOverride read(ResultSet row) throws SQLException {
        return new PolicyOverride(
                row.getString(2),
                RetryPolicyChange.of(JsonText.strings(row.getString(3))),
                row.getString(4),
                row.getString(5),
                Objects.requireNonNull(EventColumns.instant(row, 6)),
                EventColumns.instant(row, 7),
                row.getString(8));
    }

    void rename(Session session, String from, String to) throws SQLException {
        session.update(rename, statement -> {
            statement.setString(1, to);
            statement.setString(2, from);
        });
    }
}
