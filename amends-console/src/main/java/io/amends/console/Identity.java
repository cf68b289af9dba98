package io.amends.console;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who sends a request, and what they may do.
 *
 * @param name the name that history and audit keep
 * @param mode how they were recognized: {@code none}, {@code basic}, {@code proxy} or {@code host}
 * @param roles their roles
 * @param permissions what they may do
 * @param processors the processors that they may see and command: names, or beginnings of names with {@code *} at the end
 */
public record Identity(
        String name, String mode, SortedSet<String> roles, Set<Permission> permissions, List<String> processors) {

    /** Every processor. */
    public static final List<String> ALL_PROCESSORS = List.of("*");

    /** Copies the collections. */
    public Identity {
        roles = Collections.unmodifiableSortedSet(new TreeSet<>(roles));
        permissions = permissions.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(permissions));
        processors = List.copyOf(processors);
    }

    /** Somebody who may do everything. */
    public static Identity unlimited(String name, String mode) {
        return new Identity(
                name,
                mode,
                new TreeSet<>(Set.of(Role.ADMIN.wireName())),
                EnumSet.allOf(Permission.class),
                ALL_PROCESSORS);
    }

    /** Whether they may do this at all. */
    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }

    /** Whether they may do something with this processor. */
    public boolean sees(String processor) {
        return processors.stream()
                .anyMatch(pattern -> pattern.endsWith("*")
                        ? processor.startsWith(pattern.substring(0, pattern.length() - 1))
                        : processor.equals(pattern));
    }

    /** Whether they may do something with every processor. */
    public boolean seesAll() {
        return processors.contains("*");
    }
}
