package io.amends.examples.loyalty.points;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.RequireVersion;
import io.amends.api.Retry;
import io.amends.api.RunAfter;
import io.amends.api.StartFrom;
import io.amends.examples.loyalty.event.OrderCancelled;
import io.amends.examples.loyalty.event.OrderPaid;
import io.amends.examples.loyalty.fault.Faults;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Keeps the points of users, from events alone, in whatever order they come: what a payment or a cancellation depends on is
 * a line of declaration each, and the code below knows nothing of it.
 *
 * <p>The key of each event is the user's id: what happens to one user happens in order. A failed event holds up what comes
 * after it for the same user, and nobody else.
 */
@Component
@ConditionalOnProperty(name = "loyalty.variant", havingValue = "declared", matchIfMissing = true)
@EventProcessor(
        name = "points",
        startFrom = StartFrom.EARLIEST,
        // followed by the processor "users"
        drops = {"loyalty.user.created", "loyalty.user.changed", "loyalty.user.deleted"})
@Retry(unrecoverable = Faults.HopelessFaultException.class)
class Points {
    private final ScoreTable scores;
    private final Faults faults;

    Points(ScoreTable scores, Faults faults) {
        this.scores = scores;
        this.faults = faults;
    }

    /** One point for each whole unit of the amount, for a user who is here and has not moved since. */
    @OnEvent
    @RequireVersion(processor = "users", stream = "region", key = "userId", atLeast = "userRegionVersion")
    void on(OrderPaid event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        boolean lives = scores.regionVersion(event.userId()).orElse(-1) == event.userRegionVersion();
        if (scores.put(LocalOrder.of(event)) && lives) {
            scores.add(event.userId(), event.orderId(), event.amount().longValue());
        }
    }

    /** Takes the points of a paid order back. */
    @OnEvent
    @RunAfter(
            event = OrderPaid.class,
            key = {"userId", "orderId"},
            when = "paidTime")
    void on(OrderCancelled event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        scores.takeBack(event.userId(), event.orderId());
    }
}
