package io.amends.core.failure;

import java.util.List;

/**
 * Reads violated constraints out of an exception, for instance those of Jakarta Validation. Thread-safe; must not block.
 * If it throws, the record has none.
 */
@FunctionalInterface
public interface BindingErrorReader {
    /** The violated constraints that this one exception tells of, not its causes; empty if it tells of none. */
    List<ErrorDetails.Binding> read(Throwable error);
}
