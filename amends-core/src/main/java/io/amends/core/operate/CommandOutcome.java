package io.amends.core.operate;

import io.amends.core.failure.Change;
import io.amends.core.failure.FailedExecution;
import org.jspecify.annotations.Nullable;

/**
 * What a command found and made.
 *
 * @param before the record as the command found it, without its payload; null if there is none
 * @param change what it made of it, or why nothing
 */
public record CommandOutcome(@Nullable FailedExecution before, Change change) {}
