package io.amends.testkit.memory;

import io.amends.core.operate.NodeStatus;
import io.amends.core.store.Membership.LiveNode;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The nodes and their leases. The caller holds the lock. */
final class Nodes {

    private record Row(NodeRegistration node, Instant startedAt, Instant expiresAt) {}

    private final TreeMap<String, Row> rows = new TreeMap<>();

    void register(NodeRegistration node, Instant now, Instant expiresAt) {
        Row old = rows.get(node.id());
        rows.put(node.id(), new Row(node, old == null ? now : old.startedAt(), expiresAt));
    }

    /** Extends a lease that has not expired; false if there is none. */
    boolean extend(String id, Instant now, Duration lease) {
        Row row = rows.get(id);
        if (row == null || !row.expiresAt().isAfter(now)) {
            return false;
        }
        rows.put(id, new Row(row.node(), row.startedAt(), now.plus(lease)));
        return true;
    }

    boolean isLive(@Nullable String id, Instant now) {
        Row row = id == null ? null : rows.get(id);
        return row != null && row.expiresAt().isAfter(now);
    }

    void remove(String id) {
        rows.remove(id);
    }

    List<LiveNode> live(Instant now) {
        List<LiveNode> live = new ArrayList<>();
        rows.forEach((id, row) -> {
            if (row.expiresAt().isAfter(now)) {
                NodeRegistration node = row.node();
                live.add(new LiveNode(
                        id, node.build(), node.host(), Duration.between(now, row.expiresAt()), types(node)));
            }
        });
        return live;
    }

    /** All of them, those that joined last first. */
    List<NodeStatus> list(Instant now, Function<String, SortedMap<String, Integer>> slotsOf) {
        return rows.values().stream()
                .sorted(Comparator.comparing(Row::startedAt)
                        .reversed()
                        .thenComparing(row -> row.node().id()))
                .map(row -> new NodeStatus(
                        row.node().id(),
                        row.node().host(),
                        row.node().build(),
                        row.startedAt(),
                        row.expiresAt(),
                        row.expiresAt().isAfter(now),
                        slotsOf.apply(row.node().id())))
                .toList();
    }

    private static SortedMap<String, SortedSet<String>> types(NodeRegistration node) {
        SortedMap<String, SortedSet<String>> types = new TreeMap<>();
        for (ProcessorRegistration processor : node.processors()) {
            types.put(
                    processor.name(),
                    Collections.unmodifiableSortedSet(
                            new TreeSet<>(processor.functions().keySet())));
        }
        return Collections.unmodifiableSortedMap(types);
    }
}
