package io.amends.examples.loyalty.points;

import io.amends.examples.loyalty.event.OrderCancelled;
import io.amends.examples.loyalty.event.OrderPaid;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An order as the points side knows it. */
record LocalOrder(
        String userId,
        String id,
        BigDecimal amount,
        @Nullable Instant paidTime,
        @Nullable Instant cancelledTime,
        @Nullable Long userRegionVersion) {

    static LocalOrder of(OrderPaid event) {
        return new LocalOrder(
                event.userId(), event.orderId(), event.amount(), event.paidTime(), null, event.userRegionVersion());
    }

    static LocalOrder of(OrderCancelled event) {
        return new LocalOrder(event.userId(), event.orderId(), event.amount(), null, event.cancelledTime(), null);
    }
}
