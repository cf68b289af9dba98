package io.amends.spring.change;

import io.amends.api.EntityChanges;
import io.amends.api.EventPublisher;
import io.amends.api.NoTransactionException;
import io.amends.spring.change.Change.Kind;
import java.util.function.Supplier;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Collects what changes in each transaction, and publishes one event for each entity when asked to: after persistence
 * contexts were flushed, before the outbox is written.
 */
public final class ChangeCollector implements EntityChanges {
    private final Supplier<EventPublisher> publisher;

    /** Creates it; the publisher is asked for when there is something to publish. */
    public ChangeCollector(Supplier<EventPublisher> publisher) {
        this.publisher = publisher;
    }

    @Override
    public void created(Object snapshot) {
        add(Change.of(Kind.CREATED, snapshot));
    }

    @Override
    public void changed(Object snapshot) {
        add(Change.of(Kind.CHANGED, snapshot));
    }

    @Override
    public void deleted(Object snapshot) {
        add(Change.of(Kind.DELETED, snapshot));
    }

    void add(Change change) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()
                || !TransactionSynchronizationManager.isSynchronizationActive()) {
            throw new NoTransactionException("no transaction: tell of changes inside the one that makes them");
        }
        TransactionChanges changes = TransactionChanges.currentOrNew();
        if (changes.isSealed()) {
            // Hibernate writes during the commit itself: there is no later moment.
            publisher.get().publish(change.event());
        } else {
            changes.add(change);
        }
    }

    /** Publishes what the calling thread's transaction has collected, if anything. */
    public void publishCollected() {
        TransactionChanges changes = TransactionChanges.current();
        if (changes != null) {
            changes.take().forEach(change -> publisher.get().publish(change.event()));
        }
    }
}
