package io.amends.examples.loyalty.shop;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An order of a user: new, then perhaps paid, then perhaps cancelled. */
public record Order(
        String id,
        String userId,
        BigDecimal amount,
        @Nullable Instant paidTime,
        @Nullable Instant cancelledTime) {

    /** Where it is, in a word. */
    public String getState() {
        return cancelledTime != null ? "CANCELLED" : paidTime != null ? "PAID" : "NEW";
    }
}
