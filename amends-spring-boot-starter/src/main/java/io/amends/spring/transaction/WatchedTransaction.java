package io.amends.spring.transaction;

import io.amends.jdbc.TransactionAttachment;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.support.TransactionSynchronization;

/**
 * A transaction that a {@link TransactionWatcher} saw begin, kept among the thread's synchronizations: Spring suspends
 * and resumes those with their transaction, and announces savepoints to them.
 */
final class WatchedTransaction implements TransactionSynchronization {
    private final PlatformTransactionManager manager;
    private final TransactionExecution execution;
    private @Nullable TransactionAttachment attachment;
    private boolean committing;
    private boolean completed;

    WatchedTransaction(PlatformTransactionManager manager, TransactionExecution execution) {
        this.manager = manager;
        this.execution = execution;
    }

    PlatformTransactionManager manager() {
        return manager;
    }

    boolean is(TransactionExecution other) {
        return execution.equals(other);
    }

    @Nullable TransactionAttachment attachment() {
        return attachment;
    }

    void attach(TransactionAttachment newAttachment) {
        if (attachment != null) {
            throw new IllegalStateException("something is attached to this transaction already");
        }
        attachment = newAttachment;
        if (committing) {
            newAttachment.beforeCommit();
        }
    }

    /**
     * Whether the commit itself runs. What is attached now comes from a listener of an entity that the commit flushes:
     * it is told at once that there is no later moment, and must not flush inside that flush.
     */
    boolean isCommitting() {
        return committing;
    }

    void beforeCommit() {
        if (attachment != null) {
            attachment.beforeCommit();
        }
        committing = true;
    }

    void complete(boolean committed) {
        if (!completed) {
            completed = true;
            if (attachment != null) {
                attachment.completed(committed);
            }
        }
    }

    @Override
    public void savepoint(Object savepoint) {
        if (attachment != null) {
            attachment.savepointMade(savepoint);
        }
    }

    @Override
    public void savepointRollback(Object savepoint) {
        if (attachment != null) {
            attachment.rolledBackTo(savepoint);
        }
    }

    @Override
    public void afterCompletion(int status) {
        complete(status == STATUS_COMMITTED);
    }
}
