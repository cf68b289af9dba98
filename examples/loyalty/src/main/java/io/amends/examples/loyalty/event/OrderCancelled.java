package io.amends.examples.loyalty.event;

import io.amends.api.EventKey;
import io.amends.api.EventSubject;
import io.amends.api.EventType;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An order was cancelled.
 *
 * @param paidTime when it had been paid, or null if it never was
 */
@EventType("loyalty.order.cancelled")
public record OrderCancelled(
        @EventSubject String orderId,
        @EventKey String userId,
        BigDecimal amount,
        @Nullable Instant paidTime,
        Instant cancelledTime) {

    /** Checks what may come from outside as well. */
    public OrderCancelled {
        Contract.order(orderId, userId, amount);
        Contract.present("cancelledTime", cancelledTime);
    }
}
