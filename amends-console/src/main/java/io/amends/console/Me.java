package io.amends.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;

/** Who the caller is, and what they may do. */
public record Me(
        String name,

        @Described(
                value = "How they were recognized.",
                oneOf = {"none", "basic", "proxy", "host", "oidc"})
        String mode,

        SortedSet<String> roles,

        @Described("What they may do, by permission: with which processors, names or beginnings of names with * at the"
                + " end.")
        Map<String, List<String>> permissions,

        @Described(
                "Every operation of the API, and whether they may do it with one processor at least; those that tell of every"
                        + " processor, with every one.")
        List<Action> actions) {

    /** Whether the caller may use an operation. */
    public record Action(
            @Described("The operation's id in this document.")
            String operation,

            @Described("The permission that it needs, or an empty text.")
            String permission,

            boolean allowed) {}

    static Me of(Identity identity, List<Endpoint> endpoints) {
        List<Action> actions = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            Permission needed = endpoint.permission();
            actions.add(new Action(
                    endpoint.id(),
                    needed == null ? "" : needed.wireName(),
                    needed == null
                            || (endpoint.ofEveryProcessor() ? identity.mayOnAll(needed) : identity.may(needed))));
        }
        Map<String, List<String>> permissions = new TreeMap<>();
        identity.grants().forEach((permission, processors) -> permissions.put(permission.wireName(), processors));
        return new Me(identity.name(), identity.mode(), identity.roles(), permissions, actions);
    }
}
