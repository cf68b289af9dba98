package io.amends.testkit.memory;

import io.amends.api.EventEnvelope;
import io.amends.core.store.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has written so far; nothing of it is visible to others before the commit.
 *
 * <p>Writes to tables are kept as functions of the value they find, and run again on the committed value when the
 * transaction commits: what a row lock does in a database.
 */
final class MemoryTransaction {

    /** An event in the publish buffer. */
    record Published(EventEnvelope event, boolean dedupe) {}

    /** A write to one row. */
    record TableWrite(Table<?, ?> table, Object key, UnaryOperator<@Nullable Object> change) {}

    /** How much was written at some moment. */
    record Mark(int tableWrites, int published) {}

    private final List<TableWrite> tableWrites = new ArrayList<>();
    private final List<Published> published = new ArrayList<>();
    private final List<Runnable> storeWrites = new ArrayList<>();
    private final @Nullable Instant deadline;
    private volatile @Nullable StoreUnavailableException broken;
    private boolean holdsLock;
    private boolean committed;
    private final Woken woken = new Woken();

    MemoryTransaction(@Nullable Instant deadline) {
        this.deadline = deadline;
    }

    void write(TableWrite write) {
        requireUsable();
        tableWrites.add(write);
    }

    void publish(Published event) {
        requireUsable();
        published.add(event);
    }

    /** Adds a write of the store, made when the transaction commits; the caller holds the lock from now to its end. */
    void atCommit(Runnable write) {
        storeWrites.add(write);
    }

    List<TableWrite> tableWrites() {
        return tableWrites;
    }

    List<Published> published() {
        return published;
    }

    void applyStoreWrites() {
        storeWrites.forEach(Runnable::run);
    }

    Mark mark() {
        return new Mark(tableWrites.size(), published.size());
    }

    void cutBack(Mark mark) {
        tableWrites.subList(mark.tableWrites(), tableWrites.size()).clear();
        published.subList(mark.published(), published.size()).clear();
    }

    /** Makes every further use fail. */
    void breakOff(String why) {
        if (broken == null) {
            broken = new StoreUnavailableException(why, null);
        }
    }

    void breakOffIfExpired(Instant now) {
        if (deadline != null && now.isAfter(deadline)) {
            breakOff("the transaction was ended by its timeout at " + deadline);
        }
    }

    @Nullable StoreUnavailableException broken() {
        return broken;
    }

    void requireUsable() {
        StoreUnavailableException cause = broken;
        if (cause != null) {
            throw new StoreUnavailableException(String.valueOf(cause.getMessage()), cause);
        }
    }

    boolean holdsLock() {
        return holdsLock;
    }

    void setHoldsLock() {
        holdsLock = true;
    }

    /** Whom to tell of what its commit has woken. */
    Woken woken() {
        return woken;
    }

    boolean committed() {
        return committed;
    }

    void setCommitted() {
        committed = true;
    }
}
