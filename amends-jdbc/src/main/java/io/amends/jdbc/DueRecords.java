package io.amends.jdbc;

import io.amends.core.failure.Change;
import io.amends.core.failure.Decision;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Situation;
import io.amends.core.failure.Status;
import io.amends.core.store.Claim;
import io.amends.core.store.DueBatch;
import io.amends.core.store.DueQuery;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Claims records that are due, and changes records for persons, many in one transaction of a fixed number of statements.
 *
 * <p>First the claims' fences are held, so that no decision is made for an owner that is none; this comes before the locks
 * of records and lanes, against the usual order, and is free of deadlocks because neither it nor they wait: what someone
 * else has locked is left for the next time.
 */
final class DueRecords {
    /** A record that this node may run, of those slots, and due by its time. */
    private static final String RUNNABLE = " and (f.function = any(?) or (f.function = '' and f.type = any(?)))"
            + " and (f.lane_key is null or not exists (select 1 from ${schema}.lane l where l.processor = f.processor"
            + " and l.lane_key = f.lane_key and (l.head_position < f.position or l.paused_at is not null))"
            + " or ${schema}.lane_may_run(f.processor, f.lane_key, f.position))";

    /**
     * The most that one slot gives to a batch of many slots. The oldest come first within a slot; across slots that matters
     * little, and to compare the whole batch's worth of each of 128 slots would cost more than all else.
     */
    private static final int FROM_ONE_SLOT = 8;

    private static final String SLOTS = "unnest(?::int[], ?::bigint[]) as m(slot, fence)";

    private final CursorTable cursors;
    private final LaneTable lanes;
    private final FailureTable failures;
    private final Decisions decisions;
    private final WaitTable waits;
    private final String find;
    private final String findRequested;
    private final String lock;
    private final String nextDue;
    private final String nextLost;
    private final AtomicInteger turn = new AtomicInteger();

    DueRecords(
            SchemaName schema,
            CursorTable cursors,
            LaneTable lanes,
            FailureTable failures,
            Decisions decisions,
            WaitTable waits) {
        this.cursors = cursors;
        this.lanes = lanes;
        this.failures = failures;
        this.decisions = decisions;
        this.waits = waits;
        // For each slot the oldest few by the index of due times, and by that of the few that are PREPARED those whose
        // owner has gone: a million records that are not due cost nothing. The limits in the lateral parts also
        // keep the planner from turning them into joins over the whole table.
        String due = "select f.failure_id, f.due_at from ${schema}.failed_execution f"
                + " where f.processor = ? and f.slot = m.slot and ";
        find = schema.in("select failure_id from ((select d.* from " + SLOTS + " cross join lateral (" + due
                + "f.due_at <= now()" + RUNNABLE + " order by f.due_at limit ?) d limit ?) union select d.* from "
                + SLOTS
                + " cross join lateral (" + due + "f.status = 'PREPARED' and f.fence <> m.fence" + RUNNABLE
                + " limit ?) d union select d.* from " + SLOTS + " cross join lateral (select f.failure_id, f.due_at"
                + " from ${schema}.wait w join ${schema}.failed_execution f on f.failure_id = w.failure_id"
                + " where w.processor = ? and w.slot = m.slot and w.failure_id is not null and w.due_at <= now()"
                + " and f.status = 'FAILED'" + RUNNABLE
                + " order by w.due_at limit ?) d) found order by due_at nulls last, failure_id");
        // By schedule much may be due that is not wanted here: what is requested has an index of its own. What is
        // PREPARED is found by its own one too, also where its time is over.
        findRequested = schema.in("select failure_id from ((select d.* from " + SLOTS + " cross join lateral (" + due
                + "f.requested and f.due_at <= now()" + RUNNABLE + " order by f.due_at limit ?) d limit ?) union select"
                + " d.* from " + SLOTS + " cross join lateral (" + due + "f.status = 'PREPARED' and (f.fence <> m.fence"
                + " or f.due_at <= now())" + RUNNABLE + " limit ?) d) found order by due_at nulls last, failure_id");
        lock = schema.in("select " + FailureColumns.WITH_PAYLOAD + " from ${schema}.failed_execution f"
                + " where f.failure_id = any(?) order by f.failure_id for update skip locked");
        nextDue = schema.in(
                "select ceil(extract(epoch from min(d.due_at) - clock_timestamp()) * 1000000)::bigint from " + SLOTS
                        + " cross join lateral (select f.due_at from ${schema}.failed_execution f where f.processor = ?"
                        + " and f.slot = m.slot and f.due_at > now()"
                        + " and (f.function = any(?) or (f.function = '' and f.type = any(?)))"
                        + " order by f.due_at limit 1) d");
        // by the index of those that are PREPARED: there are few of them, and many that become due
        nextLost =
                schema.in("select ceil(extract(epoch from min(d.due_at) - clock_timestamp()) * 1000000)::bigint from "
                        + SLOTS
                        + " cross join lateral (select f.due_at from ${schema}.failed_execution f where f.processor = ?"
                        + " and f.slot = m.slot and f.status = 'PREPARED' and f.due_at > now()"
                        + " and (f.function = any(?) or (f.function = '' and f.type = any(?))) offset 0) d");
    }

