package io.amends.testkit.memory;

import io.amends.core.store.Claim;
import io.amends.core.store.CursorMove;
import io.amends.core.store.SlotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The cursor rows: position, owner and fence of every slot. The caller holds the lock. */
final class Cursors {

    /** One row; fields are changed in place under the lock. */
    static final class Cursor {
        /** Where it was when the processor came. */
        final long begun;

        long position;
        long fence;
        int suspects;

        @Nullable String owner;

        @Nullable String neededType;

        Cursor(long position) {
            begun = position;
            this.position = position;
        }
    }

    private final TreeMap<SlotId, Cursor> rows =
            new TreeMap<>(Comparator.comparing(SlotId::processor).thenComparingInt(SlotId::number));

    void create(String processor, int slots, long position) {
        for (int number = 0; number < slots; number++) {
            rows.put(new SlotId(processor, number), new Cursor(position));
        }
    }

    @Nullable Cursor get(SlotId slot) {
        return rows.get(slot);
    }

    boolean holds(Claim claim) {
        Cursor cursor = rows.get(claim.slot());
        return cursor != null && cursor.fence == claim.fence();
    }

    boolean holds(CursorMove move) {
        Cursor cursor = rows.get(move.claim().slot());
        return cursor != null && cursor.fence == move.claim().fence() && cursor.position == move.from();
    }

    /** The slot's fence, 0 if there is no such slot. */
    long fence(SlotId slot) {
        Cursor cursor = rows.get(slot);
        return cursor == null ? 0 : cursor.fence;
    }

    /** Makes a move that {@link #holds}; a slot that moves is under no suspicion, and needs nothing any more. */
    void move(CursorMove move) {
        Cursor cursor = rows.get(move.claim().slot());
        if (cursor == null) {
            throw new IllegalStateException("no cursor " + move.claim().slot());
        }
        cursor.position = move.to();
        cursor.suspects = 0;
        cursor.neededType = null;
    }

    /** How many slots a node owns, by processor. */
    SortedMap<String, Integer> ownedBy(String node) {
        SortedMap<String, Integer> owned = new TreeMap<>();
        rows.forEach((slot, cursor) -> {
            if (node.equals(cursor.owner)) {
                owned.merge(slot.processor(), 1, Integer::sum);
            }
        });
        return owned;
    }

    /** The slots of a processor by number. */
    List<SlotId> slotsOf(String processor) {
        return rows.keySet().stream()
                .filter(slot -> slot.processor().equals(processor))
                .toList();
    }

    /** What a node owns, by processor and number. */
    List<Claim> claimsOf(String nodeId) {
        List<Claim> claims = new ArrayList<>();
        rows.forEach((slot, cursor) -> {
            if (nodeId.equals(cursor.owner)) {
                claims.add(new Claim(slot, cursor.fence));
            }
        });
        return claims;
    }

    void each(Consumer<Cursor> action) {
        rows.values().forEach(action);
    }

    /** Takes a slot from its owner. */
    void raiseFence(SlotId slot) {
        Cursor cursor = rows.get(slot);
        if (cursor == null) {
            throw new IllegalStateException("no cursor " + slot);
        }
        cursor.fence++;
        cursor.owner = null;
    }

    /** Takes every slot of the processor from its owner. */
    void raiseFences(String processor) {
        for (SlotId slot : slotsOf(processor)) {
            Cursor cursor = rows.get(slot);
            if (cursor != null) {
                cursor.fence++;
                cursor.owner = null;
            }
        }
    }

    void rename(String from, String to) {
        for (SlotId slot : slotsOf(from)) {
            Cursor cursor = rows.remove(slot);
            if (cursor != null) {
                rows.put(new SlotId(to, slot.number()), cursor);
            }
        }
    }

    /** How far a slot is, 0 if there is no such slot. */
    long position(SlotId slot) {
        Cursor cursor = rows.get(slot);
        return cursor == null ? 0 : cursor.position;
    }

    /** Where the slots of a processor began, 0 if there are none. */
    long begun(String processor) {
        return slotsOf(processor).stream()
                .map(rows::get)
                .filter(Objects::nonNull)
                .mapToLong(cursor -> cursor.begun)
                .findFirst()
                .orElse(0);
    }

    /** The least position of a processor's slots. */
    long leastPosition(String processor) {
        List<Long> positions = new ArrayList<>();
        rows.forEach((slot, cursor) -> {
            if (slot.processor().equals(processor)) {
                positions.add(cursor.position);
            }
        });
        return positions.stream().mapToLong(Long::longValue).min().orElse(0);
    }

    /** What every slot of every processor has passed. */
    long passedByAll() {
        return rows.values().stream().mapToLong(cursor -> cursor.position).min().orElse(Long.MAX_VALUE);
    }
}
