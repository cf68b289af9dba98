package io.amends.core.compensate;

import io.amends.core.handle.LocalProcessor;
import io.amends.core.handle.SlotRunner;
import io.amends.core.own.OwnedSlots;
import io.amends.core.step.Step;
import io.amends.core.store.Claim;
import io.amends.core.store.HeldLane;
import io.amends.core.store.Store;
import java.time.Duration;
import java.util.List;

/**
 * Begins the lanes in which an event's wait is over, when somebody has said so: one statement between a commit and the
 * events that waited for it. {@link CompensationStep} finds the same lanes, and is the one that counts: it also looks
 * unasked.
 */
public final class ReleaseStep implements Step {
    /** The most lanes begun in one step. */
    static final int LANES = 200;
    /** Commits that come faster are looked at together. */
    private static final Duration PACE = Duration.ofMillis(2);

    private static final Next WHEN_TOLD = new Next(PACE, null, false);
    /** Time for a full look's lanes to begin, before what was behind them is looked for. */
    private static final Next THE_REST = Next.after(Duration.ofMillis(20));

    private final Store store;
    private final LocalProcessor processor;
    private final OwnedSlots slots;
    private final LaneTurns turns;

    /** Creates it for a processor. */
    public ReleaseStep(Store store, LocalProcessor processor, OwnedSlots slots, LaneTurns turns) {
        this.store = store;
        this.processor = processor;
        this.slots = slots;
        this.turns = turns;
    }

    @Override
    public Next run() {
        List<Claim> claims = slots.claims(processor);
        if (!processor.isHalted() && !claims.isEmpty()) {
            if (begin(store, processor, slots, turns, claims)) {
                return THE_REST;
            }
        }
        return WHEN_TOLD;
    }

    /** Begins the first {@link #LANES} lanes of these slots that have something to run; whether there may be more. */
    static boolean begin(Store store, LocalProcessor processor, OwnedSlots slots, LaneTurns turns, List<Claim> claims) {
        List<HeldLane> released = store.releasedLanes(processor.definition().name(), claims, LANES);
        for (HeldLane lane : released) {
            SlotRunner slot = slots.find(lane.slot());
            if (slot != null) {
                turns.drain(slot, lane.laneKey());
            }
        }
        return released.size() == LANES;
    }
}
