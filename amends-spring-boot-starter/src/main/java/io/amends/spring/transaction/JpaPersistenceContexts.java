package io.amends.spring.transaction;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The application's JPA persistence contexts. A {@code JpaTransactionManager} flushes them only inside its commit, after
 * every callback, which would be after the outbox and the cursor were written.
 */
public final class JpaPersistenceContexts implements PersistenceContexts {
    private final Supplier<List<EntityManagerFactory>> factories;

    /** Creates it; the factories are asked for at each flush, and must be the beans. */
    public JpaPersistenceContexts(Supplier<List<EntityManagerFactory>> factories) {
        this.factories = factories;
    }

    @Override
    public void flush() {
        for (EntityManagerFactory factory : factories.get()) {
            if (TransactionSynchronizationManager.getResource(factory) instanceof EntityManagerHolder holder) {
                EntityManager manager = holder.getEntityManager();
                if (manager.isOpen() && manager.isJoinedToTransaction()) {
                    manager.flush();
                }
            }
        }
    }
}
