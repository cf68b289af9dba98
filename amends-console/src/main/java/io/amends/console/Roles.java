package io.amends.console;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the roles may do. Several roles of one person add up, each permission with the processors of the roles that have it.
 *
 * @param rules by the role's name
 */
public record Roles(SortedMap<String, Rule> rules) {

    /**
     * What a role may do.
     *
     * @param permissions the permissions
     * @param processors with which processors: names, or beginnings of names with {@code *} at the end
     */
    public record Rule(Set<Permission> permissions, List<String> processors) {
        /** Copies the collections. */
        public Rule {
            permissions = Set.copyOf(permissions);
            processors = List.copyOf(processors);
        }

        static Rule everywhere(Set<Permission> permissions) {
            return new Rule(permissions, List.of("*"));
        }
    }

    /**
     * {@code viewer} sees everything but payloads and the audit; {@code operator} also retries, marks, pauses lanes, starts batches of
     * up to 10,000, and reads masked payloads and the audit; {@code admin} does everything.
     */
    public static final Roles DEFAULT = new Roles(new TreeMap<>(Map.of(
            "viewer", Rule.everywhere(EnumSet.of(Permission.FAILURES_READ)),
            "operator",
                    Rule.everywhere(EnumSet.of(
                            Permission.FAILURES_READ,
                            Permission.PAYLOAD_READ,
                            Permission.FAILURES_RETRY,
                            Permission.FAILURES_MARK,
                            Permission.LANE_PAUSE,
                            Permission.BATCH_START,
                            Permission.AUDIT_READ)),
            "admin", Rule.everywhere(EnumSet.allOf(Permission.class)))));

    /** Copies the map. */
    public Roles {
        rules = Collections.unmodifiableSortedMap(new TreeMap<>(rules));
    }

    /** These roles in place of or besides the ones that are there. */
    public Roles with(Map<String, Rule> more) {
        SortedMap<String, Rule> all = new TreeMap<>(rules);
        all.putAll(more);
        return new Roles(all);
    }

    /** Somebody with these roles; those that are not known give nothing. */
    Identity identity(String name, String mode, Collection<String> roles) {
        TreeSet<String> known = new TreeSet<>(roles);
        known.retainAll(rules.keySet());
        Map<Permission, List<String>> grants = new EnumMap<>(Permission.class);
        for (String role : known) {
            Rule rule = rules.get(role);
            if (rule != null) {
                rule.permissions()
                        .forEach(permission -> grants.computeIfAbsent(permission, p -> new ArrayList<>())
                                .addAll(rule.processors()));
            }
        }
        return new Identity(name, mode, known, grants);
    }
}
