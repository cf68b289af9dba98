package io.amends.core.publish;

import io.amends.api.EventPublisher;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Publishes what a function returned. */
public final class ReturnedEvents {
    private ReturnedEvents() {}

    /** Publishes one event, or each of an Iterable, Stream, array or Optional, in order; null and empty publish nothing. */
    public static void publish(@Nullable Object returned, EventPublisher publisher) {
        switch (returned) {
            case null -> {}
            case Optional<?> optional -> optional.ifPresent(event -> publish(event, publisher));
            case Iterable<?> events -> events.forEach(event -> publish(event, publisher));
            case Stream<?> events -> events.forEachOrdered(event -> publish(event, publisher));
            case Object[] events -> {
                for (Object event : events) {
                    publish(event, publisher);
                }
            }
            default -> publisher.publish(returned);
        }
    }
}
