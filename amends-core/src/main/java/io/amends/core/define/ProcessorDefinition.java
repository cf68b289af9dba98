package io.amends.core.define;

import io.amends.api.OnFailure;
import io.amends.api.Order;
import io.amends.api.StartFrom;
import io.amends.core.event.KeyHash;
import io.amends.core.store.ProcessorRegistration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A processor with all its settings resolved.
 *
 * @param name its stable name
 * @param order what it keeps in order
 * @param onFailure what later events do when one fails; never {@link OnFailure#DEFAULT}
 * @param keyPaths payload paths that make the key; empty for the event's own
 * @param slots the number of slots
 * @param concurrency events handled at the same time on one node
 * @param batch events per transaction when there is a backlog
 * @param startFrom where it starts if it is new
 * @param formerly earlier names
 * @param drops event types that end
 * @param functions its functions, each event type in one of them only
 */
public record ProcessorDefinition(
        String name,
        Order order,
        OnFailure onFailure,
        List<String> keyPaths,
        int slots,
        int concurrency,
        int batch,
        StartFrom startFrom,
        List<String> formerly,
        List<String> drops,
        List<FunctionDefinition> functions) {

    /** Copies the lists. */
    public ProcessorDefinition {
        keyPaths = List.copyOf(keyPaths);
        formerly = List.copyOf(formerly);
        drops = List.copyOf(drops);
        functions = List.copyOf(functions);
    }

    /** The function for an event type, or null. */
    public @Nullable FunctionDefinition functionFor(String eventType) {
        for (FunctionDefinition function : functions) {
            if (function.eventTypes().contains(eventType)) {
                return function;
            }
        }
        return null;
    }

    /** The function of this name, or null. */
    public @Nullable FunctionDefinition function(String functionName) {
        for (FunctionDefinition function : functions) {
            if (function.name().equals(functionName)) {
                return function;
            }
        }
        return null;
    }

    /** What decides an event's slot and place, as the text that the database keeps. */
    public String mapping() {
        return "order=" + order + " key=" + String.join(",", keyPaths) + " slots=" + slots + " hash=" + KeyHash.VERSION;
    }

    /** Event type to function name, sorted. */
    public SortedMap<String, String> functionsByType() {
        SortedMap<String, String> byType = new TreeMap<>();
        functions.forEach(f -> f.eventTypes().forEach(type -> byType.put(type, f.name())));
        return Collections.unmodifiableSortedMap(byType);
    }

    /** What a node registers of it. */
    public ProcessorRegistration registration() {
        return new ProcessorRegistration(name, mapping(), slots, functionsByType(), formerly, drops, startFrom);
    }
}
