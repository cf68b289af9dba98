package io.amends.core.store;

import io.amends.core.failure.Decision;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A record's way to another processor, with all of its lane that is not done.
 *
 * @param target the slot of its key there
 * @param types the event types that have a function there
 * @param decision what becomes of each record of the lane
 */
public record LaneMove(SlotId target, SortedSet<String> types, Decision decision) {
    /** Copies the types. */
    public LaneMove {
        types = Collections.unmodifiableSortedSet(new TreeSet<>(types));
    }

    /** Whether two processors with these mappings have the same lanes; the number of their slots may differ. */
    public static boolean sameLanes(String mapping, String other) {
        return withoutSlots(mapping).equals(withoutSlots(other));
    }

    /** An event that the other processor has, in words. */
    public static String had(String type, long position) {
        return type + " at position " + position;
    }

    private static String withoutSlots(String mapping) {
        return mapping.replaceFirst(" slots=\\d+", "");
    }
}
