package io.amends.core.publish;

import io.amends.api.EventEnvelope;
import org.jspecify.annotations.Nullable;

/** The event that the calling thread is handling: the cause of what it publishes. */
public final class HandlerScope {
    private static final ThreadLocal<@Nullable EventEnvelope> CURRENT = new ThreadLocal<>();

    private HandlerScope() {}

    /** The event being handled, or null. */
    public static @Nullable EventEnvelope current() {
        return CURRENT.get();
    }

    /** Sets the event; the caller restores the one returned. */
    public static @Nullable EventEnvelope enter(@Nullable EventEnvelope event) {
        EventEnvelope before = CURRENT.get();
        if (event == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(event);
        }
        return before;
    }
}
