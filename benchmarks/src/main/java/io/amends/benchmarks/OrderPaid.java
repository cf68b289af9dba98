package io.amends.benchmarks;

import io.amends.api.EventKey;
import io.amends.api.EventType;
import java.math.BigDecimal;
import java.time.Instant;

/** An event as applications have them, written as JSON of about 130 bytes. */
@EventType("bench.order.paid")
record OrderPaid(long n, @EventKey String userId, String orderId, BigDecimal amount, Instant paidTime) {}
