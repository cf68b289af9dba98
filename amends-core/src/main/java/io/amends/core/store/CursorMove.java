package io.amends.core.store;

/**
 * A move of a slot's cursor: written only if the fence is the claim's and the position is still {@code from}.
 *
 * @param claim the ownership it is made under
 * @param from the position that the mover believes the cursor has
 * @param to the new position, greater than {@code from}
 */
public record CursorMove(Claim claim, long from, long to) {
    /** Checks that the cursor moves forward. */
    public CursorMove {
        if (to <= from) {
            throw new IllegalArgumentException("cursor move: " + from + " to " + to + " (expected: forward)");
        }
    }
}
