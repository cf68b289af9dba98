package io.amends.core.causality;

import io.amends.api.EventEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the application's own data whether what an event needs was done, where nothing was tracked: it was done
 * before the declaration existed, or elsewhere. Asked in the handler's transaction, before the function.
 */
@FunctionalInterface
public interface Probe {
    /**
     * Whether it was done.
     *
     * @param payload what the function gets
     * @throws Exception if it can not tell: the event's failure
     */
    boolean isDone(EventEnvelope event, @Nullable Object payload) throws Exception;
}
