package io.amends.jdbc;

import io.amends.core.store.LaneCommand;
import io.amends.core.store.MappingChangedException;
import io.amends.core.store.Membership.ProcessorState;
import io.amends.core.store.PolicyOverride;
import io.amends.core.store.ProcessorRegistration;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The registered processors: mapping, function set, and whether they are paused. */
final class ProcessorTable {
    private final String mappings;
    private final String create;
    private final String functions;
    private final String clearFunctions;
    private final String putFunction;
    private final String drop;
    private final String rename;
    private final String renameFunctions;
    private final String states;
    private final String pausedLanes;
    private final String pause;
    private final String audit;

    private final PolicyTable policies;

    ProcessorTable(SchemaName schema, PolicyTable policies) {
        this.policies = policies;
        mappings = schema.in("select name, mapping, slots from ${schema}.processor");
        create = schema.in("insert into ${schema}.processor (name, mapping, mapping_from, slots, registered_position)"
                + " values (?, ?, ?, ?, ?)");
        functions =
                schema.in("select event_type, function, dropped from ${schema}.processor_function where processor = ?");
        clearFunctions = schema.in("update ${schema}.processor_function set function = null where processor = ?");
        // a new processor has no cursors yet: it takes a type from where it begins
        putFunction = schema.in(
                "insert into ${schema}.processor_function (processor, event_type, function, since_position)"
                        + " values (?, ?, ?, (select min(position) from ${schema}.cursor where processor = ?)) on conflict (processor, event_type) do update set function = excluded.function");
        drop = schema.in("insert into ${schema}.processor_function (processor, event_type, dropped)"
                + " values (?, ?, true) on conflict (processor, event_type) do update set dropped = true");
        rename = schema.in("update ${schema}.processor set name = ? where name = ?");
        renameFunctions = schema.in("update ${schema}.processor_function set processor = ? where processor = ?");
        states = schema.in("select p.name, p.paused, f.event_type from ${schema}.processor p"
                + " left join ${schema}.processor_function f on f.processor = p.name and not f.dropped");
        pausedLanes = schema.in("select processor, lane_key from ${schema}.lane where paused_at is not null");
        pause = schema.in("update ${schema}.processor set paused = ?,"
                + " paused_at = case when ? then coalesce(paused_at, now()) end where name = ?");
        audit = schema.in("insert into ${schema}.audit (action, processor, actor, reason, details)"
                + " values (?, ?, ?, ?, ?::jsonb)");
    }

    /** What the database has of a processor. */
    record Mapping(String text, int slots) {}

    SortedMap<String, Mapping> mappings(Session session) throws SQLException {
        SortedMap<String, Mapping> found = new TreeMap<>();
        session.each(
                mappings,
                Session.Binder.NONE,
                row -> found.put(row.getString(1), new Mapping(row.getString(2), row.getInt(3))));
        return found;
    }

    /** The name under which the database knows a processor, null if it does not. */
    static @Nullable String knownAs(Map<String, Mapping> known, ProcessorRegistration processor) {
        if (known.containsKey(processor.name())) {
            return processor.name();
        }
        return processor.formerly().stream()
                .filter(known::containsKey)
                .findFirst()
                .orElse(null);
    }

    /**
     * Checks all mappings before anything is changed.
     *
     * @throws MappingChangedException naming all that differ
     */
    static void requireSameMappings(Map<String, Mapping> known, List<ProcessorRegistration> processors) {
        List<String> mistakes = new ArrayList<>();
        for (ProcessorRegistration processor : processors) {
            String name = knownAs(known, processor);
            Mapping mapping = name == null ? null : known.get(name);
            if (mapping != null && !mapping.equals(new Mapping(processor.mapping(), processor.slots()))) {
                mistakes.add(processor.name() + ": registered as " + mapping.text() + " with " + mapping.slots()
                        + " slots, now " + processor.mapping() + " with " + processor.slots() + " slots");
            }
        }
        if (!mistakes.isEmpty()) {
            throw new MappingChangedException(String.join("; ", mistakes));
        }
    }

