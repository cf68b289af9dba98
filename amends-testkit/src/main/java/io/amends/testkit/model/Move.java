package io.amends.testkit.model;

import io.amends.core.store.CursorMove;

/**
 * A move of a claim's cursor.
 *
 * @param claim the claim's number
 */
record Move(int claim, long from, long to) {
    CursorMove on(Side side) {
        return new CursorMove(side.claim(claim), from, to);
    }
}
