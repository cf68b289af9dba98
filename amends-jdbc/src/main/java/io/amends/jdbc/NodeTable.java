package io.amends.jdbc;

import io.amends.core.store.Membership.LiveNode;
import io.amends.core.store.NodeRegistration;
import io.amends.core.store.ProcessorRegistration;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The nodes and their leases. */
final class NodeTable {
    private final String register;
    private final String forget;
    private final String extend;
    private final String live;
    private final String remove;

    NodeTable(SchemaName schema) {
        register = schema.in("insert into ${schema}.node (id, build, host, types, expires_at)"
                + " values (?, ?, ?, ?::jsonb, now() + ? * interval '1 microsecond') on conflict (id) do update"
                + " set build = excluded.build, host = excluded.host, types = excluded.types,"
                + " expires_at = excluded.expires_at");
        // nothing depends on the row of a node that died: a missing one is as dead
        forget = schema.in("delete from ${schema}.node where expires_at < now() - interval '1 day'");
        extend = schema.in("update ${schema}.node set expires_at = now() + ? * interval '1 microsecond'"
                + " where id = ? and expires_at > now()");
        live = schema.in("select id, build, host, (extract(epoch from expires_at - now()) * 1000000)::bigint, types"
                + " from ${schema}.node where expires_at > now() order by id");
        remove = schema.in("delete from ${schema}.node where id = ?");
    }

    void register(Session session, NodeRegistration node, Duration lease) throws SQLException {
        SortedMap<String, SortedSet<String>> types = new TreeMap<>();
        for (ProcessorRegistration processor : node.processors()) {
            types.put(processor.name(), new TreeSet<>(processor.functions().keySet()));
        }
        session.update(forget, Session.Binder.NONE);
        session.update(register, statement -> {
            statement.setString(1, node.id());
            statement.setString(2, node.build());
            statement.setString(3, node.host());
            statement.setString(4, JsonText.write(types));
            statement.setLong(5, InboxReader.micros(lease));
        });
    }

    /** Extends a lease that has not expired; false if there is none. */
    boolean extend(Session session, String nodeId, Duration lease) throws SQLException {
        return session.update(extend, statement -> {
                    statement.setLong(1, InboxReader.micros(lease));
                    statement.setString(2, nodeId);
                })
                == 1;
    }

    /** The nodes whose lease has not expired, by id. */
    List<LiveNode> live(Session session) throws SQLException {
        return session.query(
                live,
                Session.Binder.NONE,
                row -> new LiveNode(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        Duration.ofNanos(row.getLong(4) * 1_000),
                        types(row.getString(5))));
    }

    private static SortedMap<String, SortedSet<String>> types(String json) {
        SortedMap<String, SortedSet<String>> types = new TreeMap<>();
        JsonText.map(JsonText.read(json)).forEach((processor, names) -> {
            SortedSet<String> sorted = new TreeSet<>();
            JsonText.list(names).forEach(name -> sorted.add((String) name));
            types.put(processor, Collections.unmodifiableSortedSet(sorted));
        });
        return Collections.unmodifiableSortedMap(types);
    }

    void remove(Session session, String nodeId) throws SQLException {
        session.update(remove, statement -> statement.setString(1, nodeId));
    }
}
