package io.amends.examples.loyalty.points;

import io.amends.api.Attempt;
import io.amends.api.EventEnvelope;
import io.amends.api.EventProcessor;
import io.amends.api.OnEvent;
import io.amends.api.Retry;
import io.amends.api.StartFrom;
import io.amends.examples.loyalty.event.OrderCancelled;
import io.amends.examples.loyalty.event.OrderPaid;
import io.amends.examples.loyalty.fault.Faults;
import org.springframework.stereotype.Component;

/**
 * Keeps the points of users, from events alone.
 *
 * <p>Everything about one user happens in order: the key of each event is the user's id. A failed event holds up what
 * comes after it for the same user, and nobody else.
 */
@Component
@EventProcessor(
        name = "points",
        startFrom = StartFrom.EARLIEST,
        // followed by the processor "users"
        drops = {"loyalty.user.created", "loyalty.user.changed", "loyalty.user.deleted"})
@Retry(unrecoverable = Faults.HopelessFaultException.class)
class Points {
    private final Accounts accounts;
    private final Faults faults;

    Points(Accounts accounts, Faults faults) {
        this.accounts = accounts;
        this.faults = faults;
    }

    /** One point for each whole unit of the amount. */
    @OnEvent
    void on(OrderPaid event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        if (accounts.paid(LocalOrder.of(event))) {
            accounts.add(event.userId(), event.orderId(), event.amount().longValue());
        }
    }

    /** Takes the points of a paid order back; the score never falls below 0. */
    @OnEvent
    void on(OrderCancelled event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        accounts.cancelled(LocalOrder.of(event));
        accounts.takeBack(event.userId(), event.orderId());
    }
}
