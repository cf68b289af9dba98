package io.amends.core.define;

import io.amends.core.causality.RequireRule;
import io.amends.core.causality.StreamRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the functions of all processors wait for of each other: which event types have to be tracked, and by which keys.
 * Collects mistakes: what nobody handles, and cycles.
 */
final class Dependencies {
    private final Map<String, ProcessorSpec> processors = new LinkedHashMap<>();
    private final boolean partly;
    private final List<String> mistakes;

    /** By event as {@link #node} names it, what it waits for; in the order of the declarations. */
    private final Map<String, Set<String>> edges = new LinkedHashMap<>();

    /** By processor and event type the keys that others use. */
    private final Map<String, Map<String, Set<List<String>>>> tracked = new TreeMap<>();

    /** The processors whose events others wait for as their causes. */
    private final Set<String> causesOf = new TreeSet<>();

    private Dependencies(List<ProcessorSpec> specs, boolean partly, List<String> mistakes) {
        this.partly = partly;
        this.mistakes = mistakes;
        specs.forEach(spec -> processors.putIfAbsent(spec.name(), spec));
    }

    /** Reads and checks the declarations of all processors, or of a part of them: others may be named then. */
    static Dependencies of(List<ProcessorSpec> specs, boolean partly, List<String> mistakes) {
        Dependencies dependencies = new Dependencies(specs, partly, mistakes);
        specs.forEach(dependencies::read);
        dependencies.findCycles();
        return dependencies;
    }

    /** The keys under which others wait for a processor's events of this type. */
    Set<List<String>> trackedBy(String processor, String eventType) {
        return tracked.getOrDefault(processor, Map.of()).getOrDefault(eventType, Set.of());
    }

    /** Whether the processor's events are waited for as causes. */
    boolean areCauses(String processor) {
        return causesOf.contains(processor);
    }

    /** The event types of a processor that is named, empty if there is no such processor. */
    List<String> eventTypesOf(String processor) {
        ProcessorSpec spec = processors.get(processor);
        Set<String> types = new TreeSet<>();
        if (spec != null) {
            spec.functions().forEach(function -> types.addAll(eventTypes(function)));
        }
        return List.copyOf(types);
    }

    private void read(ProcessorSpec spec) {
        for (FunctionSpec function : spec.functions()) {
            for (Dependency dependency : function.definition().causality().dependencies()) {
                read(spec, function.definition(), dependency);
            }
        }
    }

    private void read(ProcessorSpec spec, FunctionSpec.Definition function, Dependency dependency) {
        String where = spec.where() + ": " + function.name() + ": " + dependency.name();
        String name = dependency.processorOr(spec.name());
        ProcessorSpec other = processors.get(name);
        if (other == null && partly) {
            return;
        }
        if (other == null) {
            mistakes.add(where + ": processor " + SpecResolver.printable(name) + " (expected: one of "
                    + String.join(", ", processors.keySet()) + "); correct the name, or leave it out for this one");
            return;
        }
        if (dependency.kind() == RequireRule.Kind.CAUSES) {
            causesOf.add(name);
            return;
        }
        if (dependency.kind() != RequireRule.Kind.EVENT) {
            if (!advances(other, dependency.stream())) {
                mistakes.add(where + ": nothing in processor " + name + " advances the stream (expected: one of "
                        + streams(other) + "); declare @SkipStale or @Advances on the function that moves it");
            }
            return;
        }
        boolean received =
                other.functions().stream().anyMatch(f -> eventTypes(f).contains(dependency.eventType()));
        if (!received) {
            mistakes.add(where + ": processor " + name + " has no function for it (expected: one of " + types(other)
                    + "); it would never be done, so add a function, or name the processor that has one");
            return;
        }
        tracked.computeIfAbsent(name, n -> new TreeMap<>())
                .computeIfAbsent(dependency.eventType(), t -> new LinkedHashSet<>())
                .add(dependency.trackedBy());
        boolean toAnotherOfItsType = !dependency.trackedBy().equals(dependency.key());
        for (String type : types(function)) {
            if (!(toAnotherOfItsType && name.equals(spec.name()) && type.equals(dependency.eventType()))) {
                edges.computeIfAbsent(node(spec.name(), type), n -> new LinkedHashSet<>())
                        .add(node(name, dependency.eventType()));
            }
        }
    }

    private static boolean advances(ProcessorSpec processor, String stream) {
        return processor.functions().stream()
                .flatMap(f -> f.definition().causality().streams().stream())
                .map(StreamRule::stream)
                .anyMatch(stream::equals);
    }

    private static String streams(ProcessorSpec processor) {
        Set<String> streams = new TreeSet<>();
        processor.functions().forEach(f -> f.definition().causality().streams().forEach(s -> streams.add(s.stream())));
        return streams.isEmpty() ? "none is declared" : String.join(", ", streams);
    }

    private static String types(ProcessorSpec processor) {
        Set<String> types = new TreeSet<>();
        processor.functions().forEach(f -> types.addAll(eventTypes(f)));
        return String.join(", ", types);
    }

    private static List<String> eventTypes(FunctionSpec function) {
        return types(function.definition());
    }

    /** The event types that a function takes; empty if none can be told. */
    static List<String> types(FunctionSpec.Definition function) {
        var payload = function.payload();
        return !function.types().isEmpty() || payload == null ? function.types() : PayloadTypes.eventTypes(payload);
    }

    private static String node(String processor, String eventType) {
        return processor + ": " + eventType;
    }

    /** Each cycle once, as the path along which nothing could ever run. */
    private void findCycles() {
        Set<String> finished = new LinkedHashSet<>();
        for (String start : edges.keySet()) {
            List<String> path = new ArrayList<>();
            List<String> cycle = cycleFrom(start, path, finished);
            if (cycle != null) {
                mistakes.add("runAfter: " + String.join(" -> ", cycle)
                        + " (expected: no cycle); none of them could ever be handled, remove one declaration");
            }
        }
    }

    private @Nullable List<String> cycleFrom(String node, List<String> path, Set<String> finished) {
        int before = path.indexOf(node);
        if (before >= 0) {
            List<String> cycle = new ArrayList<>(path.subList(before, path.size()));
            cycle.add(node);
            return cycle;
        }
        if (finished.contains(node)) {
            return null;
        }
        path.add(node);
        List<String> found = null;
        for (String next : edges.getOrDefault(node, Set.of())) {
            found = found == null ? cycleFrom(next, path, finished) : found;
        }
        path.remove(path.size() - 1);
        finished.add(node);
        return found;
    }
}
