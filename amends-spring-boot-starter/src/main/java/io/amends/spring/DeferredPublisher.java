package io.amends.spring;

import io.amends.api.EventPublisher;
import io.amends.api.OutgoingEvent;
import java.util.function.Supplier;

/**
 * Finds the publisher at the first event: what is made before the database is ready (a JPA entity listener, for instance)
 * can have it injected all the same.
 *
 * @param publisher gives the publisher, always the same
 */
record DeferredPublisher(Supplier<EventPublisher> publisher) implements EventPublisher {

    @Override
    public void publish(Object event) {
        publisher.get().publish(event);
    }

    @Override
    public void publish(OutgoingEvent event) {
        publisher.get().publish(event);
    }

    @Override
    public void publishNow(Object event) {
        publisher.get().publishNow(event);
    }
}
