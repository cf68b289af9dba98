package io.amends.core.publish;

import io.amends.api.EventEnvelope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the calling thread is handling.
 *
 * @param cause the event that is named as the cause of what is published
 * @param handled all events by which that may have come about, in order: more than that one in a batch
 */
public record HandlerScope(EventEnvelope cause, List<EventEnvelope> handled) {
    private static final ThreadLocal<@Nullable HandlerScope> CURRENT = new ThreadLocal<>();

    /** Copies. */
    public HandlerScope {
        handled = List.copyOf(handled);
    }

    /** A single event. */
    public static HandlerScope of(EventEnvelope event) {
        return new HandlerScope(event, List.of(event));
    }

    /** What is being handled, or null. */
    public static @Nullable HandlerScope current() {
        return CURRENT.get();
    }

    /** Sets it; the caller restores the one returned. */
    public static @Nullable HandlerScope enter(@Nullable HandlerScope scope) {
        HandlerScope before = CURRENT.get();
        if (scope == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(scope);
        }
        return before;
    }
}
