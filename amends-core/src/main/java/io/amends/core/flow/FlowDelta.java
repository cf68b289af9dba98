package io.amends.core.flow;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a node counted in some seconds.
 *
 * @param stage where
 * @param processor whose events, null where a stage has no processor
 * @param age how long ago it was; decides to which minute of the database's clock it belongs
 * @param numbers what was counted
 */
public record FlowDelta(FlowStage stage, @Nullable String processor, Duration age, FlowNumbers numbers) {}
