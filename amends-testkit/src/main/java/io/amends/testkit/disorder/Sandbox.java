package io.amends.testkit.disorder;

import io.amends.api.EventPublisher;
import io.amends.api.NoTransactionException;
import io.amends.api.OutgoingEvent;
import io.amends.testkit.memory.InMemoryDatabase;
import io.amends.testkit.memory.InMemoryStore;
import io.amends.testkit.memory.Table;
import io.amends.testkit.time.VirtualClock;
import java.util.List;

/**
 * What one history gives to the code under test: an empty database and a publisher. One thread only.
 *
 * <p>Each delivery is a transaction of the database; a crash rolls it back, with what was published in it. State that is
 * kept elsewhere is not rolled back, which the test takes for effects that happen twice.
 */
public final class Sandbox {
    private final InMemoryDatabase database = new InMemoryStore(new VirtualClock()).database();
    private final Table<Integer, Object> published = database.table("disorder test: published");
    private final EventPublisher publisher = new Publisher();
    private int publications;

    Sandbox() {}

    /** The database that handlers write. */
    public InMemoryDatabase database() {
        return database;
    }

    /** A publisher for handlers that have one; what they return is published too. Nothing of it is delivered. */
    public EventPublisher publisher() {
        return publisher;
    }

    /** The payloads that committed transactions have published, in order: a part of the state, where that matters. */
    public List<Object> published() {
        return published.values();
    }

    private final class Publisher implements EventPublisher {
        @Override
        public void publish(Object event) {
            if (!database.isActive()) {
                throw new NoTransactionException("publish: no transaction (expected: inside a handler)");
            }
            published.put(++publications, event instanceof OutgoingEvent outgoing ? outgoing.payload() : event);
        }

        @Override
        public void publish(OutgoingEvent event) {
            publish((Object) event);
        }

        @Override
        public void publishNow(Object event) {
            if (database.isActive()) {
                publish(event);
            } else {
                database.inTransaction(() -> {
                    publish(event);
                    return true;
                });
            }
        }
    }
}
