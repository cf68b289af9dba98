package io.amends.console;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The roles that permissions come in by default. */
public enum Role {
    /** Sees everything but payloads and the audit. */
    VIEWER(EnumSet.of(Permission.FAILURES_READ)),
    /** Makes failed executions good. */
    OPERATOR(EnumSet.of(
            Permission.FAILURES_READ,
            Permission.PAYLOAD_READ,
            Permission.FAILURES_RETRY,
            Permission.FAILURES_MARK,
            Permission.BATCH_START,
            Permission.AUDIT_READ)),
    /** Does everything. */
    ADMIN(EnumSet.allOf(Permission.class));

    private final Set<Permission> permissions;

    Role(Set<Permission> permissions) {
        this.permissions = Collections.unmodifiableSet(permissions);
    }

    /** What the role may do. */
    public Set<Permission> permissions() {
        return permissions;
    }

    /** The name in configuration and API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of this name. */
    public static Optional<Role> of(String wireName) {
        return Arrays.stream(values())
                .filter(role -> role.wireName().equals(wireName))
                .findFirst();
    }
}
