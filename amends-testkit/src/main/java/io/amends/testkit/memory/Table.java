package io.amends.testkit.memory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A table of an {@link InMemoryDatabase}. Each method joins the calling thread's transaction; without one a write is
 * committed at once.
 *
 * @param <K> the key
 * @param <V> the row; treat rows as immutable
 */
public final class Table<K, V> {
    private final String name;
    private final InMemoryDatabase database;
    private final Map<K, V> committed = new LinkedHashMap<>();

    Table(String name, InMemoryDatabase database) {
        this.name = name;
        this.database = database;
    }

    /** The row as the calling thread's transaction sees it, or null. */
    public @Nullable V get(K key) {
        return database.locked(() -> {
            @Nullable V value = committed.get(key);
            MemoryTransaction transaction = database.current();
            if (transaction != null) {
                for (MemoryTransaction.TableWrite write : transaction.tableWrites()) {
                    if (write.table() == this && write.key().equals(key)) {
                        value = changed(write, value);
                    }
                }
            }
            return value;
        });
    }

    /** All rows as the calling thread's transaction sees them, in the order of insertion. */
    public Map<K, V> rows() {
        return database.locked(() -> {
            Map<K, V> rows = new LinkedHashMap<>(committed);
            MemoryTransaction transaction = database.current();
            if (transaction != null) {
                transaction.tableWrites().stream()
                        .filter(write -> write.table() == this)
                        .forEach(write -> applyTo(rows, write));
            }
            return rows;
        });
    }

    /** The rows' values, in the order of insertion. */
    public List<V> values() {
        return new ArrayList<>(rows().values());
    }

    /** Writes a row. */
    public void put(K key, V value) {
        update(key, old -> value);
    }

    /** Removes a row. */
    public void remove(K key) {
        update(key, old -> null);
    }

    /**
     * Changes a row, as {@code UPDATE … SET n = n + 1} does: concurrent changes of one row are not lost.
     *
     * @param change a pure function from the old row to the new one, null for no row; it may be called several times
     */
    @SuppressWarnings("unchecked")
    public void update(K key, UnaryOperator<@Nullable V> change) {
        MemoryTransaction.TableWrite write = new MemoryTransaction.TableWrite(
                this, key, (UnaryOperator<@Nullable Object>) (UnaryOperator<?>) change);
        MemoryTransaction transaction = database.current();
        if (transaction == null) {
            database.locked(() -> {
                applyTo(committed, write);
                return true;
            });
        } else {
            transaction.write(write);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** Runs a transaction's writes on the committed rows, and returns how to store the outcome. */
    static List<Runnable> compute(List<MemoryTransaction.TableWrite> writes) {
        record Cell(Table<?, ?> table, Object key) {}
        Map<Cell, @Nullable Object> cells = new LinkedHashMap<>();
        for (MemoryTransaction.TableWrite write : writes) {
            Cell cell = new Cell(write.table(), write.key());
            @Nullable Object before = cells.containsKey(cell)
                    ? cells.get(cell)
                    : write.table().committed.get(write.key());
            cells.put(cell, write.change().apply(before));
        }
        List<Runnable> stores = new ArrayList<>();
        cells.forEach((cell, value) -> stores.add(() -> cell.table().store(cell.key(), value)));
        return stores;
    }

    @SuppressWarnings("unchecked")
    private void store(Object key, @Nullable Object value) {
        if (value == null) {
            committed.remove(key);
        } else {
            committed.put((K) key, (V) value);
        }
    }

    @SuppressWarnings("unchecked")
    private void applyTo(Map<K, V> rows, MemoryTransaction.TableWrite write) {
        K key = (K) write.key();
        @Nullable V value = changed(write, rows.get(key));
        if (value == null) {
            rows.remove(key);
        } else {
            rows.put(key, value);
        }
    }

    @SuppressWarnings("unchecked")
    private @Nullable V changed(MemoryTransaction.TableWrite write, @Nullable V value) {
        return (V) write.change().apply(value);
    }
}
