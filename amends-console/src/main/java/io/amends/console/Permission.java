package io.amends.console;

import java.util.Arrays;
import java.util.Optional;

/** What somebody may do through the operator API; each endpoint needs one. */
public enum Permission {
    /** See failed executions, groups, lanes, processors, nodes, batches and counts. */
    FAILURES_READ("failures:read"),
    /** Read an event's payload with secrets masked; each reading is audited. */
    PAYLOAD_READ("payload:read"),
    /** Read an event's payload as it is; each reading is audited. */
    PAYLOAD_REVEAL("payload:reveal"),
    /** Make failed executions due, and let another function take them. */
    FAILURES_RETRY("failures:retry"),
    /** Mark failed executions recoverable or not, note and acknowledge groups. */
    FAILURES_MARK("failures:mark"),
    /** Declare failed executions dealt with. */
    FAILURES_SKIP("failures:skip"),
    /** Change retry policies. */
    POLICY_WRITE("policy:write"),
    /** Pause and resume processors. */
    PROCESSOR_PAUSE("processor:pause"),
    /** Pause and resume lanes. */
    LANE_PAUSE("lane:pause"),
    /** Plan, start, pause, resume and cancel batches. */
    BATCH_START("batch:start"),
    /** Start batches of more than 10,000 items. */
    BATCH_START_LARGE("batch:start-large"),
    /** Read the audit. */
    AUDIT_READ("audit:read");

    private final String wireName;

    Permission(String wireName) {
        this.wireName = wireName;
    }

    /** The name in configuration and API. */
    public String wireName() {
        return wireName;
    }

    /** The permission of this name. */
    public static Optional<Permission> of(String wireName) {
        return Arrays.stream(values())
                .filter(permission -> permission.wireName.equals(wireName))
                .findFirst();
    }
}
