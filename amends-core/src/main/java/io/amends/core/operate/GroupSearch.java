package io.amends.core.operate;

import org.jspecify.annotations.Nullable;

/**
 * Which groups are looked for; all that is given must hold.
 *
 * @param processor of this processor, null for any
 * @param active only with records that are not done
 * @param acknowledged also those that somebody takes care of
 * @param sort their order; equal ones by fingerprint
 * @param scope of these processors
 */
public record GroupSearch(
        @Nullable String processor, boolean active, boolean acknowledged, Sort sort, ProcessorScope scope) {
    /** Of any processor. */
    public GroupSearch(@Nullable String processor, boolean active, boolean acknowledged, Sort sort) {
        this(processor, active, acknowledged, sort, ProcessorScope.ALL);
    }

    /** The order of groups. */
    public enum Sort {
        /** Those with the most records that are not done first. */
        COUNT,
        /** Those that were first seen last. */
        NEWEST,
        /** Those that were first seen first. */
        OLDEST,
        /** Those that failed last. */
        RECENT
    }
}
