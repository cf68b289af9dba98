package io.amends.core.own;

import io.amends.core.handle.LocalProcessor;
import io.amends.core.handle.SlotRunner;
import io.amends.core.store.Claim;
import io.amends.core.store.SlotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The slots that this node believes to own, in the order of their names. Thread-safe; gives copies. */
public final class OwnedSlots {
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<SlotId, SlotRunner> slots =
            new TreeMap<>(Comparator.comparing(SlotId::processor).thenComparingInt(SlotId::number));

    /** All of them. */
    public List<SlotRunner> all() {
        lock.lock();
        try {
            return new ArrayList<>(slots.values());
        } finally {
            lock.unlock();
        }
    }

    /** Those of a processor. */
    public List<SlotRunner> of(LocalProcessor processor) {
        return all().stream().filter(slot -> slot.processor().equals(processor)).toList();
    }

    /** The claims on slots of a processor. */
    public List<Claim> claims(LocalProcessor processor) {
        return of(processor).stream().map(SlotRunner::claim).toList();
    }

    /** The slot, or null if it is not owned. */
    public @Nullable SlotRunner find(SlotId id) {
        lock.lock();
        try {
            return slots.get(id);
        } finally {
            lock.unlock();
        }
    }

    void add(SlotRunner slot) {
        lock.lock();
        try {
            SlotRunner before = slots.put(slot.claim().slot(), slot);
            if (before != null) {
                before.abandon();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a slot that is not owned any more. */
    public void forget(SlotRunner slot) {
        lock.lock();
        try {
            slots.remove(slot.claim().slot(), slot);
        } finally {
            lock.unlock();
        }
    }
}
