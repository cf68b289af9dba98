package io.amends.console;

import io.amends.core.operate.ProcessorScope;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who sends a request, and what they may do.
 *
 * @param name the name that history and audit keep
 * @param mode how they were recognized: {@code none}, {@code basic}, {@code proxy}, {@code host} or {@code oidc}
 * @param roles their roles
 * @param grants what they may do, and with which processors: names, or beginnings of names with {@code *} at the end
 */
public record Identity(String name, String mode, SortedSet<String> roles, Map<Permission, List<String>> grants) {

    /** Copies the collections. */
    public Identity {
        roles = Collections.unmodifiableSortedSet(new TreeSet<>(roles));
        Map<Permission, List<String>> copy = new EnumMap<>(Permission.class);
        grants.forEach((permission, processors) -> copy.put(permission, List.copyOf(processors)));
        grants = Collections.unmodifiableMap(copy);
    }

    /** Somebody who may do everything. */
    public static Identity unlimited(String name, String mode) {
        Map<Permission, List<String>> all = new EnumMap<>(Permission.class);
        for (Permission permission : Permission.values()) {
            all.put(permission, List.of("*"));
        }
        return new Identity(name, mode, new TreeSet<>(Set.of("admin")), all);
    }

    /** Whether they may do this with some processor. */
    public boolean may(Permission permission) {
        return grants.containsKey(permission);
    }

    /** Whether they may do this with this processor. */
    public boolean may(Permission permission, String processor) {
        return scope(permission).contains(processor);
    }

    /** With which processors they may do this. */
    public ProcessorScope scope(Permission permission) {
        return ProcessorScope.of(grants.getOrDefault(permission, List.of()));
    }

    /** Whether they may see this processor. */
    public boolean sees(String processor) {
        return may(Permission.FAILURES_READ, processor);
    }

    /** Whether they may do this with every processor. */
    public boolean mayOnAll(Permission permission) {
        return scope(permission).isAll();
    }
}
