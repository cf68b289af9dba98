package io.amends.jdbc;

import io.amends.api.EventEnvelope;
import io.amends.core.store.AppendResult;
import io.amends.core.store.RelayResult;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives events their positions: moves the outbox into the inbox, and appends what comes through doors.
 *
 * <p>Positions are given under the lock of the head row, to what is committed at that time, in the order of the outbox's
 * sequence. A transaction that commits later gets a later position, even if its sequence number is lower: nothing is
 * skipped, and of two events of which one could have seen the other the order is kept. Everything after the lock is read
 * in a new statement, since a snapshot from before the lock still has rows that the relay before has moved. Exactly the
 * rows that were read are deleted; a range would take rows that were committed in between. The whole of it is one call of a
 * function of the schema, so that no paused client holds the head.
 */
final class InboxRelay {
    private static final Logger log = LoggerFactory.getLogger(InboxRelay.class);

    private final ShortTransactions transactions;
    private final String relay;
    private final String lockHead;
    private final String remember;
    private final String seen;
    private final String reject;
    private final String append;
    private final String advanceHead;

    InboxRelay(SchemaName schema, ShortTransactions transactions) {
        this.transactions = transactions;
        relay = schema.in("select moved, duplicates, rejected, head, busy, more, waited from ${schema}.relay(?, ?)");
        lockHead = schema.in("select position from ${schema}.head for no key update");
        remember = schema.in("insert into ${schema}.dedupe (source, id, content_hash)"
                + " select e.source, e.id, e.content_hash from unnest(?::text[], ?::text[], ?::bytea[])"
                + " as e(source, id, content_hash) on conflict (source, id) do nothing returning source, id");
        seen = schema.in("select d.source, d.id, d.content_hash from ${schema}.dedupe d"
                + " join unnest(?::text[], ?::text[]) as e(source, id) on e.source = d.source and e.id = d.id");
        reject = schema.in("insert into ${schema}.rejected (reason, origin, " + EventColumns.NAMES + ") values (?, ?, "
                + EventColumns.PARAMETERS + ")");
        append = schema.in("insert into ${schema}.inbox (position, origin, " + EventColumns.NAMES
                + ") select ?::bigint + e.n, ?, " + EventColumns.of("e").replace("e.headers", "e.headers::jsonb")
                + " from unnest(" + EventColumns.ARRAYS + ") with ordinality as e(" + EventColumns.NAMES + ", n)");
        advanceHead = schema.in("update ${schema}.head set position = ?");
    }

    /** Relays a batch; on a row that the inbox does not take, ever smaller ones until that row is set aside. */
    RelayResult relay(int limit) {
        int batch = limit;
        boolean alone = false;
        while (true) {
            try {
                return call(batch, alone);
            } catch (SQLException e) {
                if (alone || !SqlStates.isBadRow(e)) {
                    throw StoreSqlException.of("relay", e);
                }
                log.warn("relay of {} events failed, trying fewer: {}", batch, e.getMessage());
                alone = batch == 1;
                batch = Math.max(1, batch / 2);
            }
        }
    }

    private RelayResult call(int batch, boolean alone) throws SQLException {
        return transactions.singleOrThrow(session -> session.one(
                relay,
                statement -> {
                    statement.setInt(1, batch);
                    statement.setBoolean(2, alone);
                },
                row -> new RelayResult(
                        row.getInt(1),
                        row.getInt(2),
                        row.getInt(3),
                        row.getLong(4),
                        row.getBoolean(5),
                        row.getBoolean(6),
                        durations(row.getArray(7)))));
    }

    private static List<Duration> durations(Array micros) throws SQLException {
        return Stream.of((Long[]) micros.getArray())
                .map(one -> Duration.ofNanos(one * 1_000))
                .toList();
    }

    /** What tells a repetition. */
    private record Identity(String source, String id) {
        static Identity of(EventEnvelope event) {
            return new Identity(event.source(), event.id());
        }
    }

