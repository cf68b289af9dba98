package io.amends.jdbc;

import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import io.amends.core.failure.FailureId;
import io.amends.core.failure.Refusal;
import io.amends.core.store.LaneMove;
import io.amends.core.store.SlotId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gives lanes to other processors.
 *
 * <p>The locks are those of any change, in their order: the lane's records, the lane, its waits, and at last the cursor of the
 * slot that gets it. The row of the new lane is the lock against whoever holds a lane of that name. The slot's fence is raised,
 * since its owner believes that nothing holds the lane, and asks the database only of lanes that something holds: what it runs
 * or records under the old fence is undone, and what was committed before came before the lane did.
 */
final class LaneMoves {
    private final FailureTable failures;
    private final LaneTable lanes;
    private final WaitTable waits;
    private final CursorTable cursors;
    private final String recordsOf;
    private final String mappings;
    private final String types;
    private final String createLane;
    private final String removeLane;
    private final String moveEvents;

    LaneMoves(SchemaName schema, FailureTable failures, LaneTable lanes, WaitTable waits, CursorTable cursors) {
        this.failures = failures;
        this.lanes = lanes;
        this.waits = waits;
        this.cursors = cursors;
        String lane = " where processor = ? and lane_key = ?";
        recordsOf = schema.in("select failure_id from ${schema}.lane_event" + lane
                + " and failure_id is not null order by failure_id");
        mappings = schema.in("select name, mapping from ${schema}.processor where name in (?, ?)");
        // what the processor passed before it took the type was nothing to it
        types = schema.in("select e.type, max(e.position), bool_or(f.event_type is not null),"
                + " max(e.position) filter (where e.position > coalesce(f.since_position, p.registered_position))"
                + " from (select ?::text as type, ?::bigint as position union select type, position"
                + " from ${schema}.lane_event" + lane + ") e join ${schema}.processor p on p.name = ?"
                + " left join ${schema}.processor_function f on f.processor = p.name and f.event_type = e.type"
                + " and not f.dropped group by e.type order by e.type");
        createLane = schema.in("insert into ${schema}.lane (processor, lane_key, slot, head_position, released,"
                + " stops_slot, since) select ?, lane_key, ?, head_position, false, false, since from ${schema}.lane"
                + lane
                + " on conflict do nothing");
        removeLane = schema.in("delete from ${schema}.lane" + lane);
        moveEvents = schema.in("update ${schema}.lane_event set processor = ?, kind = case when kind = 'WAITING' then"
                + " 'PARKED' else kind end, yields = false, overtakes = false, by_wait = false, stops_slot = false, lost = 0"
                + lane);
    }

    Change move(Session session, FailureId id, LaneMove move) throws SQLException {
        Optional<FailedExecution> seen = failures.find(session, id);
        if (seen.isEmpty()) {
            return new Change.Refuse(Refusal.NOT_FOUND);
        }
        Set<String> ids = recordsOf(session, seen.get());
        Map<FailureId, FailureTable.Locked> locked = failures.lockAll(
                session,
                Stream.concat(Stream.of(id.value()), ids.stream())
                        .distinct()
                        .sorted()
                        .map(FailureId::new)
                        .toList());
        FailureTable.Locked named = locked.get(id);
        if (named == null) {
            return new Change.Refuse(Refusal.NOT_FOUND);
        }
        FailedExecution record = named.record();
        Change change = move.decision().decide(record, named.situation());
        if (change instanceof Change.Refuse) {
            return change;
        }
        // the lane is locked now
        if (!record.processor().equals(seen.get().processor())
                || !recordsOf(session, record).equals(ids)) {
            return new Change.Refuse(Refusal.CHANGED_MEANWHILE);
        }
        List<FailureTable.Written> written = new ArrayList<>();
        for (FailureTable.Locked one : inOrder(locked)) {
            Change its = one.record().id().equals(id) ? change : move.decision().decide(one.record(), one.situation());
            if (!(its instanceof Change.Write write)) {
                return its;
            }
            written.add(new FailureTable.Written(one.record(), write));
        }
        Change.Refuse refused = refused(session, record, move);
        if (refused != null) {
            return refused;
        }
        write(session, record, written, move.target());
        return change;
    }