    DueBatch claim(Session session, DueQuery asked, Decision decision) throws SQLException {
        List<Claim> held = cursors.hold(session, asked.processor(), asked.claims());
        if (held.isEmpty()) {
            return new DueBatch(List.of(), false, null);
        }
        int fromOneSlot = fromOneSlot(asked.limit(), held.size());
        List<String> found = find(session, asked, inTurn(held, asked.limit() / fromOneSlot + 1), fromOneSlot);
        boolean more = found.size() > asked.limit() || (fromOneSlot <= asked.limit() && found.size() >= fromOneSlot);
        List<String> chosen = found.subList(0, Math.min(found.size(), asked.limit()));
        List<FailedExecution> prepared = List.of();
        if (!chosen.isEmpty()) {
            List<FailedExecution> locked = lock(session, chosen);
            more |= locked.size() < chosen.size();
            prepared = decide(session, locked, decision).values().stream()
                    .filter(DueRecords::isPrepared)
                    .map(change -> ((Change.Write) change).after())
                    .toList();
        }
        return new DueBatch(prepared, more, nextDueIn(session, asked, held));
    }

    /** The next slots first: the search ends when it has enough, and so begins where it ended the last time. */
    private List<Claim> inTurn(List<Claim> held, int slots) {
        List<Claim> rotated = new ArrayList<>(held);
        Collections.rotate(rotated, -Math.floorMod(turn.getAndAdd(slots), held.size()));
        return rotated;
    }

    private static int fromOneSlot(int limit, int slots) {
        int twiceTheShare = 2 * ((limit + slots - 1) / slots);
        return Math.min(limit + 1, Math.max(FROM_ONE_SLOT, twiceTheShare));
    }

    private List<String> find(Session session, DueQuery asked, List<Claim> held, int fromOneSlot) throws SQLException {
        return session.query(
                asked.requestedOnly() ? findRequested : find,
                statement -> {
                    bindSlots(statement, 1, held);
                    statement.setString(3, asked.processor());
                    bindFunctions(statement, 4, asked);
                    statement.setInt(6, fromOneSlot);
                    statement.setInt(7, asked.limit() + 1);
                    bindSlots(statement, 8, held);
                    statement.setString(10, asked.processor());
                    bindFunctions(statement, 11, asked);
                    statement.setInt(13, fromOneSlot);
                    if (!asked.requestedOnly()) {
                        bindSlots(statement, 14, held);
                        statement.setString(16, asked.processor());
                        bindFunctions(statement, 17, asked);
                        statement.setInt(19, fromOneSlot);
                    }
                },
                row -> row.getString(1));
    }

    /** Decides about these records, whoever owns their slots; what someone else has locked is left out of the answer. */
    Map<FailureId, Change> change(Session session, List<FailureId> ids, Decision decision) throws SQLException {
        return decide(session, lock(session, ids.stream().map(FailureId::value).toList()), decision);
    }

    /** Locks records and their lanes, in the order in which they were found; leaves out what someone else has locked. */
    private List<FailedExecution> lock(Session session, List<String> ids) throws SQLException {
        Map<String, FailedExecution> records = new HashMap<>();
        session.each(lock, statement -> Session.setTexts(statement, 1, ids), row -> {
            FailedExecution record = FailureColumns.read(row);
            records.put(record.id().value(), record);
        });
        Map<String, Set<String>> lockedLanes = new TreeMap<>();
        for (Map.Entry<String, Set<String>> wanted : lanesOf(records.values()).entrySet()) {
            lockedLanes.put(wanted.getKey(), lanes.lockSome(session, wanted.getKey(), wanted.getValue()));
        }
        return ids.stream()
                .map(records::get)
                .filter(Objects::nonNull)
                .filter(record -> !Decisions.holdsLane(record)
                        || lockedLanes
                                .getOrDefault(record.processor(), Set.of())
                                .contains(record.laneKey()))
                .toList();
    }