    /** Content hashes compare by value here. */
    private record Hash(List<Byte> bytes) {
        static Hash of(byte[] hash) {
            List<Byte> bytes = new ArrayList<>(hash.length);
            for (byte b : hash) {
                bytes.add(b);
            }
            return new Hash(bytes);
        }
    }

    List<AppendResult> append(List<EventEnvelope> events, String origin) {
        if (events.isEmpty()) {
            return List.of();
        }
        return transactions.run("append", session -> {
            long head = session.one(lockHead, Session.Binder.NONE, row -> row.getLong(1));
            List<byte[]> hashes = events.stream().map(EventColumns::contentHash).toList();
            List<AppendResult> results = classify(session, events, hashes);
            List<EventEnvelope> fresh = new ArrayList<>();
            List<EventEnvelope> conflicting = new ArrayList<>();
            for (int i = 0; i < events.size(); i++) {
                switch (results.get(i)) {
                    case APPENDED -> fresh.add(events.get(i));
                    case CONFLICT -> conflicting.add(events.get(i));
                    case DUPLICATE -> {
                        // the first one is there
                    }
                }
            }
            if (!fresh.isEmpty()) {
                insert(session, head, fresh, origin);
            }
            if (!conflicting.isEmpty()) {
                session.batch(reject, conflicting, (statement, event) -> {
                    statement.setString(1, "the same source and id came before with other content");
                    statement.setString(2, origin);
                    EventColumns.bind(statement, 3, event, event.data());
                });
            }
            return results;
        });
    }

    private void insert(Session session, long head, List<EventEnvelope> fresh, String origin) throws SQLException {
        session.update(append, statement -> {
            statement.setLong(1, head);
            statement.setString(2, origin);
            EventColumns.bindArrays(statement, 3, fresh);
        });
        session.update(advanceHead, statement -> statement.setLong(1, head + fresh.size()));
    }

    private List<AppendResult> classify(Session session, List<EventEnvelope> events, List<byte[]> hashes)
            throws SQLException {
        // the first of each identity; later ones of the same call are compared with it
        Map<Identity, Integer> firsts = new HashMap<>();
        for (int i = 0; i < events.size(); i++) {
            firsts.putIfAbsent(Identity.of(events.get(i)), i);
        }
        List<Integer> asked = firsts.values().stream().sorted().toList();
        Set<Identity> fresh = new HashSet<>(session.query(
                remember,
                statement -> {
                    bindIdentities(statement, events, asked);
                    statement.setArray(
                            3,
                            statement
                                    .getConnection()
                                    .createArrayOf(
                                            "bytea",
                                            asked.stream().map(hashes::get).toArray(byte[][]::new)));
                },
                row -> new Identity(row.getString(1), row.getString(2))));
        Map<Identity, Hash> known = new HashMap<>();
        if (fresh.size() < events.size()) {
            session.each(
                    seen,
                    statement -> bindIdentities(statement, events, asked),
                    row -> known.put(new Identity(row.getString(1), row.getString(2)), Hash.of(row.getBytes(3))));
        }
        List<AppendResult> results = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            Identity identity = Identity.of(events.get(i));
            boolean isFirst = Integer.valueOf(i).equals(firsts.get(identity));
            if (isFirst && fresh.contains(identity)) {
                results.add(AppendResult.APPENDED);
            } else {
                boolean same = Hash.of(hashes.get(i)).equals(known.get(identity));
                results.add(same ? AppendResult.DUPLICATE : AppendResult.CONFLICT);
            }
        }
        return results;
    }

    private static void bindIdentities(PreparedStatement statement, List<EventEnvelope> events, List<Integer> asked)
            throws SQLException {
        Session.setTexts(
                statement, 1, asked.stream().map(i -> events.get(i).source()).toList());
        Session.setTexts(
                statement, 2, asked.stream().map(i -> events.get(i).id()).toList());
    }
}
