package io.amends.jdbc;

import io.amends.core.event.StoredEvent;
import io.amends.core.store.InboxBatch;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads the inbox in position order, and removes from it what all have passed. */
final class InboxReader {
    /** How many days given ids are remembered. */
    private static final int HORIZON_DAYS = 30;
    /** Dedupe rows to forget for each event that may be removed. */
    private static final int DEDUPE_SHARE = 10;

    private final ShortTransactions transactions;
    private final String read;
    private final String lockHead;
    private final String removeUpTo;
    private final String remove;
    private final String moveLogStart;
    private final String forget;

    InboxReader(SchemaName schema, ShortTransactions transactions) {
        this.transactions = transactions;
        // one statement, so one snapshot: the head is never newer than the events
        read = schema.in("select h.position, h.log_start, e.position, e.origin,"
                + " (extract(epoch from now() - e.at) * 1000000)::bigint, " + EventColumns.of("e")
                + " from ${schema}.head h left join lateral (select * from ${schema}.inbox i where i.position > ?"
                + " order by i.position limit ?) e on true order by e.position");
        lockHead = schema.in("select log_start from ${schema}.head for no key update");
        // positions are removed from the start on, up to the first young one
        removeUpTo = schema.in("select max(position) from (select position,"
                + " bool_and(at <= now() - ? * interval '1 microsecond') over (order by position) as old"
                + " from (select position, at from ${schema}.inbox where position >= ? and position <="
                + " coalesce((select min(position) from ${schema}.cursor), 9223372036854775807)"
                + " order by position limit ?) oldest) aged where old");
        remove = schema.in("delete from ${schema}.inbox where position >= ? and position <= ?");
        moveLogStart = schema.in("update ${schema}.head set log_start = ?");
        forget = schema.in("delete from ${schema}.dedupe where ctid = any(array(select ctid"
                + " from ${schema}.dedupe where day < current_date - ? order by day limit ?))");
    }

    InboxBatch read(long after, int limit) {
        return transactions.single("read", session -> {
            List<StoredEvent> events = new ArrayList<>();
            List<Duration> ages = new ArrayList<>();
            long[] head = new long[2];
            session.each(
                    read,
                    statement -> {
                        statement.setLong(1, after);
                        statement.setInt(2, limit);
                    },
                    row -> {
                        head[0] = row.getLong(1);
                        head[1] = row.getLong(2);
                        if (row.getString(4) != null) {
                            events.add(event(row));
                            ages.add(Duration.ofNanos(Math.max(0, row.getLong(5)) * 1_000));
                        }
                    });
            long upTo = events.size() < limit
                    ? Math.max(after, head[0])
                    : events.get(events.size() - 1).position();
            return new InboxBatch(List.copyOf(events), List.copyOf(ages), upTo, head[0], head[1]);
        });
    }

    private static StoredEvent event(ResultSet row) throws SQLException {
        return new StoredEvent(row.getLong(3), row.getString(4), EventColumns.read(row, 6));
    }

    int retain(Duration keep, int limit) {
        return transactions.run("retain", session -> {
            long logStart = session.one(lockHead, Session.Binder.NONE, row -> row.getLong(1));
            long upTo = session.one(
                    removeUpTo,
                    statement -> {
                        statement.setLong(1, micros(keep));
                        statement.setLong(2, logStart);
                        statement.setInt(3, limit);
                    },
                    row -> row.getLong(1));
            int removed = 0;
            if (upTo >= logStart) {
                removed = session.update(remove, statement -> {
                    statement.setLong(1, logStart);
                    statement.setLong(2, upTo);
                });
                session.update(moveLogStart, statement -> statement.setLong(1, upTo + 1));
            }
            session.update(forget, statement -> {
                statement.setInt(1, HORIZON_DAYS);
                statement.setInt(2, limit * DEDUPE_SHARE);
            });
            return removed;
        });
    }

    /** Durations go to the database as microseconds. */
    static long micros(Duration duration) {
        return Math.addExact(Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
    }
}