    void create(Session session, ProcessorRegistration processor, long position) throws SQLException {
        session.update(create, statement -> {
            statement.setString(1, processor.name());
            statement.setString(2, processor.mapping());
            statement.setLong(3, position + 1);
            statement.setInt(4, processor.slots());
            statement.setLong(5, position);
        });
    }

    void rename(Session session, String from, String to) throws SQLException {
        policies.rename(session, from, to);
        for (String sql : List.of(rename, renameFunctions)) {
            session.update(sql, statement -> {
                statement.setString(1, to);
                statement.setString(2, from);
            });
        }
    }

    private record Registered(String eventType, @Nullable String function, boolean dropped) {}

    /** Makes this the registered function set; false if it was already. */
    boolean putFunctions(Session session, ProcessorRegistration processor) throws SQLException {
        List<Registered> before = session.query(
                functions,
                statement -> statement.setString(1, processor.name()),
                row -> new Registered(row.getString(1), row.getString(2), row.getBoolean(3)));
        SortedMap<String, String> current = new TreeMap<>();
        SortedSet<String> dropped = new TreeSet<>();
        for (Registered row : before) {
            String function = row.function();
            if (function != null) {
                current.put(row.eventType(), function);
            }
            if (row.dropped()) {
                dropped.add(row.eventType());
            }
        }
        if (current.equals(processor.functions()) && dropped.containsAll(processor.drops())) {
            return false;
        }
        session.update(clearFunctions, statement -> statement.setString(1, processor.name()));
        session.batch(putFunction, processor.functions().entrySet(), (statement, function) -> {
            statement.setString(1, processor.name());
            statement.setString(2, function.getKey());
            statement.setString(3, function.getValue());
            statement.setString(4, processor.name());
        });
        session.batch(drop, processor.drops(), (statement, type) -> {
            statement.setString(1, processor.name());
            statement.setString(2, type);
        });
        return true;
    }

    SortedMap<String, ProcessorState> states(Session session) throws SQLException {
        SortedMap<String, Boolean> paused = new TreeMap<>();
        SortedMap<String, SortedSet<String>> types = new TreeMap<>();
        session.each(states, Session.Binder.NONE, row -> {
            String name = row.getString(1);
            paused.put(name, row.getBoolean(2));
            SortedSet<String> of = types.computeIfAbsent(name, n -> new TreeSet<>());
            String type = row.getString(3);
            if (type != null) {
                of.add(type);
            }
        });
        SortedMap<String, SortedSet<String>> lanes = new TreeMap<>();
        session.each(
                pausedLanes,
                Session.Binder.NONE,
                row -> lanes.computeIfAbsent(row.getString(1), name -> new TreeSet<>())
                        .add(row.getString(2)));
        SortedMap<String, List<PolicyOverride>> overrides = policies.all(session);
        SortedMap<String, ProcessorState> found = new TreeMap<>();
        types.forEach((name, of) -> found.put(
                name,
                new ProcessorState(
                        Boolean.TRUE.equals(paused.get(name)),
                        Collections.unmodifiableSortedSet(of),
                        Collections.unmodifiableSortedSet(lanes.getOrDefault(name, new TreeSet<>())),
                        overrides.getOrDefault(name, List.of()))));
        return Collections.unmodifiableSortedMap(found);
    }

    /** Records what somebody did to a lane. */
    void audit(Session session, String action, LaneCommand command) throws SQLException {
        session.update(audit, statement -> {
            statement.setString(1, action);
            statement.setString(2, command.processor());
            statement.setString(3, command.actor());
            statement.setString(4, command.reason());
            statement.setString(5, JsonText.write(Map.of("lane", command.laneKey())));
        });
    }

    boolean pause(
            Session session, String processor, boolean paused, String actor, @Nullable String reason, boolean audited)
            throws SQLException {
        int found = session.update(pause, statement -> {
            statement.setBoolean(1, paused);
            statement.setBoolean(2, paused);
            statement.setString(3, processor);
        });
        if (found == 0 || audited) {
            return found > 0;
        }
        session.update(audit, statement -> {
            statement.setString(1, paused ? "pause" : "resume");
            statement.setString(2, processor);
            statement.setString(3, actor);
            statement.setString(4, reason);
            statement.setString(5, JsonText.write(Map.of("paused", Boolean.toString(paused))));
        });
        return true;
    }
}
