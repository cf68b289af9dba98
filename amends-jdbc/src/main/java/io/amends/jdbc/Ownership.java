package io.amends.jdbc;

import io.amends.api.StartFrom;
import io.amends.core.store.Claim;
import io.amends.core.store.Membership;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import io.amends.core.store.TakenSlot;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Nodes joining, keeping and leaving the cluster, and who owns which slot. */
final class Ownership {
    private final ShortTransactions transactions;
    private final NodeTable nodes;
    private final ProcessorTable processors;
    private final CursorTable cursors;
    private final LaneTable lanes;
    private final FailureTable failures;
    private final ProgressTable progress;
    private final WaitTable waits;
    private final String lockHead;

    Ownership(SchemaName schema, ShortTransactions transactions, ProcessorTable processors, Tables tables) {
        this.transactions = transactions;
        this.nodes = new NodeTable(schema);
        this.processors = processors;
        this.cursors = tables.cursors();
        this.progress = tables.progress();
        this.lanes = tables.lanes();
        this.failures = tables.failures();
        this.waits = tables.waits();
        lockHead = schema.in("select position, log_start from ${schema}.head for no key update");
    }

    /** The tables that a rename touches. */
    record Tables(
            CursorTable cursors, LaneTable lanes, FailureTable failures, ProgressTable progress, WaitTable waits) {}

    private record Head(long position, long logStart) {}

    void join(NodeRegistration node, Duration lease) {
        transactions.run("join", session -> {
            // the head's lock serialises registrations, and holds retention and relay off while positions are given
            Head head = session.one(lockHead, Session.Binder.NONE, row -> new Head(row.getLong(1), row.getLong(2)));
            SortedMap<String, ProcessorTable.Mapping> known = processors.mappings(session);
            ProcessorTable.requireSameMappings(known, node.processors());
            // a node that joins again has forgotten what it owned
            cursors.giveBackAll(session, node.id());
            for (ProcessorRegistration processor : node.processors()) {
                register(session, processor, head, ProcessorTable.knownAs(known, processor));
            }
            nodes.register(session, node, lease);
            return true;
        });
    }

    private void register(Session session, ProcessorRegistration processor, Head head, @Nullable String knownAs)
            throws SQLException {
        String name = processor.name();
        if (knownAs == null) {
            long position = processor.startFrom() == StartFrom.NOW ? head.position() : head.logStart() - 1;
            processors.create(session, processor, position);
            processors.putFunctions(session, processor);
            cursors.create(session, name, processor.slots(), position);
            return;
        }
        boolean renamed = !knownAs.equals(name);
        if (renamed) {
            failures.rename(session, knownAs, name);
            lanes.rename(session, knownAs, name);
            progress.rename(session, knownAs, name);
            waits.rename(session, knownAs, name);
            cursors.rename(session, knownAs, name);
            processors.rename(session, knownAs, name);
        }
        if (processors.putFunctions(session, processor) || renamed) {
            cursors.raiseFences(session, name);
        }
    }

    Membership heartbeat(String nodeId, Duration lease) {
        return transactions.run("heartbeat", session -> {
            boolean member = nodes.extend(session, nodeId, lease);
            return new Membership(
                    member,
                    nodes.live(session),
                    processors.states(session),
                    member ? cursors.owned(session, nodeId) : List.of());
        });
    }

    List<TakenSlot> takeOver(String nodeId, String processor, Set<String> types, int most) {
        return transactions.run("take over", session -> cursors.takeOver(session, nodeId, processor, types, most));
    }

    Optional<TakenSlot> reclaim(String nodeId, Claim claim) {
        return transactions.run("reclaim", session -> cursors.reclaim(session, nodeId, claim));
    }

    void giveBack(List<Claim> claims, @Nullable String neededType) {
        if (!claims.isEmpty()) {
            transactions.run("give back", session -> {
                cursors.giveBack(session, claims, neededType);
                return true;
            });
        }
    }

    void leave(String nodeId) {
        transactions.run("leave", session -> {
            cursors.giveBackAll(session, nodeId);
            nodes.remove(session, nodeId);
            return true;
        });
    }
}
