package io.amends.core.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That a person or a program holds a lane.
 *
 * @param by who
 * @param reason why, or null
 * @param since since when
 */
public record LanePause(String by, @Nullable String reason, Instant since) {}
