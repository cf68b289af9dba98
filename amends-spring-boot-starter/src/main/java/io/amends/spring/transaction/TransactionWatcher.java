package io.amends.spring.transaction;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Hears of every transaction of one transaction manager, stateless otherwise.
 *
 * <p>Why not a {@link TransactionSynchronization} alone: one that is registered while the others' {@code beforeCommit}
 * run is not called itself, so an event that is published first there would be lost. The listener's {@code beforeCommit}
 * comes after all synchronizations, directly before COMMIT, and what it throws rolls the transaction back.
 *
 * @param manager the watched transaction manager
 */
record TransactionWatcher(PlatformTransactionManager manager) implements TransactionExecutionListener {

    /** Watches a transaction manager, once. */
    static void watch(PlatformTransactionManager manager) {
        if (manager instanceof ConfigurableTransactionManager configurable
                && configurable.getTransactionExecutionListeners().stream()
                        .noneMatch(TransactionWatcher.class::isInstance)) {
            configurable.addListener(new TransactionWatcher(manager));
        }
    }

    /** The calling thread's innermost watched transaction of a manager that uses the same resource, or null. */
    static @Nullable WatchedTransaction current(Predicate<PlatformTransactionManager> isWanted) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            return null;
        }
        List<TransactionSynchronization> all = TransactionSynchronizationManager.getSynchronizations();
        for (TransactionSynchronization synchronization : all.reversed()) {
            if (synchronization instanceof WatchedTransaction watched && isWanted.test(watched.manager())) {
                return watched;
            }
        }
        return null;
    }

    @Override
    public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
        // also called for savepoints, which belong to the transaction that they are in
        if (beginFailure == null
                && transaction.isNewTransaction()
                && TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new WatchedTransaction(manager, transaction));
        }
    }

    @Override
    public void beforeCommit(TransactionExecution transaction) {
        WatchedTransaction watched = of(transaction);
        if (watched != null) {
            watched.beforeCommit();
        }
    }

    @Override
    public void afterCommit(TransactionExecution transaction, @Nullable Throwable commitFailure) {
        complete(transaction, commitFailure == null);
    }

    @Override
    public void afterRollback(TransactionExecution transaction, @Nullable Throwable rollbackFailure) {
        complete(transaction, false);
    }

    private static void complete(TransactionExecution transaction, boolean committed) {
        // Another manager's transaction around this one keeps the synchronizations beyond this one's end.
        WatchedTransaction watched = of(transaction);
        if (watched != null) {
            watched.complete(committed);
        }
    }

    private static @Nullable WatchedTransaction of(TransactionExecution transaction) {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            for (TransactionSynchronization each : TransactionSynchronizationManager.getSynchronizations()) {
                if (each instanceof WatchedTransaction watched && watched.is(transaction)) {
                    return watched;
                }
            }
        }
        return null;
    }
}
