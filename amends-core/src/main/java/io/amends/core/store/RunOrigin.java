package io.amends.core.store;

import io.amends.api.OnTimeout;
import org.jspecify.annotations.Nullable;

/** Where a first run of an event came from, and so what its result is guarded by. */
public sealed interface RunOrigin {

    /** The claim that the run was made under. */
    Claim claim();

    /** What was to happen to the event since its wait had lasted too long; null if that is not why it runs. */
    @Nullable OnTimeout ended();

    /**
     * The event was next in its slot; the cursor moves with the result.
     *
     * @param move the cursor's move
     */
    record FromSlot(CursorMove move) implements RunOrigin {
        @Override
        public Claim claim() {
            return move.claim();
        }

        @Override
        public @Nullable OnTimeout ended() {
            return null;
        }
    }

    /**
     * The event was parked or waiting, and may run now; its lane row ends or changes with the result.
     *
     * @param claim the ownership of the lane's slot
     * @param laneKey the lane
     * @param position the event's position
     * @param ended what was to happen since its wait had lasted too long, null if that is not why it runs; the result counts
     *     only while that is still so
     * @param wakes the {@link LaneEvent#wakes} of when it began: if more have come meanwhile it is tried once more at once
     */
    record FromLane(
            Claim claim,
            String laneKey,
            long position,
            @Nullable OnTimeout ended,
            int wakes) implements RunOrigin {
        /** An event for which nothing has come that it was woken by. */
        public FromLane(Claim claim, String laneKey, long position, @Nullable OnTimeout ended) {
            this(claim, laneKey, position, ended, 0);
        }

        /** An event that was parked, or whose wait is over since what it waited for has come. */
        public FromLane(Claim claim, String laneKey, long position) {
            this(claim, laneKey, position, null);
        }
    }
}