    /** The lanes that records hold, by processor. */
    private static SortedMap<String, Set<String>> lanesOf(Collection<FailedExecution> records) {
        SortedMap<String, Set<String>> lanes = new TreeMap<>();
        for (FailedExecution record : records) {
            String laneKey = record.laneKey();
            if (laneKey != null && Decisions.holdsLane(record)) {
                lanes.computeIfAbsent(record.processor(), processor -> new TreeSet<>())
                        .add(laneKey);
            }
        }
        return lanes;
    }

    private Map<FailureId, Change> decide(Session session, List<FailedExecution> locked, Decision decision)
            throws SQLException {
        if (locked.isEmpty()) {
            return Map.of();
        }
        // the fences of those that are claimed are those of the claims: they are held
        Map<String, Situation> situations = failures.situations(
                session, locked.stream().map(record -> record.id().value()).toList());
        Map<FailureId, Change> changes = new LinkedHashMap<>();
        List<FailureTable.Written> writes = new ArrayList<>();
        List<FailedExecution> removed = new ArrayList<>();
        for (FailedExecution record : locked) {
            Situation situation = situations.get(record.id().value());
            if (situation == null) {
                continue;
            }
            Change change = decision.decide(record, situation);
            changes.put(record.id(), change);
            switch (change) {
                case Change.Write write -> writes.add(new FailureTable.Written(record, write));
                case Change.Remove remove -> removed.add(record);
                case Change.Refuse refuse -> {
                    // it is left as it is
                }
            }
        }
        if (!writes.isEmpty()) {
            failures.write(session, writes);
        }
        for (FailedExecution record : removed) {
            failures.remove(session, record.id());
            freeLane(session, record);
        }
        List<Long> tried = new ArrayList<>();
        for (FailureTable.Written written : writes) {
            if (Decisions.ends(written.change())) {
                freeLane(session, written.before());
            }
            FailedExecution before = written.before();
            if (before.reason().isWait() && !Decisions.stillWaits(written.change())) {
                decisions.endWait(session, before, Decisions.ends(written.change()) ? null : before.laneKey());
            } else if (before.reason().isWait() && isPrepared(written.change())) {
                tried.add(before.position());
            }
        }
        if (!tried.isEmpty()) {
            waits.begin(session, locked.getFirst().processor(), tried);
        }
        return changes;
    }

    private static boolean isPrepared(Change change) {
        return change instanceof Change.Write write && write.after().status() == Status.PREPARED;
    }

    private void freeLane(Session session, FailedExecution record) throws SQLException {
        String laneKey = record.laneKey();
        if (laneKey != null) {
            lanes.remove(session, record.processor(), laneKey, record.position());
        }
    }

    private @Nullable Duration nextDueIn(Session session, DueQuery asked, List<Claim> held) throws SQLException {
        List<Duration> next = new ArrayList<>();
        session.each(
                asked.requestedOnly() ? nextLost : nextDue,
                statement -> {
                    bindSlots(statement, 1, held);
                    statement.setString(3, asked.processor());
                    bindFunctions(statement, 4, asked);
                },
                row -> {
                    long micros = row.getLong(1);
                    if (!row.wasNull()) {
                        next.add(Duration.ofNanos(Math.max(0, micros) * 1_000));
                    }
                });
        return next.isEmpty() ? null : next.get(0);
    }

    private static void bindSlots(PreparedStatement statement, int first, Collection<Claim> claims)
            throws SQLException {
        Session.setLongs(
                statement,
                first,
                claims.stream().mapToLong(claim -> claim.slot().number()).toArray());
        Session.setLongs(
                statement, first + 1, claims.stream().mapToLong(Claim::fence).toArray());
    }

    private static void bindFunctions(PreparedStatement statement, int first, DueQuery asked) throws SQLException {
        Session.setTexts(statement, first, asked.functions());
        Session.setTexts(statement, first + 1, asked.eventTypes());
    }
}
