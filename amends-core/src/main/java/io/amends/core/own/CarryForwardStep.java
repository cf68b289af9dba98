package io.amends.core.own;

import io.amends.core.handle.SlotRunner;
import io.amends.core.step.Step;
import io.amends.core.store.CursorMove;
import io.amends.core.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Moves the cursors of slots past events that are not theirs, so that a quiet slot does not hold retention back. */
public final class CarryForwardStep implements Step {
    private final Store store;
    private final OwnedSlots slots;
    private final Duration pace;

    /** Creates it. */
    public CarryForwardStep(Store store, OwnedSlots slots, Duration pace) {
        this.store = store;
        this.slots = slots;
        this.pace = pace;
    }

    @Override
    public Next run() {
        Map<SlotRunner, CursorMove> moves = new LinkedHashMap<>();
        for (SlotRunner slot : slots.all()) {
            CursorMove move = slot.beginCarry();
            if (move != null) {
                moves.put(slot, move);
            }
        }
        if (moves.isEmpty()) {
            return Next.after(pace);
        }
        List<CursorMove> made = new ArrayList<>();
        try {
            made.addAll(store.carryForward(List.copyOf(moves.values())));
        } finally {
            moves.forEach((slot, move) -> slot.endCarry(move, made.contains(move)));
        }
        return Next.after(pace);
    }
}
