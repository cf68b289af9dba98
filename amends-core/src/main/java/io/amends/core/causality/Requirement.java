package io.amends.core.causality;

import org.jspecify.annotations.Nullable;

/**
 * What has to be done before an event.
 *
 * @param request what it waits for if that is not done
 * @param probe who knows of what was done untracked, null if nobody does
 */
public record Requirement(WaitRequest request, @Nullable Probe probe) {}
