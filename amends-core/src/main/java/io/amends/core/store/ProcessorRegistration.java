package io.amends.core.store;

import io.amends.api.StartFrom;
import java.util.List;
import java.util.SortedMap;

/**
 * What a build registers of a processor.
 *
 * @param name its stable name
 * @param mapping order, key paths, hash version and slots as one text; another text than the registered one is refused
 * @param slots the number of slots
 * @param functions event type to function name, sorted
 * @param formerly earlier names
 * @param drops event types that end
 * @param startFrom where it starts if the database does not know it
 */
public record ProcessorRegistration(
        String name,
        String mapping,
        int slots,
        SortedMap<String, String> functions,
        List<String> formerly,
        List<String> drops,
        StartFrom startFrom) {}
