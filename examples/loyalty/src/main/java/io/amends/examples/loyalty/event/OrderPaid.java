package io.amends.examples.loyalty.event;

import io.amends.api.EventKey;
import io.amends.api.EventSubject;
import io.amends.api.EventType;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * An order was paid. Its key is the user: what happens to one user's orders stays in order.
 *
 * @param userRegionVersion the version of the user's region at that moment
 */
@EventType("loyalty.order.paid")
public record OrderPaid(
        @EventSubject String orderId,
        @EventKey String userId,
        BigDecimal amount,
        Instant paidTime,
        long userRegionVersion) {

    /** Checks what may come from outside as well. */
    public OrderPaid {
        Contract.order(orderId, userId, amount);
        Contract.present("paidTime", paidTime);
    }
}
