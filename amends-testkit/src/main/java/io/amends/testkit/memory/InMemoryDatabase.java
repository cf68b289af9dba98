package io.amends.testkit.memory;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A tiny transactional database for handlers in tests: tables whose writes belong to the calling thread's transaction,
 * which is the one that the store opened for a handler, or one of {@link #inTransaction}.
 *
 * <p>READ COMMITTED: a transaction sees what others have committed and what it has written itself; a rolled-back one
 * leaves nothing. A transaction that begins while the thread has one is a transaction of its own. Thread-safe; iteration
 * is in the order of insertion.
 */
public final class InMemoryDatabase {

    /** What belongs to every commit. */
    interface CommitHook {
        /** Called under the lock before anything is applied; an exception rolls back. */
        void validate(MemoryTransaction transaction);

        /** Called under the lock as part of the commit. */
        void apply(MemoryTransaction transaction);

        /** Called without the lock after the commit. */
        void committed(MemoryTransaction transaction);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final ThreadLocal<Deque<MemoryTransaction>> open = ThreadLocal.withInitial(ArrayDeque::new);
    private final Map<String, Table<?, ?>> tables = new LinkedHashMap<>();
    private final InstantSource clock;
    private final CommitHook hook;

    InMemoryDatabase(InstantSource clock, CommitHook hook) {
        this.clock = clock;
        this.hook = hook;
    }

    /** The table of this name, made when it is asked for first. */
    @SuppressWarnings("unchecked")
    public <K, V> Table<K, V> table(String name) {
        return locked(() -> (Table<K, V>) tables.computeIfAbsent(name, n -> new Table<K, V>(n, this)));
    }

    /** Whether the calling thread has a transaction. */
    public boolean isActive() {
        return current() != null;
    }

    /** Runs the work in a new transaction of the calling thread and commits; rolls back what throws. */
    public <T> T inTransaction(Supplier<T> work) {
        MemoryTransaction transaction = begin(null);
        T result;
        try {
            result = work.get();
            commit(transaction);
        } finally {
            end(transaction);
        }
        announce(transaction);
        return result;
    }

    /**
     * Runs the work, and rolls back to before it if it throws: writes and published events of the work are dropped, the
     * transaction stays usable.
     *
     * @throws IllegalStateException if the thread has no transaction
     */
    public void inSavepoint(Runnable work) {
        MemoryTransaction transaction = current();
        if (transaction == null) {
            throw new IllegalStateException("savepoint: no transaction on this thread");
        }
        MemoryTransaction.Mark mark = transaction.mark();
        boolean kept = false;
        try {
            work.run();
            kept = true;
        } finally {
            if (!kept) {
                transaction.cutBack(mark);
            }
        }
    }

    @Nullable MemoryTransaction current() {
        return open.get().peek();
    }

    MemoryTransaction begin(@Nullable Instant deadline) {
        MemoryTransaction transaction = new MemoryTransaction(deadline);
        open.get().push(transaction);
        return transaction;
    }

    /** Takes the lock for the rest of the transaction, as the first row lock does in a database. */
    void lockFor(MemoryTransaction transaction) {
        transaction.breakOffIfExpired(clock.instant());
        transaction.requireUsable();
        if (!transaction.holdsLock()) {
            lock.lock();
            transaction.setHoldsLock();
        }
        transaction.requireUsable();
    }

    void commit(MemoryTransaction transaction) {
        lockFor(transaction);
        // all that may throw comes first: a commit that fails leaves nothing
        hook.validate(transaction);
        List<Runnable> rows = Table.compute(transaction.tableWrites());
        transaction.applyStoreWrites();
        rows.forEach(Runnable::run);
        hook.apply(transaction);
        transaction.setCommitted();
    }

    /** Ends it, committed or not. */
    void end(MemoryTransaction transaction) {
        Deque<MemoryTransaction> stack = open.get();
        MemoryTransaction top = stack.pop();
        if (top != transaction) {
            throw new IllegalStateException("transactions of a thread end in the reverse order of their begin");
        }
        if (stack.isEmpty()) {
            open.remove();
        }
        if (transaction.holdsLock()) {
            lock.unlock();
        }
    }

    void announce(MemoryTransaction transaction) {
        if (transaction.committed()) {
            hook.committed(transaction);
        }
    }

    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
