package io.amends.examples.loyalty.points;

import java.util.OptionalLong;

/** The points of users, and the orders that they come from. */
interface ScoreTable {

    /** The version of the region that a user lives in now; empty if the user is not here. */
    OptionalLong regionVersion(String userId);

    /** Remembers an order that was paid; false if it was remembered before. */
    boolean put(LocalOrder order);

    /** Adds an order's points to the score. Not idempotent: that it happens once is what the engine is for. */
    void add(String userId, String orderId, long points);

    /** Takes what an order added, and nothing else, from the score. */
    void takeBack(String userId, String orderId);

    /** Changes a score, not below 0. */
    void change(String userId, long points);
}
