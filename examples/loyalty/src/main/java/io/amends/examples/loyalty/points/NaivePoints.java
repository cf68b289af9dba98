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
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Keeps the points of users as one writes it first, with {@code loyalty.variant=naive}. Right as long as events come in
 * order; a payment that comes before its user is lost, one that comes after its cancellation stays, and one that comes after
 * the user has moved counts in the wrong region.
 */
@Component
@ConditionalOnProperty(name = "loyalty.variant", havingValue = "naive")
@EventProcessor(
        name = "points",
        startFrom = StartFrom.EARLIEST,
        drops = {"loyalty.user.created", "loyalty.user.changed", "loyalty.user.deleted"})
@Retry(unrecoverable = Faults.HopelessFaultException.class)
class NaivePoints {
    private final ScoreTable scores;
    private final Faults faults;

    NaivePoints(ScoreTable scores, Faults faults) {
        this.scores = scores;
        this.faults = faults;
    }

    @OnEvent
    void on(OrderPaid event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        if (scores.regionVersion(event.userId()).isPresent()) {
            scores.change(event.userId(), event.amount().longValue());
        }
    }

    @OnEvent
    void on(OrderCancelled event, EventEnvelope envelope, Attempt attempt) {
        faults.strike(envelope, event.userId(), attempt);
        if (event.paidTime() != null) {
            scores.change(event.userId(), -event.amount().longValue());
        }
    }
}
