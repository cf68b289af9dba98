package io.amends.examples.loyalty.points;

import io.amends.examples.loyalty.event.OrderPaid;
import java.math.BigDecimal;
import java.time.Instant;

/** A paid order as the points side knows it. */
record LocalOrder(String userId, String id, BigDecimal amount, Instant paidTime, long userRegionVersion) {

    static LocalOrder of(OrderPaid event) {
        return new LocalOrder(
                event.userId(), event.orderId(), event.amount(), event.paidTime(), event.userRegionVersion());
    }
}
