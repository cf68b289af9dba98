package io.amends.spring.change;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The changes of one transaction that are not published yet, kept among the thread's synchronizations: Spring suspends
 * and resumes those with their transaction, and announces savepoints to them.
 */
final class TransactionChanges implements TransactionSynchronization {
    private final Map<Change.Entity, Change> changes = new LinkedHashMap<>();
    private final Map<Object, Map<Change.Entity, Change>> savepoints = new HashMap<>();
    private boolean sealed;

    /** Those of the calling thread's transaction, or null. */
    static @Nullable TransactionChanges current() {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            for (TransactionSynchronization each : TransactionSynchronizationManager.getSynchronizations()) {
                if (each instanceof TransactionChanges changes) {
                    return changes;
                }
            }
        }
        return null;
    }

    /** Those of the calling thread's transaction, which it must have. */
    static TransactionChanges currentOrNew() {
        TransactionChanges changes = current();
        if (changes == null) {
            changes = new TransactionChanges();
            TransactionSynchronizationManager.registerSynchronization(changes);
        }
        return changes;
    }

    void add(Change change) {
        Change.Entity entity = change.entity();
        Change all = change.after(changes.remove(entity));
        if (all != null) {
            changes.put(entity, all);
        }
    }

    /** Takes out what was added, in the order of the last changes. */
    List<Change> take() {
        List<Change> taken = new ArrayList<>(changes.values());
        changes.clear();
        return taken;
    }

    /** From now on nothing takes them out any more: the commit itself has begun. */
    void seal() {
        sealed = true;
    }

    boolean isSealed() {
        return sealed;
    }

    @Override
    public void savepoint(Object savepoint) {
        savepoints.put(savepoint, new LinkedHashMap<>(changes));
    }

    @Override
    public void savepointRollback(Object savepoint) {
        changes.clear();
        // not announced: older than the first change
        changes.putAll(savepoints.getOrDefault(savepoint, Map.of()));
    }
}
