package io.amends.core.operate;

import org.jspecify.annotations.Nullable;

/**
 * In how much a text is looked for.
 *
 * @param newest in so many of the newest records for which the rest of the search holds; null: in all of them
 */
public record TextScope(@Nullable Integer newest) {

    /** In all records. */
    public static final TextScope ALL = new TextScope(null);
}