    private static List<FailureTable.Locked> inOrder(Map<FailureId, FailureTable.Locked> locked) {
        return locked.values().stream()
                .sorted(Comparator.comparingLong(one -> one.record().position()))
                .toList();
    }

    private Set<String> recordsOf(Session session, FailedExecution record) throws SQLException {
        String lane = record.laneKey();
        return lane == null || record.status().isDone()
                ? new TreeSet<>()
                : new TreeSet<>(session.query(
                        recordsOf,
                        statement -> {
                            statement.setString(1, record.processor());
                            statement.setString(2, lane);
                        },
                        row -> row.getString(1)));
    }

    private record OfType(
            String type, boolean taken, @Nullable Long had) {}

    /** Why not, in which case nothing is written, or null; then the lane of the other processor is this one's. */
    private Change.@Nullable Refuse refused(Session session, FailedExecution record, LaneMove move)
            throws SQLException {
        Map<String, String> known = new HashMap<>();
        session.each(
                mappings,
                statement -> {
                    statement.setString(1, record.processor());
                    statement.setString(2, move.target().processor());
                },
                row -> known.put(row.getString(1), row.getString(2)));
        String mapping = known.get(move.target().processor());
        if (mapping == null) {
            return new Change.Refuse(Refusal.UNKNOWN_PROCESSOR, move.target().processor());
        }
        if (record.laneKey() != null && !LaneMove.sameLanes(mapping, known.getOrDefault(record.processor(), ""))) {
            return new Change.Refuse(Refusal.TARGET_LANE_DIFFERS);
        }
        List<OfType> types = session.query(
                this.types,
                statement -> {
                    statement.setString(1, record.event().type());
                    statement.setLong(2, record.position());
                    statement.setString(3, record.processor());
                    statement.setString(4, record.laneKey());
                    statement.setString(5, move.target().processor());
                },
                row -> {
                    long had = row.getLong(4);
                    boolean none = row.wasNull();
                    return new OfType(row.getString(1), row.getBoolean(3), none ? null : had);
                });
        List<String> unknown = types.stream()
                .filter(one -> !one.taken() || !move.types().contains(one.type()))
                .map(OfType::type)
                .toList();
        if (!unknown.isEmpty()) {
            return new Change.Refuse(Refusal.UNKNOWN_FOLLOWER, String.join(", ", unknown));
        }
        for (OfType one : types) {
            if (one.had() != null) {
                return new Change.Refuse(Refusal.TARGET_HAS_EVENT, LaneMove.had(one.type(), one.had()));
            }
        }
        return record.laneKey() == null || createLane(session, record, move.target())
                ? null
                : new Change.Refuse(Refusal.TARGET_LANE_HELD);
    }

    private boolean createLane(Session session, FailedExecution record, SlotId target) throws SQLException {
        return session.update(createLane, statement -> {
                    statement.setString(1, target.processor());
                    statement.setInt(2, target.number());
                    statement.setString(3, record.processor());
                    statement.setString(4, record.laneKey());
                })
                == 1;
    }

    private void write(Session session, FailedExecution record, List<FailureTable.Written> written, SlotId target)
            throws SQLException {
        failures.writeMoved(session, written, target);
        String lane = record.laneKey();
        if (lane == null) {
            waits.remove(session, record.processor(), record.position());
            return;
        }
        session.update(moveEvents, statement -> {
            statement.setString(1, target.processor());
            statement.setString(2, record.processor());
            statement.setString(3, lane);
        });
        session.update(removeLane, statement -> {
            statement.setString(1, record.processor());
            statement.setString(2, lane);
        });
        lanes.refresh(session, target.processor(), lane);
        waits.removeLane(session, record.processor(), lane);
        if (!cursors.raiseFence(session, target)) {
            throw new SQLException("no cursor of " + target + " (expected: as many slots as are registered)");
        }
    }
}
