package io.amends.spring.change;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Publishes what a transaction has changed, directly before its commit: flushes first, where entities are followed, since
 * a JPA transaction would flush only inside its commit, after the outbox was written.
 *
 * <p>It comes before the listener that writes the outbox, so that transactions which publish nothing else are seen, too.
 */
public final class ChangesBeforeCommit implements TransactionExecutionListener, BeanPostProcessor {
    private final Supplier<ChangeCollector> collector;
    private final BooleanSupplier followsEntities;
    private final Runnable flush;

    /**
     * Creates it; what it is given is asked for when a transaction ends.
     *
     * @param followsEntities whether a flush may tell of changes
     * @param flush writes persistence contexts
     */
    public ChangesBeforeCommit(Supplier<ChangeCollector> collector, BooleanSupplier followsEntities, Runnable flush) {
        this.collector = collector;
        this.followsEntities = followsEntities;
        this.flush = flush;
    }

    /** Listens to every transaction manager as soon as there is one, before all others. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager manager
                && !manager.getTransactionExecutionListeners().contains(this)) {
            List<TransactionExecutionListener> listeners = new ArrayList<>();
            listeners.add(this);
            listeners.addAll(manager.getTransactionExecutionListeners());
            manager.setTransactionExecutionListeners(listeners);
        }
        return bean;
    }

    @Override
    public void beforeCommit(TransactionExecution transaction) {
        if (!transaction.isNewTransaction()
                || transaction.isReadOnly()
                || !TransactionSynchronizationManager.isSynchronizationActive()) {
            return;
        }
        if (followsEntities.getAsBoolean()) {
            flush.run();
            collector.get().publishCollected();
            TransactionChanges.currentOrNew().seal();
        } else if (TransactionChanges.current() != null) {
            collector.get().publishCollected();
        }
    }
}
