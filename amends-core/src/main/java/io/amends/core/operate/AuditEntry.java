package io.amends.core.operate;

import io.amends.core.failure.FailureId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a person or a program is about to do.
 *
 * @param action the command, for instance {@code failure.prepare}
 * @param actor who
 * @param address from which address, or null
 * @param processor the processor that it is about, or null
 * @param failure the failed execution that it is about, or null
 * @param target the group, the batch or what else it is about, or null
 * @param reason the given reason, or null
 * @param parameters what was asked for, by name; never a payload
 */
public record AuditEntry(
        String action,
        String actor,
        @Nullable String address,
        @Nullable String processor,
        @Nullable FailureId failure,
        @Nullable String target,
        @Nullable String reason,
        SortedMap<String, String> parameters) {

    /** Copies the parameters. */
    public AuditEntry {
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    }
}
